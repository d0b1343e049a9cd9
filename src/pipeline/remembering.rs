//! What is remembered of tonight's rows, so that tomorrow only what changed is looked at.
//!
//! Fingerprints go to files beside the database; the transaction names them, so that they belong to the roster or to nothing.

use std::collections::{BTreeMap, HashSet};

use anyhow::{Context, Result};

use super::planning::Plan;
use crate::check::{Check, FileVerdict};
use crate::roster::enrollment::parts;
use crate::diff::Snapshot;
use crate::matching::Fate;
use crate::roster::FileKind;
use crate::roster::entities::Seen;
use crate::roster::set::Mode;
use crate::store::{District, SnapshotFiles, Store};

/// The fingerprints of enrollments, written before the plan is made: they are the largest thing in memory.
#[derive(Debug)]
pub struct PutAside {
    name: String,
    hash: i64,
    rows: u64,
}

impl PutAside {
    /// Writes the fingerprints of enrollments, if they are wanted. Rows of those who are shielded are looked at again.
    pub fn enrollments(
        store: &Store,
        district: &District,
        check: &Check<'_>,
        verdicts: &mut BTreeMap<FileKind, FileVerdict>,
        run: &str,
    ) -> Result<Option<Self>> {
        let wanted = verdicts.get_mut(&FileKind::Enrollments).filter(|_| check.remembers);
        let (Some(folder), Some(verdict)) = (store.folder(), wanted) else { return Ok(None) };
        let mut snapshot = std::mem::take(&mut verdict.snapshot);
        snapshot.keep_only(|pair| {
            let (student, section) = parts(pair);
            let shielded = |kind: FileKind, number: u32| check.roster.of(kind).seen(number).shielded();
            !shielded(FileKind::Students, student) && !shielded(FileKind::Sections, section)
        });
        let (name, hash) = write(&SnapshotFiles::new(&folder), district, FileKind::Enrollments, run, &snapshot)?;
        let rows = snapshot.rows().filter(|(print, _)| *print != 0).count() as u64;
        Ok(Some(Self { name, hash, rows }))
    }
}

/// The fingerprints of all files.
#[derive(Debug)]
pub struct Remembered {
    snapshots: BTreeMap<FileKind, Snapshot>,
    aside: Option<PutAside>,
    /// How many enrollments there are, if the fingerprints hold each of them exactly once.
    pairs: Option<u64>,
}

impl Remembered {
    /// Takes the fingerprints of everybody who was written, or is as it should be.
    pub fn take(
        check: &Check<'_>,
        verdicts: &mut BTreeMap<FileKind, FileVerdict>,
        plan: &Plan,
        aside: Option<PutAside>,
    ) -> Self {
        let unsettled = unsettled(plan);
        let mut snapshots = BTreeMap::new();
        let kinds = [FileKind::Teachers, FileKind::Staff, FileKind::Students, FileKind::Sections];
        for kind in kinds.into_iter().filter(|_| check.remembers) {
            let Some(verdict) = verdicts.get_mut(&kind) else { continue };
            let mut snapshot = std::mem::take(&mut verdict.snapshot);
            let named = |owner: u64| check.roster.of(kind).seen(owner as u32).has(Seen::NAMED);
            snapshot.keep_only(|owner| !named(owner) && !unsettled.contains(&(kind, owner as u32)));
            snapshots.insert(kind, snapshot);
        }
        let doubled = verdicts.get(&FileKind::Enrollments).is_none_or(|verdict| verdict.tally.folded > 0);
        let count = plan.enrollments.unchanged + plan.enrollments.created.len() as u64;
        let covers = aside.as_ref().is_some_and(|aside| aside.rows == count) && !doubled;
        Self { snapshots, aside, pairs: covers.then_some(count) }
    }

    /// Writes the fingerprints and names them in the transaction. A delta makes all earlier ones useless. Gives the names in use.
    pub fn save(&self, store: &Store, district: &District, check: &Check<'_>, run: &str) -> Result<Vec<String>> {
        store.clear_snapshots(district.seq)?;
        let Some(folder) = store.folder().filter(|_| check.mode == Mode::Full) else { return Ok(Vec::new()) };
        let files = SnapshotFiles::new(&folder);
        let mut names = Vec::new();
        for (kind, snapshot) in &self.snapshots {
            let (name, hash) = write(&files, district, *kind, run, snapshot)?;
            store.put_snapshot(district.seq, *kind, &name, hash, -1)?;
            names.push(name);
        }
        if let Some(aside) = &self.aside {
            let pairs = self.pairs.map_or(-1, u64::cast_signed);
            store.put_snapshot(district.seq, FileKind::Enrollments, &aside.name, aside.hash, pairs)?;
            names.push(aside.name.clone());
        }
        Ok(names)
    }
}

fn write(
    files: &SnapshotFiles,
    district: &District,
    kind: FileKind,
    run: &str,
    snapshot: &Snapshot,
) -> Result<(String, i64)> {
    files.write(district.seq, kind, run, snapshot).context("failed to write fingerprints beside the database")
}

/// Whoever waits for something is looked at again, whatever the rows say.
fn unsettled(plan: &Plan) -> HashSet<(FileKind, u32)> {
    let waiting = plan.planned.waiting.iter().map(|(who, _)| *who).chain(plan.planned.undecided.keys().copied());
    let skipped = plan.kept.people.iter().filter(|person| person.fate == Fate::Skip).map(|person| person.who);
    let people = waiting.chain(skipped).chain(plan.planned.unmatched.iter().copied());
    let people = people.map(|who| (who.kind.file(), who.number));
    people.chain(plan.sections.waiting.iter().map(|number| (FileKind::Sections, *number))).collect()
}
