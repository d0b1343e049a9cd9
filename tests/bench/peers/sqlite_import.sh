#!/bin/sh
# sqlite_import.sh NIGHT DB : sqlite3 loads all six files into tables with text primary keys; no checks, no matching
set -e
here=$(cd "$(dirname "$0")" && pwd); DATA=$1; DB=$2; rm -f "$DB" "$DB-wal" "$DB-shm"
python3 - "$DATA" NORMAL "$here" <<'P' | sqlite3 -bail "$DB"
import sys; sys.path.insert(0, sys.argv[3])
from tables import H, PK
data, sync = sys.argv[1:3]
print(f"PRAGMA journal_mode=WAL;\nPRAGMA synchronous={sync};\nPRAGMA cache_size=-262144;\nPRAGMA temp_store=MEMORY;")
for t in H:
    print(f"CREATE TABLE {t}({','.join(c+' TEXT' for c in H[t])}, PRIMARY KEY({','.join(PK[t])})){' WITHOUT ROWID' if t=='enrollments' else ''};")
    print(f".import --csv --skip 1 {data}/{t}.csv {t}")
print("PRAGMA wal_checkpoint(TRUNCATE);")
P
