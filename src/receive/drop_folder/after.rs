//! What becomes of files that were taken when the district wants them out of the way: they are moved into `taken/<time>/` in the
//! same folder.
//!
//! Called once the delivery was recorded and nobody is at work in the folder, and again at any time: a file that is no longer as it was
//! taken is a new upload and stays, and nothing is ever written over. A crash on the way leaves files that are still as they were taken.

use std::io;
use std::os::fd::OwnedFd;
use std::path::Path;

use chrono::{DateTime, Utc};
use rustix::fs::{AtFlags, Mode, OFlags, RenameFlags};
use rustix::io::Errno;

use super::look::{Entry, FolderError, Moment, look};
use super::memory::FolderMemory;

/// Where taken files go.
const TAKEN: &str = "taken";
/// Only the owner reads rosters.
const PRIVATE: Mode = Mode::RWXU;

/// Moves the files of `folder` that are as `memory` says they were taken, with their done-files, into `taken/<now>/`. Gives how many.
///
/// # Errors
/// When the folder cannot be looked at, or `taken` is no folder that can be written. Files that were not moved stay.
pub fn move_taken(folder: &Path, memory: &FolderMemory, now: DateTime<Utc>) -> Result<usize, FolderError> {
    let failed = |error: Errno| moving(folder, error.into());
    let look = look(folder)?;
    let goes = |entry: &&Entry| (memory.took(entry) || memory.is_used(entry)) && is_there(folder, entry);
    let going: Vec<&Entry> = look.entries.iter().filter(goes).collect();
    if going.is_empty() {
        return Ok(0);
    }
    let from = OwnedFd::from(std::fs::File::open(folder).map_err(|source| moving(folder, source))?);
    let into = new_folder(&from, now).map_err(failed)?;
    let mut moved = 0;
    for entry in going {
        moved += usize::from(move_one(&from, &into, entry).map_err(failed)?);
    }
    Ok(moved)
}

fn moving(folder: &Path, source: io::Error) -> FolderError {
    FolderError::Move { folder: folder.to_path_buf(), source }
}

/// Whether it is still as it was seen, under the name that we know it by.
fn is_there(folder: &Path, entry: &Entry) -> bool {
    let about = folder.join(&entry.name).symlink_metadata();
    about.is_ok_and(|about| Entry::new(entry.name.clone(), &about) == *entry)
}

/// A link is not followed: a sender must not lead us into another district's folder.
fn open_folder(parent: impl std::os::fd::AsFd, name: impl rustix::path::Arg) -> Result<OwnedFd, Errno> {
    rustix::fs::openat(
        parent,
        name,
        OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::RDONLY | OFlags::CLOEXEC,
        Mode::empty(),
    )
}

/// `taken/<now>`, with a number if that is there already.
fn new_folder(folder: &OwnedFd, now: DateTime<Utc>) -> Result<OwnedFd, Errno> {
    match rustix::fs::mkdirat(folder, TAKEN, PRIVATE) {
        Err(error) if error != Errno::EXIST => return Err(error),
        _ => {}
    }
    let taken = open_folder(folder, TAKEN)?;
    let first = now.format("%Y-%m-%dT%H-%M-%SZ").to_string();
    let mut name = first.clone();
    let mut number = 1;
    loop {
        match rustix::fs::mkdirat(&taken, &name, PRIVATE) {
            Ok(()) => return open_folder(&taken, &name),
            Err(Errno::EXIST) => number += 1,
            Err(error) => return Err(error),
        }
        name = format!("{first}-{number}");
    }
}

/// Moves one file, and back again if it turns out that somebody had just put another in its place. Says whether it was moved.
fn move_one(from: &OwnedFd, into: &OwnedFd, entry: &Entry) -> Result<bool, Errno> {
    match rename(from, into, &entry.name) {
        // Somebody removed it, which is all right.
        Err(Errno::NOENT) => return Ok(false),
        renamed => renamed?,
    }
    let about = rustix::fs::statat(into, &entry.name, AtFlags::SYMLINK_NOFOLLOW)?;
    let modified = Moment { seconds: about.st_mtime as i64, nanoseconds: about.st_mtime_nsec as i64 };
    if (about.st_ino, about.st_size.cast_unsigned(), modified) == (entry.inode, entry.bytes, entry.modified) {
        return Ok(true);
    }
    match rename(into, from, &entry.name) {
        // By now an even newer one is there.
        Ok(()) | Err(Errno::EXIST) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Never replaces a file. Where a disk cannot rename like that, it can link.
fn rename(from: &OwnedFd, into: &OwnedFd, name: &str) -> Result<(), Errno> {
    match rustix::fs::renameat_with(from, name, into, name, RenameFlags::NOREPLACE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => {
            rustix::fs::linkat(from, name, into, name, AtFlags::empty())?;
            rustix::fs::unlinkat(from, name, AtFlags::empty())
        }
        renamed => renamed,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn now() -> DateTime<Utc> {
        "2026-11-20T02:15:00Z".parse().expect("a time")
    }

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["students.csv", "schools.csv", "manifest.csv", "all.done", "notes.pdf"] {
            std::fs::write(folder.path().join(name), name).expect("a file");
        }
        folder
    }

    fn taken(folder: &Path) -> FolderMemory {
        let mut memory = FolderMemory::default();
        memory.take(&look(folder).expect("it can be listed"));
        memory
    }

    /// Every file below, with what it holds.
    fn tree(folder: &Path) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for entry in folder.read_dir().expect("a folder").flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if entry.path().is_dir() {
                found.extend(tree(&entry.path()).into_iter().map(|(below, text)| (format!("{name}/{below}"), text)));
            } else {
                found.insert(name, std::fs::read_to_string(entry.path()).expect("a file"));
            }
        }
        found
    }

    fn names(folder: &Path) -> Vec<String> {
        tree(folder).into_keys().collect()
    }

    #[test]
    fn what_was_taken_goes_and_everything_else_stays() {
        let folder = folder();
        let memory = taken(folder.path());
        std::fs::write(folder.path().join("teachers.csv"), "new").expect("a file");
        assert_eq!(move_taken(folder.path(), &memory, now()).expect("it can be moved"), 4);
        let there = |name: &str| format!("taken/2026-11-20T02-15-00Z/{name}");
        let moved = ["all.done", "manifest.csv", "schools.csv", "students.csv"].map(there);
        let stay = ["notes.pdf".to_owned(), "teachers.csv".to_owned()];
        assert_eq!(names(folder.path()), stay[..1].iter().chain(&moved).chain(&stay[1..]).cloned().collect::<Vec<_>>());
        assert_eq!(move_taken(folder.path(), &memory, now()).expect("nothing to do"), 0);
    }

    #[test]
    fn a_file_that_came_since_stays_and_nothing_is_written_over() {
        let folder = folder();
        let memory = taken(folder.path());
        std::fs::write(folder.path().join("students.csv"), "the next upload").expect("a file");
        std::fs::create_dir_all(folder.path().join("taken/2026-11-20T02-15-00Z")).expect("a folder");
        std::fs::write(folder.path().join("taken/2026-11-20T02-15-00Z/schools.csv"), "precious").expect("a file");
        assert_eq!(move_taken(folder.path(), &memory, now()).expect("it can be moved"), 3);
        let files = tree(folder.path());
        assert_eq!(files["students.csv"], "the next upload");
        assert_eq!(files["taken/2026-11-20T02-15-00Z/schools.csv"], "precious");
        assert_eq!(files["taken/2026-11-20T02-15-00Z-2/schools.csv"], "schools.csv");
    }

    #[test]
    fn a_link_does_not_lead_us_elsewhere() {
        let (folder, elsewhere) = (folder(), tempfile::tempdir().expect("a folder"));
        let memory = taken(folder.path());
        std::os::unix::fs::symlink(elsewhere.path(), folder.path().join("taken")).expect("a link");
        let before = names(folder.path());
        move_taken(folder.path(), &memory, now()).expect_err("taken is no folder");
        assert_eq!(names(folder.path()), before);
        assert!(names(elsewhere.path()).is_empty());
    }
}
