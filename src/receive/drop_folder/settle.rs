//! Whether the set in a drop folder is whole: decided from one look after another, and from nothing else.
//!
//! One [`Settling`] a folder, kept in memory by whoever looks. After a restart it begins anew, so that nothing is taken that was not
//! watched. It never believes a file's time to know how long nobody wrote, because senders set old ones; it adds up the time between
//! looks that agree.

use chrono::{DateTime, TimeDelta, Utc};

use super::look::{Entry, Look};
use super::memory::FolderMemory;
use crate::roster::names;

/// How long a folder must stay as it is even when its sender says that everything was sent: disks count some times in steps of
/// two seconds.
const AT_ONCE: TimeDelta = TimeDelta::seconds(2);
/// The shortest quiet period, so that no single look ever decides.
const SHORTEST: TimeDelta = TimeDelta::seconds(1);

/// What to do about a folder now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing, until something changes.
    Nothing,
    /// Look again at this time, or when something changes.
    WaitUntil(DateTime<Utc>),
    /// Take what the look shows.
    Take {
        /// Why it is whole.
        why: Why,
    },
}

/// Why a set counts as whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Nobody touched anything for the quiet period.
    Quiet,
    /// The sender put a done-file beside it.
    DoneFile,
    /// The manifest declares every file, and they are as declared.
    Manifest,
}

/// What the manifest declares of the files beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declared {
    /// Nothing, or not of each file, or something else than what is there.
    Nothing,
    /// The size of each file, or of some and the hash of the others, and they agree. Believed of a manifest that came last.
    Sizes,
    /// The SHA-256 of each file, and they agree. Believed of a manifest that came first, too.
    Hashes,
}

/// What was seen of one folder since the watch over it began.
#[derive(Debug, Default)]
pub struct Settling(Option<Seen>);

#[derive(Debug)]
struct Seen {
    look: Look,
    at: DateTime<Utc>,
    /// For how long the looks have agreed.
    watched: TimeDelta,
    /// Done-files that came, or changed, not before the last change of the set.
    announced: Vec<Entry>,
    /// What the manifest declares, once somebody had to know.
    declared: Option<Declared>,
}

impl Settling {
    /// Decides after one more look at the folder, made at `now`. `memory` learns which done-files have said their word; whoever
    /// calls this stores it when it has changed. `declared` may be expensive: it is asked once at most for a folder that stays as it
    /// is, and only when it matters.
    ///
    /// The time between two looks counts for at most half the quiet period, however long it was: a machine that slept, or a clock that
    /// was put forward, saw nothing meanwhile. Whoever looks at the times that the verdicts name loses nothing by it.
    pub fn observe(
        &mut self,
        look: &Look,
        memory: &mut FolderMemory,
        quiet_period: TimeDelta,
        now: DateTime<Utc>,
        declared: impl FnOnce() -> Declared,
    ) -> Verdict {
        let quiet_period = quiet_period.max(SHORTEST);
        let seen = self.see(look, quiet_period, now);
        if memory.is_taken(look) {
            memory.use_up(look);
            return Verdict::Nothing;
        }
        if look.data().next().is_none() {
            return Verdict::Nothing;
        }
        match seen.why(memory, quiet_period, declared) {
            Some(why) => Verdict::Take { why },
            None => Verdict::WaitUntil(seen.next_look(memory, quiet_period)),
        }
    }

    /// Whether nobody touched anything in the folder for the quiet period.
    pub fn is_quiet(&self, quiet_period: TimeDelta) -> bool {
        self.0.as_ref().is_some_and(|seen| seen.watched >= quiet_period.max(SHORTEST))
    }

    /// The folder could not be looked at. Whatever it holds when it comes back is watched from the beginning.
    pub fn lose_sight(&mut self) {
        self.0 = None;
    }

    fn see(&mut self, look: &Look, quiet_period: TimeDelta, now: DateTime<Utc>) -> &mut Seen {
        let next = match self.0.take() {
            None => Seen::first(look, now),
            Some(seen) if seen.look == *look => seen.again(quiet_period, now),
            Some(seen) => seen.changed(look, now),
        };
        self.0.insert(next)
    }
}

impl Seen {
    fn first(look: &Look, at: DateTime<Utc>) -> Self {
        let announced = look.done_files().filter(|done| done.changed.is_not_before(look.touched)).cloned().collect();
        Self { look: look.clone(), at, watched: TimeDelta::zero(), announced, declared: None }
    }

    /// A clock that was put back counts for nothing.
    fn again(mut self, quiet_period: TimeDelta, now: DateTime<Utc>) -> Self {
        self.watched += (now - self.at).clamp(TimeDelta::zero(), longest_gap(quiet_period));
        self.at = now;
        self
    }

    fn changed(self, look: &Look, at: DateTime<Utc>) -> Self {
        let is_set_touched = !look.shows_same(&self.look);
        // A file that was removed has no time to compare with; that of the folder tells whether it went before the done-file came.
        let is_there = |part: &Entry| look.parts().any(|other| other.name == part.name);
        let has_lost = !self.look.parts().all(is_there);
        let came = |done: &&Entry| {
            !self.look.entries.contains(done) && (!has_lost || done.changed.is_not_before(look.touched))
        };
        let was_announced = |done: &&Entry| !is_set_touched && self.announced.contains(done);
        let announced = look.done_files().filter(|done| came(done) || was_announced(done)).cloned().collect();
        Self { look: look.clone(), at, watched: TimeDelta::zero(), announced, declared: None }
    }

    fn why(
        &mut self,
        memory: &FolderMemory,
        quiet_period: TimeDelta,
        declared: impl FnOnce() -> Declared,
    ) -> Option<Why> {
        if self.watched >= AT_ONCE && self.is_done(memory) {
            Some(Why::DoneFile)
        } else if self.watched >= quiet_period {
            Some(Why::Quiet)
        } else if self.watched >= AT_ONCE && self.is_declared(memory, declared) {
            Some(Why::Manifest)
        } else {
            None
        }
    }

    /// Whether a done-file says that this set was sent.
    fn is_done(&self, memory: &FolderMemory) -> bool {
        let is_fresh = |done: &&Entry| !memory.is_used(done) && self.look.parts().all(|part| done.is_as_new_as(part));
        self.announced.iter().filter(is_fresh).any(|done| self.speaks_for_all(done))
    }

    /// `students.csv.done` or `students.done` speaks for students.csv alone; others may still come. Only a zip is a set by itself.
    fn speaks_for_all(&self, done: &Entry) -> bool {
        let stem = names::done_for(&done.name).unwrap_or_default();
        let is_named = |part: &Entry| {
            let name = part.name.to_lowercase();
            name == stem || name.rsplit_once('.').is_some_and(|(before, _)| before == stem)
        };
        let is_by_itself =
            |part: &Entry| !names::may_be_table(&names::ending(&part.name)) && self.look.parts().count() == 1;
        !self.look.parts().any(|part| is_named(part) && !is_by_itself(part))
    }

    fn is_declared(&mut self, memory: &FolderMemory, declared: impl FnOnce() -> Declared) -> bool {
        let Some(manifest) = self.fresh_manifest(memory).cloned() else { return false };
        match *self.declared.get_or_insert_with(declared) {
            Declared::Nothing => false,
            Declared::Hashes => true,
            // A file that is written over in place may have its final size all the time, and an older one of the same size may wait to
            // be written over. Only a manifest that came last knows of neither.
            Declared::Sizes => self.look.data().all(|file| manifest.is_as_new_as(file)),
        }
    }

    /// The manifest, if it speaks of something new. One that was taken before, or came to files that were, may be the first of an upload
    /// that is to replace them by files of the same size, or even by the same.
    fn fresh_manifest(&self, memory: &FolderMemory) -> Option<&Entry> {
        let has_news = self.look.data().any(|file| !memory.took(file));
        self.look.manifest().filter(|manifest| has_news && !memory.took(manifest))
    }

    fn next_look(&self, memory: &FolderMemory, quiet_period: TimeDelta) -> DateTime<Utc> {
        let may_be_manifest = self.fresh_manifest(memory).is_some() && self.declared.is_none();
        let may_go_at_once = self.is_done(memory) || may_be_manifest;
        let enough = if may_go_at_once { AT_ONCE.min(quiet_period) } else { quiet_period };
        let wait = (enough - self.watched).min(longest_gap(quiet_period));
        self.at.checked_add_signed(wait).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }
}

/// What the time between two looks may count for.
fn longest_gap(quiet_period: TimeDelta) -> TimeDelta {
    (quiet_period / 2).max(AT_ONCE)
}

#[cfg(test)]
mod tests;
