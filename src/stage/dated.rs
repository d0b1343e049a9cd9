//! The dated sets that lie at some paths: a folder or zip each, or folders of such. Called by the command `backfill`, before
//! anything is opened or written.
//!
//! It knows names, manifests and the lists of zips; not what the rows say.

use std::path::{Path, PathBuf};

use chrono::{NaiveDate, NaiveDateTime};

use super::error::{StageError, failed};
use super::file_name::{self, FileName};
use super::limits::MANIFEST_BYTES;
use super::manifest::{self, Manifest};
use super::{other_uploads, zip_entries};
use crate::roster::schema::SchemaSet;
use crate::roster::set::Content;
use crate::roster::settings::Settings;

/// How deep folders of folders are followed: years, months and days, and one for good measure.
const DEPTH: usize = 4;

/// One set and its day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatedSet {
    /// A folder, a zip, or one file.
    pub path: PathBuf,
    /// The day for which it speaks, where something tells it.
    pub date: Option<NaiveDate>,
    /// The time of day in its name, so that two sets of one day stand in their order.
    stamp: Option<NaiveDateTime>,
}

/// Finds every set at `paths`, the oldest first; those without a day before them.
pub fn dated_sets(paths: &[PathBuf], settings: &Settings, schemas: &SchemaSet) -> Result<Vec<DatedSet>, StageError> {
    let mut finder = Finder { settings, schemas, found: Vec::new() };
    paths.iter().try_for_each(|path| finder.look(path, DEPTH))?;
    let mut found = finder.found;
    found.sort_by(|a, b| order(a).cmp(&order(b)));
    found.dedup();
    Ok(found)
}

/// Sets of one day and time stand in the order of their names: it must not matter in which order they were given.
fn order(set: &DatedSet) -> (Option<NaiveDate>, Option<NaiveDateTime>, String, &Path) {
    (set.date, set.stamp, name_of(&set.path), &set.path)
}

struct Finder<'a> {
    settings: &'a Settings,
    schemas: &'a SchemaSet,
    found: Vec<DatedSet>,
}

impl Finder<'_> {
    fn look(&mut self, path: &Path, depth: usize) -> Result<(), StageError> {
        let delivery = super::choose(path, self.settings, self.schemas)?;
        let has_rows = delivery.files.iter().any(|file| file.content != Content::Zip) || !delivery.spoiled.is_empty();
        let inner = if has_rows || depth == 0 || !path.is_dir() { Vec::new() } else { sets_in(path)? };
        if inner.is_empty() {
            let is_nothing = delivery.files.is_empty() && !has_rows && depth < DEPTH;
            if is_nothing && delivery.dated.is_none() {
                return Ok(());
            }
            let date = delivery.dated.or_else(|| self.date_inside(path));
            self.found.push(DatedSet { path: path.to_path_buf(), date, stamp: FileName::new(&name_of(path)).stamp });
            return Ok(());
        }
        let before = self.found.len();
        inner.iter().try_for_each(|inner| self.look(inner, depth - 1))?;
        // The only set in a dated folder is of the folder's day.
        if let [only @ DatedSet { date: None, .. }] = &mut self.found[before..] {
            only.date = FileName::new(&name_of(path)).date();
        }
        Ok(())
    }

    /// The day that a zip's manifest or the names in it tell. A zip that cannot be read is judged when its turn comes.
    fn date_inside(&self, zip: &Path) -> Option<NaiveDate> {
        let (mut archive, entries) = zip_entries::open(zip, &name_of(zip), &self.settings.limits).ok()?;
        let mut newest = None;
        for entry in &entries {
            if entry.name().eq_ignore_ascii_case(manifest::NAME) {
                let mut bytes = Vec::new();
                let mut source = std::io::Read::take(archive.by_index(entry.index).ok()?, MANIFEST_BYTES);
                std::io::Read::read_to_end(&mut source, &mut bytes).ok()?;
                let manifest = Manifest::read(manifest::NAME, &bytes, self.schemas);
                if let Some(date) = manifest.and_then(|manifest| manifest.date) {
                    return Some(date);
                }
            }
            let name = FileName::new(entry.name());
            newest = newest.max(name.date().filter(|_| name.may_be_table()));
        }
        newest
    }
}

/// Folders and zips in a folder without files of rows. None where the folder is itself one set: a dated folder of zips that
/// have no dates of their own.
fn sets_in(folder: &Path) -> Result<Vec<PathBuf>, StageError> {
    let (mut folders, mut zips) = (Vec::new(), Vec::new());
    for entry in folder.read_dir().map_err(failed("list", folder))? {
        let path = entry.map_err(failed("list", folder))?.path();
        let name = name_of(&path);
        let Ok(about) = path.symlink_metadata() else { continue };
        if file_name::never_looked_at(&name) || is_beside_a_database(&path) {
            continue;
        } else if about.is_dir() && other_uploads::by_folder(&name).is_none() {
            folders.push(path);
        } else if about.is_file() && name.to_lowercase().ends_with(".zip") {
            zips.push(path);
        }
    }
    let has_date = |path: &Path| FileName::new(&name_of(path)).date().is_some();
    let is_one_set = folders.is_empty() && has_date(folder) && !zips.iter().any(|zip| has_date(zip));
    folders.extend(zips);
    Ok(if is_one_set { Vec::new() } else { folders })
}

/// Our own folder beside a database, `rosterd.db.d`, which holds copies of sets.
fn is_beside_a_database(folder: &Path) -> bool {
    folder.extension().is_some_and(|ending| ending == "d") && folder.with_extension("").is_file()
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::fixture::{SET, folder, schemas, settings, write};

    /// Puts the whole set into `name` below `home`.
    fn put(home: &Path, name: &str) {
        std::fs::create_dir_all(home.join(name)).expect("a folder");
        SET.iter().for_each(|(file, text)| write(&home.join(name), file, text.as_bytes()));
    }

    /// The sets at `paths` below `home`, each as `date path`.
    fn found(home: &Path, paths: &[&str]) -> Vec<String> {
        let paths: Vec<PathBuf> = paths.iter().map(|path| home.join(path)).collect();
        let sets = dated_sets(&paths, &settings(), &schemas()).expect("they can be read");
        let below = |path: &Path| path.strip_prefix(home).unwrap_or(path).display().to_string();
        let date = |set: &DatedSet| set.date.map_or("-".into(), |date| date.to_string());
        sets.iter().map(|set| format!("{} {}", date(set), below(&set.path))).collect()
    }

    #[test]
    fn sets_are_found_oldest_first_whatever_the_order_of_the_paths() {
        let home = folder();
        for name in ["2026-09-02", "old/night_20260901", "old/2026-08-30/export", "undated"] {
            put(home.path(), name);
        }
        let expected =
            ["- undated", "2026-08-30 old/2026-08-30/export", "2026-09-01 old/night_20260901", "2026-09-02 2026-09-02"];
        assert_eq!(found(home.path(), &["2026-09-02", "old", "undated"]), expected);
        assert_eq!(found(home.path(), &["undated", "old", "2026-09-02", "old"]), expected);
        assert_eq!(found(home.path(), &["."]).len(), 4);
    }

    #[test]
    fn a_manifest_and_the_names_of_files_tell_the_day_too() {
        let home = folder();
        put(home.path(), "a");
        write(&home.path().join("a"), "manifest.csv", b"propertyName,value\ndate,2026-09-05\n");
        put(home.path(), "b");
        std::fs::rename(home.path().join("b/students.csv"), home.path().join("b/students_2026-09-04.csv"))
            .expect("a name");
        assert_eq!(found(home.path(), &["a", "b"]), ["2026-09-04 b", "2026-09-05 a"]);
    }

    #[test]
    fn our_own_folder_and_empty_ones_among_sets_are_passed_over() {
        let home = folder();
        put(home.path(), "2026-09-02");
        put(home.path(), "rosterd.db.d/batches/0-12ab");
        write(home.path(), "rosterd.db", b"");
        std::fs::create_dir(home.path().join("empty")).expect("a folder");
        assert_eq!(found(home.path(), &["."]), ["2026-09-02 2026-09-02"]);
    }

    #[test]
    fn an_empty_folder_is_a_set_that_nobody_can_date() {
        let home = folder();
        std::fs::create_dir(home.path().join("empty")).expect("a folder");
        assert_eq!(found(home.path(), &["empty"]), ["- empty"]);
        assert!(dated_sets(&[home.path().join("nowhere")], &settings(), &schemas()).is_err());
    }
}
