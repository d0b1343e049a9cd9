//! A small set of schemas, files and zips for the tests of this folder and of `receive`.

use std::io::{Cursor, Write};
use std::path::Path;

use zip::write::SimpleFileOptions;

use crate::roster::FileKind;
use crate::roster::schema::{Column, Schema, SchemaSet, ValueType};
use crate::roster::settings::Settings;

/// Schemas with the columns that these tests need; a `*` is a required column, a `!` a secret one.
pub(crate) fn schemas() -> SchemaSet {
    use FileKind::*;
    let of = [
        (Schools, "schools", "*School_id *School_name *School_number"),
        (Teachers, "teachers", "*School_id *Teacher_id *First_name *Last_name !Password"),
        (Staff, "staff", "*School_id *Staff_id *Staff_email *First_name *Last_name !Password"),
        (Staff, "admins", "*School_id *Staff_id *Admin_email *First_name *Last_name"),
        (Students, "students", "*School_id *Student_id *First_name *Last_name Grade !Password"),
        (Sections, "sections", "*School_id *Section_id *Teacher_id Name"),
        (Enrollments, "enrollments", "*School_id *Section_id *Student_id"),
    ];
    let schemas = of.map(|(kind, name, columns)| schema(kind, name, columns)).to_vec();
    SchemaSet { name: "test".into(), title: "Test".into(), schemas, hash: 1 }
}

fn schema(kind: FileKind, name: &str, columns: &str) -> Schema {
    Schema {
        name: name.into(),
        kind,
        file_names: vec![name.into()],
        description: String::new(),
        columns: columns.split(' ').map(column).collect(),
        primary_key: vec![1],
        fold: false,
        references: Vec::new(),
        extension_prefix: Some("ext.".into()),
        missing_values: Vec::new(),
    }
}

fn column(marked: &str) -> Column {
    Column {
        name: marked.trim_start_matches(['*', '!']).into(),
        aliases: Vec::new(),
        description: String::new(),
        value_type: ValueType::Text,
        required: marked.starts_with('*'),
        unique: false,
        allowed: None,
        pattern: None,
        min_length: None,
        max_length: None,
        minimum: None,
        maximum: None,
        normaliser: None,
        field: None,
        required_with: Vec::new(),
        secret: marked.starts_with('!'),
    }
}

/// Settings with every default.
pub(crate) fn settings() -> Settings {
    Settings::new("springfield")
}

/// A complete set of invented rows.
pub(crate) const SET: [(&str, &str); 5] = [
    ("schools.csv", "School_id,School_name,School_number\nS1,Evergreen,1\n"),
    ("students.csv", "School_id,Student_id,First_name,Last_name,Grade,Password\nS1,A1,Ada,Able,3,\n"),
    ("teachers.csv", "School_id,Teacher_id,First_name,Last_name,Password\nS1,T1,Tom,Tall,\n"),
    ("sections.csv", "School_id,Section_id,Teacher_id,Name\nS1,C1,T1,Reading\n"),
    ("enrollments.csv", "School_id,Section_id,Student_id\nS1,C1,A1\n"),
];

/// An empty folder that goes away.
pub(crate) fn folder() -> tempfile::TempDir {
    tempfile::tempdir().expect("a temporary folder")
}

/// A folder with the complete set.
pub(crate) fn complete() -> tempfile::TempDir {
    let folder = folder();
    SET.iter().for_each(|(name, text)| write(folder.path(), name, text.as_bytes()));
    folder
}

/// Writes one file and the folders above it.
pub(crate) fn write(folder: &Path, name: &str, bytes: &[u8]) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("a folder");
    std::fs::write(path, bytes).expect("a file");
}

/// Sets the time of a file to `seconds` after 2026-01-01.
pub(crate) fn touch(folder: &Path, name: &str, seconds: u64) {
    let time = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_225_600 + seconds);
    let file = std::fs::OpenOptions::new().write(true).open(folder.join(name)).expect("the file is there");
    file.set_modified(time).expect("its time can be set");
}

/// A zip of `entries`.
pub(crate) fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, SimpleFileOptions::default()).expect("an entry");
        writer.write_all(bytes).expect("memory does not fail");
    }
    writer.finish().expect("memory does not fail").into_inner()
}

/// A zip of the complete set below `prefix`.
pub(crate) fn zip_of_set(prefix: &str) -> Vec<u8> {
    let names: Vec<String> = SET.iter().map(|(name, _)| format!("{prefix}{name}")).collect();
    let entries: Vec<(&str, &[u8])> =
        names.iter().zip(SET).map(|(name, (_, text))| (name.as_str(), text.as_bytes())).collect();
    zip(&entries)
}

/// Every file below `folder`, as sorted names.
pub(crate) fn tree(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path().is_dir() {
            true => names.extend(tree(&entry.path())),
            false => names.push(entry.file_name().to_string_lossy().into_owned()),
        }
    }
    names.sort();
    names
}
