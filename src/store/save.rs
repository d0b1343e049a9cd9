//! What a run leaves behind, written in its one transaction.

use rusqlite::params;

use super::{Store, StoreError};
use crate::files::fail_point;
use crate::roster::enrollment::parts;
use crate::roster::entities::Known;
use crate::roster::section::SectionRow;
use crate::roster::{FileKind, FileKind as K};

/// An entity as it will be.
#[derive(Debug, Clone)]
pub struct EntityRow<'a> {
    /// Its kind.
    pub kind: FileKind,
    /// Its number.
    pub number: u32,
    /// Its id.
    pub id: &'a str,
    /// What is known of it.
    pub known: Known,
    /// Why it is this patron; blank keeps what is stored.
    pub evidence: &'a str,
    /// The line that said so; 0 keeps what is stored.
    pub line: u32,
    /// Whether it left with this run.
    pub left: bool,
}

/// A run as it is recorded.
#[derive(Debug, Clone)]
pub struct RunRecord<'a> {
    /// Its number.
    pub seq: i64,
    /// Its id.
    pub run: &'a str,
    /// The district's number.
    pub district: i64,
    /// The batch's hash.
    pub batch: &'a str,
    /// How it ended.
    pub outcome: &'a str,
    /// When it started.
    pub started_at: &'a str,
    /// The day of the set.
    pub as_of: &'a str,
    /// The district's settings then.
    pub settings: &'a str,
    /// The schemas then.
    pub schemas: i64,
    /// The report as JSON.
    pub report: &'a str,
}

impl Store {
    /// Writes an entity.
    pub fn put_entity(&self, seq: i64, run: i64, as_of: &str, row: &EntityRow<'_>) -> Result<(), StoreError> {
        let known = row.known;
        let sql = "INSERT INTO entities VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
            ON CONFLICT DO UPDATE SET state = ?5, record_hash = ?6, number_key = ?7, email_key = ?8, school = ?9, patron = ?10,
                evidence = iif(?11 = '', evidence, ?11), removed_by_run = ?12, missing_since = ?13,
                first_seen = iif(first_seen = '', ?14, first_seen), last_seen = ?15, run = ?16,
                line = iif(?17 = 0, line, ?17)";
        self.change(
            "write",
            sql,
            params![
                seq,
                row.kind as i64,
                row.number,
                row.id,
                known.state as i64,
                known.record_hash.cast_signed(),
                known.number_key.cast_signed(),
                known.email_key.cast_signed(),
                known.school,
                known.patron,
                row.evidence,
                known.removed_by_run,
                known.missing_since,
                as_of,
                if row.left { as_of } else { "" },
                run,
                row.line,
            ],
        )
    }

    /// Lets the row of a section that stays as it was be looked at again tomorrow. No run has written the section by that.
    pub fn unsettle_section(&self, seq: i64, number: u32) -> Result<(), StoreError> {
        let sql = "UPDATE entities SET record_hash = 0 WHERE district = ? AND kind = ? AND number = ?";
        self.change("write", sql, params![seq, K::Sections as i64, number])
    }

    /// Gives an id its number although the roster does not hold it; what is stored already stays.
    pub fn put_placeholder(&self, seq: i64, run: i64, kind: FileKind, number: u32, id: &str) -> Result<(), StoreError> {
        let sql = "INSERT OR IGNORE INTO entities VALUES (?, ?, ?, ?, 0, 0, 0, 0, 0, 0, '', 0, 0, '', '', ?, 0)";
        self.change("write", sql, params![seq, kind as i64, number, id, run])
    }

    /// Writes what the roster says of an entity; `contacts` is JSON.
    pub fn put_record(
        &self,
        seq: i64,
        kind: FileKind,
        number: u32,
        record: &[u8],
        contacts: Option<&str>,
    ) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?, ?)";
        self.change("write", sql, params![seq, kind as i64, number, record, contacts])
    }

    /// Writes a section; gives what stood there before, as JSON, for the record of changes.
    pub fn put_section(&self, seq: i64, section: &SectionRow<'_>) -> Result<(), StoreError> {
        let teachers = serde_json::to_string(&section.teachers()).unwrap_or_default();
        let v = section.values();
        let sql = "INSERT OR REPLACE INTO section_rows VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let values = params![
            seq,
            section.number,
            v[0],
            v[1],
            v[2],
            v[3],
            v[4],
            v[5],
            v[6],
            v[7],
            v[8],
            v[9],
            v[10],
            v[11],
            teachers
        ];
        self.change("write", sql, values)
    }

    /// A section as it is stored, as a JSON array; blank where it is not.
    pub fn section_json(&self, seq: i64, number: u32) -> Result<String, StoreError> {
        let sql = "SELECT json_array(sis_id, school, site, name, course_name, course_number, period, subject, grade, term_name,
            term_start, term_end, teachers) FROM section_rows WHERE district = ? AND number = ?";
        Ok(self.rows("read", sql, params![seq, number], |row| row.get(0))?.pop().unwrap_or_default())
    }

    /// Removes a section.
    pub fn remove_section(&self, seq: i64, number: u32) -> Result<(), StoreError> {
        self.change("write", "DELETE FROM section_rows WHERE district = ? AND number = ?", params![seq, number])
    }

    /// Adds pairs of student and section.
    pub fn enroll(&self, seq: i64, pairs: &[u64]) -> Result<(), StoreError> {
        self.each_pair(seq, pairs, "INSERT OR IGNORE INTO enrolled VALUES (?, ?, ?)")
    }

    /// Removes pairs.
    pub fn unenroll(&self, seq: i64, pairs: &[u64]) -> Result<(), StoreError> {
        self.each_pair(seq, pairs, "DELETE FROM enrolled WHERE district = ? AND student = ? AND section = ?")
    }

    fn each_pair(&self, seq: i64, pairs: &[u64], sql: &str) -> Result<(), StoreError> {
        let explain = |error| self.explain("write", error);
        let mut statement = self.connection.prepare_cached(sql).map_err(explain)?;
        for pair in pairs {
            let (student, section) = parts(*pair);
            fail_point::reach("writing enrollments");
            statement.execute(params![seq, student, section]).map_err(explain)?;
        }
        Ok(())
    }

    /// Records a change: of a patron, of a section, or of the pairs of a whole run.
    #[expect(clippy::too_many_arguments, reason = "one call a column of the table, from one place")]
    pub fn put_change(
        &self,
        run: i64,
        position: i64,
        kind: K,
        number: u32,
        patron: i64,
        action: &str,
        evidence: &str,
        line: u32,
        fields: &[u8],
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO changes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
        self.change("write", sql, params![run, position, kind as i64, number, patron, action, evidence, line, fields])
    }

    /// Records a run.
    pub fn put_run(&self, run: &RunRecord<'_>) -> Result<(), StoreError> {
        let sql = "INSERT INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let values = params![
            run.seq,
            run.run,
            run.district,
            run.batch,
            run.outcome,
            run.started_at,
            run.as_of,
            run.settings,
            run.schemas,
            run.report
        ];
        self.change("record the run in", sql, values)
    }
}
