//! A schema as a table that can be sent to a district, and the list of schemas; both as text and as JSON.
//!
//! Called by `rosterd schema show` and `schema list`. Says only what stands in the schema.

use comfy_table::{ContentArrangement, Table, presets};
use serde_json::{Value, json};

use crate::roster::FileKind;
use crate::roster::schema::{Column, Reference, Schema, SchemaSet, ValueType, in_short};

/// Columns of text: wide enough for a table, narrow enough for a printed page across.
const WIDTH: u16 = 132;

/// The schema of one file as a table.
pub fn show(schema: &Schema) -> String {
    let mut table = new_table(&["column", "required", "what it holds", "other headers understood", "feeds"]);
    for column in &schema.columns {
        table.add_row([
            column.name.clone(),
            required(schema, column),
            holds(schema, column),
            column.aliases.join(", "),
            feeds(column),
        ]);
    }
    format!("{}\n\n{table}\n\n{}\n", heading(schema), notes(schema))
}

/// The same as JSON.
pub fn show_json(schema: &Schema) -> Value {
    json!({
        "schema": schema.name,
        "kind": schema.kind,
        "description": schema.description,
        "file_names": schema.file_names.iter().map(|name| format!("{name}.csv")).collect::<Vec<_>>(),
        "primary_key": names(schema, &schema.primary_key),
        "several_rows_fold": schema.fold,
        "extension_prefix": schema.extension_prefix,
        "columns": schema.columns.iter().map(|column| column_json(schema, column)).collect::<Vec<_>>(),
        "references": schema.references.iter().map(|reference| reference_json(schema, reference)).collect::<Vec<_>>(),
    })
}

/// All schemas of a format, one a line.
pub fn list(set: &SchemaSet) -> String {
    let mut table = new_table(&["schema", "kind", "file", "columns", "required columns"]);
    for schema in &set.schemas {
        table.add_row([
            schema.name.clone(),
            schema.kind.to_string(),
            file_names(schema),
            schema.columns.len().to_string(),
            required_columns(schema).join(", "),
        ]);
    }
    format!("{} ({})\n\n{table}\n", set.title, set.name)
}

/// The same as JSON.
pub fn list_json(set: &SchemaSet) -> Value {
    let schema = |schema: &Schema| {
        json!({
            "schema": schema.name,
            "kind": schema.kind,
            "file_names": schema.file_names.iter().map(|name| format!("{name}.csv")).collect::<Vec<_>>(),
            "columns": schema.columns.len(),
            "required_columns": required_columns(schema),
        })
    };
    json!({
        "format": set.name,
        "title": set.title,
        "hash": format!("{:016x}", set.hash),
        "schemas": set.schemas.iter().map(schema).collect::<Vec<_>>(),
    })
}

fn new_table(header: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::ASCII_MARKDOWN).set_content_arrangement(ContentArrangement::Dynamic);
    table.set_width(WIDTH).set_header(header.iter().copied());
    table
}

fn heading(schema: &Schema) -> String {
    format!("{}: {}", file_names(schema), schema.description)
}

fn file_names(schema: &Schema) -> String {
    schema.file_names.iter().map(|name| format!("{name}.csv")).collect::<Vec<_>>().join(", ")
}

fn required(schema: &Schema, column: &Column) -> String {
    match column.required_with.is_empty() {
        _ if column.required => "yes".to_owned(),
        true => String::new(),
        false => format!("with {}", names(schema, &column.required_with).join(", ")),
    }
}

fn holds(schema: &Schema, column: &Column) -> String {
    let mut parts = vec![column.description.clone()];
    parts.push(type_sentence(&column.value_type));
    let unsaid = column.allowed.as_deref().filter(|allowed| !says_all(&column.description, allowed));
    parts.extend(unsaid.map(|allowed| format!("One of: {}.", in_short(allowed).join(", "))));
    if let (Some(pattern), true) = (&column.pattern, column.description.is_empty()) {
        parts.push(format!("Must match {}.", pattern.text));
    }
    parts.extend(column.max_length.map(|most| format!("At most {most} characters.")));
    if column.unique || is_the_key(schema, column) {
        parts.push("Unique in the district.".to_owned());
    }
    parts.retain(|part| !part.is_empty());
    parts.join(" ")
}

/// Whether a description explains every value already: "M, F, or X for non-binary".
fn says_all(description: &str, allowed: &[String]) -> bool {
    let is_said = |value: &String| description.split(|c: char| !c.is_alphanumeric()).any(|word| word == value);
    allowed.iter().all(is_said)
}

fn is_the_key(schema: &Schema, column: &Column) -> bool {
    names(schema, &schema.primary_key) == [column.name.as_str()]
}

fn type_sentence(value_type: &ValueType) -> String {
    match value_type {
        ValueType::Text | ValueType::Any => String::new(),
        ValueType::Email => "An e-mail address.".to_owned(),
        ValueType::Uri => "A web address.".to_owned(),
        ValueType::Uuid => "A UUID.".to_owned(),
        ValueType::Integer => "A whole number.".to_owned(),
        ValueType::Number => "A number.".to_owned(),
        ValueType::Boolean => "true or false.".to_owned(),
        ValueType::Year => "A year of four digits.".to_owned(),
        ValueType::Date(format) => format!("A date as {}.", format.for_people()),
    }
}

fn feeds(column: &Column) -> String {
    match column.field {
        Some(field) => field.word().to_owned(),
        None if column.secret => "never kept".to_owned(),
        None => "checked, not kept".to_owned(),
    }
}

/// What a table of columns cannot say: other spellings, extension columns, rows that belong together, references.
fn notes(schema: &Schema) -> String {
    let mut notes =
        vec!["Headers may be in any order, in capitals or not, with blanks, `_` or `-` between the words.".to_owned()];
    notes.extend(
        schema
            .extension_prefix
            .as_ref()
            .map(|prefix| format!("Columns that begin with {prefix:?} are extension fields.")),
    );
    let key = names(schema, &schema.primary_key).join(" and ");
    notes.push(match schema.fold {
        true => format!("Several rows with the same {key} are read as one."),
        false => format!("There is one row for every {key}."),
    });
    notes.extend(schema.references.iter().map(|reference| reference_note(schema, reference)));
    notes.iter().map(|note| format!("- {note}\n")).collect::<String>().trim_end().to_owned()
}

fn reference_note(schema: &Schema, reference: &Reference) -> String {
    let also = match reference.always_known.as_slice() {
        [] => String::new(),
        known => format!(", or be {}", known.join(" or ")),
    };
    format!(
        "{} must stand in {}.csv as {}{also}.",
        names(schema, &reference.columns).join(" and "),
        reference.kind,
        reference.target.join(" and ")
    )
}

fn required_columns(schema: &Schema) -> Vec<&str> {
    schema.columns.iter().filter(|column| column.required).map(|column| column.name.as_str()).collect()
}

fn names<'a>(schema: &'a Schema, indexes: &[usize]) -> Vec<&'a str> {
    indexes.iter().map(|index| schema.columns[*index].name.as_str()).collect()
}

fn column_json(schema: &Schema, column: &Column) -> Value {
    json!({
        "name": column.name,
        "description": column.description,
        "aliases": column.aliases,
        "required": column.required,
        "required_with": names(schema, &column.required_with),
        "unique": column.unique,
        "type": type_word(&column.value_type),
        "format": match &column.value_type { ValueType::Date(format) => Some(format.text()), _ => None },
        "enum": column.allowed,
        "pattern": column.pattern.as_ref().map(|pattern| &pattern.text),
        "normalise": column.normaliser.map(|normaliser| normaliser.word()),
        "feeds": column.field.map(|field| field.word()),
        "secret": column.secret,
    })
}

fn type_word(value_type: &ValueType) -> &'static str {
    match value_type {
        ValueType::Text => "string",
        ValueType::Email => "email",
        ValueType::Uri => "uri",
        ValueType::Uuid => "uuid",
        ValueType::Integer => "integer",
        ValueType::Number => "number",
        ValueType::Boolean => "boolean",
        ValueType::Date(_) => "date",
        ValueType::Year => "year",
        ValueType::Any => "any",
    }
}

fn reference_json(schema: &Schema, reference: &Reference) -> Value {
    let kind: FileKind = reference.kind;
    json!({
        "columns": names(schema, &reference.columns),
        "kind": kind,
        "target": reference.target,
        "also": reference.always_known,
        "holds_person": reference.holds_person,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clever() -> SchemaSet {
        crate::roster::schema::shipped("clever-csv").expect("it is built in").expect("it is right")
    }

    #[test]
    fn the_table_tells_a_district_what_to_send() {
        let set = clever();
        let text = show(set.of(FileKind::Students).expect("students"));
        for part in [
            "students.csv",
            "Student_id",
            "One of: 1-13, Kindergarten",
            "MM/DD/YYYY",
            "Email_address",
            "never kept",
            "with Contact_name",
            "schools.csv as School_id",
        ] {
            assert!(text.contains(part), "{part} is not in\n{text}");
        }
        assert!(text.lines().all(|line| line.chars().count() <= usize::from(WIDTH)), "{text}");
    }

    #[test]
    fn staff_may_work_in_the_district_office() {
        let set = clever();
        let text = show(set.of(FileKind::Staff).expect("staff"));
        assert!(text.contains("or be DEFAULT_DISTRICT_OFFICE"), "{text}");
    }

    #[test]
    fn the_list_has_every_schema_in_text_and_in_json() {
        let set = clever();
        let json = list_json(&set);
        for schema in &set.schemas {
            assert!(list(&set).contains(&format!("{}.csv", schema.name)));
            assert!(json["schemas"].as_array().expect("a list").iter().any(|one| one["schema"] == schema.name));
        }
        assert_eq!(show_json(&set.schemas[0])["columns"][0]["feeds"], "id");
    }
}
