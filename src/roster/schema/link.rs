//! What columns and schema files say of each other: keys, references, columns that need each other, headers that clash.
//!
//! Called by `load` when every file was read, because a reference may name a file that comes later.

use std::collections::HashMap;

use super::column::column;
use super::descriptor::{ForeignKey, SchemaFile};
use super::load::{SchemaError, missing_values};
use super::{Column, Field, Reference, Schema, fold_header, identity};
use crate::roster::FileKind;
use crate::roster::nearest::did_you_mean;

/// A schema file under the name of its resource.
pub(super) struct Named {
    pub resource: String,
    pub path: String,
    pub file: SchemaFile,
}

/// All schemas, in the order of the package.
pub(super) fn link(files: &[Named]) -> Result<Vec<Schema>, SchemaError> {
    let schemas: Vec<Schema> = files.iter().map(|named| schema(named, files)).collect::<Result<_, _>>()?;
    check_file_names(&schemas, files)?;
    Ok(schemas)
}

fn schema(named: &Named, files: &[Named]) -> Result<Schema, SchemaError> {
    let Named { resource, path, file } = named;
    let kind = kind(named)?;
    let mut columns =
        file.fields.iter().enumerate().map(|(i, field)| column(path, i, field)).collect::<Result<Vec<_>, _>>()?;
    check_headers(path, &columns)?;
    check_fields(path, kind, &columns)?;
    for (index, field) in file.fields.iter().enumerate() {
        let at = |item| format!("fields[{index}].rosterd.required_with[{item}]");
        columns[index].required_with = indexes(named, &field.rosterd.required_with, at)?;
    }
    let primary_key = indexes(named, file.primary_key.as_slice(), |item| format!("primaryKey[{item}]"))?;
    if primary_key.is_empty() {
        return Err(SchemaError::new(path, "primaryKey", "the columns that make a row unique are missing"));
    }
    identity::check_key(path, kind, &columns, &primary_key)?;
    let references = file.foreign_keys.iter().enumerate().map(|(i, key)| reference(named, files, kind, i, key));
    Ok(Schema {
        name: resource.clone(),
        kind,
        file_names: file_names(named),
        description: file.description.clone().unwrap_or_default(),
        references: references.collect::<Result<_, _>>()?,
        columns,
        primary_key,
        fold: file.rosterd.fold,
        extension_prefix: file.rosterd.extension_prefix.clone().filter(|prefix| !prefix.is_empty()),
        missing_values: missing_values(file),
    })
}

fn kind(named: &Named) -> Result<FileKind, SchemaError> {
    let word = &named.file.rosterd.kind;
    let known = FileKind::ALL.map(FileKind::word);
    let unknown = || format!("{word:?} is not a file kind{}", did_you_mean(word, known));
    FileKind::from_word(word).ok_or_else(|| SchemaError::new(&named.path, "rosterd.kind", unknown()))
}

fn file_names(named: &Named) -> Vec<String> {
    let names = &named.file.rosterd.file_names;
    if names.is_empty() {
        vec![named.resource.to_lowercase()]
    } else {
        names.iter().map(|name| name.to_lowercase()).collect()
    }
}

/// Two columns that answer to one header could not be told apart in a file.
fn check_headers(path: &str, columns: &[Column]) -> Result<(), SchemaError> {
    let mut seen: HashMap<String, &str> = HashMap::new();
    for (index, column) in columns.iter().enumerate() {
        for (item, header) in column.headers().enumerate() {
            let place = if item == 0 { "name".to_owned() } else { format!("rosterd.aliases[{}]", item - 1) };
            let clash = |other: &str| format!("the header {header:?} already means the column {other:?}");
            if let Some(other) = seen.insert(fold_header(header), &column.name) {
                return Err(SchemaError::new(path, format!("fields[{index}].{place}"), clash(other)));
            }
        }
    }
    Ok(())
}

/// Without its id a row is nobody; and only teachers of a section come from several columns.
fn check_fields(path: &str, kind: FileKind, columns: &[Column]) -> Result<(), SchemaError> {
    let needed: &[Field] = match kind {
        FileKind::Schools | FileKind::Sections => &[Field::Id],
        FileKind::Students | FileKind::Teachers | FileKind::Staff => &[Field::Id, Field::School],
        FileKind::Enrollments => &[Field::Section, Field::Student],
    };
    let feeding = |field| columns.iter().filter(move |column| column.field == Some(field));
    if let Some(missing) = needed.iter().find(|field| feeding(**field).next().is_none()) {
        let message = format!("no column feeds {:?}, without which {kind} cannot be read", missing.word());
        return Err(SchemaError::new(path, "fields", message));
    }
    let twice = |field: &&Field| **field != Field::Teacher && feeding(**field).count() > 1;
    match Field::ALL.iter().find(twice) {
        Some(field) => Err(SchemaError::new(path, "fields", format!("two columns feed {:?}", field.word()))),
        None => Ok(()),
    }
}

/// Column names as indexes; `at` says where the name with this position stands.
fn indexes(named: &Named, names: &[String], at: impl Fn(usize) -> String) -> Result<Vec<usize>, SchemaError> {
    let known = || named.file.fields.iter().map(|field| field.name.as_str());
    let index_of = |(item, name): (usize, &String)| {
        let unknown = || {
            SchemaError::new(
                &named.path,
                at(item),
                format!("{name:?} is not a column of this file{}", did_you_mean(name, known())),
            )
        };
        known().position(|column| column == name).ok_or_else(unknown)
    };
    names.iter().enumerate().map(index_of).collect()
}

fn reference(
    named: &Named,
    files: &[Named],
    kind: FileKind,
    index: usize,
    key: &ForeignKey,
) -> Result<Reference, SchemaError> {
    let fail =
        |part: &str, message: String| SchemaError::new(&named.path, format!("foreignKeys[{index}].{part}"), message);
    let target = resource(files, &key.reference.resource).map_err(|message| fail("reference.resource", message))?;
    let columns = indexes(named, key.fields.as_slice(), |item| format!("foreignKeys[{index}].fields[{item}]"))?;
    let targets = key.reference.fields.as_slice();
    if columns.is_empty() || columns.len() != targets.len() {
        return Err(fail(
            "reference.fields",
            "as many columns must be named here as in \"fields\", and at least one".into(),
        ));
    }
    indexes(target, targets, |_| String::new()).map_err(|error| {
        fail(
            "reference.fields",
            format!("{} of {:?}", error.message.replace("this file", "the resource"), target.resource),
        )
    })?;
    identity::check_target(target, targets).map_err(|message| fail("reference.fields", message))?;
    if key.rosterd.holds_person && kind.person().is_none() {
        return Err(fail("rosterd.holds_person", format!("{kind} are not people, and cannot be held")));
    }
    Ok(Reference {
        columns,
        kind: self::kind(target)?,
        target: targets.to_vec(),
        always_known: key.rosterd.also.clone(),
        holds_person: key.rosterd.holds_person,
    })
}

fn resource<'a>(files: &'a [Named], name: &str) -> Result<&'a Named, String> {
    if name.is_empty() {
        return Err("a file cannot refer to itself; name another resource".into());
    }
    let known = files.iter().map(|named| named.resource.as_str());
    let unknown = || format!("{name:?} is not a resource of this package{}", did_you_mean(name, known));
    files.iter().find(|named| named.resource == name).ok_or_else(unknown)
}

/// A file name leads to one schema.
fn check_file_names(schemas: &[Schema], files: &[Named]) -> Result<(), SchemaError> {
    let mut seen: HashMap<&str, &str> = HashMap::new();
    for (schema, named) in schemas.iter().zip(files) {
        for name in &schema.file_names {
            if let Some(other) = seen.insert(name, &schema.name) {
                let message = format!("the file name {name:?} already means the resource {other:?}");
                return Err(SchemaError::new(&named.path, "rosterd.file_names", message));
            }
        }
    }
    Ok(())
}
