//! What is remembered of tonight's rows, so that tomorrow only what changed is looked at.
//!
//! Fingerprints go to files beside the database before the plan is made, because they are large; the transaction names
//! them, so that they belong to the roster or to nothing. People who wait are looked at again whatever their rows say: the
//! roster knows who waits.

use std::collections::BTreeMap;

use anyhow::{Context, Result};

use super::planning::Plan;
use super::reading::Memory;
use crate::check::{Check, FileVerdict};
use crate::files::fail_point;
use crate::roster::FileKind;
use crate::roster::enrollment::parts;
use crate::roster::entities::Seen;
use crate::store::{District, SnapshotFiles, Store};

/// The fingerprints of one set, in files that nobody names yet.
#[derive(Debug, Default)]
pub struct Remembered {
    place: Option<SnapshotFiles>,
    files: Vec<(FileKind, String, i64)>,
    /// Names of those that were written tonight.
    new: Vec<String>,
    /// Rows of enrollments that are remembered; each pair stands once.
    pairs: u64,
}

impl Remembered {
    /// Writes the fingerprints of every file, if they are wanted and other than last night's. Rows of those who are shielded are looked at again.
    pub fn write(
        store: &Store,
        district: &District,
        check: &Check<'_>,
        memory: &Memory,
        verdicts: &mut BTreeMap<FileKind, FileVerdict>,
        run: &str,
    ) -> Result<Self> {
        let mut remembered = Self::default();
        let Some(folder) = store.folder().filter(|_| check.remembers) else { return Ok(remembered) };
        let files = remembered.place.insert(SnapshotFiles::new(&folder));
        for (kind, verdict) in verdicts.iter_mut().filter(|(kind, _)| **kind != FileKind::Schools) {
            let mut snapshot = std::mem::take(&mut verdict.snapshot);
            if has_shielded(check, *kind) {
                snapshot.keep_only(|owner| !is_shielded(check, *kind, owner));
            }
            let as_it_was = memory.named(*kind).filter(|_| snapshot.is_last_night()).cloned();
            let write = || {
                let written = files.write(district.seq, *kind, run, &snapshot)?;
                remembered.new.push(written.0.clone());
                Ok::<_, std::io::Error>(written)
            };
            let named = as_it_was.map_or_else(write, Ok).and_then(|named| snapshot.check().map(|()| named));
            let (name, hash) = named.context("failed to write fingerprints beside the database")?;
            remembered.files.push((*kind, name, hash));
            if *kind == FileKind::Enrollments {
                remembered.pairs = snapshot.settled();
            }
        }
        fail_point::reach("the fingerprints are written");
        Ok(remembered)
    }

    /// Names the files in the transaction. After a delta there are none, and the earlier ones are useless.
    pub fn name(&self, store: &Store, district: &District, plan: &Plan) -> Result<()> {
        store.clear_snapshots(district.seq)?;
        let count = plan.enrollments.unchanged + plan.enrollments.created.len() as u64;
        for (kind, name, hash) in &self.files {
            let covers = *kind == FileKind::Enrollments && self.pairs == count;
            store.put_snapshot(district.seq, *kind, name, *hash, if covers { count.cast_signed() } else { -1 })?;
        }
        Ok(())
    }

    /// The transaction that names the files is over: they stay, and the district's others go.
    pub fn keep(&mut self, store: &Store, district: &District) {
        self.new.clear();
        let names: Vec<String> = self.files.drain(..).map(|(_, name, _)| name).collect();
        if let Some(folder) = store.folder() {
            SnapshotFiles::new(&folder).keep_only(district.seq, &names);
        }
    }
}

/// Of a run that ends without being written nothing is remembered.
impl Drop for Remembered {
    fn drop(&mut self) {
        if let Some(place) = &self.place {
            self.new.iter().for_each(|name| place.remove(name));
        }
    }
}

/// Whether anybody is shielded whose rows this file could hold. On most nights nobody is, and no row need be asked.
fn has_shielded(check: &Check<'_>, kind: FileKind) -> bool {
    let any = |kind: FileKind| check.roster.of(kind).seen.iter().any(|seen| seen.shielded());
    if kind == FileKind::Enrollments { any(FileKind::Students) || any(FileKind::Sections) } else { any(kind) }
}

fn is_shielded(check: &Check<'_>, kind: FileKind, owner: u64) -> bool {
    if kind == FileKind::Enrollments {
        let (student, section) = parts(owner);
        let shielded = |kind: FileKind, number: u32| {
            let entities = check.roster.of(kind);
            entities.seen(number).shielded() || entities.is_erased(number)
        };
        return shielded(FileKind::Students, student) || shielded(FileKind::Sections, section);
    }
    let entities = check.roster.of(kind);
    entities.seen(owner as u32).has(Seen::NAMED) || entities.is_erased(owner as u32)
}
