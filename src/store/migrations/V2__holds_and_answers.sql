-- What a person decides: holds with the actions that they hold, answers to single questions, changes that were refused, and who did it.

-- `hash` is over the held actions. `decision`: '' (open if `is_open`), approved, discarded, asked_again (a later run put the question anew),
-- over (a later run had nothing to hold any more).
ALTER TABLE holds ADD COLUMN hash TEXT NOT NULL DEFAULT '';
ALTER TABLE holds ADD COLUMN opened_at TEXT NOT NULL DEFAULT '';
ALTER TABLE holds ADD COLUMN decision TEXT NOT NULL DEFAULT '';
ALTER TABLE holds ADD COLUMN decided_at TEXT NOT NULL DEFAULT '';
ALTER TABLE holds ADD COLUMN decided_by TEXT NOT NULL DEFAULT '';
ALTER TABLE holds ADD COLUMN why TEXT NOT NULL DEFAULT '';

-- The actions of a hold in canonical order; the same question asked again has the same hash and no second copy. `kind` is the position
-- of the file kind; for enrollments (5) `number` is student and section in one. `record_hash`: of the person's record as the row
-- has it, 0 for being absent. `fields` is packed as in `changes`.
CREATE TABLE held_actions (
    district INTEGER NOT NULL, hash TEXT NOT NULL, position INTEGER NOT NULL, kind INTEGER NOT NULL, number INTEGER NOT NULL,
    patron INTEGER NOT NULL, action TEXT NOT NULL, record_hash INTEGER NOT NULL, fields BLOB NOT NULL,
    PRIMARY KEY (district, hash, position)
) WITHOUT ROWID;

-- Changes that a person refused, by whom they concern and what the rows said then. `why`: discarded (not asked again while the rows say
-- the same), undone (held and asked while they do). Of rows (sections, enrollments) one line stands for a whole hold: number 0, and
-- `record_hash` is of the hold; kind 6 stands for a set whose lost zeros were discarded.
CREATE TABLE refused_changes (
    district INTEGER NOT NULL, kind INTEGER NOT NULL, number INTEGER NOT NULL, record_hash INTEGER NOT NULL, why TEXT NOT NULL,
    run TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (district, kind, number)
) WITHOUT ROWID;

-- Single people who wait for an answer: between which patrons, as JSON. `evidence_hash` is over the candidates and what speaks for them.
CREATE TABLE questions (
    district INTEGER NOT NULL, kind INTEGER NOT NULL, number INTEGER NOT NULL, run INTEGER NOT NULL, evidence_hash INTEGER NOT NULL,
    candidates TEXT NOT NULL,
    PRIMARY KEY (district, kind, number)
) WITHOUT ROWID;

-- Answers, which hold while the evidence is the same. `answer`: link, create, skip; `patron` 0 where there is none.
CREATE TABLE decisions (
    district INTEGER NOT NULL, kind INTEGER NOT NULL, number INTEGER NOT NULL, evidence_hash INTEGER NOT NULL, answer TEXT NOT NULL,
    patron INTEGER NOT NULL, run TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (district, kind, number)
) WITHOUT ROWID;

-- Who did what, when and why. `action`: approve, discard, decide, undo, erase …; `run`: the run it was about; `subject`: a hash, a person.
CREATE TABLE audit (
    seq INTEGER PRIMARY KEY, district INTEGER NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL, run TEXT NOT NULL,
    subject TEXT NOT NULL, why TEXT NOT NULL
);
CREATE INDEX audit_by_district ON audit (district, seq);

-- Deliveries that came while nothing was to be applied, in the order of their arrival.
CREATE TABLE waiting_batches (
    district INTEGER NOT NULL, position INTEGER NOT NULL, batch TEXT NOT NULL,
    PRIMARY KEY (district, position)
) WITHOUT ROWID;

-- What `stage` found of the kept copy, as JSON, so that it can be read again; and the run that took it last, 0 where none applied it.
ALTER TABLE batches ADD COLUMN staged TEXT NOT NULL DEFAULT '';
ALTER TABLE batches ADD COLUMN taken INTEGER NOT NULL DEFAULT 0;

-- Whether a run of the district has been let loose on patrons that were there before it. Districts of the version before have.
ALTER TABLE districts ADD COLUMN has_touched INTEGER NOT NULL DEFAULT 0;
UPDATE districts SET has_touched = 1 WHERE last_run <> '';
