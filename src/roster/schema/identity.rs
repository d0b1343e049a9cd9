//! What a row is known by: the key of a file, and that references lead to it.
//!
//! Called by `link`. A row is known by the column that feeds `id`, an enrollment by its section and student; a schema that
//! says otherwise is refused, because nobody would act on it.

use super::descriptor::FieldFile;
use super::link::Named;
use super::{Column, Field, SchemaError};
use crate::roster::FileKind;

/// The fields that tell one row of `kind` from another.
fn identity(kind: FileKind) -> &'static [Field] {
    match kind {
        FileKind::Enrollments => &[Field::Section, Field::Student],
        _ => &[Field::Id],
    }
}

/// The key must be the columns by which rows are known, and they must be filled.
pub(super) fn check_key(path: &str, kind: FileKind, columns: &[Column], key: &[usize]) -> Result<(), SchemaError> {
    let known_by = |column: &Column| column.field.is_some_and(|field| identity(kind).contains(&field));
    let wanted: Vec<usize> = (0..columns.len()).filter(|&index| known_by(&columns[index])).collect();
    let mut key = key.to_vec();
    key.sort_unstable();
    if key != wanted {
        let names: Vec<_> = wanted.iter().map(|&index| format!("{:?}", columns[index].name)).collect();
        let fields: Vec<_> = identity(kind).iter().map(|field| format!("{:?}", field.word())).collect();
        let message = format!(
            "{kind} are known by {}, which feeds {}; make that the key, or let another column feed it",
            names.join(" and "),
            fields.join(" and ")
        );
        return Err(SchemaError::new(path, "primaryKey", message));
    }
    match wanted.iter().find(|&&index| !columns[index].required) {
        Some(index) => {
            let place = format!("fields[{index}].constraints.required");
            let message = format!("{:?} is the key, and must be required", columns[*index].name);
            Err(SchemaError::new(path, place, message))
        }
        None => Ok(()),
    }
}

/// A reference must lead to the one column by which rows of the other file are known; if not, what it should name.
pub(super) fn check_target(target: &Named, names: &[String]) -> Result<(), String> {
    let feeds_id = |field: &&FieldFile| field.rosterd.field.as_deref() == Some(Field::Id.word());
    let Some(id) = target.file.fields.iter().find(feeds_id).map(|field| &field.name) else {
        return Err(format!("rows of {:?} have no id, and cannot be referred to", target.resource));
    };
    if names == [id.clone()] {
        return Ok(());
    }
    Err(format!("rows of {:?} are known by {id:?}; refer to that", target.resource))
}
