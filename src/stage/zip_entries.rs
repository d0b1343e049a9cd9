//! The entries of a zip, after everything dangerous in its list was refused by name. Nothing is unpacked here.
//!
//! Used by `unpack`. A zip's own word on sizes and counts is not trusted; this only refuses what it admits.

use std::cell::Cell;
use std::fs::File;
use std::io::{BufReader, Error, ErrorKind, Read, Result as IoResult, Seek, SeekFrom};
use std::path::Path;
use std::rc::Rc;

use chrono::{DateTime, NaiveDate, Utc};
use zip::ZipArchive;
use zip::result::ZipError;

use super::error::{StageError, failed};
use super::file_name::shown;
use super::limits::ZIP_DIRECTORY_BYTES;
use crate::files::private;
use crate::roster::Problem;
use crate::roster::problem::Code;
use crate::roster::settings::LimitSettings;

/// Why a zip is not unpacked.
pub(super) enum Refusal {
    /// It is dangerous or damaged.
    Unsafe(Box<Problem>),
    /// We failed.
    Failed(StageError),
}

impl From<StageError> for Refusal {
    fn from(error: StageError) -> Self {
        Self::Failed(error)
    }
}

/// A zip that is open.
pub(super) type Archive = ZipArchive<BufReader<Metered>>;

/// One file in a zip.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    /// Its place in the zip's list.
    pub index: usize,
    /// Its name with folders, as the zip spells it.
    pub path: String,
    /// When it was last written, by the clock of who packed it: good for comparing within the zip only.
    pub modified: Option<DateTime<Utc>>,
}

impl Entry {
    /// Its folders, outermost first.
    pub fn folders(&self) -> impl Iterator<Item = &str> {
        let parts: Vec<&str> = self.path.split(['/', '\\']).collect();
        let count = parts.len().saturating_sub(1);
        parts.into_iter().take(count)
    }

    /// Its name without folders.
    pub fn name(&self) -> &str {
        self.path.rsplit(['/', '\\']).next().unwrap_or(&self.path)
    }
}

/// Opens the zip at `path` and lists its files.
pub(super) fn open(path: &Path, name: &str, limits: &LimitSettings) -> Result<(Archive, Vec<Entry>), Refusal> {
    let file = private::open_regular(path).map_err(failed("open", path))?;
    let budget = Rc::new(Cell::new(ZIP_DIRECTORY_BYTES));
    let reader = BufReader::new(Metered { file, left: Rc::clone(&budget) });
    let mut archive = ZipArchive::new(reader).map_err(|error| damaged(name, &error))?;
    let entries = entries(&mut archive, name, limits)?;
    budget.set(u64::MAX);
    Ok((archive, entries))
}

fn entries(archive: &mut Archive, name: &str, limits: &LimitSettings) -> Result<Vec<Entry>, Refusal> {
    if archive.len() > limits.zip_entries {
        let text = format!("{name} has {} entries; at most {} are allowed.", archive.len(), limits.zip_entries);
        return Err(refuse(name, text));
    }
    if archive.has_duplicate_names() {
        return Err(refuse(name, format!("{name} lists the same entry more than once.")));
    }
    let entries = (0..archive.len()).map(|index| entry(archive, index, name)).collect::<Result<Vec<_>, _>>()?;
    if archive.has_overlapping_entries().map_err(|error| damaged(name, &error))? {
        return Err(refuse(name, format!("{name} has entries that overlap, which no ordinary zip has.")));
    }
    Ok(entries.into_iter().flatten().collect())
}

/// One entry; nothing for a folder.
fn entry(archive: &Archive, index: usize, zip: &str) -> Result<Option<Entry>, Refusal> {
    let entry = archive.by_index_data(index).map_err(|error| damaged(zip, &error))?;
    let path =
        entry.name().map_or_else(|_| String::from_utf8_lossy(entry.name_raw()).into_owned(), |name| name.into_owned());
    let link = entry.is_symlink() || entry.unix_mode().is_some_and(is_special);
    let reason = match wrong_path(&path) {
        Some(reason) => Some(reason),
        None if link => Some("is a link or a device"),
        None if entry.encrypted() => Some("is encrypted"),
        None => None,
    };
    if let Some(reason) = reason {
        return Err(refuse(zip, format!("{} in {zip} {reason}; such a zip is not unpacked.", shown(&path))));
    }
    let modified = entry.last_modified().and_then(time);
    Ok((!entry.is_dir()).then_some(Entry { index, path, modified }))
}

/// Anything that would leave the folder it is unpacked to, on any system.
fn wrong_path(path: &str) -> Option<&'static str> {
    let drive = path.as_bytes().get(1) == Some(&b':');
    if path.starts_with(['/', '\\']) || drive {
        Some("has an absolute path")
    } else if path.split(['/', '\\']).any(|part| part == "..") {
        Some("leads out of its folder (..)")
    } else if path.contains('\0') {
        Some("has a NUL in its name")
    } else {
        None
    }
}

/// Neither a file nor a folder by its Unix mode, where it has one.
fn is_special(mode: u32) -> bool {
    const TYPE: u32 = 0o170_000;
    const ORDINARY: [u32; 3] = [0, 0o100_000, 0o040_000];
    !ORDINARY.contains(&(mode & TYPE))
}

fn time(time: zip::DateTime) -> Option<DateTime<Utc>> {
    let date = NaiveDate::from_ymd_opt(time.year().into(), time.month().into(), time.day().into())?;
    Some(date.and_hms_opt(time.hour().into(), time.minute().into(), time.second().into())?.and_utc())
}

/// A zip that is refused, in a sentence.
pub(super) fn refuse(name: &str, sentence: String) -> Refusal {
    let proposal = "Pack the CSV files anew with an ordinary zip program, without passwords and links.";
    Refusal::Unsafe(Box::new(Problem::error(Code::ZipUnsafe, sentence).in_file(name).propose(proposal)))
}

/// A zip that cannot be read.
pub(super) fn damaged(name: &str, error: &ZipError) -> Refusal {
    let sentence = match error {
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            format!("{name} is packed in a way that cannot be read here; ordinary zip compression (deflate) can.")
        }
        _ => format!("{name} is cut off or damaged, or not a zip at all."),
    };
    let proposal = "Upload it again; if that does not help, pack the CSV files anew with an ordinary zip program.";
    Refusal::Unsafe(Box::new(Problem::error(Code::ZipUnsafe, sentence).in_file(name).propose(proposal)))
}

/// A file of which only so many bytes may be read.
pub(super) struct Metered {
    file: File,
    left: Rc<Cell<u64>>,
}

impl Read for Metered {
    fn read(&mut self, block: &mut [u8]) -> IoResult<usize> {
        let count = self.file.read(block)?;
        let left = self.left.get().checked_sub(count as u64);
        self.left.set(left.ok_or_else(|| Error::new(ErrorKind::InvalidData, "the list of entries is too long"))?);
        Ok(count)
    }
}

impl Seek for Metered {
    fn seek(&mut self, position: SeekFrom) -> IoResult<u64> {
        self.file.seek(position)
    }
}
