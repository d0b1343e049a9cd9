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

/// Where a district stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DistrictState {
    /// Its number in the large tables.
    pub seq: i64,
    /// Its id.
    pub id: String,
    /// Deliveries that wait for their run.
    pub waiting: u64,
    /// When the oldest of them came, RFC 3339; blank: none waits.
    pub oldest: String,
    /// Holds that a person has to do something about.
    pub holds: u64,
    /// Questions about single people.
    pub questions: u64,
    /// When the newest run began that was not refused or held as a whole, RFC 3339; blank: none ever was.
    pub last_success: String,
    /// The newest run; blank: none yet.
    pub newest_run: String,
    /// How it ended.
    pub newest_outcome: String,
}

/// Which holds wait for a person; a blackout ends by itself.
const TO_DECIDE: &str = "is_open AND hold ->> '$.guard' <> 'blackout'";

/// The version of the database library that is built in.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}

impl Store {
    /// Where each district stands, by id.
    pub fn district_states(&self) -> Result<Vec<DistrictState>, StoreError> {
        let waits = "FROM deliveries e WHERE e.district = d.seq AND is_told = 0 AND run = ''";
        let newest = "FROM runs r WHERE r.district = d.seq";
        let sql = format!(
            "SELECT d.seq, d.id, (SELECT count(*) {waits}), coalesce((SELECT min(arrived_at) {waits}), ''),
                (SELECT count(*) FROM holds h WHERE h.district = d.seq AND {TO_DECIDE}),
                (SELECT count(*) FROM questions q WHERE q.district = d.seq),
                coalesce((SELECT started_at {newest} AND outcome IN ('applied', 'applied_in_part', 'no_change') ORDER BY seq DESC LIMIT 1), ''),
                coalesce((SELECT run {newest} ORDER BY seq DESC LIMIT 1), ''),
                coalesce((SELECT outcome {newest} ORDER BY seq DESC LIMIT 1), '')
            FROM districts d ORDER BY d.id"
        );
        self.rows("read the districts of", &sql, [], read_state)
    }

    /// The district's newest run and how it ended.
    pub fn newest_run(&self, seq: i64) -> Result<Option<(String, String)>, StoreError> {
        let sql = "SELECT run, outcome FROM runs WHERE district = ? ORDER BY seq DESC LIMIT 1";
        Ok(self.rows("list the runs of", sql, [seq], |row| Ok((row.get(0)?, row.get(1)?)))?.pop())
    }

    /// How many open holds a person has to do something about.
    pub fn holds_to_decide(&self, seq: i64) -> Result<u64, StoreError> {
        self.count("read the holds of", &format!("SELECT count(*) FROM holds WHERE district = ? AND {TO_DECIDE}"), seq)
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

fn read_state(row: &rusqlite::Row<'_>) -> rusqlite::Result<DistrictState> {
    let count = |at: usize| row.get::<_, i64>(at).map(i64::cast_unsigned);
    Ok(DistrictState {
        seq: row.get(0)?,
        id: row.get(1)?,
        waiting: count(2)?,
        oldest: row.get(3)?,
        holds: count(4)?,
        questions: count(5)?,
        last_success: row.get(6)?,
        newest_run: row.get(7)?,
        newest_outcome: row.get(8)?,
    })
}
