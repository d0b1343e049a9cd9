//! Alarms: what is wrong now with a district's deliveries, or with the service itself.

use rusqlite::params;

use super::{Store, StoreError};

/// The district number of alarms of the service itself.
pub const SERVICE: i64 = -1;

/// An alarm that is on, or is over and nobody was told yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlarmRow {
    /// The district's number, or [`SERVICE`].
    pub district: i64,
    /// What is wrong, in a word.
    pub code: String,
    /// Since when, RFC 3339.
    pub since: String,
    /// Numbers and names of ours, never a person.
    pub detail: String,
    /// When it was over, RFC 3339; blank: it is on.
    pub cleared_at: String,
    /// When people were last told, RFC 3339; blank: never.
    pub told_at: String,
}

impl Store {
    /// All alarms, by district and code.
    pub fn alarms(&self) -> Result<Vec<AlarmRow>, StoreError> {
        let sql = "SELECT district, code, since, detail, cleared_at, told_at FROM alarms ORDER BY district, code";
        self.rows("read the alarms of", sql, [], |row| {
            Ok(AlarmRow {
                district: row.get(0)?,
                code: row.get(1)?,
                since: row.get(2)?,
                detail: row.get(3)?,
                cleared_at: row.get(4)?,
                told_at: row.get(5)?,
            })
        })
    }

    /// Stores an alarm as it is now.
    pub fn put_alarm(&self, row: &AlarmRow) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO alarms VALUES (?, ?, ?, ?, ?, ?)";
        let values = params![row.district, row.code, row.since, row.detail, row.cleared_at, row.told_at];
        self.change("remember an alarm in", sql, values)
    }

    /// Forgets an alarm that is over and of which people were told.
    pub fn remove_alarm(&self, district: i64, code: &str) -> Result<(), StoreError> {
        self.change(
            "remember an alarm in",
            "DELETE FROM alarms WHERE district = ? AND code = ?",
            params![district, code],
        )
    }
}
