//! One field of a schema file becomes a column: its type, its constraints, and what our `rosterd` property adds.
//!
//! Called by `link`. What a column says of other columns is settled there.

use regex::RegexBuilder;
use serde_json::Value;

use super::descriptor::{Constraints, FieldFile};
use super::load::SchemaError;
use super::{Column, DateFormat, Field, Normaliser, Pattern, ValueType};
use crate::roster::nearest::did_you_mean;

/// Larger patterns are refused: a schema is data, and data must not eat the memory.
const PATTERN_BYTES: usize = 1 << 20;

/// One column, apart from what it says of other columns.
pub(super) fn column(file: &str, index: usize, field: &FieldFile) -> Result<Column, SchemaError> {
    let at = |path: &str| format!("fields[{index}].{path}");
    let fail = |path: &str| {
        let path = at(path);
        move |message: String| SchemaError::new(file, path, message)
    };
    let constraints = &field.constraints;
    let value_type = value_type(field).map_err(|(path, message)| fail(path)(message))?;
    check_constraints(&value_type, constraints)
        .map_err(|(name, message)| fail(&format!("constraints.{name}"))(message))?;
    Ok(Column {
        name: name_of(field).map_err(fail("name"))?,
        aliases: field.rosterd.aliases.clone(),
        description: field.description.clone().unwrap_or_default(),
        required: constraints.required,
        unique: constraints.unique,
        allowed: allowed(&value_type, constraints).map_err(fail("constraints.enum"))?,
        pattern: constraints.pattern.as_deref().map(pattern).transpose().map_err(fail("constraints.pattern"))?,
        min_length: constraints.min_length,
        max_length: constraints.max_length,
        minimum: bound(&value_type, constraints.minimum.as_ref()).map_err(fail("constraints.minimum"))?,
        maximum: bound(&value_type, constraints.maximum.as_ref()).map_err(fail("constraints.maximum"))?,
        normaliser: normaliser(field, &value_type).map_err(fail("rosterd.normalise"))?,
        field: feeds(field).map_err(fail("rosterd.field"))?,
        required_with: Vec::new(),
        secret: field.rosterd.secret,
        value_type,
    })
}

fn name_of(field: &FieldFile) -> Result<String, String> {
    let blank = || "a column needs a name".to_owned();
    (!field.name.trim().is_empty()).then(|| field.name.clone()).ok_or_else(blank)
}

const TYPES: [&str; 7] = ["string", "integer", "number", "boolean", "date", "year", "any"];
const STRING_FORMATS: [&str; 4] = ["default", "email", "uri", "uuid"];

fn value_type(field: &FieldFile) -> Result<ValueType, (&'static str, String)> {
    let word = field.value_type.as_deref().unwrap_or("string");
    let format = field.format.as_deref().unwrap_or("default");
    let plain = |value_type| match format {
        "default" => Ok(value_type),
        other => Err(("format", format!("{other:?} is not a format of the type {word:?}; leave it out"))),
    };
    match word {
        "string" => string_type(format).map_err(|message| ("format", message)),
        "integer" => plain(ValueType::Integer),
        "number" => plain(ValueType::Number),
        "boolean" => plain(ValueType::Boolean),
        "year" => plain(ValueType::Year),
        "any" => plain(ValueType::Any),
        "date" if format == "any" => Err((
            "format",
            "\"any\" leaves open what is day and what month; write the format, for example \"%m/%d/%Y\"".into(),
        )),
        "date" => DateFormat::new(format).map(ValueType::Date).map_err(|message| ("format", message)),
        other => Err(("type", format!("{other:?} is not a type that can be checked{}", did_you_mean(other, TYPES)))),
    }
}

fn string_type(format: &str) -> Result<ValueType, String> {
    Ok(match format {
        "default" => ValueType::Text,
        "email" => ValueType::Email,
        "uri" => ValueType::Uri,
        "uuid" => ValueType::Uuid,
        other => {
            return Err(format!(
                "{other:?} is not a format of text that can be checked{}",
                did_you_mean(other, STRING_FORMATS)
            ));
        }
    })
}

/// Table Schema says which constraint fits which type; one that does not fit would silently never hold.
fn check_constraints(value_type: &ValueType, constraints: &Constraints) -> Result<(), (&'static str, String)> {
    use ValueType::{Any, Boolean, Date, Email, Integer, Number, Text, Uri, Uuid, Year};
    let fitting: &[&str] = match value_type {
        Text | Email | Uri | Uuid => &["pattern", "minLength", "maxLength"],
        Integer | Number | Date(_) | Year => &["minimum", "maximum"],
        Boolean | Any => &[],
    };
    match constraints.particular().find(|name| !fitting.contains(name)) {
        Some(name) => Err((name, format!("{name:?} does not go with the type of this column"))),
        None => Ok(()),
    }
}

fn allowed(value_type: &ValueType, constraints: &Constraints) -> Result<Option<Vec<String>>, String> {
    let Some(values) = &constraints.allowed else { return Ok(None) };
    if values.is_empty() {
        return Err("an empty list allows nothing; leave it out".into());
    }
    values.iter().map(|value| literal(value_type, value)).collect::<Result<_, _>>().map(Some)
}

fn bound(value_type: &ValueType, value: Option<&Value>) -> Result<Option<String>, String> {
    value.map(|value| literal(value_type, value)).transpose()
}

/// A value of the schema as text, if it is one of the column's type.
fn literal(value_type: &ValueType, value: &Value) -> Result<String, String> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(number) if !is_text(value_type) => number.to_string(),
        Value::Bool(bool) if *value_type == ValueType::Boolean => bool.to_string(),
        other => return Err(format!("{other} is not a value of this column's type")),
    };
    value_type.accepts(&text).then_some(text).ok_or_else(|| format!("{value} is not a value of this column's type"))
}

fn is_text(value_type: &ValueType) -> bool {
    matches!(value_type, ValueType::Text | ValueType::Email | ValueType::Uri | ValueType::Uuid)
}

fn pattern(text: &str) -> Result<Pattern, String> {
    let anchored = format!("^(?:{text})$");
    let regex = RegexBuilder::new(&anchored).size_limit(PATTERN_BYTES).build().map_err(|error| match error {
        regex::Error::CompiledTooBig(_) => "the pattern is too large".to_owned(),
        other => format!("the pattern cannot be read: {}", last_line(&other.to_string())),
    })?;
    Ok(Pattern { text: text.to_owned(), regex })
}

/// regex draws a picture over several lines; its last line says the reason.
fn last_line(message: &str) -> String {
    message.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

fn normaliser(field: &FieldFile, value_type: &ValueType) -> Result<Option<Normaliser>, String> {
    let Some(word) = &field.rosterd.normalise else { return Ok(None) };
    let known = || Normaliser::ALL.iter().map(|one| one.word());
    let unknown = || format!("{word:?} is not a normaliser{}", did_you_mean(word, known()));
    let normaliser = Normaliser::from_word(word).ok_or_else(unknown)?;
    if (normaliser == Normaliser::Date) != matches!(value_type, ValueType::Date(_)) {
        return Err("the normaliser \"date\" and the type \"date\" need each other".into());
    }
    if normaliser == Normaliser::Word && field.constraints.allowed.is_none() {
        return Err("the normaliser \"word\" needs an \"enum\" to choose from".into());
    }
    Ok(Some(normaliser))
}

fn feeds(field: &FieldFile) -> Result<Option<Field>, String> {
    let Some(word) = &field.rosterd.field else { return Ok(None) };
    let known = || Field::ALL.iter().map(|one| one.word());
    let unknown = || format!("{word:?} is not a field of the roster{}", did_you_mean(word, known()));
    if field.rosterd.secret {
        return Err("a secret column is never kept, and cannot feed a field".into());
    }
    Field::from_word(word).map(Some).ok_or_else(unknown)
}
