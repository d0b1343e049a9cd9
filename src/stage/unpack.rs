//! Unpacks the files of rows from a zip, under limits on what really comes out of it.
//!
//! Called by `gather`. A zip that is refused leaves nothing behind.

use std::io::{Error, ErrorKind, Read, Result as IoResult};
use std::path::{Path, PathBuf};

use super::error::{StageError, failed};
use super::file_name::{self, FileName, shown};
use super::limits::{HEAD_BYTES, MANIFEST_BYTES, RATIO_FLOOR_BYTES};
use super::manifest::{self, Manifest};
use super::newest::{self, Found};
use super::other_uploads;
use super::prepare::Piece;
use super::recognise::{Recognised, recognise};
use super::sentences;
use super::zip_entries::{self, Archive, Entry, Refusal, damaged, refuse};
use crate::files::{fill, hash, private};
use crate::roster::schema::SchemaSet;
use crate::roster::set::{Declaration, ReceivedFile};
use crate::roster::settings::{LimitSettings, Presence, Settings};
use crate::roster::{FileKind, Problem};

/// What came out of a zip.
#[derive(Default)]
pub(super) struct Unpacked {
    /// Files of rows, one a kind.
    pub pieces: Vec<Piece>,
    /// What is wrong with the zip or its entries.
    pub problems: Vec<Problem>,
    /// Its manifest.
    pub manifest: Manifest,
    /// Kinds that are in it and cannot be used.
    pub spoiled: Vec<FileKind>,
    /// Whether it was refused, so that nobody knows what it held.
    pub refused: bool,
    /// Whether it holds corrected rows.
    pub corrected: bool,
}

/// Unpacks `zip` into the folder `into`; `left` is how many bytes the set may still have.
pub(super) fn unpack(
    zip: &ReceivedFile,
    into: &Path,
    left: &mut u64,
    settings: &Settings,
    schemas: &SchemaSet,
) -> Result<Unpacked, StageError> {
    let mut unpacking = Unpacking { zip, into, left, settings, schemas, out: Unpacked::default() };
    let Err(refusal) = unpacking.run() else { return Ok(unpacking.out) };
    let Unpacked { pieces, .. } = unpacking.out;
    for piece in pieces {
        std::fs::remove_file(&piece.path).map_err(failed("remove", &piece.path))?;
    }
    match refusal {
        Refusal::Unsafe(problem) => Ok(Unpacked { problems: vec![*problem], refused: true, ..Unpacked::default() }),
        Refusal::Failed(error) => Err(error),
    }
}

struct Unpacking<'a> {
    zip: &'a ReceivedFile,
    into: &'a Path,
    left: &'a mut u64,
    settings: &'a Settings,
    schemas: &'a SchemaSet,
    out: Unpacked,
}

impl Unpacking<'_> {
    fn run(&mut self) -> Result<(), Refusal> {
        let (mut archive, entries) = zip_entries::open(&self.zip.path, &self.zip.name, &self.settings.limits)?;
        if entries.iter().any(|entry| entry.path == "[Content_Types].xml") {
            self.out.problems.push(sentences::spreadsheet(&self.zip.name, true));
            self.out.refused = true;
            return Ok(());
        }
        let found = self.look_through(&mut archive, entries)?;
        let picked = newest::pick(&found, self.schemas);
        self.out.problems.extend(picked.problems);
        if picked.chosen.is_empty() && self.out.problems.is_empty() {
            self.out.problems.push(sentences::unknown(&self.zip.name));
        }
        let names: Vec<String> = found.iter().map(|found| found.place.name().to_owned()).collect();
        picked.chosen.iter().try_for_each(|found| self.extract(&mut archive, found))?;
        self.compare_with_manifest(&names);
        Ok(())
    }

    /// Whether everything that came out is what the manifest in the zip says. `names` are those of all files of rows in it.
    fn compare_with_manifest(&mut self, names: &[String]) {
        let manifest = &self.out.manifest;
        for piece in &self.out.pieces {
            let inner = piece.name.rsplit(['/', '\\']).next().unwrap_or(&piece.name);
            let Some(declared) = manifest.of(inner, Some(piece.schema), self.schemas) else { continue };
            let declared = Declaration { name: piece.name.clone(), ..declared };
            if !declared.is_of_size(piece.bytes) {
                self.out.problems.push(sentences::other_size(&declared, piece.bytes));
            } else if !declared.is_of_hash(&piece.sha256) {
                self.out.problems.push(sentences::other_hash(&declared, &piece.sha256));
            }
        }
        let missing = manifest.missing(names, self.settings, self.schemas);
        self.out.problems.extend(missing.iter().map(sentences::declared_and_missing));
    }

    fn look_through(&mut self, archive: &mut Archive, entries: Vec<Entry>) -> Result<Vec<Found<Entry>>, Refusal> {
        let mut found = Vec::new();
        for entry in entries {
            let never = entry.folders().chain([entry.name()]).any(file_name::never_looked_at);
            let elsewhere = entry.folders().find_map(other_uploads::by_folder);
            if let Some(other) = elsewhere.filter(|_| !never) {
                self.out.problems.push(sentences::other_upload(&self.name(&entry), other.what));
            } else if !never && FileName::new(entry.name()).may_be_data() {
                found.extend(self.look_at(archive, entry)?);
            }
        }
        let absent = self.out.manifest.absent.clone();
        let (absent, found): (Vec<_>, Vec<_>) =
            found.into_iter().partition(|one| absent.contains(&one.kind(self.schemas)));
        self.out.problems.extend(absent.iter().map(|one| sentences::absent(&one.name)));
        Ok(found)
    }

    fn look_at(&mut self, archive: &mut Archive, entry: Entry) -> Result<Option<Found<Entry>>, Refusal> {
        if self.take_manifest(archive, &entry)? {
            return Ok(None);
        }
        let head = self.head(archive, &entry, HEAD_BYTES as u64)?;
        let name = FileName::new(entry.name());
        match recognise(&name, &head, self.schemas) {
            Recognised::Rows(schema) => return Ok(self.rows(entry, &name, schema)),
            Recognised::Spreadsheet(schema) => {
                let meant = schema.filter(|_| name.may_be_table());
                self.out.spoiled.extend(meant.map(|schema| self.schemas.schemas[schema].kind));
                self.out.problems.push(sentences::spreadsheet(&self.name(&entry), meant.is_some()));
            }
            Recognised::Other(other) => self.out.problems.push(sentences::other_upload(&self.name(&entry), other.what)),
            Recognised::Zip | Recognised::Unknown => self.out.problems.push(sentences::unknown(&self.name(&entry))),
        }
        Ok(None)
    }

    fn take_manifest(&mut self, archive: &mut Archive, entry: &Entry) -> Result<bool, Refusal> {
        if !entry.name().eq_ignore_ascii_case(manifest::NAME) {
            return Ok(false);
        }
        let bytes = self.head(archive, entry, MANIFEST_BYTES)?;
        let Some(manifest) = Manifest::read(&self.name(entry), &bytes, self.schemas) else { return Ok(false) };
        self.out.problems.extend(manifest.problems.iter().cloned());
        self.out.manifest = manifest;
        Ok(true)
    }

    fn rows(&mut self, entry: Entry, name: &FileName, schema: usize) -> Option<Found<Entry>> {
        if self.settings.set.presence(self.schemas.schemas[schema].kind) == Presence::Ignored {
            return None;
        }
        let (stamp, modified, corrected) = (name.stamp, entry.modified, name.is_corrected());
        Some(Found { name: self.name(&entry), stamp, modified, schema, corrected, place: entry })
    }

    /// The first bytes of an entry.
    fn head(&self, archive: &mut Archive, entry: &Entry, limit: u64) -> Result<Vec<u8>, Refusal> {
        let source = archive.by_index(entry.index).map_err(|error| damaged(&self.name(entry), &error))?;
        let mut head = Vec::new();
        let mut block = [0; 4096];
        let mut source = Unzipped(source).take(limit);
        loop {
            match fill(&mut source, &mut block).map_err(|_| self.broken(entry))? {
                0 => return Ok(head),
                count => head.extend_from_slice(&block[..count]),
            }
        }
    }

    fn extract(&mut self, archive: &mut Archive, found: &Found<Entry>) -> Result<(), Refusal> {
        let path = self.into.join(format!("unpacked-{}-{}", found.place.index, self.zip_number()));
        let source = archive.by_index(found.place.index).map_err(|error| damaged(&found.name, &error))?;
        let cap = Cap::new(source.compressed_size(), *self.left, &self.settings.limits);
        let mut target = private::create_file(&path).map_err(failed("create", &path))?;
        self.out.pieces.push(self.piece(found, path.clone()));
        let copied = hash::copy(&mut Unzipped(source).take(cap.bytes.saturating_add(1)), &mut target);
        let hashed = match copied {
            Ok(hashed) if hashed.bytes > cap.bytes => return Err(refuse(&self.zip.name, cap.sentence(&found.name))),
            Ok(hashed) => hashed,
            Err(error) if error.kind() == ErrorKind::InvalidData => return Err(self.broken(&found.place)),
            Err(error) => return Err(failed("write", &path)(error).into()),
        };
        *self.left -= hashed.bytes;
        if let Some(piece) = self.out.pieces.last_mut() {
            (piece.bytes, piece.sha256) = (hashed.bytes, hashed.sha256);
        }
        self.out.corrected |= found.corrected;
        Ok(())
    }

    fn piece(&self, found: &Found<Entry>, path: PathBuf) -> Piece {
        let (kind, modified) = (found.kind(self.schemas), self.zip.modified);
        let (name, schema) = (found.name.clone(), found.schema);
        Piece { name, path, bytes: 0, sha256: String::new(), modified, kind, schema, ours: true, from_zip: true }
    }

    fn name(&self, entry: &Entry) -> String {
        format!("{}/{}", self.zip.name, shown(entry.name()))
    }

    /// Tells the files of one zip from those of another of the same set.
    fn zip_number(&self) -> &str {
        self.zip.sha256.get(..16).unwrap_or(&self.zip.sha256)
    }

    fn broken(&self, entry: &Entry) -> Refusal {
        refuse(&self.zip.name, format!("{} in {} is cut off or damaged.", shown(entry.name()), self.zip.name))
    }
}

/// How much may come out of an entry, and which limit says so.
struct Cap {
    bytes: u64,
    by_ratio: bool,
    total: u64,
    ratio: u64,
}

impl Cap {
    fn new(packed: u64, left: u64, limits: &LimitSettings) -> Self {
        let ratio = packed.saturating_mul(limits.zip_ratio).max(RATIO_FLOOR_BYTES);
        Self { bytes: left.min(ratio), by_ratio: ratio < left, total: limits.unpacked_bytes.0, ratio: limits.zip_ratio }
    }

    fn sentence(&self, name: &str) -> String {
        match self.by_ratio {
            true => format!("{name} unpacks to more than {} times its packed size, which rosters do not.", self.ratio),
            false => format!("{name} and the rest of the set unpack to more than {} bytes.", self.total),
        }
    }
}

/// A source whose failures are all the zip's: damaged data, a wrong checksum, an early end.
struct Unzipped<R>(R);

impl<R: Read> Read for Unzipped<R> {
    fn read(&mut self, block: &mut [u8]) -> IoResult<usize> {
        self.0.read(block).map_err(|error| Error::new(ErrorKind::InvalidData, error))
    }
}
