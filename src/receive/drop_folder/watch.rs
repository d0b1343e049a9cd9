//! Wakes somebody when a drop folder may have changed. It says neither which nor how, and whoever is woken looks for himself.
//!
//! An event that is lost costs time, never a delivery: all folders are looked at by the clock as well. On network drives there are no
//! events at all; [`Watch::none`] is for those.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind, RenameMode};
use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};

use crate::roster::names::never_looked_at;

/// The system gives no events; looking by the clock goes on without them.
#[derive(Debug, thiserror::Error)]
#[error("failed to ask for events of files")]
pub struct WatchError(#[from] notify::Error);

/// A watch over many folders.
#[derive(Debug, Default)]
pub struct Watch {
    watcher: Option<RecommendedWatcher>,
    /// The folders that are watched, each with what the disk knew it by: another folder may come in its place.
    watched: BTreeMap<PathBuf, Inode>,
    shared: Shared,
}

/// Device and number.
type Inode = (u64, u64);

/// What the thread that hears of events must know, and what it notes.
#[derive(Debug, Clone, Default)]
struct Shared(Arc<Mutex<Folders>>);

#[derive(Debug, Default)]
struct Folders {
    /// All that are to be watched.
    wanted: BTreeSet<PathBuf>,
    /// Those of them that went away, as an event said. It may come after the next folder of that name is watched, and then ended that
    /// watch as well; so each is watched anew, whatever we believe.
    lost: BTreeSet<PathBuf>,
}

impl Shared {
    /// Never held while the watcher is asked for something: it answers on the thread that waits here.
    fn folders(&self) -> MutexGuard<'_, Folders> {
        // Sets of names are never half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on `wanted` counts; gives those that went away before.
    fn want(&self, wanted: BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
        let mut folders = self.folders();
        folders.wanted = wanted;
        std::mem::take(&mut folders.lost)
    }

    fn note(&self, event: &Event) {
        let mut folders = self.folders();
        let lost = event.paths.iter().filter(|path| folders.wanted.contains(*path)).cloned().collect::<Vec<_>>();
        folders.lost.extend(lost);
    }
}

impl Watch {
    /// A watch that calls `wake` for whatever may be a change. It is called on a thread of its own, often many times for one file,
    /// and must return at once.
    ///
    /// # Errors
    /// When the system gives no events.
    pub fn new(wake: impl Fn() + Send + 'static) -> Result<Self, WatchError> {
        let shared = Shared::default();
        let noted = shared.clone();
        let watcher = notify::recommended_watcher(move |event: notify::Result<Event>| {
            if may_be_change(&event, &noted) {
                wake();
            }
        })?;
        Ok(Self { watcher: Some(watcher), watched: BTreeMap::new(), shared })
    }

    /// A watch that never wakes anybody.
    pub fn none() -> Self {
        Self::default()
    }

    /// Watches `folders` from now on and no others; what is in them is not followed further down. Call it at every look around: a
    /// folder that went and came back is watched again by it. Gives how many cannot be watched, be it that they are not there or that
    /// the system has no room for more.
    pub fn keep(&mut self, folders: &[PathBuf]) -> usize {
        let Some(watcher) = &mut self.watcher else { return 0 };
        let wanted: BTreeSet<PathBuf> = folders.iter().map(|folder| absolute(folder)).collect();
        let lost = self.shared.want(wanted.clone());
        let stays = |folder: &PathBuf, inode: Inode| {
            wanted.contains(folder) && !lost.contains(folder) && inode_of(folder) == Some(inode)
        };
        for (folder, inode) in std::mem::take(&mut self.watched) {
            if stays(&folder, inode) {
                self.watched.insert(folder, inode);
            } else {
                // A watch that is gone already cannot be ended, and need not be.
                let _ = watcher.unwatch(&folder);
            }
        }
        for folder in &wanted {
            let inode = inode_of(folder).filter(|_| !self.watched.contains_key(folder));
            if let Some(inode) = inode.filter(|_| watcher.watch(folder, RecursiveMode::NonRecursive).is_ok()) {
                self.watched.insert(folder.clone(), inode);
            }
        }
        wanted.len() - self.watched.len()
    }
}

/// As events name it.
fn absolute(folder: &Path) -> PathBuf {
    std::path::absolute(folder).unwrap_or_else(|_| folder.to_path_buf())
}

/// What is there now; nothing if that is no folder.
fn inode_of(folder: &Path) -> Option<Inode> {
    folder.metadata().ok().filter(|about| about.is_dir()).map(|about| (about.dev(), about.ino()))
}

/// Whether somebody should look. Our own reading makes events too, and would wake us for ever.
fn may_be_change(event: &notify::Result<Event>, shared: &Shared) -> bool {
    let Ok(event) = event else { return true };
    if went_away(&event.kind) {
        shared.note(event);
    }
    let is_reading = matches!(event.kind, EventKind::Access(kind) if kind != AccessKind::Close(AccessMode::Write));
    event.need_rescan() || event.paths.is_empty() || !is_reading && event.paths.iter().any(|path| counts(path))
}

/// Whether what was at the event's path is no longer there.
fn went_away(kind: &EventKind) -> bool {
    matches!(kind, EventKind::Remove(_) | EventKind::Modify(ModifyKind::Name(RenameMode::From)))
}

fn counts(path: &Path) -> bool {
    path.file_name().is_none_or(|name| !never_looked_at(&name.to_string_lossy()))
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, channel};
    use std::time::{Duration, Instant};

    use super::*;

    /// Longer than any event takes; only a test that would hang comes to it.
    const HUNG: Duration = Duration::from_secs(30);

    fn watch() -> (Watch, Receiver<()>) {
        let (sender, wakes) = channel();
        let wake = move || sender.send(()).unwrap_or_default();
        (Watch::new(wake).expect("the system gives events"), wakes)
    }

    fn set(folder: &Path) {
        std::fs::create_dir_all(folder).expect("a folder");
        std::fs::write(folder.join("students.csv"), "Student_id\n").expect("a file");
    }

    /// Writes into `folder` until that woke us more often than anything that happened before can have.
    fn wakes_again(watch: &mut Watch, wakes: &Receiver<()>, folder: &Path) {
        let (begun, mut woken) = (Instant::now(), 0);
        while woken < 100 {
            assert!(begun.elapsed() < HUNG, "nobody is woken");
            std::fs::write(folder.join("teachers.csv"), "1").expect("a file");
            for () in wakes.try_iter() {
                watch.keep(&[folder.to_path_buf()]);
                woken += 1;
            }
        }
    }

    #[test]
    fn writing_and_renaming_wake() {
        let home = tempfile::tempdir().expect("a folder");
        let folders = ["one", "two"].map(|name| home.path().join(name));
        folders.iter().for_each(|folder| set(folder));
        for folder in &folders {
            let (mut watch, wakes) = watch();
            assert_eq!(watch.keep(&folders), 0);
            std::fs::rename(folder.join("students.csv"), folder.join("schools.csv")).expect("a name");
            wakes.recv_timeout(HUNG).expect("it wakes");
        }
    }

    #[test]
    fn reading_and_unfinished_files_do_not_wake() {
        let folder = tempfile::tempdir().expect("a folder");
        set(folder.path());
        let (mut watch, wakes) = watch();
        assert_eq!(watch.keep(&[folder.path().to_path_buf()]), 0);
        for _ in 0..100 {
            super::super::look(folder.path()).expect("it can be listed");
            std::fs::read(folder.path().join("students.csv")).expect("a file");
            std::fs::write(folder.path().join("teachers.csv.part"), "1").expect("a file");
        }
        std::fs::write(folder.path().join("schools.csv"), "1").expect("a file");
        wakes.recv_timeout(HUNG).expect("it wakes");
        drop(watch);
        assert!(wakes.iter().count() < 10, "something else than the last file woke us");
    }

    #[test]
    fn a_folder_that_comes_back_is_watched_again() {
        let home = tempfile::tempdir().expect("a folder");
        let folder = home.path().join("one");
        let (mut watch, wakes) = watch();
        assert_eq!(watch.keep(std::slice::from_ref(&folder)), 1, "it is not there yet");
        for _ in 0..5 {
            set(&folder);
            assert_eq!(watch.keep(std::slice::from_ref(&folder)), 0);
            std::fs::remove_dir_all(&folder).expect("it is there");
            set(&folder);
            assert_eq!(watch.keep(std::slice::from_ref(&folder)), 0);
            wakes_again(&mut watch, &wakes, &folder);
            std::fs::rename(&folder, home.path().join("moved away")).expect("a name");
            set(&folder);
            assert_eq!(watch.keep(std::slice::from_ref(&folder)), 0);
            wakes_again(&mut watch, &wakes, &folder);
            std::fs::remove_dir_all(&folder).expect("it is there");
            assert_eq!(watch.keep(std::slice::from_ref(&folder)), 1);
            std::fs::remove_dir_all(home.path().join("moved away")).expect("it is there");
        }
    }

    #[test]
    fn lost_events_and_errors_wake_and_reading_does_not() {
        let says = |event| may_be_change(&event, &Shared::default());
        let file = |kind| Ok(Event::new(kind).add_path(PathBuf::from("/drop/springfield/students.csv")));
        assert!(says(Ok(Event::new(EventKind::Other).set_flag(notify::event::Flag::Rescan))));
        assert!(says(Err(notify::Error::generic("lost"))));
        assert!(says(file(EventKind::Access(AccessKind::Close(AccessMode::Write)))));
        assert!(!says(file(EventKind::Access(AccessKind::Open(AccessMode::Any)))));
        assert!(!says(file(EventKind::Access(AccessKind::Close(AccessMode::Read)))));
    }

    #[test]
    fn without_events_nobody_is_woken() {
        let home = tempfile::tempdir().expect("a folder");
        assert_eq!(Watch::none().keep(&[home.path().to_path_buf()]), 0);
    }
}
