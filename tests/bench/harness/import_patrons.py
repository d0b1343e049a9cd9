"""Puts patrons.csv into the `patrons` table by plain SQL, as a library's own program would: import_patrons.py DB PATRONS

A process of its own, so that its memory does not count as the runner's. Blank cells stay NULL where the table allows it; columns that the file
never fills keep the table's defaults."""
import csv
import sqlite3
import sys

ALWAYS_BLANK = {'guid', 'community_id', 'username', 'address', 'city', 'state', 'postal_code', 'level', 'additional_contact',
                'other_emails', 'notes', 'created_at', 'updated_at'}


def main(database, patrons):
    connection = sqlite3.connect(database)
    nullable = {name: not_null == 0 for _, name, _, not_null, _, _ in connection.execute('PRAGMA table_info(patrons)')}
    with open(patrons, encoding='utf-8') as file:
        reader = csv.reader(file)
        header = next(reader)
        used = [(place, nullable[name]) for place, name in enumerate(header) if name not in ALWAYS_BLANK]
        names = ','.join(header[place] for place, _ in used)
        rows = ([row[place] or (None if null else '') for place, null in used] for row in reader)
        connection.executemany(f"INSERT INTO patrons ({names}) VALUES ({','.join('?' * len(used))})", rows)
    connection.commit()
    connection.execute('PRAGMA wal_checkpoint(TRUNCATE)')
    print(connection.execute('SELECT count(*) FROM patrons').fetchone()[0], 'patrons')
    connection.close()


main(*sys.argv[1:3])
