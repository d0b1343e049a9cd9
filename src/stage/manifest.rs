//! `manifest.csv` in OneRoster's form: lines of property and value, `file.students,bulk`.
//!
//! Read beside the files of a folder or in a zip; says which kinds are there and whether they are whole.

use chrono::NaiveDate;

use super::header::fold;
use crate::roster::problem::Code;
use crate::roster::schema::SchemaSet;
use crate::roster::{FileKind, Problem};

pub(super) use crate::roster::names::MANIFEST as NAME;

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
        let mut manifest = Self::default();
        for (index, row) in rows.enumerate() {
            manifest.property(&cell(&row, 0).to_lowercase(), &cell(&row, 1), schemas, (name, index as u64 + 2));
        }
        Some(manifest)
    }

    fn property(&mut self, property: &str, value: &str, schemas: &SchemaSet, place: (&str, u64)) {
        if matches!(property, "date" | "as_of") {
            self.date = value.parse().ok();
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
}
