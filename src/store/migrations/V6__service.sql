-- What the service remembers: deliveries in the order of their arrival, folders, alarms, letters, and wishes of people.

-- A delivery that was received and copied. `folder`: its private copy, relative to the database's own folder, blank once it is not
-- needed any more; `received`: what was received, as JSON; `results`: the folder where the sender finds the report, blank: nowhere.
-- `run` is written in the transaction of the run itself, so that none runs twice; `is_told`: the results lie in their folder.
-- `is_released`: somebody asked for it, so that it does not wait for its time.
CREATE TABLE deliveries (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, district INTEGER NOT NULL, source TEXT NOT NULL, arrived_at TEXT NOT NULL,
    batch TEXT NOT NULL, mode TEXT NOT NULL, bytes INTEGER NOT NULL, folder TEXT NOT NULL, received TEXT NOT NULL, results TEXT NOT NULL,
    run TEXT NOT NULL DEFAULT '', outcome TEXT NOT NULL DEFAULT '', is_told INTEGER NOT NULL DEFAULT 0,
    attempts INTEGER NOT NULL DEFAULT 0, not_before TEXT NOT NULL DEFAULT '',
    is_released INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX deliveries_waiting ON deliveries (district, seq) WHERE is_told = 0;
CREATE INDEX deliveries_by_district ON deliveries (district, seq);

-- What was in a drop folder when it was last taken, as JSON: the same again is no delivery. `used`: done-files that were used up.
CREATE TABLE drop_folders (
    district INTEGER PRIMARY KEY, taken TEXT NOT NULL DEFAULT '', used TEXT NOT NULL DEFAULT ''
);

-- What is wrong now, a row for each district and code; district -1 is the service itself. `detail` holds numbers and file names of ours,
-- never a person. `cleared_at` is blank while it lasts; a row that is over stays until people were told. `told_at`: blank, nobody was told.
CREATE TABLE alarms (
    district INTEGER NOT NULL, code TEXT NOT NULL, since TEXT NOT NULL, detail TEXT NOT NULL,
    cleared_at TEXT NOT NULL DEFAULT '', told_at TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (district, code)
) WITHOUT ROWID;

-- E-mail that waits to be sent. `recipients`: as JSON.
CREATE TABLE letters (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, district INTEGER NOT NULL, recipients TEXT NOT NULL, subject TEXT NOT NULL, body TEXT NOT NULL,
    written_at TEXT NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, not_before TEXT NOT NULL DEFAULT ''
);

-- What people asked the service for: `now` looks at the district's folder and runs what waits, whatever the schedule says.
CREATE TABLE wishes (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, district INTEGER NOT NULL, wish TEXT NOT NULL, at TEXT NOT NULL
);

-- What the running service says of itself, by name: started_at, looked_at, version, digest_at …
CREATE TABLE service (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- The runs of a week, for the digest; found without reading a report.
CREATE INDEX runs_by_start ON runs (started_at, district, outcome);

-- What waits for a person is asked for every minute.
CREATE INDEX holds_open ON holds (district) WHERE is_open;
