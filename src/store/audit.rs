//! The audit: who decided what, when and why. Called by whoever carries out what a person decided.

use rusqlite::params;

use super::{Store, StoreError};

/// One line of the audit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditRow {
    /// When, RFC 3339.
    pub at: String,
    /// Who.
    pub who: String,
    /// What: `approve`, `discard`, `decide` …
    pub action: String,
    /// The run that it was about.
    pub run: String,
    /// What exactly: a hash, a person.
    pub subject: String,
    /// Why, in the words of whoever decided.
    pub why: String,
}

impl Store {
    /// Adds a line.
    pub fn put_audit(&self, seq: i64, line: &AuditRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO audit (district, at, who, action, run, subject, why) VALUES (?, ?, ?, ?, ?, ?, ?)";
        self.change("write", sql, params![seq, line.at, line.who, line.action, line.run, line.subject, line.why])
    }

    /// What was decided about a run, oldest first.
    pub fn audit_of_run(&self, seq: i64, run: &str) -> Result<Vec<AuditRow>, StoreError> {
        let sql = "SELECT at, who, action, run, subject, why FROM audit WHERE district = ? AND run = ? ORDER BY seq";
        self.rows("read the audit of", sql, params![seq, run], |row| {
            Ok(AuditRow {
                at: row.get(0)?,
                who: row.get(1)?,
                action: row.get(2)?,
                run: row.get(3)?,
                subject: row.get(4)?,
                why: row.get(5)?,
            })
        })
    }
}
