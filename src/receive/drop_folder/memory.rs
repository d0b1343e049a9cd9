//! What must be remembered of a drop folder across restarts: what was taken last, and which done-files have said their word.
//!
//! Kept in the store's table `drop_folders`; written together with the delivery that was taken.

use serde::{Deserialize, Serialize};

use super::look::{Entry, Look};
use crate::store::FolderRow;

/// The memory of one drop folder.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FolderMemory {
    /// The files of the set that was taken last, by name.
    taken: Vec<Entry>,
    /// Done-files that were used up and are still there.
    used: Vec<Entry>,
}

impl FolderMemory {
    /// From its row; a blank one remembers nothing.
    ///
    /// # Errors
    /// When the row was not written by [`row`](Self::row).
    pub fn from_row(row: &FolderRow) -> serde_json::Result<Self> {
        let entries = |text: &str| if text.is_empty() { Ok(Vec::new()) } else { serde_json::from_str(text) };
        Ok(Self { taken: entries(&row.taken)?, used: entries(&row.used)? })
    }

    /// As it is stored.
    ///
    /// # Errors
    /// Never; numbers and names always are JSON.
    pub fn row(&self) -> serde_json::Result<FolderRow> {
        Ok(FolderRow { taken: serde_json::to_string(&self.taken)?, used: serde_json::to_string(&self.used)? })
    }

    /// Remembers that everything which `look` shows was taken, or was refused and is not to be looked at again.
    pub fn take(&mut self, look: &Look) {
        self.taken = look.parts().cloned().collect();
        self.use_up(look);
    }

    /// Whether `look` shows nothing but what was taken. What a sender removes since is no delivery.
    pub fn is_taken(&self, look: &Look) -> bool {
        look.parts().all(|entry| self.took(entry))
    }

    /// Whether exactly this file was taken last.
    pub fn took(&self, entry: &Entry) -> bool {
        self.taken.binary_search(entry).is_ok()
    }

    /// Whether this done-file has said its word.
    pub(super) fn is_used(&self, done: &Entry) -> bool {
        self.used.contains(done)
    }

    /// Every done-file that is there has said its word; those that are gone need not be remembered.
    pub(super) fn use_up(&mut self, look: &Look) {
        self.used = look.done_files().cloned().collect();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_stored_is_read_back_and_nothing_stored_is_nothing_remembered() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["students.csv", "teachers.csv", "all.done"] {
            std::fs::write(folder.path().join(name), name).expect("a file");
        }
        let look = super::super::look(folder.path()).expect("it can be listed");
        let mut memory = FolderMemory::from_row(&FolderRow::default()).expect("blank");
        assert!(!memory.is_taken(&look));
        memory.take(&look);
        let again = FolderMemory::from_row(&memory.row().expect("JSON")).expect("what we wrote");
        assert_eq!(again, memory);
        assert!(again.is_taken(&look) && look.done_files().all(|done| again.is_used(done)));
        std::fs::remove_file(folder.path().join("students.csv")).expect("it is there");
        assert!(again.is_taken(&super::super::look(folder.path()).expect("it can be listed")));
    }
}
