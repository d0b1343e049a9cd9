//! From a path to a staged set: chosen, copied to a private place, unpacked, decoded; or recognised as last night's.

use std::path::PathBuf;

use anyhow::{Context, Result, anyhow};
use xxhash_rust::xxh3::xxh3_64;

use super::job::{Done, Job};
use super::reporting::Report;
use crate::files::held::Held;
use crate::files::{fail_point, private};
use crate::receive::{self, Acceptance};
use crate::roster::set::{Batch, Delivery, Mode, Received, StagedSet};
use crate::stage::{self, Keep};
use crate::store::{District, RosterAhead, SnapshotFiles, Store};

/// What is to be taken.
pub enum Offer<'a> {
    /// Files where their sender put them.
    Files(Delivery),
    /// The private copy of a delivery that was recorded when it came.
    Received(&'a Received),
}

impl Offer<'_> {
    /// What was delivered.
    pub fn delivery(&self) -> &Delivery {
        match self {
            Self::Files(delivery) => delivery,
            Self::Received(received) => &received.delivery,
        }
    }
}

/// What a delivery turned out to be.
pub enum Taken {
    /// Last night's, and nothing else changed since: there is nothing to do.
    Same(Box<Done>),
    /// Something to look at.
    New(TakenSet),
}

/// A staged set and where it lies. What was not kept is removed with it.
#[derive(Debug)]
pub struct TakenSet {
    /// The batch.
    pub batch: Batch,
    /// The set.
    pub set: StagedSet,
    /// The roster that it will be compared with, if that is being read already.
    pub roster: Option<RosterAhead>,
    place: Place,
}

#[derive(Debug)]
enum Place {
    /// Goes away by itself.
    Scratch { _folder: tempfile::TempDir },
    /// Stays if it is kept.
    Private { held: Held, kept: PathBuf },
    /// Is kept already: an earlier delivery that is looked at again.
    Kept { folder: String },
}

/// Rolls an unfinished transaction back when a run ends early.
pub struct RollBack<'s>(pub &'s Store);

impl Drop for RollBack<'_> {
    fn drop(&mut self) {
        // The connection is closed next; SQLite then rolls back by itself.
        let _ = self.0.roll_back();
    }
}

/// A private folder that goes away by itself.
pub fn scratch() -> Result<tempfile::TempDir> {
    private::temporary_folder(&std::env::temp_dir(), "rosterd-").context("failed to create a temporary folder")
}

/// Finds the files of the set.
pub fn choose(job: &Job<'_>) -> Result<Delivery> {
    let mut delivery = stage::choose(job.path, job.settings, job.schemas)?;
    if job.delta {
        delivery.mode = Mode::Delta;
    }
    Ok(delivery)
}

/// The district, as stored. A preview of an unknown one looks at a district without anybody.
pub fn district(store: &Store, job: &Job<'_>) -> Result<District> {
    let found = store.district(&job.settings.id)?;
    let nobody = || District {
        seq: -1,
        id: job.settings.id.clone(),
        settings: job.settings.clone(),
        last_batch: String::new(),
        last_salt: 0,
        last_run: String::new(),
        applied_as_of: String::new(),
        has_touched: false,
    };
    match found {
        Some(district) => Ok(district),
        None if job.is_preview => Ok(nobody()),
        None => Err(anyhow!("there is no district {}; create it with rosterd district apply", job.settings.id)),
    }
}

/// Takes the private copy and stages it; a preview looks at the files where they are.
pub fn take(store: &Store, job: &Job<'_>, district: &District, offer: &Offer<'_>) -> Result<Taken> {
    let folder = store.folder().filter(|_| !job.is_preview);
    let Some(folder) = folder else { return take_to_look(job, offer).map(Taken::New) };
    let held = hold(&folder)?;
    let delivery = offer.delivery();
    let is_quiet = is_as_last_time(store, job, district, delivery.mode)?;
    let last = if is_quiet { Some(store.batch_files(district.seq, &district.last_batch)?) } else { None };
    let mut roster = None;
    let mut read_ahead = || roster = store.read_roster_ahead(district.seq);
    let accepted = match offer {
        Offer::Files(_) => {
            receive::accept(delivery, &received(&held), &job.settings.limits, last.as_deref(), read_ahead)?
        }
        Offer::Received(before) => {
            let accepted = receive::accept_again(before, &received(&held), last.as_deref())?;
            if accepted != Acceptance::Same {
                read_ahead();
            }
            accepted
        }
    };
    match accepted {
        Acceptance::Same => Ok(Taken::Same(Box::new(Report::same_as_last(store, job, district)?))),
        Acceptance::New(batch) => {
            let taken = stage_copy(job, delivery, batch, held, folder.join("batches"))?;
            Ok(Taken::New(TakenSet { roster, ..taken }))
        }
    }
}

/// Takes the private copy and stages it, whatever was taken before.
pub fn take_anew(store: &Store, job: &Job<'_>, delivery: &Delivery) -> Result<TakenSet> {
    let Some(folder) = store.folder() else { return take_to_look(job, &Offer::Files(delivery.clone())) };
    let held = hold(&folder)?;
    match receive::accept(delivery, &received(&held), &job.settings.limits, None, || {})? {
        Acceptance::New(batch) => stage_copy(job, delivery, batch, held, folder.join("batches")),
        Acceptance::Same => Err(anyhow!("nothing was known of an earlier delivery, and yet it was recognised")),
    }
}

/// Takes away what a killed run left behind, where this one takes nothing in.
pub fn tidy(store: &Store, district: i64) -> Result<()> {
    sweep(store)?;
    begin(store, district)?;
    Ok(store.roll_back()?)
}

/// Removes deliveries that killed runs were taking in.
pub fn sweep(store: &Store) -> Result<()> {
    store.folder().map_or(Ok(()), |folder| hold(&folder).map(drop))
}

/// A folder for the work of this run; what killed processes left there goes.
pub fn hold(folder: &std::path::Path) -> Result<Held> {
    let work = folder.join("incoming");
    let held = private::create_folder(folder).and_then(|()| Held::new(&work));
    held.with_context(|| format!("failed to create the folder {}", work.display()))
}

fn stage_copy(job: &Job<'_>, delivery: &Delivery, batch: Batch, held: Held, kept: PathBuf) -> Result<TakenSet> {
    fail_point::reach("the delivery is accepted");
    let set = stage::stage(&batch, delivery, &staged(&held), job.settings, job.schemas, Keep::Move)?;
    fail_point::reach("the set is staged");
    Ok(TakenSet { batch, set, roster: None, place: Place::Private { held, kept } })
}

/// Begins the one transaction of a run. Nobody else writes from here on, so what the database does not name was left
/// behind by a run that was killed, and goes.
pub fn begin(store: &Store, district: i64) -> Result<()> {
    store.begin()?;
    let Some(folder) = store.folder() else { return Ok(()) };
    SnapshotFiles::new(&folder).keep_only(district, &store.snapshot_names(district)?);
    let kept = store.kept_batches(district)?;
    for entry in folder.join("batches").read_dir().into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(&format!("{district}-")) && !kept.contains(&format!("batches/{name}")) {
            // What cannot be removed now is removed by the next run.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

fn take_to_look(job: &Job<'_>, offer: &Offer<'_>) -> Result<TakenSet> {
    let delivery = offer.delivery();
    let batch = match offer {
        Offer::Files(_) => receive::borrow(delivery)?,
        Offer::Received(received) => received.batch.clone(),
    };
    let scratch = scratch()?;
    let set = stage::stage(&batch, delivery, &scratch.path().join("set"), job.settings, job.schemas, Keep::InPlace)?;
    Ok(TakenSet { batch, set, roster: None, place: Place::Scratch { _folder: scratch } })
}

impl TakenSet {
    /// An earlier delivery, from its kept copy in `folder`, which is relative to the database's own.
    pub fn again(sha256: String, set: StagedSet, folder: String) -> Self {
        Self { batch: Batch { sha256, files: Vec::new() }, set, roster: None, place: Place::Kept { folder } }
    }

    /// Whether it came before, and is only looked at again.
    pub fn is_again(&self) -> bool {
        matches!(self.place, Place::Kept { .. })
    }

    /// Keeps the staged copy under the batch's hash; gives its folder, relative to the database's own.
    pub fn keep(&self, district: i64) -> Result<String> {
        let (held, kept) = match &self.place {
            Place::Scratch { .. } => return Ok(String::new()),
            Place::Kept { folder } => return Ok(folder.clone()),
            Place::Private { held, kept } => (held, kept),
        };
        let hash = self.batch.sha256.trim_start_matches("sha256:");
        let name = format!("{district}-{hash}");
        let target = kept.join(&name);
        private::create_folder(kept)?;
        fail_point::reach("before the copy is kept");
        private::replace_folder(&staged(held), &target).context("failed to keep the copy of the delivery")?;
        fail_point::reach("after the copy is kept");
        Ok(format!("batches/{name}"))
    }
}

/// Where the bytes go that arrive.
pub fn received(held: &Held) -> PathBuf {
    held.path().join("received")
}

fn staged(held: &Held) -> PathBuf {
    held.path().join("set")
}

/// Whether nothing but the delivery itself could have changed since the last run (rule A9).
fn is_as_last_time(store: &Store, job: &Job<'_>, district: &District, mode: Mode) -> Result<bool> {
    let patrons = crate::write::Patrons::new(&store.connection, &district.id, "");
    Ok(mode == Mode::Full
        && !district.last_batch.is_empty()
        && district.last_salt == salt(store, job, district.seq)?
        && patrons.edited()?.is_empty()
        && store.open_holds(district.seq)? == 0
        && store.missing(district.seq)? == 0)
}

/// Everything that decides how a set is read and written, beside the set and the patrons.
pub fn salt(store: &Store, job: &Job<'_>, district: i64) -> Result<i64> {
    let sites: Vec<String> = store
        .sites(district)?
        .into_iter()
        .map(|row| format!("{}\n{}\n{}", row.school, row.site, row.is_ignored))
        .collect();
    let settings = toml::to_string(job.settings)?;
    let text = format!("{}\0{settings}\0{:x}\0{}", env!("CARGO_PKG_VERSION"), job.schemas.hash, sites.join("\0"));
    Ok(xxh3_64(text.as_bytes()).cast_signed())
}
