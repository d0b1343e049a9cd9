//! A set on its way in: what was delivered, what was received of it, and what is ready to be read.
//!
//! `stage::choose` makes the delivery, `receive` the batch, `stage` the staged set; `read` and `report` use the last.

use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use super::{FileKind, Problem};

/// What stands in a kept copy where a password may have been moved into a cell. It could have been anything, and named anybody.
pub const HIDDEN: &str = "***";

/// Whether what is missing from a set is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// What is not in the set is gone.
    Full,
    /// Only what is in the set changes; it never removes by absence.
    Delta,
}

impl Mode {
    /// The word in JSON and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Delta => "delta",
        }
    }
}

/// The files of one delivery that are worth taking, before anything was copied.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Delivery {
    /// The newest file of each kind, and zips; sorted by name.
    pub files: Vec<Candidate>,
    /// Full, unless a manifest or a file of corrected rows says otherwise. The caller sets `Delta` for `--delta`.
    pub mode: Mode,
    /// What the names and headers already told. An error refuses the set.
    pub problems: Vec<Problem>,
    /// The day of the set, from its manifest, its file names or its own name.
    pub dated: Option<NaiveDate>,
    /// Kinds that were delivered and cannot be used; a problem says why, so they are not called missing as well.
    pub spoiled: Vec<FileKind>,
    /// Kinds that a manifest promises; a set without them is incomplete even as a delta.
    pub promised: Vec<FileKind>,
    /// What a manifest says of the files beside it.
    pub declared: Vec<Declaration>,
}

impl Delivery {
    /// The files whose bytes are not those that the manifest gives the hash of. A file of another size is a problem already.
    pub fn other_bytes<'a>(&'a self, batch: &'a Batch) -> impl Iterator<Item = (&'a Declaration, &'a ReceivedFile)> {
        let declared = |file: &'a ReceivedFile| self.declared.iter().find(|declared| declared.name == file.name);
        let both = batch.files.iter().filter_map(move |file| Some((declared(file)?, file)));
        both.filter(|(declared, file)| declared.is_of_size(file.bytes) && !declared.is_of_hash(&file.sha256))
    }
}

/// What a manifest says of a file, so that it can be told whether all of it has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Declaration {
    /// The file, as delivered; as the manifest writes it if it is not there.
    pub name: String,
    /// Its size.
    pub bytes: Option<u64>,
    /// Its hash in hexadecimal.
    pub sha256: Option<String>,
    /// The manifest.
    pub manifest: String,
}

impl Declaration {
    /// Whether a file of `bytes` bytes is what was declared.
    pub fn is_of_size(&self, bytes: u64) -> bool {
        self.bytes.is_none_or(|declared| declared == bytes)
    }

    /// Whether a file with the hash `sha256` is what was declared.
    pub fn is_of_hash(&self, sha256: &str) -> bool {
        self.sha256.as_deref().is_none_or(|declared| declared == sha256)
    }
}

/// One file that is worth taking.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// As delivered.
    pub name: String,
    /// Where it lies. Remembered for people to read: once the file was copied nobody opens it again, and a sender may have named
    /// it in an encoding of its own.
    #[serde(serialize_with = "readable")]
    pub path: PathBuf,
    /// Its size when it was chosen.
    pub bytes: u64,
    /// Its time when it was chosen.
    pub modified: Option<DateTime<Utc>>,
    /// When anything about it last changed (ctime), which a sender cannot set back.
    pub changed: Option<DateTime<Utc>>,
    /// What it holds.
    pub content: Content,
}

/// What a delivered file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Content {
    /// Rows of one kind.
    Csv {
        /// What the rows are.
        kind: FileKind,
        /// Index into `SchemaSet::schemas`; of use only with the schemas with which it was chosen.
        schema: usize,
    },
    /// An archive of files.
    Zip,
}

impl Content {
    /// The word under which the content counts in a batch's hash, so that a file's name does not.
    pub fn word(self) -> &'static str {
        match self {
            Self::Csv { kind, .. } => kind.word(),
            Self::Zip => "zip",
        }
    }

    /// The schema of its rows; an archive has none.
    pub fn schema(self) -> Option<usize> {
        match self {
            Self::Csv { schema, .. } => Some(schema),
            Self::Zip => None,
        }
    }
}

/// A file of the last batch, to tell whether the same has come again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownFile {
    /// As delivered.
    pub name: String,
    /// Its size.
    pub bytes: u64,
    /// Hash in hexadecimal.
    pub sha256: String,
}

/// One delivery, kept immutable under its hash.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// `sha256:<hex>` over what the files hold, whatever their names and order.
    pub sha256: String,
    /// The files, sorted by name.
    pub files: Vec<ReceivedFile>,
}

/// One file of a batch, as delivered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReceivedFile {
    /// As delivered.
    pub name: String,
    /// Where its bytes are now: the private copy, or the file itself when nothing was copied. Remembered as a name in its folder.
    #[serde(serialize_with = "name_only")]
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Hash in hexadecimal.
    pub sha256: String,
    /// Its time when it was chosen.
    pub modified: Option<DateTime<Utc>>,
    /// What it holds.
    pub content: Content,
}

impl Batch {
    /// The batch as it was remembered, with its files in `folder`.
    pub fn in_folder(mut self, folder: &Path) -> Self {
        for file in &mut self.files {
            file.path = folder.join(&file.path);
        }
        self
    }
}

/// A delivery and its private copy, as it is remembered until its run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Received {
    /// What was delivered.
    pub delivery: Delivery,
    /// What was received of it.
    pub batch: Batch,
}

impl ReceivedFile {
    /// What must be remembered to recognise it tomorrow.
    pub fn known(&self) -> KnownFile {
        KnownFile { name: self.name.clone(), bytes: self.bytes, sha256: self.sha256.clone() }
    }
}

/// One file ready to be read: UTF-8, without secrets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StagedFile {
    /// As delivered; of a zip `export.zip/students.csv`.
    pub name: String,
    /// What its rows are.
    pub kind: FileKind,
    /// Index into `SchemaSet::schemas`.
    pub schema: usize,
    /// The clean bytes. Remembered as a name in its folder, which moves when the copy is kept.
    #[serde(serialize_with = "name_only")]
    pub path: PathBuf,
    /// Bytes of a byte order mark at the start of `path`, to be skipped.
    pub skip: u64,
    /// Size as delivered.
    pub bytes: u64,
    /// Hash of what was delivered, in hexadecimal.
    pub sha256: String,
    /// Hash of what is kept, in hexadecimal.
    pub kept_sha256: String,
    /// The encoding it was delivered in: `utf-8`, `utf-16le`, `windows-1252`.
    pub encoding: String,
    /// What separates its cells.
    pub delimiter: u8,
    /// Whether the last byte is a line break; when it no longer is, the file may be cut off.
    pub ends_with_line_break: bool,
    /// When it was last written, as far as the delivery tells; of no use later.
    #[serde(skip)]
    pub modified: Option<DateTime<Utc>>,
}

fn readable<S: serde::Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}

fn name_only<S: serde::Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    path.file_name().unwrap_or_default().to_string_lossy().serialize(serializer)
}

/// A set ready to be read.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StagedSet {
    /// At most one file a kind, parents first.
    pub files: Vec<StagedFile>,
    /// Whether what is missing is gone.
    pub mode: Mode,
    /// Everything found so far; an error refuses the set.
    pub problems: Vec<Problem>,
    /// The day of the set, if something tells it.
    pub dated: Option<NaiveDate>,
}

impl StagedSet {
    /// Whether anything found so far refuses the set.
    pub fn refused(&self) -> bool {
        self.problems.iter().any(Problem::is_error)
    }

    /// The file of `kind`, if there is one.
    pub fn file(&self, kind: FileKind) -> Option<&StagedFile> {
        self.files.iter().find(|file| file.kind == kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    fn time(text: &str) -> Option<DateTime<Utc>> {
        Some(text.parse().unwrap())
    }

    #[test]
    fn a_delivery_is_remembered_with_its_times_to_the_nanosecond_whatever_its_files_are_called() {
        let file = Candidate {
            name: "Schüler.csv".into(),
            path: Path::new("/drop").join(OsStr::from_bytes(b"Sch\xfcler.csv")),
            bytes: 7,
            modified: time("2026-11-20T01:02:03.000000001Z"),
            changed: time("2026-11-20T01:02:04.987654321Z"),
            content: Content::Csv { kind: FileKind::Students, schema: 3 },
        };
        let delivery = Delivery {
            files: vec![file],
            mode: Mode::Delta,
            problems: Vec::new(),
            dated: None,
            spoiled: Vec::new(),
            promised: vec![FileKind::Staff],
            declared: vec![Declaration {
                name: "Schüler.csv".into(),
                bytes: Some(7),
                sha256: None,
                manifest: "manifest.csv".into(),
            }],
        };
        let text = serde_json::to_string(&delivery).unwrap();
        let mut again: Delivery = serde_json::from_str(&text).unwrap();
        assert!(again.files[0].path.starts_with("/drop"));
        again.files[0].path = delivery.files[0].path.clone();
        assert_eq!(again, delivery);
    }

    #[test]
    fn a_batch_is_remembered_without_its_folder() {
        let file = ReceivedFile {
            name: "export.zip".into(),
            path: "/here/inbox/1/0-zip".into(),
            bytes: 1,
            sha256: "ab".into(),
            modified: None,
            content: Content::Zip,
        };
        let batch = Batch { sha256: "sha256:cd".into(), files: vec![file] };
        let text = serde_json::to_string(&batch).unwrap();
        assert!(!text.contains("inbox"), "{text}");
        let again: Batch = serde_json::from_str(&text).unwrap();
        assert_eq!(again.in_folder(Path::new("/here/inbox/1")), batch);
    }
}
