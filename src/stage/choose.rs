//! Which files of a folder are the set: called by `pipeline` and by everything that watches folders, before anything is copied.
//!
//! It reads names, times and first bytes only. What it finds wrong is a problem of the delivery.

use std::path::Path;

use chrono::NaiveDate;

use super::error::{StageError, failed};
use super::file_name::{self, FileName};
use super::limits::{FOLDER_ENTRIES, HEAD_BYTES, MANIFEST_BYTES};
use super::manifest::{self, Manifest};
use super::newest::{self, Found};
use super::other_uploads;
use super::recognise::{Recognised, recognise};
use super::sentences;
use crate::files::{fill, private, times};
use crate::roster::schema::SchemaSet;
use crate::roster::set::{Candidate, Content, Declaration, Delivery, Mode};
use crate::roster::settings::{Presence, Settings};
use crate::roster::{FileKind, Problem};

/// Chooses the files of the set at `path`: a folder, a zip, or one CSV file.
pub fn choose(path: &Path, settings: &Settings, schemas: &SchemaSet) -> Result<Delivery, StageError> {
    choose_among(path, settings, schemas, &|_| true)
}

/// The same among the files of a folder whose names `are_meant`; as if the others were not there.
pub fn choose_among(
    path: &Path,
    settings: &Settings,
    schemas: &SchemaSet,
    are_meant: &dyn Fn(&str) -> bool,
) -> Result<Delivery, StageError> {
    let there = path.canonicalize().map_err(|error| not_there(path, error))?;
    let about = there.metadata().map_err(failed("look at", path))?;
    let mut listing = Listing::new(settings, schemas);
    if about.is_dir() {
        listing.folder(&there, are_meant)?;
    } else if about.is_file() {
        listing.file(&there)?;
    } else {
        return Err(StageError::NotAFile(path.to_path_buf()));
    }
    Ok(listing.into_delivery(path))
}

fn not_there(path: &Path, error: std::io::Error) -> StageError {
    match error.kind() {
        std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => StageError::NotThere(path.to_path_buf()),
        _ => failed("look at", path)(error),
    }
}

/// What was found so far.
struct Listing<'a> {
    settings: &'a Settings,
    schemas: &'a SchemaSet,
    rows: Vec<Found<Candidate>>,
    zips: Vec<Candidate>,
    manifest: Option<Manifest>,
    problems: Vec<Problem>,
    spoiled: Vec<FileKind>,
    /// Every file that was looked at.
    names: Vec<String>,
}

impl<'a> Listing<'a> {
    fn new(settings: &'a Settings, schemas: &'a SchemaSet) -> Self {
        let (rows, zips, problems, spoiled, names) = Default::default();
        Self { settings, schemas, rows, zips, manifest: None, problems, spoiled, names }
    }

    fn folder(&mut self, folder: &Path, are_meant: &dyn Fn(&str) -> bool) -> Result<(), StageError> {
        let mut names = Vec::new();
        for entry in folder.read_dir().map_err(failed("list", folder))?.take(FOLDER_ENTRIES + 1) {
            names.push(entry.map_err(failed("list", folder))?.file_name());
        }
        if names.len() > FOLDER_ENTRIES {
            return Err(StageError::FolderTooLarge { folder: folder.to_path_buf(), limit: FOLDER_ENTRIES });
        }
        names.retain(|name| are_meant(&name.to_string_lossy()));
        names.sort();
        names.iter().try_for_each(|name| self.entry(&folder.join(name)))
    }

    fn entry(&mut self, path: &Path) -> Result<(), StageError> {
        let name = name_of(path);
        let Ok(about) = path.symlink_metadata() else { return Ok(()) };
        if file_name::never_looked_at(&name) {
            return Ok(());
        } else if about.is_dir() {
            self.problems
                .extend(other_uploads::by_folder(&name).map(|other| sentences::other_upload(&name, other.what)));
        } else if about.is_symlink() && FileName::new(&name).may_be_data() {
            self.problems.push(sentences::link(&name));
        } else if about.is_file() && FileName::new(&name).may_be_data() {
            self.file(path)?;
        }
        Ok(())
    }

    fn file(&mut self, path: &Path) -> Result<(), StageError> {
        let (candidate, head) = look(path)?;
        self.names.push(candidate.name.clone());
        if self.take_manifest(&candidate, path)? {
            return Ok(());
        }
        let name = FileName::new(&candidate.name);
        match recognise(&name, &head, self.schemas) {
            Recognised::Rows(schema) => self.take_rows(candidate, &name, schema),
            Recognised::Zip => self.zips.push(candidate),
            Recognised::Spreadsheet(schema) => self.spreadsheet(&candidate.name, &name, schema),
            Recognised::Other(other) => self.problems.push(sentences::other_upload(&candidate.name, other.what)),
            Recognised::Unknown => self.problems.push(sentences::unknown(&candidate.name)),
        }
        Ok(())
    }

    fn take_manifest(&mut self, candidate: &Candidate, path: &Path) -> Result<bool, StageError> {
        if !candidate.name.eq_ignore_ascii_case(manifest::NAME) || candidate.bytes > MANIFEST_BYTES {
            return Ok(false);
        }
        let bytes = std::fs::read(path).map_err(failed("read", path))?;
        let read = Manifest::read(&candidate.name, &bytes, self.schemas);
        Ok(read.inspect(|manifest| self.manifest = Some(manifest.clone())).is_some())
    }

    fn take_rows(&mut self, mut candidate: Candidate, name: &FileName, schema: usize) {
        let kind = self.schemas.schemas[schema].kind;
        if self.settings.set.presence(kind) == Presence::Ignored {
            return;
        }
        candidate.content = Content::Csv { kind, schema };
        let (stamp, corrected, modified) = (name.stamp, name.is_corrected(), candidate.modified);
        self.rows.push(Found { name: candidate.name.clone(), stamp, modified, schema, corrected, place: candidate });
    }

    fn spreadsheet(&mut self, file: &str, name: &FileName, schema: Option<usize>) {
        let meant = schema.filter(|_| name.may_be_table());
        self.spoiled.extend(meant.map(|schema| self.schemas.schemas[schema].kind));
        self.problems.push(sentences::spreadsheet(file, meant.is_some()));
    }

    fn into_delivery(mut self, path: &Path) -> Delivery {
        let manifest = self.manifest.take().unwrap_or_default();
        let rows = self.without_absent(&manifest);
        let picked = newest::pick(&rows, self.schemas);
        let zips = newest_zips(std::mem::take(&mut self.zips), &mut self.problems);
        let delta = manifest.delta || picked.chosen.iter().any(|found| found.corrected);
        let dated =
            manifest.date.or_else(|| dates(&picked.chosen, &zips)).or_else(|| FileName::new(&name_of(path)).date());
        let mut files: Vec<Candidate> = picked.chosen.into_iter().map(|found| found.place).chain(zips).collect();
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let declared = self.declared(&manifest, &files);
        self.problems.extend(manifest.problems.into_iter().chain(picked.problems));
        if files.is_empty() && self.spoiled.is_empty() {
            self.problems.insert(0, sentences::nothing(path, self.settings));
        }
        let mode = if delta { Mode::Delta } else { Mode::Full };
        let (problems, spoiled, promised) = (self.problems, self.spoiled, manifest.promised);
        Delivery { files, mode, problems, dated, spoiled, promised, declared }
    }

    /// What the manifest says of the chosen files and of such that are not there. Sizes are judged here, hashes once they are known.
    fn declared(&mut self, manifest: &Manifest, files: &[Candidate]) -> Vec<Declaration> {
        let mut all = Vec::new();
        for file in files {
            let Some(declared) = manifest.of(&file.name, file.content.schema(), self.schemas) else { continue };
            if !declared.is_of_size(file.bytes) {
                self.problems.push(sentences::other_size(&declared, file.bytes));
            }
            all.push(declared);
        }
        let missing = manifest.missing(&self.names, self.settings, self.schemas);
        self.problems.extend(missing.iter().map(sentences::declared_and_missing));
        all.extend(missing);
        all
    }

    /// A file of a kind that the manifest says is not there is left over from another day.
    fn without_absent(&mut self, manifest: &Manifest) -> Vec<Found<Candidate>> {
        let rows = std::mem::take(&mut self.rows);
        let (absent, rows): (Vec<_>, Vec<_>) =
            rows.into_iter().partition(|found| manifest.absent.contains(&found.kind(self.schemas)));
        self.problems.extend(absent.iter().map(|found| sentences::absent(&found.name)));
        rows
    }
}

/// The size, time and first bytes of a file. Its content is not known yet, and is called a zip until it is.
fn look(path: &Path) -> Result<(Candidate, Vec<u8>), StageError> {
    let mut file = private::open_regular(path).map_err(failed("open", path))?;
    let about = file.metadata().map_err(failed("look at", path))?;
    let mut head = vec![0; HEAD_BYTES];
    let count = fill(&mut file, &mut head).map_err(failed("read", path))?;
    head.truncate(count);
    let (name, bytes) = (name_of(path), about.len());
    let (modified, changed) = (times::modified(&about), times::changed(&about));
    Ok((Candidate { name, path: path.to_path_buf(), bytes, modified, changed, content: Content::Zip }, head))
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// The newest of all zips that differ only in their dates; a folder may keep a year of them.
fn newest_zips(zips: Vec<Candidate>, problems: &mut Vec<Problem>) -> Vec<Candidate> {
    let mut by_words: std::collections::BTreeMap<Vec<String>, Vec<Candidate>> = std::collections::BTreeMap::new();
    for zip in zips {
        by_words.entry(FileName::new(&zip.name).words).or_default().push(zip);
    }
    by_words.into_values().filter_map(|alike| newest_zip(alike, problems)).collect()
}

fn newest_zip(alike: Vec<Candidate>, problems: &mut Vec<Problem>) -> Option<Candidate> {
    let found: Vec<Found<Candidate>> = alike.into_iter().map(zip_found).collect();
    let (newest, rival) = newest::of_all(&found)?;
    problems.extend(rival.map(|rival| sentences::two_zips(&newest.name, &rival.name)));
    Some(newest.place.clone())
}

fn zip_found(zip: Candidate) -> Found<Candidate> {
    let stamp = FileName::new(&zip.name).stamp;
    Found { name: zip.name.clone(), stamp, modified: zip.modified, schema: 0, corrected: false, place: zip }
}

fn dates(rows: &[Found<Candidate>], zips: &[Candidate]) -> Option<NaiveDate> {
    let of_rows = rows.iter().filter_map(|found| found.stamp).map(|stamp| stamp.date());
    of_rows.chain(zips.iter().filter_map(|zip| FileName::new(&zip.name).date())).max()
}
