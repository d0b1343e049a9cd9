//! What stood in the roster before a run overwrote it, so that the run can be undone and a person explained.
//!
//! Written by `pipeline` just before it writes an entity that the roster knew. Nothing is written for who is new.

use rusqlite::params;

use super::{Store, StoreError};
use crate::roster::FileKind;

impl Store {
    /// Keeps an entity as it is stored; its record too if that is about to be replaced. What a run kept first stays.
    pub fn keep_before(
        &self,
        seq: i64,
        run: i64,
        kind: FileKind,
        number: u32,
        with_record: bool,
    ) -> Result<(), StoreError> {
        let sql = "INSERT INTO roster_before SELECT ?1, e.kind, e.number, state, record_hash, number_key, email_key, school, patron,
                evidence, removed_by_run, missing_since, first_seen, last_seen, run, line, record, contacts
            FROM entities e LEFT JOIN records r ON ?5 AND r.district = e.district AND r.kind = e.kind AND r.number = e.number
            WHERE e.district = ?2 AND e.kind = ?3 AND e.number = ?4 ON CONFLICT DO NOTHING";
        self.change("write", sql, params![run, seq, kind as i64, number, with_record])
    }
}
