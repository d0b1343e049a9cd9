//! Earlier deliveries from their kept copies: what a decision is carried out on, and what came after it.

use std::collections::HashSet;

use anyhow::{Context, Result};

use super::intake::TakenSet;
use super::job::Job;
use super::reading::{self, Memory};
use super::refusal::Refusal;
use crate::check::Check;
use crate::roster::enrollment::parts;
use crate::roster::entities::Seen;
use crate::roster::set::{Mode, StagedSet};
use crate::roster::{FileKind, PersonKind};
use crate::store::{District, KeptBatch, Store};

/// Whom a set names, by kind and number.
pub type Named = HashSet<(FileKind, u32)>;

/// The delivery to look at again, and whom the deltas name that came after it: for them the deltas speak.
pub struct Again {
    /// The set.
    pub taken: TakenSet,
    /// Who is left as it is.
    pub named_later: Named,
}

/// The newest full set, or, where `batch` is a newer delta, that one. With `who`, the newest later delta that names that person.
pub fn newest(
    store: &Store,
    job: &Job<'_>,
    district: &District,
    batch: &str,
    who: Option<(FileKind, u32)>,
) -> Result<Again> {
    let mut taken = Vec::new();
    for kept in store.taken_batches(district.seq)? {
        let is_it = kept.sha256 == batch;
        let set = read(store, job, kept)?;
        let is_base = set.set.mode == Mode::Full || is_it;
        taken.push(set);
        if is_base {
            break;
        }
    }
    let Some(mut base) = taken.pop().filter(|set| set.set.mode == Mode::Full || set.batch.sha256 == batch) else {
        return Err(Refusal::CopyGone.into());
    };
    // Oldest first: what is left are deltas, each of which speaks for those whom it names.
    let mut named_later = Named::new();
    for set in taken.into_iter().rev() {
        let named = named_by(store, job, district, &set)?;
        if who.is_some_and(|who| named.contains(&who)) {
            (base, named_later) = (set, Named::new());
        } else {
            named_later.extend(named);
        }
    }
    Ok(Again { taken: base, named_later })
}

/// The kept copy of one batch.
pub fn read(store: &Store, job: &Job<'_>, kept: KeptBatch) -> Result<TakenSet> {
    let folder = store.folder().filter(|_| !kept.kept.is_empty() && !kept.staged.is_empty());
    let folder = folder.map(|folder| folder.join(&kept.kept)).filter(|folder| folder.is_dir());
    let Some(folder) = folder else { return Err(Refusal::CopyGone.into()) };
    let mut set: StagedSet =
        serde_json::from_str(&kept.staged).context("failed to read what is known of the kept copy")?;
    for file in &mut set.files {
        let name = file.path.file_name().map(std::ffi::OsStr::to_owned).unwrap_or_default();
        file.path = folder.join(name);
        let of_kind = || job.schemas.schemas.iter().position(|schema| schema.kind == file.kind);
        let is_still = job.schemas.schemas.get(file.schema).is_some_and(|schema| schema.kind == file.kind);
        file.schema = if is_still { file.schema } else { of_kind().unwrap_or(file.schema) };
    }
    Ok(TakenSet::again(kept.sha256, set, kept.kept))
}

/// Leaves as they are those for whom a later delta speaks, as if a refused row named them.
pub fn leave_to_deltas(check: &mut Check<'_>, named: &Named) {
    for (kind, number) in named {
        let entities = check.roster.of_mut(*kind);
        if (*number as usize) < entities.len() {
            entities.see(*number, Seen::NAMED);
        }
    }
}

/// Everybody and everything that the rows of a set name.
fn named_by(store: &Store, job: &Job<'_>, district: &District, taken: &TakenSet) -> Result<Named> {
    let mut check = Check::new(job.settings, job.schemas, taken.set.mode, Some(store.roster(district.seq)?));
    let verdicts = reading::check_all(&mut check, &taken.set, &Memory::none())?;
    let mut named = Named::new();
    for kind in PersonKind::ALL.map(PersonKind::file).into_iter().chain([FileKind::Sections]) {
        let entities = check.roster.of(kind);
        let seen = entities.numbers().filter(|&number| entities.seen(number).in_set());
        named.extend(seen.map(|number| (kind, number)));
    }
    if let Some(verdict) = verdicts.get(&FileKind::Enrollments) {
        let pairs = verdict.pairs.looked_at.iter().chain(&verdict.pairs.deleted);
        named.extend(pairs.map(|pair| (FileKind::Students, parts(*pair).0)));
    }
    Ok(named)
}
