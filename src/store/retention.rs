//! Kept copies of deliveries: which are old enough to go. Names, sizes, hashes and counts stay in the tables.
//!
//! A copy that may still be read stays whatever its age: that of the newest full set and of everything after it, from which an
//! approval is carried out, and those that wait for the end of a window.

use rusqlite::params;

use super::{Store, StoreError};

const DOING: &str = "look for old copies in";

impl Store {
    /// Copies that were received before `day` (RFC 3339) and are not needed: hash of the batch and folder.
    pub fn old_copies(&self, seq: i64, day: &str) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT sha256, kept FROM batches b WHERE district = ?1 AND kept <> '' AND received_at < ?2
            AND NOT EXISTS (SELECT 1 FROM waiting_batches w WHERE w.district = ?1 AND w.batch = b.sha256)
            AND taken < (SELECT coalesce(max(taken), 0) FROM batches n
                WHERE n.district = ?1 AND n.taken > 0 AND n.staged <> '' AND n.staged ->> 'mode' = 'full')";
        self.rows(DOING, sql, params![seq, day], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// Every copy of a district: hash of the batch and folder.
    pub fn copies(&self, seq: i64) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT sha256, kept FROM batches WHERE district = ? AND kept <> ''";
        self.rows(DOING, sql, [seq], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// A copy is gone, or about to go.
    pub fn forget_copy(&self, seq: i64, batch: &str) -> Result<(), StoreError> {
        let sql = "UPDATE batches SET kept = '', staged = '' WHERE district = ? AND sha256 = ?";
        self.change(DOING, sql, params![seq, batch])
    }
}
