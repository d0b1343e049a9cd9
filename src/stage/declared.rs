//! Whether everything has come that a manifest declares, so that a set need not wait until its folder has been quiet.
//!
//! Called for drop folders, before anything is taken. Looks at sizes first, and reads the files only when all of them agree.

use std::path::Path;

use super::choose;
use super::error::{StageError, failed};
use crate::files::{hash, private, workers};
use crate::roster::FileKind;
use crate::roster::schema::SchemaSet;
use crate::roster::set::{Candidate, Content, Declaration, Delivery};
use crate::roster::settings::{Presence, Settings};

/// What a manifest makes of the files beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Declared {
    /// There is none, or it gives neither size nor hash of one of the files; it cannot be told from it.
    Nothing,
    /// Everything that it declares is there, and is what it declares.
    Agrees,
    /// The same, and it gives the hash of every file, so that no file can be another one.
    AgreesByHash,
    /// Something is not there, or is not what was declared: the upload goes on, or something went wrong.
    Disagrees,
}

/// Compares the files of the set in `folder` with the manifest beside them.
///
/// # Errors
/// When the folder or a file cannot be read, also because it has just gone.
pub fn declared(folder: &Path, settings: &Settings, schemas: &SchemaSet) -> Result<Declared, StageError> {
    Declared::of(&choose(folder, settings, schemas)?, settings)
}

impl Declared {
    /// Compares the files of `delivery` with the manifest that was chosen with them.
    ///
    /// # Errors
    /// When a file cannot be read.
    pub fn of(delivery: &Delivery, settings: &Settings) -> Result<Self, StageError> {
        let pairs: Vec<(&Candidate, &Declaration)> =
            delivery.files.iter().filter_map(|file| Some((file, declared_of(file, delivery)?))).collect();
        if delivery.declared.is_empty() || pairs.len() < delivery.files.len() {
            return Ok(Self::Nothing);
        }
        let has_sizes = || pairs.iter().all(|(file, declared)| declared.is_of_size(file.bytes));
        let is_whole = is_all_there(delivery, settings) && has_sizes() && has_hashes(&pairs)?;
        let is_hashed = pairs.iter().all(|(_, declared)| declared.sha256.is_some());
        Ok(match (is_whole, is_hashed) {
            (false, _) => Self::Disagrees,
            (true, false) => Self::Agrees,
            (true, true) => Self::AgreesByHash,
        })
    }
}

fn declared_of<'a>(file: &Candidate, delivery: &'a Delivery) -> Option<&'a Declaration> {
    delivery.declared.iter().find(|declared| declared.name == file.name)
}

/// What is promised may also be in a zip, which was not opened.
fn is_all_there(delivery: &Delivery, settings: &Settings) -> bool {
    let has = |kind: FileKind| {
        let is_it = |file: &Candidate| file.content == Content::Zip || file.content.word() == kind.word();
        delivery.files.iter().any(is_it)
    };
    let is_read = |kind: &&FileKind| settings.set.presence(**kind) != Presence::Ignored;
    let is_there = |name: &str| delivery.files.iter().any(|file| file.name == name);
    delivery.promised.iter().filter(is_read).all(|kind| has(*kind))
        && delivery.declared.iter().all(|declared| is_there(&declared.name))
}

fn has_hashes(pairs: &[(&Candidate, &Declaration)]) -> Result<bool, StageError> {
    let declared: Vec<_> = pairs.iter().filter(|(_, declared)| declared.sha256.is_some()).collect();
    let read = workers::each(&declared, |(file, _)| file.bytes, |(file, declared)| has_hash(file, declared));
    read.into_iter().try_fold(true, |all, one| Ok(all && one?))
}

fn has_hash(file: &Candidate, declared: &Declaration) -> Result<bool, StageError> {
    let mut source = private::open_regular(&file.path).map_err(failed("open", &file.path))?;
    hash::sequential(&source);
    let hashed = hash::read(&mut source).map_err(failed("read", &file.path))?;
    Ok(declared.is_of_hash(&hashed.sha256))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::fixture::{SET, complete, folder, schemas, settings, write, zip_of_set};

    /// A manifest with the size of every file of the set, and of some the hash, after `lines`.
    fn manifest(lines: &str, hashed: &[&str]) -> String {
        let mut text = format!("propertyName,value\n{lines}");
        for (name, content) in SET {
            text += &format!("size.{name},{}\n", content.len());
            if hashed.contains(&name) {
                text += &format!("sha256.{},{}\n", name.trim_end_matches(".csv"), hash::text(content));
            }
        }
        text
    }

    fn of(folder: &Path) -> Declared {
        declared(folder, &settings(), &schemas()).expect("it can be read")
    }

    #[test]
    fn a_manifest_agrees_once_everything_that_it_declares_is_there() {
        let home = folder();
        write(home.path(), "manifest.csv", manifest("", &["students.csv"]).as_bytes());
        for (name, text) in SET {
            assert_eq!(of(home.path()), Declared::Disagrees, "before {name}");
            write(home.path(), name, &text.as_bytes()[..text.len() - 1]);
            assert_eq!(of(home.path()), Declared::Disagrees, "in the middle of {name}");
            write(home.path(), name, text.as_bytes());
        }
        assert_eq!(of(home.path()), Declared::Agrees);
    }

    #[test]
    fn a_file_of_the_right_size_with_other_bytes_disagrees_where_its_hash_is_given() {
        let home = complete();
        for (name, text) in [("students.csv", SET[1].1), ("teachers.csv", SET[2].1)] {
            write(home.path(), name, text.replace("Tom", "Tim").replace("Ada", "Ida").as_bytes());
        }
        write(home.path(), "manifest.csv", manifest("", &["students.csv"]).as_bytes());
        assert_eq!(of(home.path()), Declared::Disagrees);
        write(home.path(), "manifest.csv", manifest("", &["schools.csv"]).as_bytes());
        assert_eq!(of(home.path()), Declared::Agrees);
    }

    #[test]
    fn a_manifest_with_every_hash_leaves_no_doubt() {
        let home = complete();
        let all: Vec<&str> = SET.iter().map(|(name, _)| *name).collect();
        write(home.path(), "manifest.csv", manifest("", &all).as_bytes());
        assert_eq!(of(home.path()), Declared::AgreesByHash);
    }

    #[test]
    fn a_manifest_that_does_not_speak_of_every_file_tells_nothing() {
        let home = complete();
        assert_eq!(of(home.path()), Declared::Nothing);
        write(home.path(), "manifest.csv", b"propertyName,value\nfile.students,bulk\n");
        assert_eq!(of(home.path()), Declared::Nothing);
        write(home.path(), "manifest.csv", manifest("", &[]).replace("size.sections.csv", "size.section").as_bytes());
        assert_eq!(of(home.path()), Declared::Nothing);
        write(home.path(), "manifest.csv", manifest("", &[]).as_bytes());
        write(home.path(), "staff.csv", b"School_id,Staff_id,Staff_email,First_name,Last_name\n");
        assert_eq!(of(home.path()), Declared::Nothing);
    }

    #[test]
    fn what_is_promised_without_a_size_must_be_there_too() {
        let home = complete();
        write(home.path(), "manifest.csv", manifest("file.staff,bulk\n", &[]).as_bytes());
        assert_eq!(of(home.path()), Declared::Disagrees);
        write(home.path(), "manifest.csv", manifest("file.staff,absent\n", &[]).as_bytes());
        assert_eq!(of(home.path()), Declared::Agrees);
    }

    #[test]
    fn a_zip_is_declared_by_its_name() {
        let (home, zip) = (folder(), zip_of_set(""));
        write(home.path(), "export.zip", &zip);
        write(home.path(), "manifest.csv", format!("propertyName,value\nsize.Export.zip,{}\n", zip.len()).as_bytes());
        assert_eq!(of(home.path()), Declared::Agrees);
        write(home.path(), "export.zip", &zip[..zip.len() / 2]);
        assert_eq!(of(home.path()), Declared::Disagrees);
    }
}
