//! `rosterd patrons set`: an edit by the library, as its own program would make it.
//!
//! Called by `patrons`. A plain change of the table: the next run sees that a person made it.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde_json::json;

use super::context::Context;
use super::failure::Failure;
use super::patrons::find;
use crate::report::escape_for_terminal;
use crate::roster::nearest::did_you_mean;
use crate::roster::patron::PatronField;
use crate::write::PatronRow;

/// A field, what it was, what it is.
type Change<'a> = (&'static str, String, &'a str);

/// Runs the command.
pub fn run(context: &Context, id: i64, fields: &[(String, String)]) -> Result<(), Failure> {
    let wanted = fields.iter().map(|(field, value)| judged(field, value)).collect::<Result<Vec<_>, _>>()?;
    refuse_twice(&wanted)?;
    let store = context.store_to_change()?;
    store.begin()?;
    let patron = find(context, &store, id)?;
    let changes = changes(&patron, &wanted);
    if !changes.is_empty() {
        let values: Vec<(&str, &str)> = changes.iter().map(|(field, _, new)| (*field, *new)).collect();
        let set = PatronRow::set(&store.connection, id, &values, &context.now_text());
        set.map_err(|error| store.explain("change a patron in", error))?;
    }
    store.commit()?;
    print(context, id, &changes)
}

/// The field's column and its value, if a person may set it to that.
fn judged<'a>(field: &str, value: &'a str) -> Result<(&'static str, &'a str), Failure> {
    let Some(known) = PatronField::from_column(field) else { return Err(Failure::usage(not_settable(field))) };
    let value = value.trim();
    match known {
        PatronField::Status if !matches!(value, "1" | "2" | "3" | "4" | "5" | "6") => Err(Failure::usage(format!(
            "status cannot be {value:?}; write 1 (active), 2 (card lost), 3 (suspended), 4 (transferred), 5 (inactive) or 6 (other)"
        ))),
        PatronField::Birthdate if !value.is_empty() && value.parse::<NaiveDate>().is_err() => {
            Err(Failure::usage(format!("birthdate cannot be {value:?}; write a day such as 2012-05-31, or nothing")))
        }
        known => Ok((known.column(), value)),
    }
}

fn not_settable(field: &str) -> String {
    match field {
        "patron_id" | "district" | "created_at" | "updated_at" => format!("{field} cannot be set"),
        _ => {
            let meant = did_you_mean(field, PatronField::COLUMNS.iter().copied());
            let rest =
                if meant.is_empty() { format!("; write one of {}", PatronField::COLUMNS.join(", ")) } else { meant };
            format!("a patron has no field {field:?}{rest}")
        }
    }
}

fn refuse_twice(wanted: &[(&'static str, &str)]) -> Result<(), Failure> {
    let mut seen = BTreeMap::new();
    match wanted.iter().find(|(field, _)| seen.insert(field, ()).is_some()) {
        Some((field, _)) => Err(Failure::usage(format!("{field} is given twice; write it once"))),
        None => Ok(()),
    }
}

fn changes<'a>(patron: &PatronRow, wanted: &[(&'static str, &'a str)]) -> Vec<Change<'a>> {
    let pairs = wanted.iter().map(|(field, new)| (*field, patron.get(field).to_owned(), *new));
    pairs.filter(|(_, old, new)| old != new).collect()
}

fn print(context: &Context, id: i64, changes: &[Change<'_>]) -> Result<(), Failure> {
    if context.is_json() {
        let fields: BTreeMap<_, _> = changes.iter().map(|(field, old, new)| (field, [old.as_str(), new])).collect();
        return Ok(context.output.json(&json!({"patron": id, "fields": fields}))?);
    }
    if changes.is_empty() {
        return Ok(context.output.text(&format!("Patron {id} has these values already; nothing was changed."))?);
    }
    let shown = |value: &str| if value.is_empty() { "(blank)".into() } else { escape_for_terminal(value).into_owned() };
    let line = |(field, old, new): &Change<'_>| format!("  {field}: {} -> {}\n", shown(old), shown(new));
    Ok(context.output.text(&format!("Patron {id}\n{}", changes.iter().map(line).collect::<String>()))?)
}
