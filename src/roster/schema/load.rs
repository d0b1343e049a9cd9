//! Schema files become schemas, or a sentence that says which file is wrong, where in it, and what was probably meant.
//!
//! Called by whoever has the files: the built-in ones, or a folder given with `--schemas`. Knows no disk: it asks for
//! a file by name. What one column says is settled in `column`; what columns and files say of each other, in `link`.

use serde::de::DeserializeOwned;
use xxhash_rust::xxh3::Xxh3;

use super::descriptor::{MissingValue, PackageFile, SchemaFile};
use super::{SchemaSet, link};
use crate::roster::nearest::did_you_mean;

const PACKAGE: &str = "datapackage.json";
/// The edition of the `rosterd` properties that this program understands.
const VERSION: u32 = 1;

/// A schema file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}{path}: {message}", if path.is_empty() { "" } else { ", " })]
pub struct SchemaError {
    /// The file, as the package names it.
    pub file: String,
    /// Where in its JSON: `fields[7].constraints.pattern`.
    pub path: String,
    /// What is wrong, and what was probably meant.
    pub message: String,
}

impl SchemaError {
    pub(super) fn new(file: &str, path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), path: path.into(), message: message.into() }
    }
}

/// Reads `datapackage.json` and the schema files that it names. `read` gives the text of a file of the schema folder.
pub fn load(read: &dyn Fn(&str) -> Result<String, String>) -> Result<SchemaSet, SchemaError> {
    let mut hash = Xxh3::new();
    let package: PackageFile = parse(PACKAGE, &text(read, PACKAGE, &mut hash)?)?;
    check_version(package.rosterd.version)?;
    let mut files = Vec::new();
    for (index, resource) in package.resources.iter().enumerate() {
        check_file_name(index, &resource.schema)?;
        let file: SchemaFile = parse(&resource.schema, &text(read, &resource.schema, &mut hash)?)?;
        files.push(link::Named { resource: resource.name.clone(), path: resource.schema.clone(), file });
    }
    let title = package.title.unwrap_or_else(|| package.name.clone());
    Ok(SchemaSet { name: package.name, title, schemas: link::link(&files)?, hash: hash.digest() })
}

fn text(read: &dyn Fn(&str) -> Result<String, String>, name: &str, hash: &mut Xxh3) -> Result<String, SchemaError> {
    let text = read(name).map_err(|reason| SchemaError::new(name, "", reason))?;
    for part in [name, &text] {
        hash.update(&(part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    Ok(text)
}

fn parse<T: DeserializeOwned>(file: &str, text: &str) -> Result<T, SchemaError> {
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    let mut json = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let path = error.path().to_string();
        SchemaError::new(file, if path == "." { String::new() } else { path }, sentence(&error.inner().to_string()))
    })?;
    json.end().map_err(|error| SchemaError::new(file, "", sentence(&error.to_string())))?;
    Ok(value)
}

/// serde's words for an unknown key, with the nearest known one in place of the list.
fn sentence(message: &str) -> String {
    let message = message
        .replace("missing field", "missing key")
        .replace("data did not match any variant of untagged enum", "wrong form of");
    let Some(rest) = message.strip_prefix("unknown field `") else { return message };
    let mut words = rest.split('`');
    let unknown = words.next().unwrap_or_default();
    let known: Vec<&str> = words.skip(1).step_by(2).collect();
    format!("the key {unknown:?} is not understood{}", did_you_mean(unknown, known))
}

fn check_version(version: Option<u32>) -> Result<(), SchemaError> {
    match version {
        None | Some(VERSION) => Ok(()),
        Some(other) => {
            let message =
                format!("edition {other} of these properties is newer than this program, which knows {VERSION}");
            Err(SchemaError::new(PACKAGE, "rosterd.version", message))
        }
    }
}

/// A schema folder is closed in itself: no file outside of it is ever asked for.
fn check_file_name(index: usize, name: &str) -> Result<(), SchemaError> {
    let is_inside =
        !name.is_empty() && !name.contains([':', '\\']) && name.split('/').all(|part| !matches!(part, "" | "." | ".."));
    let refuse = || {
        SchemaError::new(
            PACKAGE,
            format!("resources[{index}].schema"),
            format!("{name:?} is not the name of a file in this folder"),
        )
    };
    is_inside.then_some(()).ok_or_else(refuse)
}

pub(super) fn missing_values(file: &SchemaFile) -> Vec<String> {
    let values = file.missing_values.as_deref().unwrap_or_default().iter();
    let texts = values.map(|value| match value {
        MissingValue::Text(text) | MissingValue::Labelled { value: text } => text.trim().to_owned(),
    });
    texts.filter(|text| !text.is_empty()).collect()
}
