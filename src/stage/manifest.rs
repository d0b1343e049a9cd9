//! `manifest.csv` in OneRoster's form: lines of property and value, `file.students,bulk`.
//!
//! Read beside the files of a folder or in a zip; says which kinds are there and whether they are whole, and may give the size and
//! the SHA-256 of each file: `size.students,10240`, `sha256.students.csv,9f86d0…`.

use chrono::NaiveDate;

use super::file_name::FileName;
use super::header::fold;
use crate::roster::problem::Code;
use crate::roster::schema::SchemaSet;
use crate::roster::set::Declaration;
use crate::roster::settings::{Presence, Settings};
use crate::roster::{FileKind, Problem};

pub(super) use crate::roster::names::MANIFEST as NAME;

/// Digits of a SHA-256.
const HASH_DIGITS: usize = 64;

/// What a manifest says.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Manifest {
    /// Whether any kind comes as a delta.
    pub delta: bool,
    /// Kinds that are said to be there.
    pub promised: Vec<FileKind>,
    /// Kinds that are said not to be there.
    pub absent: Vec<FileKind>,
    /// The day that it gives.
    pub date: Option<NaiveDate>,
    /// Values that mean nothing.
    pub problems: Vec<Problem>,
    /// As it was delivered.
    name: String,
    /// What it says of single files, under the name of the file or of the kind, in lower case.
    said: Vec<Declaration>,
}

impl Manifest {
    /// Reads a manifest; nothing if the bytes are none.
    pub fn read(name: &str, bytes: &[u8], schemas: &SchemaSet) -> Option<Self> {
        let mut rows = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(bytes)
            .into_byte_records()
            .map_while(Result::ok);
        let cell = |row: &csv::ByteRecord, index: usize| {
            String::from_utf8_lossy(row.get(index).unwrap_or_default()).trim().to_owned()
        };
        rows.next().filter(|row| fold(&cell(row, 0)) == "propertyname")?;
        let mut manifest = Self { name: name.into(), ..Self::default() };
        for (index, row) in rows.enumerate() {
            manifest.property(&cell(&row, 0).to_lowercase(), &cell(&row, 1), schemas, (name, index as u64 + 2));
        }
        let said = manifest.said.iter().filter_map(|said| kind(&said.name, schemas));
        let there = said.filter(|kind| !manifest.absent.contains(kind)).collect::<Vec<_>>();
        manifest.promised.extend(there);
        Some(manifest)
    }

    /// What it says of a file by its name and, where it says nothing by that, by what its rows are. `schema` is that of the rows; a
    /// zip has none.
    pub fn of(&self, name: &str, schema: Option<usize>, schemas: &SchemaSet) -> Option<Declaration> {
        let lower = name.to_lowercase();
        let is_kind = |said: &&Declaration| {
            schema.map(|index| &schemas.schemas[index]).is_some_and(|schema| {
                schema.file_names.contains(&said.name) || FileKind::from_word(&said.name) == Some(schema.kind)
            })
        };
        let by_name = self.said.iter().find(|said| said.name == lower);
        let by_kind = self.said.iter().find(is_kind);
        let first = by_name.or(by_kind)?;
        let bytes = first.bytes.or(by_kind.and_then(|said| said.bytes));
        let sha256 = first.sha256.clone().or(by_kind.and_then(|said| said.sha256.clone()));
        Some(Declaration { name: name.into(), bytes, sha256, manifest: self.name.clone() })
    }

    /// What it says of files that hold rows or are zips, by their names, and are not among `there`.
    pub fn missing(&self, there: &[String], settings: &Settings, schemas: &SchemaSet) -> Vec<Declaration> {
        let is_there = |said: &Declaration| there.iter().any(|name| name.to_lowercase() == said.name);
        let is_meant = |said: &Declaration| {
            let name = FileName::new(&said.name);
            let kind = name.schema(schemas).map(|index| schemas.schemas[index].kind).filter(|_| name.may_be_table());
            let is_read =
                |kind: FileKind| settings.set.presence(kind) != Presence::Ignored && !self.absent.contains(&kind);
            kind.map_or(name.ending == "zip", is_read)
        };
        let named = self.said.iter().filter(|said| kind(&said.name, schemas).is_none());
        named.filter(|said| !is_there(said) && is_meant(said)).cloned().collect()
    }

    fn property(&mut self, property: &str, value: &str, schemas: &SchemaSet, place: (&str, u64)) {
        if matches!(property, "date" | "as_of") {
            self.date = value.parse().ok();
        }
        if let Some((what, of)) = property.split_once('.').filter(|(what, _)| matches!(*what, "size" | "sha256")) {
            return self.declare(what, of, value, place);
        }
        let Some(kind) = property.strip_prefix("file.").and_then(|word| kind(word, schemas)) else { return };
        match value.to_lowercase().as_str() {
            "absent" => self.absent.push(kind),
            "bulk" => self.promised.push(kind),
            "delta" => {
                self.delta = true;
                self.promised.push(kind);
            }
            _ => self.problems.push(meaningless(property, place)),
        }
    }

    /// A blank value says nothing.
    fn declare(&mut self, what: &str, of: &str, value: &str, place: (&str, u64)) {
        let is_hash = value.len() == HASH_DIGITS && value.bytes().all(|byte| byte.is_ascii_hexdigit());
        let (bytes, sha256) = match what {
            "size" => (value.parse().ok(), None),
            _ => (None, is_hash.then(|| value.to_lowercase())),
        };
        if value.is_empty() {
            return;
        } else if bytes.is_none() && sha256.is_none() {
            return self.problems.push(unreadable(what, of, place));
        }
        match self.said.iter_mut().find(|said| said.name == of) {
            Some(said) => {
                said.bytes = bytes.or(said.bytes);
                said.sha256 = sha256.or(said.sha256.take());
            }
            None => self.said.push(Declaration { name: of.into(), bytes, sha256, manifest: self.name.clone() }),
        }
    }
}

fn kind(word: &str, schemas: &SchemaSet) -> Option<FileKind> {
    let named = schemas.schemas.iter().find(|schema| schema.file_names.iter().any(|name| name == word));
    named.map(|schema| schema.kind).or_else(|| FileKind::from_word(word))
}

fn meaningless(property: &str, (name, line): (&str, u64)) -> Problem {
    let message = format!("{name} gives {property} a value that is none of absent, bulk and delta.");
    let proposal = "Write one of these three; with any other word it is not known whether missing rows are gone.";
    Problem::error(Code::FileUnknown, message).in_file(name).at(line).propose(proposal)
}

fn unreadable(what: &str, of: &str, (name, line): (&str, u64)) -> Problem {
    let (meant, such_as) = match what {
        "size" => ("number of bytes", "the size in bytes, such as 10240".to_owned()),
        _ => ("SHA-256", format!("its {HASH_DIGITS} hexadecimal digits, as sha256sum prints them")),
    };
    let message = format!("{name} gives {what}.{of} a value that is no {meant}.");
    let proposal = format!("Write {such_as}; or leave the line out.");
    Problem::error(Code::FileUnknown, message).in_file(name).at(line).propose(proposal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::fixture;

    fn read(text: &str) -> Option<Manifest> {
        Manifest::read(NAME, text.as_bytes(), &fixture::schemas())
    }

    #[test]
    fn one_delta_makes_the_set_a_delta() {
        let manifest = read(
            "propertyName,value\nmanifest.version,1.0\nfile.students,Delta\nfile.schools,absent\nfile.orgs,bulk\n",
        );
        let manifest = manifest.expect("it is a manifest");
        assert!(manifest.delta && manifest.problems.is_empty());
        assert_eq!((manifest.promised, manifest.absent), (vec![FileKind::Students], vec![FileKind::Schools]));
    }

    #[test]
    fn another_file_of_that_name_is_no_manifest_and_a_wrong_word_is_an_error() {
        assert_eq!(read("Student_id,Name\n1,2\n"), None);
        let problems = read("propertyName,value\nfile.students,some\n").expect("it is a manifest").problems;
        assert_eq!((problems[0].line, problems[0].is_error()), (Some(2), true));
    }

    fn said(manifest: &Manifest, name: &str, schema: Option<usize>) -> (Option<u64>, Option<String>) {
        let said = manifest.of(name, schema, &fixture::schemas());
        said.map_or((None, None), |said| (said.bytes, said.sha256))
    }

    #[test]
    fn a_file_is_declared_by_its_name_and_by_its_kind_and_its_name_counts_more() {
        let hash = "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B2B0B822CD15D6C15B0F00A08";
        let text = format!(
            "propertyName,value\nsize.students,10\nsha256.Students,{hash}\nsize.Students_2026-11-20.CSV,12\nsize.admins,7\n\
             size.export.zip,99\nsize.teachers,\nsize.rows,5\n"
        );
        let manifest = read(&text).expect("it is a manifest");
        assert!(manifest.problems.is_empty());
        assert_eq!(manifest.promised, [FileKind::Students, FileKind::Staff]);
        let students = Some(4);
        assert_eq!(said(&manifest, "STUDENTS.csv", students), (Some(10), Some(hash.to_lowercase())));
        assert_eq!(said(&manifest, "students_2026-11-20.csv", students), (Some(12), Some(hash.to_lowercase())));
        assert_eq!(said(&manifest, "admins.csv", Some(3)), (Some(7), None));
        assert_eq!(said(&manifest, "staff.csv", Some(2)), (None, None));
        assert_eq!(said(&manifest, "Export.zip", None), (Some(99), None));
        assert_eq!(said(&manifest, "teachers.csv", Some(1)), (None, None));
    }

    #[test]
    fn a_size_or_hash_that_is_none_is_an_error_with_its_line() {
        let text = "propertyName,value\nsize.students,10 KB\nsha256.teachers,9f86d0\nsize.schools,-1\n";
        let problems = read(text).expect("it is a manifest").problems;
        assert_eq!(problems.iter().map(|problem| problem.line).collect::<Vec<_>>(), [Some(2), Some(3), Some(4)]);
        assert!(problems.iter().all(Problem::is_error));
        assert_eq!(problems[0].message, "manifest.csv gives size.students a value that is no number of bytes.");
    }
}
