//! Takes the roster back to what stood before a run: entities with their links, records, sections, enrollments, sites.
//!
//! Called by `pipeline`'s undo, step by step within one transaction. It knows what was written and by which run, not
//! what is to become of patrons.
//!
//! Whoever was written by a later run carries that run's number, and is left as it is: that is how *touched since* is told
//! without any further bookkeeping.

use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError};
use crate::roster::FileKind;

const DOING: &str = "undo a run in";

/// A run as an undo needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunToUndo {
    /// Its number.
    pub seq: i64,
    /// Its id.
    pub run: String,
    /// The id of its district.
    pub district: String,
    /// How it ended.
    pub outcome: String,
    /// The day of its set.
    pub as_of: String,
    /// Whether it was an undo itself.
    pub is_undo: bool,
    /// Who undid it, and with which run.
    pub undone: Option<(String, String)>,
}

/// One recorded change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRow {
    /// Its place within the run.
    pub position: i64,
    /// Of what.
    pub kind: FileKind,
    /// Of which entity; 0 for enrollments.
    pub number: u32,
    /// The patron; 0 where none.
    pub patron: i64,
    /// What was done.
    pub action: String,
    /// The id of the entity.
    pub id: String,
    /// Old and new values, packed; of a section its old row; of enrollments the pairs.
    pub fields: Vec<u8>,
}

/// An entity that a later run wrote after the run in question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TouchedSince {
    /// Its kind.
    pub kind: FileKind,
    /// Its number.
    pub number: u32,
    /// Its id.
    pub id: String,
    /// The patron it is linked to; 0 where none.
    pub patron: i64,
}

fn kind(number: i64) -> FileKind {
    FileKind::ALL[usize::try_from(number).unwrap_or_default().min(5)]
}

impl Store {
    /// The run with this id.
    pub fn run_to_undo(&self, run: &str) -> Result<Option<RunToUndo>, StoreError> {
        let sql = "SELECT r.seq, r.run, d.id, r.outcome, r.as_of, EXISTS (SELECT 1 FROM undone_runs m WHERE m.undo = r.seq),
                u.who, w.run
            FROM runs r JOIN districts d ON d.seq = r.district LEFT JOIN undone_runs u ON u.run = r.seq LEFT JOIN runs w ON w.seq = u.undo WHERE r.run = ?";
        let read = |row: &rusqlite::Row<'_>| {
            let undone: (Option<String>, Option<String>) = (row.get(6)?, row.get(7)?);
            Ok(RunToUndo {
                seq: row.get(0)?,
                run: row.get(1)?,
                district: row.get(2)?,
                outcome: row.get(3)?,
                as_of: row.get(4)?,
                is_undo: row.get(5)?,
                undone: undone.0.zip(undone.1),
            })
        };
        self.connection.query_row(sql, [run], read).optional().map_err(|error| self.explain(DOING, error))
    }

    /// Changes of a run before `position`, the last one first.
    pub fn changes_before(&self, run: i64, position: i64, limit: i64) -> Result<Vec<ChangeRow>, StoreError> {
        let sql = "SELECT position, c.kind, c.number, c.patron, action, coalesce(e.id, ''), fields
            FROM changes c JOIN runs r ON r.seq = c.run
                LEFT JOIN entities e ON e.district = r.district AND e.kind = c.kind AND e.number = c.number
            WHERE c.run = ? AND position < ? ORDER BY position DESC LIMIT ?";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(ChangeRow {
                position: row.get(0)?,
                kind: kind(row.get(1)?),
                number: row.get(2)?,
                patron: row.get(3)?,
                action: row.get(4)?,
                id: row.get(5)?,
                fields: row.get(6)?,
            })
        };
        self.rows(DOING, sql, params![run, position, limit], read)
    }

    /// Patrons that runs after `run` wrote, those that were undone left out.
    pub fn patrons_written_since(&self, seq: i64, run: i64) -> Result<Vec<i64>, StoreError> {
        let sql = format!("SELECT DISTINCT patron FROM changes WHERE run IN ({LATER}) AND patron > 0");
        self.rows(DOING, &sql, params![seq, run], |row| row.get(0))
    }

    /// Pairs of student and section that runs after `run` created or removed, those that were undone left out; sorted.
    pub fn pairs_written_since(&self, seq: i64, run: i64) -> Result<Vec<u64>, StoreError> {
        let sql = format!("SELECT fields FROM changes WHERE run IN ({LATER}) AND kind = 5");
        let blocks: Vec<Vec<u8>> = self.rows(DOING, &sql, params![seq, run], |row| row.get(0))?;
        let mut pairs: Vec<u64> = blocks.iter().flat_map(|block| read_pairs(block)).collect();
        pairs.sort_unstable();
        Ok(pairs)
    }

    /// Entities that `run` wrote and a later run wrote again.
    pub fn touched_since(&self, seq: i64, run: i64) -> Result<Vec<TouchedSince>, StoreError> {
        let sql = "SELECT DISTINCT b.kind, b.number, e.id, e.patron FROM roster_before b
                JOIN entities e ON e.district = ?1 AND e.kind = b.kind AND e.number = b.number
            WHERE b.run > ?2 AND b.was_run = ?2 AND e.run <> ?2 ORDER BY b.kind, b.number";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(TouchedSince { kind: kind(row.get(0)?), number: row.get(1)?, id: row.get(2)?, patron: row.get(3)? })
        };
        self.rows(DOING, sql, params![seq, run], read)
    }

    /// Which sections `run` was the last to write.
    pub fn sections_last_written_by(&self, seq: i64, run: i64) -> Result<Vec<u32>, StoreError> {
        let sql = "SELECT number FROM entities WHERE district = ? AND kind = 4 AND run = ?";
        self.rows(DOING, sql, params![seq, run], |row| row.get(0))
    }

    /// Begins to note what becomes of patrons that the run created.
    pub fn note_created(&self) -> Result<(), StoreError> {
        self.change(DOING, "CREATE TEMPORARY TABLE IF NOT EXISTS created_and_kept (patron INTEGER PRIMARY KEY, is_removed INTEGER NOT NULL)", [])?;
        self.change(DOING, "DELETE FROM created_and_kept", [])?;
        self.change(
            DOING,
            "CREATE TEMPORARY TABLE IF NOT EXISTS created_and_deleted (patron INTEGER PRIMARY KEY)",
            [],
        )?;
        self.change(DOING, "DELETE FROM created_and_deleted", [])
    }

    /// A patron that the run created is not there any more.
    pub fn delete_created(&self, patron: i64) -> Result<(), StoreError> {
        self.change(DOING, "INSERT OR IGNORE INTO created_and_deleted VALUES (?)", [patron])
    }

    /// A patron that the run created stays, as one who left. `is_removed`: the undo made it 4, and nobody had given it another status.
    pub fn keep_created(&self, patron: i64, is_removed: bool) -> Result<(), StoreError> {
        self.change(DOING, "INSERT OR IGNORE INTO created_and_kept VALUES (?, ?)", params![patron, is_removed])
    }

    /// Puts a section back as it was, `old` being its row as [`Store::section_json`] gives it; blank: it was not there.
    pub fn restore_section(&self, seq: i64, number: u32, old: &[u8]) -> Result<(), StoreError> {
        self.remove_section(seq, number)?;
        if old.is_empty() {
            return Ok(());
        }
        let sql = "INSERT INTO section_rows SELECT ?1, ?2, ?3 ->> 0, ?3 ->> 1, ?3 ->> 2, ?3 ->> 3, ?3 ->> 4, ?3 ->> 5, ?3 ->> 6, ?3 ->> 7,
            ?3 ->> 8, ?3 ->> 9, ?3 ->> 10, ?3 ->> 11, ?3 ->> 12";
        self.change(DOING, sql, params![seq, number, String::from_utf8_lossy(old)])
    }

    /// Puts back every entity and record that nobody wrote since: what was new has only its number left, so that no
    /// number is given twice; who was created and is kept has left the roster.
    pub fn restore_roster(&self, seq: i64, run: i64, undo: i64) -> Result<(), StoreError> {
        for sql in [FORGET_RECORDS, RESTORE_RECORDS] {
            self.change(DOING, sql, params![seq, run])?;
        }
        for sql in [LET_GO, FORGET_ENTITIES] {
            self.change(DOING, sql, params![seq, run, undo])?;
        }
        self.change(DOING, RESTORE_ENTITIES, params![seq, run])?;
        self.change(DOING, UNLINK, params![seq, undo])
    }

    /// Takes back the sites that the run gave, while nobody said anything else of them since.
    pub fn take_site_back(&self, seq: i64, school: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM sites WHERE district = ?1 AND school = ?2 AND site = ?2 AND NOT is_ignored";
        self.change(DOING, sql, params![seq, school])
    }

    /// Takes back the questions that a run asked: nothing of it stands any more.
    pub fn withdraw_questions(&self, seq: i64, run: i64) -> Result<(), StoreError> {
        self.change(DOING, "DELETE FROM questions WHERE district = ? AND run = ?", params![seq, run])
    }

    /// Remembers that a run was undone.
    pub fn put_undone(&self, seq: i64, run: i64, undo: i64, who: &str, why: &str, at: &str) -> Result<(), StoreError> {
        self.change(
            DOING,
            "INSERT INTO undone_runs VALUES (?, ?, ?, ?, ?, ?, 0)",
            params![run, seq, undo, who, why, at],
        )
    }

    /// The day of the newest set that is still applied.
    pub fn last_applied_day(&self, seq: i64) -> Result<String, StoreError> {
        let sql =
            "SELECT as_of FROM runs r WHERE district = ? AND outcome IN ('applied', 'applied_in_part', 'no_change')
                AND NOT EXISTS (SELECT 1 FROM undone_runs u WHERE u.run = r.seq OR u.undo = r.seq)
            ORDER BY seq DESC LIMIT 1";
        Ok(self.rows(DOING, sql, [seq], |row| row.get(0))?.pop().unwrap_or_default())
    }
}

/// So many pairs fit beside the other columns of a change into a page of the database. `changes` is a tree that compares rows to find
/// its way; of one that does not fit it reads all pages for every comparison, and a run writes thousands of changes behind it.
const PAIRS_A_CHANGE: usize = 500;

/// Pairs as changes keep them: for each change a block.
pub fn pair_blocks(pairs: &[u64]) -> impl Iterator<Item = Vec<u8>> + '_ {
    pairs.chunks(PAIRS_A_CHANGE).map(|block| block.iter().flat_map(|pair| pair.to_le_bytes()).collect())
}

/// The pairs of such a block.
pub fn read_pairs(block: &[u8]) -> impl Iterator<Item = u64> + '_ {
    let (words, _) = block.as_chunks::<8>();
    words.iter().map(|word| u64::from_le_bytes(*word))
}

/// Runs of district `?1` after run `?2` whose changes still stand.
const LATER: &str = "SELECT seq FROM runs r WHERE district = ?1 AND seq > ?2
    AND NOT EXISTS (SELECT 1 FROM undone_runs u WHERE u.run = r.seq OR u.undo = r.seq)";

/// Records of those who are new with the run, and those that were none before.
const FORGET_RECORDS: &str = "DELETE FROM records WHERE district = ?1 AND EXISTS (
    SELECT 1 FROM entities e LEFT JOIN roster_before b ON b.run = ?2 AND b.kind = e.kind AND b.number = e.number
    WHERE e.district = ?1 AND e.kind = records.kind AND e.number = records.number AND e.run = ?2
        AND (b.run IS NULL OR b.record IS NULL AND b.record_hash <> e.record_hash)
        AND (b.run IS NOT NULL OR e.patron NOT IN (SELECT patron FROM created_and_kept)))";

const RESTORE_RECORDS: &str = "INSERT OR REPLACE INTO records
    SELECT ?1, b.kind, b.number, b.record, b.contacts FROM roster_before b
        JOIN entities e ON e.district = ?1 AND e.kind = b.kind AND e.number = b.number
    WHERE b.run = ?2 AND e.run = ?2 AND b.record IS NOT NULL";

/// Who is linked to a patron that the run created and that stays.
const LET_GO: &str = "UPDATE entities SET state = 3, missing_since = 0, run = ?3,
        removed_by_run = (SELECT is_removed FROM created_and_kept c WHERE c.patron = entities.patron)
    WHERE district = ?1 AND kind IN (1, 2, 3) AND patron IN (SELECT patron FROM created_and_kept)
        AND NOT EXISTS (SELECT 1 FROM roster_before b WHERE b.run = ?2 AND b.kind = entities.kind AND b.number = entities.number)";

const FORGET_ENTITIES: &str = "UPDATE entities SET state = 0, record_hash = 0, number_key = 0, email_key = 0, school = 0, patron = 0,
        evidence = '', removed_by_run = 0, missing_since = 0, first_seen = '', last_seen = '', run = ?3, line = 0
    WHERE district = ?1 AND run = ?2
        AND NOT EXISTS (SELECT 1 FROM roster_before b WHERE b.run = ?2 AND b.kind = entities.kind AND b.number = entities.number)";

/// Who waited before and got a patron that stays keeps the link, so that the patron is found and given back its status.
const RESTORE_ENTITIES: &str = "UPDATE entities SET state = b.state, record_hash = b.record_hash, number_key = b.number_key,
        email_key = b.email_key, school = b.school, evidence = b.evidence,
        patron = iif(entities.patron IN (SELECT patron FROM created_and_kept), entities.patron, b.patron),
        removed_by_run = coalesce((SELECT is_removed FROM created_and_kept c WHERE c.patron = entities.patron), b.removed_by_run),
        missing_since = b.missing_since, first_seen = b.first_seen, last_seen = b.last_seen, run = b.was_run, line = b.line
    FROM roster_before b
    WHERE entities.district = ?1 AND entities.run = ?2 AND b.run = ?2 AND b.kind = entities.kind AND b.number = entities.number";

/// A later run wrote these people without touching their patron, which is deleted now. They seek one again.
const UNLINK: &str = "UPDATE entities SET state = iif(state = 1, 4, state), patron = 0, run = ?2
    WHERE district = ?1 AND kind IN (1, 2, 3) AND patron IN (SELECT patron FROM created_and_deleted)";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pairs_of_a_change_fit_into_a_page() {
        let home = tempfile::tempdir().expect("a folder");
        let store = Store::open(&home.path().join("store.db").display().to_string()).expect("a store");
        let pairs: Vec<u64> = (0..2 * PAIRS_A_CHANGE as u64 + 1).map(|number| u64::MAX - number).collect();
        let blocks: Vec<Vec<u8>> = pair_blocks(&pairs).collect();
        assert_eq!(blocks.iter().flat_map(|block| read_pairs(block)).collect::<Vec<_>>(), pairs);
        for (position, block) in (i64::MAX - 9..).zip(&blocks) {
            let written = store.put_change(i64::MAX, position, FileKind::Enrollments, 0, 0, "create", "row", 0, block);
            written.expect("it can be written");
        }
        let sql = "SELECT count(*) FROM dbstat WHERE name = 'changes' AND pagetype = 'overflow'";
        let more_pages: i64 = store.connection.query_row(sql, [], |row| row.get(0)).expect("pages can be counted");
        assert_eq!(more_pages, 0);
    }
}
