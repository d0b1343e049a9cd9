//! What a file is, by its name and its first bytes: rows of a kind, a zip, a spreadsheet, something else of Clever's, or nothing.
//!
//! Used for the files of a folder and the entries of a zip alike. The name decides unless the header says that it lies.

use super::encoding;
use super::file_name::FileName;
use super::header::Header;
use super::other_uploads::{self, OtherUpload};
use crate::roster::schema::SchemaSet;

/// What a file turned out to be.
pub(super) enum Recognised {
    /// Rows; the index of their schema.
    Rows(usize),
    /// An archive.
    Zip,
    /// A workbook of a spreadsheet program, whatever its name; the schema that its name means.
    Spreadsheet(Option<usize>),
    /// Something that Clever knows and we do not read.
    Other(&'static OtherUpload),
    /// Nothing that is known.
    Unknown,
}

/// Recognises the file `name` that begins with `head`.
pub(super) fn recognise(name: &FileName, head: &[u8], schemas: &SchemaSet) -> Recognised {
    if is_spreadsheet(head) {
        Recognised::Spreadsheet(name.schema(schemas))
    } else if is_zip(head) {
        Recognised::Zip
    } else if name.may_be_table() {
        table(name, &Header::read(&encoding::decoded_head(head), &schemas.schemas), schemas)
    } else {
        Recognised::Unknown
    }
}

fn table(name: &FileName, header: &Header, schemas: &SchemaSet) -> Recognised {
    let named = name.schema(schemas);
    let honest = |index: &usize| header.fits(&schemas.schemas[*index]);
    let other = other_uploads::by_header(header)
        .or_else(|| other_uploads::by_name(name).filter(|_| !fits_any(header, schemas)));
    match (named, other) {
        (Some(index), None) => Recognised::Rows(index),
        (Some(index), Some(_)) if honest(&index) => Recognised::Rows(index),
        (_, Some(other)) => Recognised::Other(other),
        (None, None) => header.schema(schemas).map_or(Recognised::Unknown, Recognised::Rows),
    }
}

fn fits_any(header: &Header, schemas: &SchemaSet) -> bool {
    schemas.schemas.iter().any(|schema| header.fits(schema))
}

/// Whether `head` begins an archive: an entry, or the end of an empty one.
fn is_zip(head: &[u8]) -> bool {
    head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06")
}

/// The old binary workbook, or an archive whose first entry is one of those with which a workbook begins.
fn is_spreadsheet(head: &[u8]) -> bool {
    const FIRST_ENTRIES: [&[u8]; 5] = [b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/", b"mimetype"];
    const NAME_AT: usize = 30;
    let first = head.get(NAME_AT..).filter(|_| is_zip(head));
    head.starts_with(b"\xd0\xcf\x11\xe0")
        || first.is_some_and(|name| FIRST_ENTRIES.iter().any(|one| name.starts_with(one)))
}
