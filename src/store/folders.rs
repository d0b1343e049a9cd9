//! What a drop folder looked like when it was last taken, and which done-files were used up. What it means is `receive`'s business.

use rusqlite::params;

use super::{Store, StoreError};

/// The memory of one drop folder, as JSON; blank: none yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FolderRow {
    /// What was in it when it was last taken.
    pub taken: String,
    /// Done-files that were used up.
    pub used: String,
}

impl Store {
    /// What is remembered of the district's drop folder.
    pub fn drop_folder(&self, district: i64) -> Result<FolderRow, StoreError> {
        let sql = "SELECT taken, used FROM drop_folders WHERE district = ?";
        let read = |row: &rusqlite::Row<'_>| Ok(FolderRow { taken: row.get(0)?, used: row.get(1)? });
        Ok(self.rows("read the folders of", sql, [district], read)?.pop().unwrap_or_default())
    }

    /// Remembers the district's drop folder.
    pub fn put_drop_folder(&self, district: i64, row: &FolderRow) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO drop_folders VALUES (?, ?, ?)";
        self.change("remember a folder in", sql, params![district, row.taken, row.used])
    }
}
