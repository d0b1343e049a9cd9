//! A private folder that a living process holds. Its lock goes with the process, however that ends, so that whoever comes
//! next knows what nobody holds any more, and removes it.

use std::fs::File;
use std::io::Result;
use std::path::{Path, PathBuf};

use super::private;

/// A folder that is there as long as the value.
#[derive(Debug)]
pub struct Held {
    path: PathBuf,
    _lock: File,
}

impl Held {
    /// Creates a folder in `parent`, in which there are none but such folders, after removing those that nobody holds.
    pub fn new(parent: &Path) -> Result<Self> {
        private::create_folder(parent)?;
        // Between its creation and its lock a folder looks as if nobody held it; the parent's lock covers that moment.
        let door = File::open(parent)?;
        door.lock()?;
        sweep(parent)?;
        let path = parent.join(uuid::Uuid::now_v7().to_string());
        private::create_folder(&path)?;
        super::fail_point::reach("the folder for work is made");
        let lock = File::open(&path)?;
        lock.lock()?;
        Ok(Self { path, _lock: lock })
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        // What cannot be removed now is removed by whoever comes next.
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

fn sweep(parent: &Path) -> Result<()> {
    for entry in parent.read_dir()?.flatten() {
        let is_free = File::open(entry.path()).is_ok_and(|folder| folder.try_lock().is_ok());
        if is_free {
            // What another process removes at the same time is gone all the same.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_holds_goes_and_what_somebody_holds_stays() {
        let home = tempfile::tempdir().expect("a folder");
        let left_behind = home.path().join("of-a-killed-process");
        private::create_folder(&left_behind.join("received")).expect("a folder");
        let one = Held::new(home.path()).expect("a folder");
        assert!(!left_behind.exists());
        let other = Held::new(home.path()).expect("a folder");
        assert!(one.path().exists() && other.path().exists());
        drop(one);
        assert_eq!(home.path().read_dir().expect("a folder").count(), 1);
    }
}
