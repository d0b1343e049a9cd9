//! Kept copies of batches, as far as they can be read again when somebody has decided.

use rusqlite::params;

use super::{Store, StoreError};

/// A batch whose copy is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptBatch {
    /// Its hash.
    pub sha256: String,
    /// The folder of the staged copy, relative to the database's own folder; blank where it is gone.
    pub kept: String,
    /// What `stage` found, as JSON.
    pub staged: String,
}

impl Store {
    /// Remembers that run `run` took a batch, and what `stage` found of it.
    pub fn mark_taken(&self, seq: i64, batch: &str, run: i64, staged: &str) -> Result<(), StoreError> {
        let sql = "UPDATE batches SET taken = ?3, staged = ?4 WHERE district = ?1 AND sha256 = ?2";
        self.change("record the batch in", sql, params![seq, batch, run, staged])
    }

    /// Batches that were taken, the newest first, with what can be read again.
    pub fn taken_batches(&self, seq: i64) -> Result<Vec<KeptBatch>, StoreError> {
        let sql = "SELECT sha256, kept, staged FROM batches WHERE district = ? AND taken > 0 ORDER BY taken DESC";
        self.rows("read the batches of", sql, params![seq], |row| {
            Ok(KeptBatch { sha256: row.get(0)?, kept: row.get(1)?, staged: row.get(2)? })
        })
    }

    /// What is kept of one batch.
    pub fn kept_batch(&self, seq: i64, batch: &str) -> Result<Option<KeptBatch>, StoreError> {
        Ok(self.taken_batches(seq)?.into_iter().find(|kept| kept.sha256 == batch))
    }

    /// Lets a batch wait until something may be applied again.
    pub fn put_waiting(&self, seq: i64, batch: &str) -> Result<(), StoreError> {
        let sql = "INSERT INTO waiting_batches SELECT ?1, coalesce(max(position), 0) + 1, ?2 FROM waiting_batches WHERE district = ?1";
        self.change("record the batch in", sql, params![seq, batch])
    }

    /// Batches that wait, in the order of their arrival.
    pub fn waiting_batches(&self, seq: i64) -> Result<Vec<(i64, String)>, StoreError> {
        let sql = "SELECT position, batch FROM waiting_batches WHERE district = ? ORDER BY position";
        self.rows("read the batches of", sql, params![seq], |row| Ok((row.get(0)?, row.get(1)?)))
    }

    /// A batch waits no longer.
    pub fn remove_waiting(&self, seq: i64, position: i64) -> Result<(), StoreError> {
        let sql = "DELETE FROM waiting_batches WHERE district = ? AND position = ?";
        self.change("record the batch in", sql, params![seq, position])
    }
}
