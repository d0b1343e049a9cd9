//! People as the commands show them: who is linked to which patron.

use rusqlite::params;

use super::{Store, StoreError};
use crate::roster::FileKind;

/// A person who is linked to a patron.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonRow {
    /// Its kind.
    pub kind: FileKind,
    /// Its id.
    pub id: String,
    /// Why it is this patron.
    pub evidence: String,
    /// The day it was first in a set.
    pub first_seen: String,
    /// The day it was last in a set; blank while it is.
    pub last_seen: String,
}

impl Store {
    /// The people of a patron.
    pub fn people_of_patron(&self, seq: i64, patron: i64) -> Result<Vec<PersonRow>, StoreError> {
        let sql = "SELECT kind, id, evidence, first_seen, last_seen FROM entities WHERE district = ? AND patron = ? AND kind BETWEEN 1 AND 3";
        let read = |row: &rusqlite::Row<'_>| {
            let kind = FileKind::ALL[usize::try_from(row.get::<_, i64>(0)?).unwrap_or_default().min(5)];
            Ok(PersonRow {
                kind,
                id: row.get(1)?,
                evidence: row.get(2)?,
                first_seen: row.get(3)?,
                last_seen: row.get(4)?,
            })
        };
        self.rows("read the people of", sql, params![seq, patron], read)
    }

    /// Who is in the roster with this patron: kind, number, id.
    pub fn holders_of_patron(&self, seq: i64, patron: i64) -> Result<Vec<(i64, i64, String)>, StoreError> {
        let sql = "SELECT kind, number, id FROM entities
            WHERE district = ? AND patron = ? AND kind BETWEEN 1 AND 3 AND state IN (1, 2, 4)";
        self.rows("read the people of", sql, params![seq, patron], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
    }
}
