//! The schemas that are built into the binary: the files of `schemas/`, so that a fresh machine needs nothing else.

use super::{SchemaError, SchemaSet, load};

/// A shipped format: its name, and its files by name.
type Shipped = (&'static str, &'static [(&'static str, &'static str)]);

macro_rules! shipped {
    ($($name:literal: $($file:literal)+;)+) => {
        const SHIPPED: &[Shipped] = &[$(($name, &[$(($file, include_str!(concat!("../../../schemas/", $name, "/", $file))),)+]),)+];
    };
}

shipped! {
    "clever-csv": "datapackage.json" "schools.json" "teachers.json" "staff.json" "admins.json" "students.json" "sections.json" "enrollments.json";
    "sds-existing": "datapackage.json" "schools.json" "teachers.json" "staff.json" "students.json" "sections.json" "enrollments.json";
    "sds-create": "datapackage.json" "schools.json" "teachers.json" "staff.json" "students.json" "sections.json" "enrollments.json";
}

/// The names of the formats that are built in; the first is the default.
pub fn shipped_names() -> impl Iterator<Item = &'static str> {
    SHIPPED.iter().map(|(name, _)| *name)
}

/// The built-in schemas of format `name`, if there is such a format.
pub fn shipped(name: &str) -> Option<Result<SchemaSet, SchemaError>> {
    let (_, files) = SHIPPED.iter().find(|(known, _)| *known == name)?;
    Some(load(&|file| text_of(files, file)))
}

fn text_of(files: &[(&str, &str)], file: &str) -> Result<String, String> {
    let found = files.iter().find(|(name, _)| *name == file);
    found.map(|(_, text)| (*text).to_owned()).ok_or_else(|| "the file is not built in".to_owned())
}
