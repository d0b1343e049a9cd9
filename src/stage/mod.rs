//! From a heap of files to one complete set: choose, unpack, decode, blank the secrets, and say what is missing.
//!
//! `pipeline` calls `choose` before the batch is received and `stage` after it. This module knows files; it knows neither rows
//! nor databases nor where the files came from.

mod blank;
mod cells;
mod choose;
mod complete;
mod dated;
mod declared;
mod encoding;
mod error;
mod file_name;
#[cfg(test)]
pub(crate) mod fixture;
mod header;
mod heap;
pub mod limits;
mod manifest;
mod newest;
mod other_uploads;
mod prepare;
mod recognise;
mod rewrite;
mod secrets;
mod sentences;
mod survey;
#[cfg(test)]
mod tests;
mod unpack;
mod zip_entries;

use std::path::Path;

use crate::files::{private, workers};
use crate::roster::schema::SchemaSet;
use crate::roster::set::{Batch, Content, Delivery, StagedSet};
use crate::roster::settings::Settings;

pub use choose::{choose, choose_among};
pub use dated::{DatedSet, dated_sets};
pub use declared::{Declared, declared};
use encoding::Foreign;
pub use error::StageError;
use error::failed;
pub use file_name::is_corrected;
use heap::Heap;
use prepare::Prepared;

/// What becomes of the received bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// They are a private copy: moved into the staged folder where they are clean already, removed where they are not.
    Move,
    /// They belong to somebody else and stay as they are.
    InPlace,
}

/// Makes one complete set of `batch`. `into` is a folder that does not exist yet, or is empty; only the owner may read it.
///
/// When this fails, everything in `into` is gone again and the received bytes are where they were. A refused set is not a failure:
/// its files stay for the report, and the caller removes `into` and what is left of the batch.
pub fn stage(
    batch: &Batch,
    delivery: &Delivery,
    into: &Path,
    settings: &Settings,
    schemas: &SchemaSet,
    keep: Keep,
) -> Result<StagedSet, StageError> {
    let foreign = Foreign::new(&settings.reading.encoding)?;
    create_empty(into)?;
    let gathered = Heap::gather(batch, delivery, into, settings, schemas, keep);
    let made = gathered.and_then(|heap| prepare_all(&heap, into, foreign, schemas).map(|prepared| (heap, prepared)));
    match made {
        Ok((heap, prepared)) => finish(heap, prepared, batch, keep),
        Err(error) => {
            // What went wrong first is what people need to hear; an empty disk that cannot be tidied is part of it.
            let _ = std::fs::remove_dir_all(into);
            Err(error)
        }
    }
}

fn create_empty(into: &Path) -> Result<(), StageError> {
    private::create_folder(into).map_err(failed("create", into))?;
    match into.read_dir().map_err(failed("list", into))?.next() {
        None => Ok(()),
        Some(_) => Err(failed("use", into)(std::io::ErrorKind::DirectoryNotEmpty.into())),
    }
}

fn prepare_all(heap: &Heap, into: &Path, foreign: Foreign, schemas: &SchemaSet) -> Result<Vec<Prepared>, StageError> {
    let prepare = |piece: &_| prepare::prepare(piece, into, foreign, schemas);
    workers::each(&heap.pieces, |piece| piece.bytes, prepare).into_iter().collect()
}

/// Moves what is clean to its place, and removes what is not kept, now that nothing can be refused for want of space any more.
fn finish(heap: Heap, prepared: Vec<Prepared>, batch: &Batch, keep: Keep) -> Result<StagedSet, StageError> {
    let mut set = StagedSet { files: Vec::new(), mode: heap.mode, problems: heap.problems, dated: heap.dated };
    for (piece, made) in heap.pieces.iter().zip(prepared) {
        match &made.file {
            Some(file) if made.moves => {
                private::move_file(&piece.path, &file.path).map_err(failed("move", &piece.path))?
            }
            _ if piece.ours => remove(&piece.path)?,
            _ => {}
        }
        set.problems.extend(made.problems);
        set.files.extend(made.file);
    }
    heap.dropped.iter().try_for_each(|path| remove(path))?;
    if keep == Keep::Move {
        batch.files.iter().filter(|file| file.content == Content::Zip).try_for_each(|zip| remove(&zip.path))?;
    }
    Ok(set)
}

fn remove(path: &Path) -> Result<(), StageError> {
    std::fs::remove_file(path).map_err(failed("remove", path))
}
