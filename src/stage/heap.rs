//! All files of rows of a batch, whether they lie in a folder or in a zip, and what is known about them before one is read.
//!
//! Used by `stage` alone; decides whether the heap is a set.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;

use super::Keep;
use super::complete::{self, Expected};
use super::error::StageError;
use super::prepare::Piece;
use super::sentences;
use super::unpack::unpack;
use crate::roster::problem::Code;
use crate::roster::schema::SchemaSet;
use crate::roster::set::{Batch, Content, Delivery, Mode, ReceivedFile};
use crate::roster::settings::Settings;
use crate::roster::{FileKind, Problem};

/// What a batch holds.
pub(super) struct Heap {
    /// Files of rows, at most one a kind, parents first.
    pub pieces: Vec<Piece>,
    /// Everything found so far.
    pub problems: Vec<Problem>,
    /// Whether what is missing is gone.
    pub mode: Mode,
    /// The day of the set.
    pub dated: Option<NaiveDate>,
    /// Files of ours that were there twice and are not used.
    pub dropped: Vec<PathBuf>,
    /// Kinds that were delivered and cannot be used.
    spoiled: Vec<FileKind>,
    /// Kinds that a manifest promises.
    promised: Vec<FileKind>,
    /// Whether a zip was refused, so that nobody can say what is missing.
    unknown: bool,
}

impl Heap {
    /// Takes the files of `batch` as they are, and unpacks its zips into the folder `into`.
    pub fn gather(
        batch: &Batch,
        delivery: &Delivery,
        into: &Path,
        settings: &Settings,
        schemas: &SchemaSet,
        keep: Keep,
    ) -> Result<Self, StageError> {
        let mut heap = Self::of(delivery, batch);
        let loose = |file: &&ReceivedFile| file.content != Content::Zip;
        let taken: u64 = batch.files.iter().filter(loose).map(|file| file.bytes).sum();
        let mut left = settings.limits.unpacked_bytes.0.saturating_sub(taken);
        for file in &batch.files {
            match file.content {
                Content::Csv { kind, schema } => heap.pieces.push(piece(file, kind, schema, keep)),
                Content::Zip => heap.unpack(file, into, &mut left, settings, schemas)?,
            }
        }
        heap.judge(settings);
        Ok(heap)
    }

    fn of(delivery: &Delivery, batch: &Batch) -> Self {
        let other_bytes = delivery.other_bytes(batch);
        let not_as_declared = other_bytes.map(|(declared, file)| sentences::other_hash(declared, &file.sha256));
        let unknown = delivery.problems.iter().any(|problem| problem.code == Code::SetIncomplete);
        Self {
            pieces: Vec::new(),
            problems: delivery.problems.iter().cloned().chain(not_as_declared).collect(),
            spoiled: delivery.spoiled.clone(),
            promised: delivery.promised.clone(),
            mode: delivery.mode,
            dated: delivery.dated,
            dropped: Vec::new(),
            unknown,
        }
    }

    fn unpack(
        &mut self,
        zip: &ReceivedFile,
        into: &Path,
        left: &mut u64,
        settings: &Settings,
        schemas: &SchemaSet,
    ) -> Result<(), StageError> {
        let unpacked = unpack(zip, into, left, settings, schemas)?;
        self.pieces.extend(unpacked.pieces);
        self.problems.extend(unpacked.problems);
        self.spoiled.extend(unpacked.spoiled);
        self.promised.extend(unpacked.manifest.promised);
        self.dated = unpacked.manifest.date.or(self.dated);
        self.unknown |= unpacked.refused;
        if unpacked.manifest.delta || unpacked.corrected {
            self.mode = Mode::Delta;
        }
        Ok(())
    }

    /// Whether it is a set. What is missing is not listed where a refused zip may hold it.
    fn judge(&mut self, settings: &Settings) {
        let all: Vec<PathBuf> = self.pieces.iter().filter(|piece| piece.ours).map(|piece| piece.path.clone()).collect();
        self.problems.extend(complete::one_of_each(&mut self.pieces));
        let used = |path: &PathBuf| self.pieces.iter().any(|piece| piece.path == *path);
        self.dropped = all.into_iter().filter(|path| !used(path)).collect();
        let (pieces, spoiled, promised) = (&self.pieces, &self.spoiled, &self.promised);
        let expected = Expected { pieces, spoiled, promised, mode: self.mode };
        let incomplete = complete::incomplete(&expected, settings).filter(|_| !self.unknown);
        self.problems.extend(incomplete);
        self.problems.extend(complete::stale(&self.pieces, settings));
    }
}

fn piece(file: &ReceivedFile, kind: FileKind, schema: usize, keep: Keep) -> Piece {
    Piece {
        name: file.name.clone(),
        path: file.path.clone(),
        bytes: file.bytes,
        sha256: file.sha256.clone(),
        modified: file.modified,
        kind,
        schema,
        ours: keep == Keep::Move,
        from_zip: false,
    }
}
