//! One service for one store: a lock that goes with the process, however that ends.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use crate::files::private;

/// The file beside the database.
const NAME: &str = "serve.lock";

/// Held while a service works on a store.
#[derive(Debug)]
pub struct ServeLock(#[expect(dead_code, reason = "the lock lasts as long as the file is open")] File);

impl ServeLock {
    /// The lock in `folder`, the store's own; none if another process has it.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn take(folder: &Path) -> io::Result<Option<Self>> {
        private::create_folder(folder)?;
        let file = OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(folder.join(NAME))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Whether a service works on the store with this folder.
    pub fn is_held(folder: &Path) -> bool {
        // Shared, so that two who look do not take each other for the service.
        let file = File::open(folder.join(NAME));
        file.is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_has_it_and_it_goes_with_its_holder() {
        let home = tempfile::tempdir().unwrap();
        assert!(!ServeLock::is_held(home.path()));
        let held = ServeLock::take(home.path()).unwrap();
        assert!(held.is_some() && ServeLock::is_held(home.path()));
        assert!(ServeLock::take(home.path()).unwrap().is_none());
        drop(held);
        assert!(ServeLock::take(home.path()).unwrap().is_some());
    }
}
