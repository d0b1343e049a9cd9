//! A backup while everything runs on: the database as it is at one moment, and every kept copy of a delivery that it names.
//!
//! Called by `cli::backup`. Nobody waits for it, and it waits for nobody. Fingerprints are left out: they only save time, and
//! are made anew.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::files::held::Held;
use crate::files::{fail_point, hash, private};
use crate::store::Store;

/// The file with the hash of every other one, as `sha256sum -c` reads it.
const SUMS: &str = "SHA256SUMS";

/// Where backups lie that are not whole, beside the folder that they will be. What a killed backup left there goes with the next.
const UNFINISHED: &str = ".rosterd-unfinished";

/// So often is looked anew when a kept copy went while it was held.
const LOOKS: u32 = 20;

/// What was saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Saved {
    /// Kept copies of deliveries.
    pub deliveries: usize,
    /// Size of everything.
    pub bytes: u64,
    /// Kept copies that the database names and that are not there, relative to its own folder.
    pub missing: Vec<PathBuf>,
}

/// Saves the store that `url` names in the new folder `target`, which appears when it is whole. `None`: there is no store.
pub fn back_up(url: &str, target: &Path) -> Result<Option<Saved>> {
    let Some(moment) = Moment::hold(url)? else { return Ok(None) };
    let place = Place::beside(target)?;
    fail_point::reach("the moment of the backup is held");
    let (deliveries, missing) = (moment.named.len() - moment.missing.len(), moment.missing.clone());
    let bytes = place.fill(moment).with_context(|| format!("failed to fill the backup {}", target.display()))?;
    fail_point::reach("before the backup is whole");
    place.become_whole(target)?;
    Ok(Some(Saved { deliveries, bytes, missing }))
}

/// The store at one moment: a transaction that sees it, and second names for the files of the kept copies, so that they stay
/// although a run may let them go meanwhile.
struct Moment {
    store: Store,
    folder: PathBuf,
    named: Vec<PathBuf>,
    missing: Vec<PathBuf>,
    pins: Held,
}

impl Moment {
    fn hold(url: &str) -> Result<Option<Self>> {
        for look in 1..=LOOKS {
            let Some(moment) = Self::look(url)? else { return Ok(None) };
            // Copies go only after the database has forgotten them: what it still names now was whole when it was held.
            let is_whole = moment.is_still_named(url)?;
            // What is not there the second time either was taken away by hand.
            if is_whole && (moment.missing.is_empty() || look > 1) {
                return Ok(Some(moment));
            }
        }
        bail!("the kept copies of deliveries change faster than they can be saved; try again later")
    }

    fn look(url: &str) -> Result<Option<Self>> {
        let Some(store) = Store::open_to_copy(url)? else { return Ok(None) };
        let Some(folder) = store.folder() else { return Ok(None) };
        store.begin_to_look()?;
        let named = store.named_folders()?;
        let hold = || format!("failed to hold the kept copies in {}", folder.display());
        let pins = Held::new(&folder.join("incoming")).with_context(hold)?;
        let mut missing = Vec::new();
        for name in &named {
            if !pin(&folder.join(name), &pins.path().join(name)).with_context(hold)? {
                missing.push(name.clone());
            }
        }
        Ok(Some(Self { store, folder, named, missing, pins }))
    }

    fn is_still_named(&self, url: &str) -> Result<bool> {
        let Some(now) = Store::open_to_copy(url)? else { return Ok(false) };
        let now = now.named_folders()?;
        Ok(self.named.iter().all(|name| now.contains(name)))
    }
}

/// Gives the files of the folder `from` second names in the new folder `to`. `false`: it is not there, or went or changed meanwhile.
fn pin(from: &Path, to: &Path) -> io::Result<bool> {
    let Some(before) = identity(from) else { return Ok(false) };
    private::create_folder(to)?;
    let is_pinned = match pin_files(from, to) {
        Err(error) if error.kind() == ErrorKind::NotFound => false,
        pinned => pinned.map(|()| identity(from) == Some(before))?,
    };
    if !is_pinned {
        std::fs::remove_dir_all(to)?;
    }
    Ok(is_pinned)
}

fn identity(folder: &Path) -> Option<(u64, u64)> {
    folder.metadata().ok().map(|about| (about.dev(), about.ino()))
}

fn pin_files(from: &Path, to: &Path) -> io::Result<()> {
    for entry in from.read_dir()? {
        let entry = entry?;
        std::fs::hard_link(entry.path(), to.join(entry.file_name()))?;
    }
    Ok(())
}

/// Where the backup grows until it is whole.
struct Place {
    held: Held,
    _home: Home,
}

/// The folder for what is not whole; goes when nothing is left in it.
struct Home(PathBuf);

impl Drop for Home {
    fn drop(&mut self) {
        // Another backup may be at work in it.
        let _ = std::fs::remove_dir(&self.0);
    }
}

impl Place {
    fn beside(target: &Path) -> Result<Self> {
        let home = parent(target).join(UNFINISHED);
        let held = Held::new(&home).with_context(|| format!("failed to create the folder {}", home.display()))?;
        Ok(Self { held, _home: Home(home) })
    }

    /// Copies everything, with its hashes. Gives the size.
    fn fill(&self, moment: Moment) -> Result<u64> {
        let Moment { store, folder, named, missing, pins } = moment;
        let mut sums = Sums { text: String::new(), bytes: 0 };
        let beside = folder.file_name().map(PathBuf::from).unwrap_or_default();
        let database = beside.with_extension("");
        store.copy_database(&self.held.path().join(&database))?;
        store.roll_back()?;
        sums.add(&database, hash::read(&mut File::open(self.held.path().join(&database))?)?);
        fail_point::reach("the database is copied");
        for name in named.iter().filter(|name| !missing.contains(name)) {
            self.copy_folder(&pins.path().join(name), &beside.join(name), &mut sums)?;
        }
        drop(pins);
        private::create_file(&self.held.path().join(SUMS))?.write_all(sums.text.as_bytes())?;
        Ok(sums.bytes)
    }

    /// Copies the files of the folder `from` to the folder `to` in the backup.
    fn copy_folder(&self, from: &Path, to: &Path, sums: &mut Sums) -> io::Result<()> {
        private::create_folder(&self.held.path().join(to))?;
        let mut names =
            from.read_dir()?.map(|entry| entry.map(|entry| entry.file_name())).collect::<io::Result<Vec<_>>>()?;
        names.sort();
        for name in names {
            let mut target = private::create_file(&self.held.path().join(to).join(&name))?;
            sums.add(&to.join(&name), hash::copy(&mut private::open_regular(&from.join(&name))?, &mut target)?);
        }
        Ok(())
    }

    /// The backup takes its name. One that somebody else put there meanwhile stays.
    fn become_whole(self, target: &Path) -> Result<()> {
        let whole = || {
            rustix::fs::syncfs(File::open(self.held.path())?)?;
            std::fs::rename(self.held.path(), target)?;
            fail_point::reach("the backup is whole");
            File::open(parent(target))?.sync_all()
        };
        whole().with_context(|| format!("failed to create the folder {}", target.display()))
    }
}

fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// The hashes of what was saved, a line each, and its size.
struct Sums {
    text: String,
    bytes: u64,
}

impl Sums {
    fn add(&mut self, name: &Path, hashed: hash::Hashed) {
        self.text += &format!("{}  {}\n", hashed.sha256, name.display());
        self.bytes += hashed.bytes;
    }
}
