//! Blanks one person in our own tables, and lets the bytes go from the files. Called by `pipeline`'s erase.
//!
//! What a table holds of a person is said here, a line each: whoever adds a table with personal values adds a line.

use rusqlite::params;

use super::{KnownPerson, Store, StoreError};
use crate::roster::FileKind;

const DOING: &str = "erase a person in";

/// What goes for a person `?2`, `?3` (kind, number) of district `?1`, and what it is called in the proof.
const OF_PERSON: [(&str, &str); 9] = [
    ("records", "DELETE FROM records WHERE district = ?1 AND kind = ?2 AND number = ?3"),
    (
        "records of earlier nights",
        "DELETE FROM roster_before WHERE kind = ?2 AND number = ?3 AND run IN (SELECT seq FROM runs WHERE district = ?1)",
    ),
    ("names and schools of old sets", "DELETE FROM history WHERE district = ?1 AND kind = ?2 AND number = ?3"),
    ("enrollments", "DELETE FROM enrolled WHERE district = ?1 AND ?2 = 3 AND student = ?3"),
    ("held actions", "DELETE FROM held_actions WHERE district = ?1 AND kind = ?2 AND number = ?3"),
    ("refused changes", "DELETE FROM refused_changes WHERE district = ?1 AND kind = ?2 AND number = ?3"),
    ("questions", "DELETE FROM questions WHERE district = ?1 AND kind = ?2 AND number = ?3"),
    ("answers", "DELETE FROM decisions WHERE district = ?1 AND kind = ?2 AND number = ?3"),
    (
        "values of changes",
        "UPDATE changes SET fields = x'' WHERE kind = ?2 AND number = ?3 AND length(fields) > 0
            AND run IN (SELECT seq FROM runs WHERE district = ?1)",
    ),
];

/// Texts in which a person may be named, by table, key and column.
const TEXTS: [(&str, &str, &str); 6] = [
    ("runs", "seq", "report"),
    ("holds", "rowid_of_hold", "hold"),
    ("holds", "rowid_of_hold", "actions"),
    ("audit", "seq", "subject"),
    ("audit", "seq", "why"),
    ("undone_runs", "run", "why"),
];

impl Store {
    /// Removes what the tables hold of a person, and puts a tombstone in its place. Gives what went, and how much.
    pub fn erase_person(
        &self,
        seq: i64,
        person: &KnownPerson,
        id_hash: &str,
        at: &str,
    ) -> Result<Vec<(&'static str, u64)>, StoreError> {
        let (kind, number) = (person.kind as i64, person.number);
        let mut gone = Vec::new();
        for (name, sql) in OF_PERSON {
            let changed = self.connection.execute(sql, params![seq, kind, number]);
            gone.push((name, changed.map_err(|error| self.explain(DOING, error))? as u64));
        }
        let sql = "UPDATE entities SET id = ?4, state = 0, record_hash = 0, number_key = 0, email_key = 0, school = 0, patron = 0,
                evidence = '', removed_by_run = 0, missing_since = 0, first_seen = '', last_seen = '', line = 0
            WHERE district = ?1 AND kind = ?2 AND number = ?3";
        self.change(DOING, sql, params![seq, kind, number, nobody(number)])?;
        let sql = "INSERT OR REPLACE INTO erased_people VALUES (?, ?, ?, ?, ?)";
        self.change(DOING, sql, params![seq, kind, number, id_hash, at])?;
        Ok(gone)
    }

    /// Values that runs wrote to a patron.
    pub fn erase_changes_of_patron(&self, seq: i64, patron: i64) -> Result<u64, StoreError> {
        let sql = "UPDATE changes SET fields = x'' WHERE patron = ?2 AND kind IN (1, 2, 3) AND length(fields) > 0
            AND run IN (SELECT seq FROM runs WHERE district = ?1)";
        let changed = self.connection.execute(sql, params![seq, patron]);
        let _ = self.connection.execute("DELETE FROM patron_edits WHERE patron_id = ?", [patron]);
        changed.map(|count| count as u64).map_err(|error| self.explain(DOING, error))
    }

    /// Shows every text in which somebody may be named, and writes what `mask` makes of it; `None` leaves it. Gives how many
    /// were written.
    pub fn mask_texts(&self, seq: i64, mut mask: impl FnMut(&str, &str) -> Option<String>) -> Result<u64, StoreError> {
        let mut count = 0;
        for (table, key, column) in TEXTS {
            let key = if key == "rowid_of_hold" { "run * 1000000 + position" } else { key };
            let sql = format!("SELECT {key}, {column} FROM {table} WHERE district = ?");
            let rows: Vec<(i64, String)> = self.rows(DOING, &sql, [seq], |row| Ok((row.get(0)?, row.get(1)?)))?;
            for (at, text) in rows {
                if let Some(masked) = mask(column, &text) {
                    let sql = format!("UPDATE {table} SET {column} = ? WHERE district = ? AND {key} = ?");
                    self.change(DOING, &sql, params![masked, seq, at])?;
                    count += 1;
                }
            }
        }
        Ok(count)
    }

    /// The same for the names of sections, as they are and as they were: they hold the last name of a teacher.
    pub fn mask_sections(&self, seq: i64, mut mask: impl FnMut(&str) -> Option<String>) -> Result<u64, StoreError> {
        Ok(self.mask_sections_now(seq, &mut mask)?
            + self.mask_sections_then(seq, &mut mask)?
            + self.mask_old_sets(seq, &mut mask)?)
    }

    fn mask_sections_now(&self, seq: i64, mask: &mut impl FnMut(&str) -> Option<String>) -> Result<u64, StoreError> {
        let now = "SELECT number, name FROM section_rows WHERE district = ?";
        let mut count = 0;
        for (number, name) in
            self.rows(DOING, now, [seq], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?
        {
            if let Some(masked) = mask(&name) {
                let sql = "UPDATE section_rows SET name = ? WHERE district = ? AND number = ?";
                self.change(DOING, sql, params![masked, seq, number])?;
                count += 1;
            }
        }
        Ok(count)
    }

    fn mask_sections_then(&self, seq: i64, mask: &mut impl FnMut(&str) -> Option<String>) -> Result<u64, StoreError> {
        let mut count = 0;
        let before = "SELECT run, position, CAST(fields AS TEXT) FROM changes WHERE kind = 4 AND length(fields) > 0
            AND run IN (SELECT seq FROM runs WHERE district = ?)";
        let rows: Vec<(i64, i64, String)> =
            self.rows(DOING, before, [seq], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        for (run, position, text) in rows {
            if let Some(masked) = mask(&text) {
                let sql = "UPDATE changes SET fields = ? WHERE run = ? AND position = ?";
                self.change(DOING, sql, params![masked.as_bytes(), run, position])?;
                count += 1;
            }
        }
        Ok(count)
    }

    fn mask_old_sets(&self, seq: i64, mask: &mut impl FnMut(&str) -> Option<String>) -> Result<u64, StoreError> {
        let sql = "SELECT number, as_of, name FROM history WHERE district = ? AND kind = 4";
        let read =
            |row: &rusqlite::Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?));
        let mut count = 0;
        for (number, as_of, name) in self.rows(DOING, sql, [seq], read)? {
            if let Some(masked) = mask(&name) {
                let sql = "UPDATE history SET name = ? WHERE district = ? AND kind = 4 AND number = ? AND as_of = ?";
                self.change(DOING, sql, params![masked, seq, number, as_of])?;
                count += 1;
            }
        }
        Ok(count)
    }

    /// What old sets called a person.
    pub fn old_names(&self, seq: i64, kind: FileKind, number: u32) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT DISTINCT name FROM history WHERE district = ? AND kind = ? AND number = ?";
        self.rows(DOING, sql, params![seq, kind as i64, number], |row| row.get(0))
    }

    /// What the roster says of a person, packed; nothing where there is no record. Earlier records too.
    pub fn all_records(&self, seq: i64, kind: FileKind, number: u32) -> Result<Vec<Vec<u8>>, StoreError> {
        let sql = "SELECT record FROM records WHERE district = ?1 AND kind = ?2 AND number = ?3
            UNION ALL SELECT record FROM roster_before WHERE kind = ?2 AND number = ?3 AND record IS NOT NULL
                AND run IN (SELECT seq FROM runs WHERE district = ?1)";
        self.rows(DOING, sql, params![seq, kind as i64, number], |row| row.get(0))
    }

    /// Tombstones of a district: position of the kind, number, hash of the id.
    pub fn tombstones(&self, seq: i64) -> Result<Vec<(i64, u32, String)>, StoreError> {
        let sql = "SELECT kind, number, id_hash FROM erased_people WHERE district = ?";
        self.rows(DOING, sql, [seq], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
    }

    /// From here on what is deleted is overwritten in the file.
    pub fn overwrite_what_goes(&self) -> Result<(), StoreError> {
        let set = self.connection.query_row("PRAGMA secure_delete = ON", [], |_| Ok(()));
        set.map_err(|error| self.explain(DOING, error))
    }

    /// Writes the file anew without what was deleted from it ever, and empties the log beside it. `false` where another program
    /// reads the database, so that the log cannot be emptied now.
    pub fn wipe(&self) -> Result<bool, StoreError> {
        self.connection.execute_batch("VACUUM").map_err(|error| self.explain(DOING, error))?;
        let busy = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
        busy.map(|busy| busy == 0).map_err(|error| self.explain(DOING, error))
    }
}

/// What stands in the place of an erased id. No file can hold it: a control character is no part of an id.
fn nobody(number: u32) -> String {
    format!("\u{1}erased {number}")
}
