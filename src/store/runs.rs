//! Runs and batches: what happened.

use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError};
use crate::roster::set::{Batch, KnownFile, StagedSet};

/// A run in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunRow {
    /// Its id.
    pub run: String,
    /// The district's id.
    pub district: String,
    /// When it started, RFC 3339.
    pub started_at: String,
    /// How it ended.
    pub outcome: String,
    /// Its report as JSON.
    pub report: String,
}

impl Store {
    /// Remembers a batch with its files. `kept`: the folder of the staged copy, relative to the database's own folder.
    pub fn put_batch(
        &self,
        seq: i64,
        batch: &Batch,
        set: &StagedSet,
        received_at: &str,
        kept: &str,
    ) -> Result<(), StoreError> {
        let doing = "record the batch in";
        self.change(
            doing,
            "INSERT INTO batches (district, sha256, received_at, kept) VALUES (?1, ?2, ?3, ?4)
                ON CONFLICT DO UPDATE SET received_at = ?3, kept = iif(?4 = '', kept, ?4)",
            params![seq, batch.sha256, received_at, kept],
        )?;
        for file in &batch.files {
            let kind = format!("={}", file.content.word());
            let sql = "INSERT OR REPLACE INTO batch_files VALUES (?, ?, ?, ?, ?, ?, '', 0)";
            self.change(doing, sql, params![seq, batch.sha256, file.name, kind, file.bytes as i64, file.sha256])?;
        }
        for file in &set.files {
            let sql = "INSERT INTO batch_files VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
                ON CONFLICT DO UPDATE SET kept_sha256 = ?7, ends_with_line_break = ?8";
            let kept = (&file.kept_sha256, file.ends_with_line_break);
            self.change(
                doing,
                sql,
                params![seq, batch.sha256, file.name, file.kind.word(), file.bytes as i64, file.sha256, kept.0, kept.1],
            )?;
        }
        Ok(())
    }

    /// The delivered files of a batch, to recognise it when it comes again.
    pub fn batch_files(&self, seq: i64, batch: &str) -> Result<Vec<KnownFile>, StoreError> {
        let sql = "SELECT name, bytes, sha256 FROM batch_files WHERE district = ? AND batch = ? AND kind LIKE '=%'";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(KnownFile { name: row.get(0)?, bytes: row.get::<_, i64>(1)?.cast_unsigned(), sha256: row.get(2)? })
        };
        self.rows("read the last batch of", sql, params![seq, batch], read)
    }

    /// Kinds whose last delivery ended with a line break.
    pub fn ended_with_line_break(&self, seq: i64) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT trim(kind, '=') FROM batch_files f JOIN districts d ON d.seq = f.district AND d.last_batch = f.batch
            WHERE f.district = ? AND ends_with_line_break";
        self.rows("read the last batch of", sql, params![seq], |row| row.get(0))
    }

    /// The newest runs first.
    pub fn runs(&self, district: Option<&str>, limit: i64) -> Result<Vec<RunRow>, StoreError> {
        let sql = "SELECT run, d.id, started_at, outcome, report FROM runs r JOIN districts d ON d.seq = r.district
            WHERE ?1 IS NULL OR d.id = ?1 ORDER BY r.seq DESC LIMIT ?2";
        self.rows("list the runs of", sql, params![district, limit], read_run)
    }

    /// The runs whose id begins with `prefix`; two at most, so that an ambiguous one is noticed.
    pub fn find_runs(&self, prefix: &str) -> Result<Vec<RunRow>, StoreError> {
        let sql = "SELECT run, d.id, started_at, outcome, report FROM runs r JOIN districts d ON d.seq = r.district
            WHERE substr(run, 1, length(?1)) = ?1 ORDER BY r.seq LIMIT 2";
        self.rows("list the runs of", sql, params![prefix], read_run)
    }

    /// The number that the next run will have.
    pub fn next_run(&self) -> Result<i64, StoreError> {
        let found =
            self.connection.query_row("SELECT max(seq) FROM runs", [], |row| row.get::<_, Option<i64>>(0)).optional();
        found.map(|seq| seq.flatten().unwrap_or(0) + 1).map_err(|error| self.explain("read the runs of", error))
    }
}

fn read_run(row: &rusqlite::Row<'_>) -> rusqlite::Result<RunRow> {
    Ok(RunRow {
        run: row.get(0)?,
        district: row.get(1)?,
        started_at: row.get(2)?,
        outcome: row.get(3)?,
        report: row.get(4)?,
    })
}
