#!/bin/sh
# sqlite_upsert.sh NIGHT DB : the next night through staging tables, ON CONFLICT DO UPDATE WHERE changed, DELETE gone
set -e
here=$(cd "$(dirname "$0")" && pwd); DATA=$1; DB=$2; STAGE=$DB.stage; rm -f "$STAGE"*
python3 - "$DATA" NORMAL "$here" "$STAGE" <<'P' | sqlite3 -bail "$DB"
import sys; sys.path.insert(0, sys.argv[3])
from tables import H, PK
data, sync, _, stage = sys.argv[1:5]
print(f"PRAGMA journal_mode=WAL;\nPRAGMA synchronous={sync};\nPRAGMA cache_size=-262144;\nPRAGMA temp_store=FILE;\nATTACH '{stage}' AS st;\nPRAGMA st.journal_mode=OFF;\nPRAGMA st.synchronous=OFF;")
for t in H:
    print(f"CREATE TABLE st.s_{t}({','.join(c+' TEXT' for c in H[t])}, PRIMARY KEY({','.join(PK[t])})){' WITHOUT ROWID' if t=='enrollments' else ''};")
    print(f".import --csv --skip 1 --schema st {data}/{t}.csv s_{t}")
print("BEGIN IMMEDIATE;")
for t in H:
    pk=PK[t]; cols=[c for c in H[t] if c not in pk]
    print(f"INSERT INTO main.{t} SELECT * FROM st.s_{t} WHERE true ON CONFLICT({','.join(pk)}) DO UPDATE SET {','.join(f'{c}=excluded.{c}' for c in cols)} WHERE {' OR '.join(f'{t}.{c} IS NOT excluded.{c}' for c in cols)};")
    print(f"SELECT 'upsert {t}',changes();")
    on=' AND '.join(f's.{c}=m.{c}' for c in pk)
    key = 'rowid' if t!='enrollments' else None
    if key: print(f"DELETE FROM main.{t} WHERE rowid IN (SELECT m.rowid FROM main.{t} m WHERE NOT EXISTS(SELECT 1 FROM st.s_{t} s WHERE {on}));")
    else: print(f"DELETE FROM main.{t} AS m WHERE NOT EXISTS(SELECT 1 FROM st.s_{t} s WHERE {on});")
    print(f"SELECT 'delete {t}',changes();")
print("COMMIT;\nPRAGMA wal_checkpoint(TRUNCATE);")
P
rm -f "$STAGE"*
