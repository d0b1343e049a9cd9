-- The library's table, edited by the library's programs, and our own beside it. Blank text is '', not NULL; NULL is read as blank.

CREATE TABLE patrons (
    patron_id INTEGER PRIMARY KEY AUTOINCREMENT,
    district TEXT NOT NULL DEFAULT 'default',
    guid TEXT DEFAULT '', student_number TEXT DEFAULT '', barcode TEXT DEFAULT '', community_id TEXT DEFAULT '',
    first_name TEXT DEFAULT '', middle_name TEXT DEFAULT '', last_name TEXT DEFAULT '', email TEXT DEFAULT '',
    username TEXT DEFAULT '', roles TEXT DEFAULT '', site TEXT DEFAULT '', status INTEGER DEFAULT 1,
    birthdate TEXT DEFAULT '', sex TEXT DEFAULT '', address TEXT DEFAULT '', city TEXT DEFAULT '', state TEXT DEFAULT '',
    postal_code TEXT DEFAULT '', level TEXT DEFAULT '', additional_contact TEXT DEFAULT '', other_emails TEXT DEFAULT '',
    policy TEXT DEFAULT '', security_group TEXT DEFAULT '', notes TEXT DEFAULT '',
    created_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')), updated_at TEXT DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
);

-- Whether the running transaction is a run of ours; nobody else ever sees 1.
CREATE TABLE own_write (is_running INTEGER NOT NULL);
INSERT INTO own_write VALUES (0);

-- Patrons that people or other programs touched since the last run, noticed by the triggers.
CREATE TABLE patron_edits (patron_id INTEGER PRIMARY KEY, district TEXT NOT NULL);
CREATE TRIGGER patron_updated AFTER UPDATE ON patrons WHEN (SELECT is_running FROM own_write) = 0
    BEGIN INSERT OR REPLACE INTO patron_edits VALUES (new.patron_id, new.district); END;
CREATE TRIGGER patron_inserted AFTER INSERT ON patrons WHEN (SELECT is_running FROM own_write) = 0
    BEGIN INSERT OR REPLACE INTO patron_edits VALUES (new.patron_id, new.district); END;
CREATE TRIGGER patron_deleted AFTER DELETE ON patrons WHEN (SELECT is_running FROM own_write) = 0
    BEGIN INSERT OR REPLACE INTO patron_edits VALUES (old.patron_id, old.district); END;

-- One row a district; `seq` stands for it in the large tables.
CREATE TABLE districts (
    seq INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, settings TEXT NOT NULL,
    -- what the last run saw: batch, salt of settings and schemas, as_of
    last_batch TEXT NOT NULL DEFAULT '', last_salt INTEGER NOT NULL DEFAULT 0, last_run TEXT NOT NULL DEFAULT '',
    applied_as_of TEXT NOT NULL DEFAULT '', opened_sites_by_itself INTEGER NOT NULL DEFAULT 0
);

-- Which site a school's people belong to; ignored: they are out of scope.
CREATE TABLE sites (
    district INTEGER NOT NULL, school TEXT NOT NULL, site TEXT NOT NULL DEFAULT '', is_ignored INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (district, school)
) WITHOUT ROWID;

CREATE TABLE batches (
    district INTEGER NOT NULL, sha256 TEXT NOT NULL, received_at TEXT NOT NULL, kept TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (district, sha256)
) WITHOUT ROWID;
CREATE TABLE batch_files (
    district INTEGER NOT NULL, batch TEXT NOT NULL, name TEXT NOT NULL, kind TEXT NOT NULL, bytes INTEGER NOT NULL,
    sha256 TEXT NOT NULL, kept_sha256 TEXT NOT NULL, ends_with_line_break INTEGER NOT NULL,
    PRIMARY KEY (district, batch, name)
) WITHOUT ROWID;

-- Every run with its report; `seq` is named by changes.
CREATE TABLE runs (
    seq INTEGER PRIMARY KEY, run TEXT NOT NULL UNIQUE, district INTEGER NOT NULL, batch TEXT NOT NULL, outcome TEXT NOT NULL,
    started_at TEXT NOT NULL, as_of TEXT NOT NULL, settings TEXT NOT NULL, schemas INTEGER NOT NULL, report TEXT NOT NULL
);
CREATE INDEX runs_by_district ON runs (district, seq);

CREATE TABLE holds (
    district INTEGER NOT NULL, run INTEGER NOT NULL, position INTEGER NOT NULL, is_open INTEGER NOT NULL, hold TEXT NOT NULL, actions TEXT NOT NULL,
    PRIMARY KEY (district, run, position)
) WITHOUT ROWID;

-- The roster. `kind` is the position of the file kind: 0 schools, 1 teachers, 2 staff, 3 students, 4 sections.
-- `state`: 1 present, 2 missing, 3 gone, 4 waiting.
CREATE TABLE entities (
    district INTEGER NOT NULL, kind INTEGER NOT NULL, number INTEGER NOT NULL, id TEXT NOT NULL, state INTEGER NOT NULL,
    record_hash INTEGER NOT NULL, number_key INTEGER NOT NULL, email_key INTEGER NOT NULL, school INTEGER NOT NULL,
    patron INTEGER NOT NULL, evidence TEXT NOT NULL, removed_by_run INTEGER NOT NULL, missing_since INTEGER NOT NULL,
    first_seen TEXT NOT NULL, last_seen TEXT NOT NULL, run INTEGER NOT NULL, line INTEGER NOT NULL,
    PRIMARY KEY (district, kind, number)
) WITHOUT ROWID;

-- What the roster says of an entity: packed values, and the contacts of a student as JSON.
CREATE TABLE records (
    district INTEGER NOT NULL, kind INTEGER NOT NULL, number INTEGER NOT NULL, record BLOB NOT NULL, contacts TEXT,
    PRIMARY KEY (district, kind, number)
) WITHOUT ROWID;

CREATE TABLE section_rows (
    district INTEGER NOT NULL, number INTEGER NOT NULL, sis_id TEXT NOT NULL, school TEXT NOT NULL, site TEXT NOT NULL, name TEXT NOT NULL,
    course_name TEXT NOT NULL, course_number TEXT NOT NULL, period TEXT NOT NULL, subject TEXT NOT NULL, grade TEXT NOT NULL,
    term_name TEXT NOT NULL, term_start TEXT NOT NULL, term_end TEXT NOT NULL, teachers TEXT NOT NULL,
    PRIMARY KEY (district, number)
) WITHOUT ROWID;

CREATE TABLE enrolled (
    district INTEGER NOT NULL, student INTEGER NOT NULL, section INTEGER NOT NULL,
    PRIMARY KEY (district, student, section)
) WITHOUT ROWID;

-- Every change with its reason: of a patron, a link, a section; of enrollments the pairs of one run together.
CREATE TABLE changes (
    run INTEGER NOT NULL, position INTEGER NOT NULL, kind INTEGER NOT NULL, number INTEGER NOT NULL, patron INTEGER NOT NULL,
    action TEXT NOT NULL, evidence TEXT NOT NULL, line INTEGER NOT NULL, fields BLOB NOT NULL,
    PRIMARY KEY (run, position)
) WITHOUT ROWID;

-- Fingerprints of accepted rows lie in a file; this names the one that belongs to the last applied run.
CREATE TABLE snapshots (
    district INTEGER NOT NULL, kind TEXT NOT NULL, file TEXT NOT NULL, hash INTEGER NOT NULL, pairs INTEGER NOT NULL,
    PRIMARY KEY (district, kind)
) WITHOUT ROWID;

CREATE VIEW sections AS
    SELECT (s.district << 32) + s.number AS section_id, d.id AS district, s.sis_id, s.school, s.site, s.name, s.course_name,
        s.course_number, s.period, s.subject, s.grade, s.term_name, s.term_start, s.term_end
    FROM section_rows s JOIN districts d ON d.seq = s.district;

CREATE VIEW enrollments AS
    SELECT (e.district << 32) + e.section AS section_id, p.patron AS patron_id, 'student' AS role
    FROM enrolled e
        JOIN section_rows s ON s.district = e.district AND s.number = e.section
        JOIN entities p ON p.district = e.district AND p.kind = 3 AND p.number = e.student
    WHERE p.patron > 0
    UNION ALL
    SELECT (s.district << 32) + s.number, t.patron, CASE j.key WHEN 0 THEN 'teacher' ELSE 'co_teacher' END
    FROM section_rows s JOIN json_each(s.teachers) j
        JOIN entities t ON t.district = s.district AND t.kind = 1 AND t.number = j.value
    WHERE t.patron > 0;

CREATE VIEW contacts AS
    SELECT p.patron AS patron_id, json_extract(c.value, '$[2]') AS name, json_extract(c.value, '$[0]') AS relationship,
        json_extract(c.value, '$[1]') AS type, json_extract(c.value, '$[3]') AS phone, json_extract(c.value, '$[4]') AS phone_type,
        json_extract(c.value, '$[5]') AS email
    FROM records r JOIN entities p USING (district, kind, number) JOIN json_each(r.contacts) c
    WHERE p.patron > 0 AND r.contacts IS NOT NULL;
