//! Counts of what happened and of what waits, for alarms, letters and `status`. Small whatever the roster's size: no report is read.

use rusqlite::params;

use super::{Store, StoreError};

/// How many runs of a district ended how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunCount {
    /// The district's id.
    pub district: String,
    /// How they ended.
    pub outcome: String,
    /// How many.
    pub runs: u64,
}

/// A district by number and id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DistrictName {
    /// Its number in the large tables.
    pub seq: i64,
    /// Its id.
    pub id: String,
}

const HOLDS: &str = "read the holds of";

impl Store {
    /// All districts, by id.
    pub fn district_names(&self) -> Result<Vec<DistrictName>, StoreError> {
        let read = |row: &rusqlite::Row<'_>| Ok(DistrictName { seq: row.get(0)?, id: row.get(1)? });
        self.rows("list the districts of", "SELECT seq, id FROM districts ORDER BY id", [], read)
    }

    /// The district's newest run and how it ended.
    pub fn newest_run(&self, seq: i64) -> Result<Option<(String, String)>, StoreError> {
        let sql = "SELECT run, outcome FROM runs WHERE district = ? ORDER BY seq DESC LIMIT 1";
        Ok(self.rows("list the runs of", sql, [seq], |row| Ok((row.get(0)?, row.get(1)?)))?.pop())
    }

    /// How many open holds a person has to do something about; a blackout ends by itself.
    pub fn holds_to_decide(&self, seq: i64) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM holds WHERE district = ? AND is_open AND hold ->> '$.guard' <> 'blackout'";
        self.count(HOLDS, sql, seq)
    }

    /// How many questions about single people are open.
    pub fn open_questions(&self, seq: i64) -> Result<u64, StoreError> {
        self.count("read the questions of", "SELECT count(*) FROM questions WHERE district = ?", seq)
    }

    /// How often the run of a delivery that waits failed so far.
    pub fn failed_attempts(&self, seq: i64) -> Result<u64, StoreError> {
        let sql = "SELECT coalesce(max(attempts), 0) FROM deliveries WHERE district = ? AND is_told = 0 AND run = ''";
        self.count("read the deliveries of", sql, seq)
    }

    /// How the runs since `time` ended, by district.
    pub fn runs_since(&self, time: &str) -> Result<Vec<RunCount>, StoreError> {
        let sql = "SELECT d.id, r.outcome, count(*) FROM runs r JOIN districts d ON d.seq = r.district
            WHERE r.started_at >= ? GROUP BY d.id, r.outcome ORDER BY d.id, r.outcome";
        self.rows("list the runs of", sql, params![time], |row| {
            Ok(RunCount { district: row.get(0)?, outcome: row.get(1)?, runs: row.get::<_, i64>(2)?.cast_unsigned() })
        })
    }

    fn count(&self, doing: &'static str, sql: &str, seq: i64) -> Result<u64, StoreError> {
        Ok(self.rows(doing, sql, [seq], |row| row.get::<_, i64>(0))?.pop().unwrap_or(0).cast_unsigned())
    }
}
