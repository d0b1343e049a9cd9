//! One look at a drop folder: which files are in it and what the disk says of each. Opens none of them.

use std::fs::{DirEntry, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::roster::names::{self, FOLDER_ENTRIES};

/// Why a folder could not be looked at, or tidied. None of these is the end: the next look may be better.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It is not there, or no folder.
    #[error("there is no folder {}", .0.display())]
    Missing(PathBuf),
    /// Its permissions keep us out.
    #[error("the folder {} cannot be read by the user that rosterd runs as", .0.display())]
    NotReadable(PathBuf),
    /// It holds more than anybody looks through.
    #[error("{} holds more than {limit} files; move old deliveries elsewhere", .folder.display())]
    TooMany {
        /// The folder.
        folder: PathBuf,
        /// The limit that it exceeds.
        limit: usize,
    },
    /// Files that were taken could not be moved away.
    #[error("failed to move what was taken from the folder {}", .folder.display())]
    Move {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
    /// The disk or the network refused.
    #[error("failed to list the folder {}", .folder.display())]
    Io {
        /// The folder.
        folder: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// A time of a file as the disk gives it. Only compared, never taken for the time of day: senders set what they like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Moment {
    /// Seconds since 1970.
    pub seconds: i64,
    /// Nanoseconds into that second.
    pub nanoseconds: i64,
}

/// One file: equal to another look's if nobody touched it in between.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// When its content was last written, as far as the sender lets us know.
    pub modified: Moment,
    /// When anything of it was last changed; senders cannot set this one. Some network drives repeat `modified`.
    pub changed: Moment,
    /// The number under which the disk knows it.
    pub inode: u64,
}

/// Nanoseconds by which two times of one disk may differ and still be one: it counts time in steps.
const STEP: i64 = 10_000_000;

impl Moment {
    /// Whether it is not before `other`, as far as a disk can tell.
    pub(super) fn is_not_before(self, other: Self) -> bool {
        let ahead = other.seconds.saturating_sub(self.seconds).clamp(-2, 2) * 1_000_000_000;
        ahead + other.nanoseconds - self.nanoseconds <= STEP
    }

    fn modified(about: &Metadata) -> Self {
        Self { seconds: about.mtime(), nanoseconds: about.mtime_nsec() }
    }
}

impl Entry {
    pub(super) fn new(name: String, about: &Metadata) -> Self {
        let modified = Moment::modified(about);
        let changed = Moment { seconds: about.ctime(), nanoseconds: about.ctime_nsec() };
        Self { name, bytes: about.len(), modified, changed, inode: about.ino() }
    }

    /// Whether neither of its times is before the same time of `other`.
    pub(super) fn is_as_new_as(&self, other: &Self) -> bool {
        self.modified >= other.modified && self.changed >= other.changed
    }
}

/// Everything in a folder that is looked at: ordinary files, but neither links nor folders nor names that are never looked at.
#[derive(Debug, Clone, Default)]
pub struct Look {
    /// By name.
    pub entries: Vec<Entry>,
    /// Files that are still being written under another name, by name. Nobody reads them; but while they change, the sender is at work.
    pub unfinished: Vec<Entry>,
    /// When a name last came, went or was changed, as the disk says it of the folder itself.
    pub touched: Moment,
}

/// Equal if nobody touched a file in between. What else happens in the folder is of no interest.
impl PartialEq for Look {
    fn eq(&self, other: &Self) -> bool {
        self.entries == other.entries && self.unfinished == other.unfinished
    }
}

impl Look {
    /// Files that make the set: what may hold rows, and the manifest.
    pub fn parts(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| names::may_be_data(&names::ending(&entry.name)))
    }

    /// Files that may hold rows.
    pub fn data(&self) -> impl Iterator<Item = &Entry> {
        self.parts().filter(|entry| !names::is_manifest(&entry.name))
    }

    /// The manifest, if there is one.
    pub fn manifest(&self) -> Option<&Entry> {
        self.entries.iter().find(|entry| names::is_manifest(&entry.name))
    }

    /// Files by which the sender says that everything was sent.
    pub fn done_files(&self) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| names::done_for(&entry.name).is_some())
    }

    /// Whether nobody touched a file of the set since `before`: a copy made between the two is what lay there all the time.
    pub fn shows_same(&self, before: &Self) -> bool {
        self.parts().eq(before.parts())
    }
}

/// Looks at `folder` once. Costs one `lstat` for each file; no file is opened, so that looking wakes nobody who watches.
///
/// # Errors
/// When the folder is missing, may not be read, or holds too many files; then nothing is known about it.
pub fn look(folder: &Path) -> Result<Look, FolderError> {
    let failed = |error: io::Error| failed(folder, error);
    let mut seen = Vec::new();
    for (count, entry) in folder.read_dir().map_err(failed)?.enumerate() {
        if count == FOLDER_ENTRIES {
            return Err(FolderError::TooMany { folder: folder.to_path_buf(), limit: FOLDER_ENTRIES });
        }
        seen.extend(see(&entry.map_err(failed)?).map_err(failed)?);
    }
    seen.sort();
    // A folder that changes while it is listed may give one name twice.
    seen.dedup();
    let (unfinished, entries) = seen.into_iter().partition(|entry| names::never_looked_at(&entry.name));
    // Asked last, so that what happens while the folder is listed shows.
    let touched = Moment::modified(&folder.metadata().map_err(failed)?);
    Ok(Look { entries, unfinished, touched })
}

fn see(entry: &DirEntry) -> io::Result<Option<Entry>> {
    let name = entry.file_name().to_string_lossy().into_owned();
    if names::never_looked_at(&name) && !names::is_unfinished(&name) {
        return Ok(None);
    }
    match entry.metadata() {
        Ok(about) => Ok(about.is_file().then(|| Entry::new(name, &about))),
        // Gone since the folder was listed.
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn failed(folder: &Path, source: io::Error) -> FolderError {
    let folder = folder.to_path_buf();
    match source.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => FolderError::Missing(folder),
        ErrorKind::PermissionDenied => FolderError::NotReadable(folder),
        _ => FolderError::Io { folder, source },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        look(folder).expect("it can be listed").entries.into_iter().map(|entry| entry.name).collect()
    }

    #[test]
    fn only_ordinary_files_with_names_that_count_are_seen() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("drop");
        std::fs::create_dir_all(folder.join("customsections")).expect("a folder");
        for name in ["students.csv", "all.done", "notes.pdf", "schools.csv.filepart", ".hidden", "~$students.csv"] {
            std::fs::write(folder.join(name), name).expect("a file");
        }
        std::fs::write(home.path().join("outside.csv"), "secret").expect("a file");
        std::os::unix::fs::symlink("../outside.csv", folder.join("teachers.csv")).expect("a link");
        std::os::unix::fs::symlink("..", folder.join("more")).expect("a link");
        assert_eq!(names(&folder), ["all.done", "notes.pdf", "students.csv"]);
        let seen = look(&folder).expect("it can be listed");
        assert_eq!(
            seen.unfinished.iter().map(|entry| entry.name.as_str()).collect::<Vec<_>>(),
            ["schools.csv.filepart"]
        );
        assert_eq!(seen.data().map(|entry| entry.name.as_str()).collect::<Vec<_>>(), ["students.csv"]);
        assert_eq!(seen.done_files().map(|entry| entry.bytes).collect::<Vec<_>>(), [8]);
    }

    #[test]
    fn every_way_to_touch_a_file_shows() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("students.csv");
        std::fs::write(&file, "abc").expect("a file");
        let see = || look(folder.path()).expect("it can be listed");
        let old = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        let set_old = || std::fs::File::open(&file).and_then(|file| file.set_modified(old)).expect("a time");
        set_old();
        let first = see();
        assert_eq!(see(), first);
        // The disk counts time in steps; what happens within one of them happened at once.
        let stepped = |before: &Look| {
            while see() == *before {
                set_old();
            }
            see()
        };
        let touched = stepped(&first);
        assert_eq!((touched.entries[0].bytes, touched.entries[0].modified), (3, first.entries[0].modified));
        assert!(touched.entries[0].changed > first.entries[0].changed && !touched.shows_same(&first));
        std::fs::rename(&file, folder.path().join("schools.csv")).expect("a name");
        assert!(!see().shows_same(&touched));
    }

    #[test]
    fn times_of_one_step_of_the_disk_are_one() {
        let time = |seconds, nanoseconds| Moment { seconds, nanoseconds };
        assert!(
            time(5, 999_999_000).is_not_before(time(6, 3_000_000))
                && time(9, 0).is_not_before(time(-1_000_000_000_000, 0))
        );
        assert!(
            !time(5, 0).is_not_before(time(5, 11_000_000)) && !time(5, 999_999_000).is_not_before(time(i64::MAX, 0))
        );
    }

    #[test]
    fn a_folder_that_is_gone_or_is_none_is_missing() {
        let home = tempfile::tempdir().expect("a folder");
        std::fs::write(home.path().join("file"), "").expect("a file");
        for name in ["gone", "file"] {
            let error = look(&home.path().join(name)).expect_err("it is no folder");
            assert!(matches!(error, FolderError::Missing(_)), "{error}");
            assert!(error.to_string().ends_with(name), "{error}");
        }
    }

    #[test]
    fn a_folder_with_too_many_files_is_refused_with_a_sentence() {
        let home = tempfile::Builder::new().tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a folder");
        for number in 0..=FOLDER_ENTRIES {
            std::fs::create_dir(home.path().join(number.to_string())).expect("an entry");
        }
        let error = look(home.path()).expect_err("it is too much");
        assert!(error.to_string().ends_with("holds more than 100000 files; move old deliveries elsewhere"), "{error}");
    }
}
