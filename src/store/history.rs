//! What old sets say of people, schools and sections: when they were seen, where they were, and what they were called.
//!
//! Written by a backfill. Nothing here touches a patron, a link, a section that is written, or what a newer set said.

use rusqlite::params;

use super::{Store, StoreError};
use crate::files::fail_point;
use crate::roster::FileKind;
use crate::roster::entities::State;

/// An entity as an old set shows it.
#[derive(Debug, Clone)]
pub struct SeenThen<'a> {
    /// Its kind.
    pub kind: FileKind,
    /// Its number.
    pub number: u32,
    /// Its id.
    pub id: &'a str,
    /// Where it stands in its file.
    pub line: u32,
    /// Its schools, joined.
    pub schools: &'a str,
    /// What it was called.
    pub name: &'a str,
}

impl Store {
    /// Notes that `row` was in the set of the day `as_of`. What is known of when it was seen is extended, never narrowed; whoever
    /// is in the roster stays there, and whom it does not hold has left it.
    pub fn put_seen_then(&self, seq: i64, run: i64, as_of: &str, row: &SeenThen<'_>) -> Result<(), StoreError> {
        fail_point::reach("writing history");
        let kind = row.kind as i64;
        let sql = "INSERT INTO entities VALUES (?1, ?2, ?3, ?4, ?8, 0, 0, 0, 0, 0, '', 0, 0, ?5, ?5, ?6, ?7)
            ON CONFLICT (district, kind, number) DO UPDATE SET
                first_seen = CASE WHEN first_seen = '' OR first_seen > ?5 THEN ?5 ELSE first_seen END,
                last_seen = CASE WHEN state IN (?8, ?9) AND last_seen < ?5 THEN ?5 ELSE last_seen END,
                state = CASE WHEN state = ?9 THEN ?8 ELSE state END
            WHERE first_seen = '' OR first_seen > ?5 OR (state IN (?8, ?9) AND last_seen < ?5)";
        let (gone, unknown) = (State::Gone as i64, State::Unknown as i64);
        self.change("write", sql, params![seq, kind, row.number, row.id, as_of, run, row.line, gone, unknown])?;
        let sql = "INSERT INTO history SELECT ?1, ?2, ?3, ?4, ?5, ?6
            WHERE NOT EXISTS (SELECT 1 FROM history WHERE district = ?1 AND kind = ?2 AND number = ?3 AND schools = ?5 AND name = ?6
                AND as_of = (SELECT max(as_of) FROM history WHERE district = ?1 AND kind = ?2 AND number = ?3 AND as_of <= ?4))
            ON CONFLICT (district, kind, number, as_of) DO UPDATE SET schools = ?5, name = ?6";
        self.change("write", sql, params![seq, kind, row.number, as_of, row.schools, row.name])
    }

    /// How the runs of this batch for this day ended, oldest first, each with its settings and schemas.
    pub fn runs_of_batch(&self, seq: i64, batch: &str, as_of: &str) -> Result<Vec<(String, String, i64)>, StoreError> {
        let sql =
            "SELECT outcome, settings, schemas FROM runs WHERE district = ? AND batch = ? AND as_of = ? ORDER BY seq";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        self.rows("read the runs of", sql, params![seq, batch, as_of], read)
    }

    /// Whether a batch of this day was looked at before.
    pub fn has_run_of(&self, seq: i64, as_of: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM runs WHERE district = ? AND as_of = ? LIMIT 1";
        Ok(!self.rows("read the runs of", sql, params![seq, as_of], |_| Ok(()))?.is_empty())
    }

    /// Whether a batch is recorded, whatever became of it.
    pub fn knows_batch(&self, seq: i64, batch: &str) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM batches WHERE district = ? AND sha256 = ?";
        Ok(!self.rows("read the batches of", sql, params![seq, batch], |_| Ok(()))?.is_empty())
    }

    /// Folders of kept deliveries, as the batches name them.
    pub fn kept_batches(&self, seq: i64) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT kept FROM batches WHERE district = ? AND kept <> ''";
        self.rows("read the batches of", sql, params![seq], |row| row.get(0))
    }
}
