//! Reads and checks the files of a set, parents first, with what is remembered of last night.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::rc::Rc;

use anyhow::{Context, Result};

use super::intake::salt;
use super::job::Job;
use crate::check::{Check, FileChecker, FileVerdict};
use crate::diff::Snapshot;
use crate::roster::patron::PatronIds;
use crate::roster::set::{Mode, StagedFile, StagedSet};
use crate::roster::settings::{ByName, Identity, NumberSource, Settings, SyncMode};
use crate::roster::{FileKind, PersonKind};
use crate::store::{District, SnapshotFiles, Store};
use crate::write::Patrons;

/// The file and the hash of each kind's snapshot.
type NamedSnapshots = BTreeMap<FileKind, (String, i64)>;

/// What is remembered of last night's set.
#[derive(Debug, Default)]
pub struct Memory {
    /// What decides how rows are read.
    pub salt: i64,
    /// Whether settings, schemas or sites changed since, so that everybody is looked at.
    pub everybody: bool,
    snapshots: Option<(SnapshotFiles, NamedSnapshots)>,
    /// Patrons that people or other programs edited since.
    pub edited: PatronIds,
    /// Those among them whom nobody edited: their change was undone, and is asked.
    pub undone: PatronIds,
    /// How many enrollments the roster had when the snapshot was written, if it holds each of them.
    pub pairs: Option<u64>,
    line_breaks: BTreeSet<String>,
}

impl Memory {
    /// Of nothing.
    pub fn none() -> Self {
        Self::default()
    }

    /// Of the last run of a district.
    pub fn load(store: &Store, job: &Job<'_>, district: &District, mode: Mode) -> Result<Self> {
        let salt = salt(store, job, district.seq)?;
        let mut memory =
            Self { salt, everybody: district.last_salt != salt && !district.last_run.is_empty(), ..Self::default() };
        memory.edited = Patrons::new(&store.connection, &district.id, "").edited()?;
        if mode == Mode::Full {
            // What was undone is asked although the rows are as they were.
            let undone = store.patrons_of_undone(district.seq)?.into_iter();
            memory.undone = undone.filter(|patron| !memory.edited.contains(*patron)).collect();
            memory.edited = memory.edited.iter().chain(memory.undone.iter()).collect();
        }
        memory.line_breaks = store.ended_with_line_break(district.seq)?.into_iter().collect();
        if let Some(folder) = store.folder().filter(|_| mode == Mode::Full && !memory.everybody) {
            let mut named = BTreeMap::new();
            for kind in FileKind::ALL {
                if let Some((name, hash, pairs)) = store.snapshot(district.seq, kind)? {
                    named.insert(kind, (name, hash));
                    memory.pairs =
                        (kind == FileKind::Enrollments && pairs >= 0).then_some(pairs.cast_unsigned()).or(memory.pairs);
                }
            }
            memory.snapshots = Some((SnapshotFiles::new(&folder), named));
        }
        Ok(memory)
    }

    /// The file and the hash of a kind's snapshot of last night.
    pub fn named(&self, kind: FileKind) -> Option<&(String, i64)> {
        self.snapshots.as_ref()?.1.get(&kind)
    }

    fn snapshot(&self, job: &Check<'_>, kind: FileKind) -> Option<Rc<Snapshot>> {
        let (files, named) = self.snapshots.as_ref()?;
        let (name, hash) = named.get(&kind)?;
        let needs_everybody = kind.person().is_some_and(|kind| matches_by_what_is_not_remembered(job.settings, kind));
        if needs_everybody { None } else { files.read(name, *hash).map(Rc::new) }
    }
}

/// Of people who are not read their number and e-mail are remembered. Whether another key is shared can only be told when
/// everybody's is read.
fn matches_by_what_is_not_remembered(settings: &Settings, kind: PersonKind) -> bool {
    let map = settings.map.of(kind);
    let by_identity = settings.sync.mode == SyncMode::UpdateOnly && settings.matching.identity != Identity::Number;
    [map.barcode, map.community_id].contains(&Some(NumberSource::StateId))
        || settings.matching.by_name == ByName::Review
        || by_identity
}

/// Checks every file of the set.
pub fn check_all(check: &mut Check<'_>, set: &StagedSet, memory: &Memory) -> Result<BTreeMap<FileKind, FileVerdict>> {
    let mut verdicts = BTreeMap::new();
    for kind in in_order(check) {
        let Some(file) = set.file(kind) else { continue };
        let checker = FileChecker {
            name: &file.name,
            schema: file.schema,
            delimiter: file.delimiter,
            ends_with_line_break: file.ends_with_line_break,
            line_break_expected: memory.line_breaks.contains(kind.word()),
            salt: memory.salt.cast_unsigned(),
        };
        let snapshot = memory.snapshot(check, kind);
        let verdict = checker.check(check, snapshot.as_ref(), &|| open(file));
        verdicts.insert(kind, verdict.with_context(|| format!("failed to read {}", file.name))?);
    }
    Ok(verdicts)
}

/// The kinds, those first whom others refer to.
fn in_order(check: &Check<'_>) -> Vec<FileKind> {
    let mut left: Vec<FileKind> = FileKind::ALL.to_vec();
    let mut order = Vec::new();
    while !left.is_empty() {
        let waits = |kind: &FileKind| {
            let schema = check.schemas.of(*kind);
            schema
                .is_some_and(|schema| schema.references.iter().any(|one| one.kind != *kind && left.contains(&one.kind)))
        };
        // In a circle of references somebody has to be first.
        let next = left.iter().position(|kind| !waits(kind)).unwrap_or(0);
        order.push(left.remove(next));
    }
    order
}

fn open(file: &StagedFile) -> io::Result<Box<dyn Read + Send>> {
    let mut opened = File::open(&file.path)?;
    opened.seek(SeekFrom::Start(file.skip))?;
    Ok(Box::new(opened))
}
