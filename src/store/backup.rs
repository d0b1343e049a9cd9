//! A copy of the database as it is at one moment, while others go on writing. Called by `operate::backup`.
//!
//! It knows which folders beside the database a copy names, and nothing of where they go.

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rusqlite::backup::{Backup, StepResult};

use super::open::failed;
use super::{Store, StoreError};
use crate::files::private;

const DOING: &str = "copy";

impl Store {
    /// Folders with copies of deliveries that the database names, relative to its own folder. An older database may not have
    /// the table of deliveries yet.
    pub fn named_folders(&self) -> Result<Vec<PathBuf>, StoreError> {
        let path = |row: &rusqlite::Row<'_>| row.get::<_, String>(0).map(PathBuf::from);
        let mut folders = self.rows(DOING, "SELECT kept FROM batches WHERE kept <> '' ORDER BY 1", [], path)?;
        let is_there = "SELECT 1 FROM sqlite_schema WHERE name = 'deliveries'";
        if !self.rows(DOING, is_there, [], |_| Ok(()))?.is_empty() {
            let sql = "SELECT folder FROM deliveries WHERE folder <> '' ORDER BY seq";
            folders.extend(self.rows(DOING, sql, [], path)?);
        }
        Ok(folders)
    }

    /// Copies the database to the new file `to`, as it was when the transaction began that is open; then looks the copy through.
    /// Whoever writes meanwhile does not wait, and is not waited for.
    pub fn copy_database(&self, to: &Path) -> Result<(), StoreError> {
        private::create_file(to).map_err(|source| failed(DOING, to, source))?;
        let damage = copy(&self.connection, to).map_err(|error| self.explain(DOING, error))?;
        damage.map_or(Ok(()), |damage| Err(StoreError::Damaged { file: self.name(), damage }))
    }
}

/// Gives what is wrong with the copy, if anything is.
fn copy(from: &Connection, to: &Path) -> rusqlite::Result<Option<String>> {
    let mut copy = Connection::open(to)?;
    let step = Backup::new(from, &mut copy)?.step(-1)?;
    if step != StepResult::Done {
        return Ok(Some(format!("the copy ended early ({step:?})")));
    }
    // One file without companions, which can be moved about as it is; opened by rosterd it has a log of its own again.
    copy.pragma_update(None, "journal_mode", "DELETE")?;
    let verdict: String = copy.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
    Ok((verdict != "ok").then_some(verdict))
}
