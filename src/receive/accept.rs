//! The one door: copies a delivery to a private, immutable place while hashing it, and recognises one that came before.
//!
//! Called by `pipeline` for every source. It knows neither kinds nor columns, and records nothing.

use std::io;
use std::path::{Path, PathBuf};

use chrono::TimeDelta;

use crate::files::hash::{self, Hashed};
use crate::files::{fail_point, private, times, workers};
use crate::roster::Problem;
use crate::roster::set::{Batch, Candidate, Delivery, KnownFile, Received, ReceivedFile};
use crate::roster::settings::LimitSettings;

/// Longer than any step in which a disk of this machine counts time.
const ONE_STEP: TimeDelta = TimeDelta::milliseconds(100);

/// What a delivery turned out to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Acceptance {
    /// The same files with the same bytes as last time; nothing was copied.
    Same,
    /// Something else; it was copied.
    New(Batch),
}

/// Why a delivery was not taken. Nothing of it was kept.
#[derive(Debug, thiserror::Error)]
pub enum ReceiveError {
    /// A file is still being written.
    #[error("{0} changed while it was being copied; wait until the upload has finished, then try again")]
    Changed(String),
    /// The files are larger than the district allows.
    #[error("the files have {bytes} bytes together; at most {limit} are allowed (limits.unpacked_bytes)")]
    TooLarge {
        /// What they have.
        bytes: u64,
        /// What is allowed.
        limit: u64,
    },
    /// The disk refused.
    #[error("failed to {doing} {}", .path.display())]
    Io {
        /// `open`, `copy`, `create` …
        doing: &'static str,
        /// What was to be read or written.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// Copies the files of `delivery` to the folder `private`, which must not exist yet or be empty, and hashes them on the way.
///
/// When names and sizes are those of `last`, the files are only hashed; the same hashes mean that nothing new came, and nothing
/// is copied, unless something is wrong with the delivery all the same. A caller whose last run had another mode passes no `last`.
/// `copies` is called before the copy begins. When this fails, `private` is as it was.
pub fn accept(
    delivery: &Delivery,
    private: &Path,
    limits: &LimitSettings,
    last: Option<&[KnownFile]>,
    copies: impl FnOnce(),
) -> Result<Acceptance, ReceiveError> {
    within_limit(delivery, limits)?;
    if last.is_some_and(|last| looks_like(delivery, last)) {
        let batch = borrow(delivery)?;
        let is_wrong = delivery.other_bytes(&batch).next().is_some();
        if !is_wrong && last.is_some_and(|last| is_same(&batch, last)) {
            return Ok(Acceptance::Same);
        }
    }
    copies();
    copy_all(delivery, private).map(Acceptance::New)
}

/// Takes what was accepted before from its private copy to the folder `private`, which must not exist yet. The copy stays where it
/// is: the same files get a second name. `last` as in [`accept`].
pub fn accept_again(
    received: &Received,
    private: &Path,
    last: Option<&[KnownFile]>,
) -> Result<Acceptance, ReceiveError> {
    let Received { delivery, batch } = received;
    let is_like = |last: &[KnownFile]| looks_like(delivery, last) && is_same(batch, last);
    if last.is_some_and(is_like) && delivery.other_bytes(batch).next().is_none() {
        return Ok(Acceptance::Same);
    }
    private::create_folder(private).map_err(failed("create", private))?;
    let second = |(at, file): (usize, &ReceivedFile)| {
        let path = private.join(format!("{at}-{}", file.content.word()));
        private::link_or_copy(&file.path, &path).map_err(failed("copy", &file.path))?;
        Ok(ReceivedFile { path, ..file.clone() })
    };
    let files = batch.files.iter().enumerate().map(second).collect::<Result<_, ReceiveError>>()?;
    Ok(Acceptance::New(Batch { sha256: batch.sha256.clone(), files }))
}

/// The batch that `delivery` is, without a copy: for looking only, while the files stay where they are.
pub fn borrow(delivery: &Delivery) -> Result<Batch, ReceiveError> {
    let hashed = workers::each(&delivery.files, |file| file.bytes, |file| hash_one(file, &mut io::sink(), &file.path));
    let hashed = hashed.into_iter().collect::<Result<Vec<_>, _>>()?;
    let paths = delivery.files.iter().map(|file| file.path.clone()).collect();
    Ok(batch(delivery, hashed, paths))
}

fn within_limit(delivery: &Delivery, limits: &LimitSettings) -> Result<(), ReceiveError> {
    let bytes = delivery.files.iter().map(|file| file.bytes).sum();
    let limit = limits.unpacked_bytes.0;
    if bytes > limit { Err(ReceiveError::TooLarge { bytes, limit }) } else { Ok(()) }
}

/// A delivery with an error in it is refused, and never like one that was taken.
fn looks_like(delivery: &Delivery, last: &[KnownFile]) -> bool {
    if delivery.problems.iter().any(Problem::is_error) {
        return false;
    }
    let mut now: Vec<_> = delivery.files.iter().map(|file| (&file.name, file.bytes)).collect();
    let mut then: Vec<_> = last.iter().map(|file| (&file.name, file.bytes)).collect();
    now.sort();
    then.sort();
    now == then
}

fn is_same(batch: &Batch, last: &[KnownFile]) -> bool {
    batch.files.iter().all(|file| last.contains(&file.known()))
}

/// Copies into a folder beside `private` that becomes `private` when it is whole, so that no half copy ever has that name.
fn copy_all(delivery: &Delivery, private: &Path) -> Result<Batch, ReceiveError> {
    let parent = private.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    if !parent.exists() {
        private::create_folder(parent).map_err(failed("create", parent))?;
    }
    let unfinished = private::temporary_folder(parent, ".receiving-").map_err(failed("create", private))?;
    let names: Vec<String> =
        delivery.files.iter().enumerate().map(|(at, file)| format!("{at}-{}", file.content.word())).collect();
    let jobs: Vec<_> = delivery.files.iter().zip(&names).collect();
    fail_point::reach("before the copy");
    let copied =
        workers::each(&jobs, |(file, _)| file.bytes, |(file, name)| copy_one(file, &unfinished.path().join(name)));
    let hashed = copied.into_iter().collect::<Result<Vec<_>, _>>()?;
    fail_point::reach("after the copy");
    std::fs::rename(unfinished.path(), private).map_err(failed("create", private))?;
    Ok(batch(delivery, hashed, names.iter().map(|name| private.join(name)).collect()))
}

/// A disk counts time in steps, so that what was written just before the copy and what is written during it may bear one time. Then only
/// the bytes can tell, and are read once more.
fn copy_one(file: &Candidate, to: &Path) -> Result<Hashed, ReceiveError> {
    let mut target = private::create_file(to).map_err(failed("create", to))?;
    let begun = times::changed(&target.metadata().map_err(failed("look at", to))?);
    let copied = hash_one(file, &mut target, to)?;
    let is_fresh = file.changed.zip(begun).is_none_or(|(changed, begun)| (begun - changed).abs() < ONE_STEP);
    if is_fresh && hash_one(file, &mut io::sink(), &file.path)? != copied {
        return Err(ReceiveError::Changed(file.name.clone()));
    }
    Ok(copied)
}

/// Copies `file` to `target` and makes sure that it is still the file that was chosen, before and after.
fn hash_one(file: &Candidate, target: &mut impl io::Write, to: &Path) -> Result<Hashed, ReceiveError> {
    let mut source = private::open_regular(&file.path).map_err(failed("open", &file.path))?;
    hash::sequential(&source);
    let open = source.metadata().map_err(failed("look at", &file.path))?;
    let hashed = hash::copy(&mut source, target).map_err(failed("copy", to))?;
    let after = file.path.symlink_metadata().map_err(|_| ReceiveError::Changed(file.name.clone()))?;
    let unchanged = [open, after].iter().all(|about| is_as_chosen(file, about)) && hashed.bytes == file.bytes;
    if unchanged { Ok(hashed) } else { Err(ReceiveError::Changed(file.name.clone())) }
}

fn is_as_chosen(file: &Candidate, about: &std::fs::Metadata) -> bool {
    // The time of writing can be set back by whoever wrote; that of the last change cannot.
    about.len() == file.bytes && times::modified(about) == file.modified && times::changed(about) == file.changed
}

fn batch(delivery: &Delivery, hashed: Vec<Hashed>, paths: Vec<PathBuf>) -> Batch {
    let received = delivery.files.iter().zip(hashed).zip(paths);
    let files: Vec<ReceivedFile> = received.map(|((file, hashed), path)| received_file(file, hashed, path)).collect();
    Batch { sha256: batch_hash(&files), files }
}

fn received_file(file: &Candidate, hashed: Hashed, path: PathBuf) -> ReceivedFile {
    let Hashed { sha256, bytes } = hashed;
    ReceivedFile { name: file.name.clone(), path, bytes, sha256, modified: file.modified, content: file.content }
}

/// A hash over kinds and contents, sorted: the same set under other file names is the same batch.
fn batch_hash(files: &[ReceivedFile]) -> String {
    let mut lines: Vec<String> =
        files.iter().map(|file| format!("{} {}\n", file.content.word(), file.sha256)).collect();
    lines.sort();
    format!("sha256:{}", hash::text(&lines.concat()))
}

fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> ReceiveError {
    move |source| ReceiveError::Io { doing, path: path.to_path_buf(), source }
}
