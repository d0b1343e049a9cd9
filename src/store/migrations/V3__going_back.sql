-- What stood in the roster before a run overwrote it. Who is new has no row here; `was_run` is the run that had written it.
-- The record is kept only where the run replaced it.
CREATE TABLE roster_before (
    run INTEGER NOT NULL, kind INTEGER NOT NULL, number INTEGER NOT NULL, state INTEGER NOT NULL,
    record_hash INTEGER NOT NULL, number_key INTEGER NOT NULL, email_key INTEGER NOT NULL, school INTEGER NOT NULL,
    patron INTEGER NOT NULL, evidence TEXT NOT NULL, removed_by_run INTEGER NOT NULL, missing_since INTEGER NOT NULL,
    first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, was_run INTEGER NOT NULL, line INTEGER NOT NULL,
    record BLOB, contacts TEXT,
    PRIMARY KEY (run, kind, number)
) WITHOUT ROWID;

-- Runs that were taken back, by which run, and on whose word. `is_settled`: their enrollments came again, and somebody approved them.
CREATE TABLE undone_runs (
    run INTEGER PRIMARY KEY, district INTEGER NOT NULL, undo INTEGER NOT NULL, who TEXT NOT NULL, why TEXT NOT NULL, at TEXT NOT NULL,
    is_settled INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX undone_by_district ON undone_runs (district, run);

-- Sections that undone runs wrote, and the hash of each as it was written; 0: it was removed. The same again is asked, not written.
CREATE TABLE undone_sections (
    district INTEGER NOT NULL, number INTEGER NOT NULL, record_hash INTEGER NOT NULL, run INTEGER NOT NULL,
    PRIMARY KEY (district, number)
) WITHOUT ROWID;

-- People who were erased: their number stays, their id only as a hash (of district, kind and id), so that a later file does not bring
-- them back.
CREATE TABLE erased_people (
    district INTEGER NOT NULL, kind INTEGER NOT NULL, number INTEGER NOT NULL, id_hash TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (district, kind, number)
) WITHOUT ROWID;
