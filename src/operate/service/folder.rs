//! One district's drop folder, as the service sees it: looked at, and taken when it is whole.
//!
//! Called by the round. When a set is whole, `receive::drop_folder` decides; what happens to it afterwards is the queue's business.

use std::path::{Path, PathBuf};

use chrono::{DateTime, TimeDelta, Utc};

use super::facts::FolderTrouble;
use crate::pipeline::{self, Job, Origin};
use crate::receive::ReceiveError;
use crate::receive::drop_folder::{Declared, FolderError, FolderMemory, Look, Settling, Verdict, look, move_taken};
use crate::report::Source;
use crate::roster::schema::SchemaSet;
use crate::roster::settings::After;
use crate::stage;
use crate::store::{District, Store};

/// How long a folder waits after it could not be taken.
const TRY_AGAIN: TimeDelta = TimeDelta::seconds(30);
/// How long it waits when a file changed while it was copied.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(1);

/// What is remembered of a folder while the service runs.
#[derive(Debug, Default)]
pub struct DropFolder {
    settling: Settling,
    /// Why it cannot be looked at.
    pub trouble: Option<FolderTrouble>,
    /// How often in a row it could not be taken, for a reason that is ours.
    pub failures: u64,
    /// Whether the last reason was a full disk.
    pub is_disk_full: bool,
    /// What was wrong last, so that the log says it once.
    last_trouble: String,
    /// When what failed is tried again.
    not_before: Option<DateTime<Utc>>,
}

/// What a look came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Looked {
    /// When it is to be looked at again even if no event comes.
    pub next: Option<DateTime<Utc>>,
    /// The delivery that was taken.
    pub taken: Option<i64>,
    /// Why nothing could be taken.
    pub trouble: Option<String>,
}

impl Looked {
    fn again_at(next: DateTime<Utc>) -> Self {
        Self { next: Some(next), ..Self::default() }
    }
}

/// What to look at, and with what.
#[derive(Debug, Clone, Copy)]
pub struct Visit<'a> {
    /// Where deliveries are recorded.
    pub store: &'a Store,
    /// The schemas.
    pub schemas: &'a SchemaSet,
    /// Whose folder it is.
    pub district: &'a District,
    /// The folder.
    pub folder: &'a Path,
    /// The time.
    pub now: DateTime<Utc>,
    /// Whether somebody says that it is whole.
    pub is_wanted_now: bool,
}

impl DropFolder {
    /// Looks at the folder once, and takes what is in it if it is whole.
    ///
    /// # Errors
    /// When the database fails. What is wrong with the folder is no error.
    pub fn visit(&mut self, visit: Visit<'_>) -> anyhow::Result<Looked> {
        match look(visit.folder) {
            Ok(look) => {
                // Until it is tried again, what could not be taken is as it was.
                self.trouble = self.trouble.filter(|_| self.not_before.is_some_and(|time| visit.now < time));
                self.decide(visit, &look)
            }
            Err(error) => Ok(self.cannot_look(visit, &error)),
        }
    }

    fn cannot_look(&mut self, visit: Visit<'_>, error: &FolderError) -> Looked {
        self.settling.lose_sight();
        let trouble = match error {
            FolderError::Missing(_) => FolderTrouble::Missing,
            _ => FolderTrouble::Unreadable,
        };
        self.trouble = Some(trouble);
        self.say(visit, error.to_string())
    }

    fn decide(&mut self, visit: Visit<'_>, look: &Look) -> anyhow::Result<Looked> {
        let stored = visit.store.drop_folder(visit.district.seq)?;
        let mut memory = FolderMemory::from_row(&stored).unwrap_or_default();
        let quiet_period = quiet_period(visit.district);
        let declared = || declared(visit);
        let verdict = self.settling.observe(look, &mut memory, quiet_period, visit.now, declared);
        let is_new = look.data().next().is_some() && !memory.is_taken(look);
        let put_off = self.not_before.filter(|time| visit.now < *time);
        match (verdict, put_off) {
            _ if visit.is_wanted_now && is_new => self.take(visit, look, memory),
            (Verdict::Take { .. }, None) => self.take(visit, look, memory),
            (Verdict::Take { .. }, Some(next)) | (Verdict::WaitUntil(next), _) => Ok(Looked::again_at(next)),
            (Verdict::Nothing, _) => {
                self.tidy(visit, look, &memory);
                remember(visit, &memory, &stored)?;
                Ok(Looked::default())
            }
        }
    }

    fn take(&mut self, visit: Visit<'_>, before: &Look, mut memory: FolderMemory) -> anyhow::Result<Looked> {
        let corrections = corrections(before, &memory);
        memory.take(before);
        let row = memory.row()?;
        let results = visit.folder.join("results");
        let is_still = || look(visit.folder).is_ok_and(|after| after.shows_same(before));
        let is_correction = |name: &str| corrections.iter().any(|known| known == name);
        let only: Option<&dyn Fn(&str) -> bool> = if corrections.is_empty() { None } else { Some(&is_correction) };
        let origin = Origin { results: Some(&results), memory: Some(&row), is_still: Some(&is_still), only };
        match pipeline::take_in(visit.store, &job(visit), origin) {
            Ok(delivery) => {
                (self.failures, self.is_disk_full, self.not_before) = (0, false, None);
                self.last_trouble.clear();
                tracing::info!(district.id = %visit.district.id, delivery, "a delivery was taken from a drop folder");
                self.tidy(visit, before, &memory);
                Ok(Looked { taken: Some(delivery), ..Looked::default() })
            }
            Err(error) => Ok(self.cannot_take(visit, &error)),
        }
    }

    fn cannot_take(&mut self, visit: Visit<'_>, error: &anyhow::Error) -> Looked {
        if matches!(error.downcast_ref(), Some(ReceiveError::Changed(_))) {
            tracing::info!(district.id = %visit.district.id, "a file changed while it was copied; it is looked at again");
            return Looked::again_at(visit.now + LOOK_AGAIN);
        }
        let next = visit.now + TRY_AGAIN;
        self.not_before = Some(next);
        self.is_disk_full = super::is_disk_full(error);
        match is_kept_out(error) {
            // One file is enough: its sender gave rights to nobody else.
            true => self.trouble = Some(FolderTrouble::Unreadable),
            false => self.failures += 1,
        }
        Looked { next: Some(next), ..self.say(visit, format!("{error:#}")) }
    }

    fn say(&mut self, visit: Visit<'_>, trouble: String) -> Looked {
        if self.last_trouble != trouble {
            tracing::warn!(district.id = %visit.district.id, error = trouble, "nothing can be taken from a drop folder; it is tried again");
        }
        self.last_trouble.clone_from(&trouble);
        Looked { trouble: Some(trouble), ..Looked::default() }
    }

    /// Moves taken files away where the district wants that, once nobody is at work in the folder: who has declared a set may already be
    /// sending the next one over it. Those that stay are no delivery, so that it can be done later as well.
    fn tidy(&mut self, visit: Visit<'_>, look: &Look, memory: &FolderMemory) {
        let is_wanted = visit.district.settings.intake.after == After::Move;
        let is_quiet = visit.is_wanted_now || self.settling.is_quiet(quiet_period(visit.district));
        if is_wanted
            && is_quiet
            && look.parts().next().is_some()
            && let Err(error) = move_taken(visit.folder, memory, visit.now)
        {
            tracing::warn!(district.id = %visit.district.id, error = %error, "files that were taken could not be moved away");
        }
    }
}

fn quiet_period(district: &District) -> TimeDelta {
    let seconds = i64::try_from(district.settings.intake.quiet_period.seconds).ok();
    seconds.and_then(TimeDelta::try_seconds).unwrap_or(TimeDelta::MAX)
}

/// Whether a file may not be read.
fn is_kept_out(error: &anyhow::Error) -> bool {
    let is_denied = |error: &std::io::Error| error.kind() == std::io::ErrorKind::PermissionDenied;
    error.chain().any(|cause| cause.downcast_ref().is_some_and(is_denied))
}

/// Corrected rows, where nothing else is new: beside the files that were taken before they are a delivery of their own.
fn corrections(look: &Look, memory: &FolderMemory) -> Vec<String> {
    let new: Vec<String> = look.data().filter(|file| !memory.took(file)).map(|file| file.name.clone()).collect();
    if new.iter().all(|name| stage::is_corrected(name)) { new } else { Vec::new() }
}

fn remember(visit: Visit<'_>, memory: &FolderMemory, stored: &crate::store::FolderRow) -> anyhow::Result<()> {
    let row = memory.row()?;
    let is_news =
        row != *stored && (!stored.taken.is_empty() || !stored.used.is_empty() || memory != &FolderMemory::default());
    if is_news { Ok(visit.store.put_drop_folder(visit.district.seq, &row)?) } else { Ok(()) }
}

/// What the manifest says of the files beside it. One that cannot be read says nothing.
fn declared(visit: Visit<'_>) -> Declared {
    match stage::declared(visit.folder, &visit.district.settings, visit.schemas) {
        Ok(stage::Declared::AgreesByHash) => Declared::Hashes,
        Ok(stage::Declared::Agrees) => Declared::Sizes,
        Ok(stage::Declared::Nothing | stage::Declared::Disagrees) | Err(_) => Declared::Nothing,
    }
}

fn job<'a>(visit: Visit<'a>) -> Job<'a> {
    Job {
        path: visit.folder,
        source: Source::DropFolder,
        settings: &visit.district.settings,
        schemas: visit.schemas,
        now: visit.now,
        as_of: None,
        delta: false,
        is_preview: false,
        wants_rejected: false,
        begun: std::time::Instant::now(),
        recorded: None,
    }
}

/// The drop folder of a district: its own, or the one with its id below `drop_folders`.
pub fn place_of(district: &District, drop_folders: &Path) -> PathBuf {
    district.settings.intake.folder.clone().unwrap_or_else(|| drop_folders.join(&district.id))
}
