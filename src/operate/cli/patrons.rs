//! `rosterd patrons list` and `show`: the library's patrons, in short and in full.
//!
//! Called by `cli::main`. Hands `set` and `export` to their own files.

use std::io;

use serde_json::{Map, Value, json};

use super::args::PatronsCommand;
use super::context::Context;
use super::failure::Failure;
use super::output::exit;
use super::table::{cell_text, table};
use super::{patron_erase, patron_explain, patron_export, patron_set};
use crate::roster::plan::Evidence;
use crate::store::{PersonRow, Store};
use crate::write::{COLUMNS, PatronRow, Patrons};

/// What a list shows of each patron.
const SHOWN: [&str; 10] =
    ["patron_id", "last_name", "first_name", "roles", "level", "site", "status", "barcode", "student_number", "email"];
/// So many patrons make one table, so that a list of a million needs no more memory than this.
const TABLE_ROWS: usize = 10_000;

/// Runs the command.
pub fn run(context: &Context, command: &PatronsCommand) -> Result<u8, Failure> {
    match command {
        PatronsCommand::List => list(context)?,
        PatronsCommand::Show { patron } => show(context, *patron)?,
        PatronsCommand::Set { patron, fields } => patron_set::run(context, *patron, fields)?,
        PatronsCommand::Export => patron_export::run(context)?,
        PatronsCommand::Erase(erase) => patron_erase::run(context, erase)?,
        PatronsCommand::Explain { subject } => patron_explain::run(context, subject)?,
    }
    Ok(exit::DONE)
}

fn list(context: &Context) -> Result<(), Failure> {
    let store = context.store_to_look()?;
    require_patrons(context, &store)?;
    if context.is_json() {
        return patron_export::json_array(context, &store);
    }
    let mut rows = Vec::new();
    let mut count = 0_u64;
    patron_export::print(context, &store, |patrons, out| {
        patrons.each(|patron| {
            count += 1;
            rows.push(short(&patron));
            if rows.len() < TABLE_ROWS { Ok(()) } else { out.write_all(table(&SHOWN, rows.drain(..)).as_bytes()) }
        })?;
        if !rows.is_empty() {
            out.write_all(table(&SHOWN, rows.drain(..)).as_bytes())?;
        }
        writeln!(out, "{}", if count == 1 { "1 patron.".to_owned() } else { format!("{count} patrons.") })
    })
}

fn short(patron: &PatronRow) -> Vec<String> {
    let value = |column: &&str| match *column {
        "status" => status_text(patron.get(column)),
        column => patron.get(column).to_owned(),
    };
    SHOWN.iter().map(value).collect()
}

/// The number and what it means.
fn status_text(status: &str) -> String {
    let word = match status {
        "1" => "active",
        "2" => "card lost",
        "3" => "suspended",
        "4" => "transferred",
        "5" => "inactive",
        "6" => "other",
        _ => return status.to_owned(),
    };
    format!("{status} {word}")
}

/// A library may have patrons before its district has its first run; a district with neither was probably mistyped.
pub fn require_patrons(context: &Context, store: &Store) -> Result<(), Failure> {
    let none = Patrons::new(&store.connection, &context.common.district, "").is_empty();
    let none = none.map_err(|error| store.explain("read the patrons of", error))?;
    if none { context.require_district(store) } else { Ok(()) }
}

/// The patron with this number in the district.
pub fn find(context: &Context, store: &Store, id: i64) -> Result<PatronRow, Failure> {
    let district = &context.common.district;
    let found = PatronRow::find(&store.connection, district, id);
    let missing = || {
        let sentence = format!(
            "there is no patron {id} in district {district:?}; see `rosterd patrons list`, or name another --district"
        );
        Failure::usage(sentence)
    };
    found.map_err(|error| store.explain("read the patrons of", error))?.ok_or_else(missing)
}

fn show(context: &Context, id: i64) -> Result<(), Failure> {
    let store = context.store_to_look()?;
    let patron = find(context, &store, id)?;
    let people = match store.district(&context.common.district)? {
        Some(district) => store.people_of_patron(district.seq, id)?,
        None => Vec::new(),
    };
    if context.is_json() {
        return Ok(context.output.json(&whole_json(&patron, &people))?);
    }
    Ok(context.output.text(&whole_text(&patron, &people))?)
}

fn whole_json(patron: &PatronRow, people: &[PersonRow]) -> Value {
    let mut whole = object(patron);
    whole.insert("people".to_owned(), people.iter().map(person_json).collect());
    Value::Object(whole)
}

fn person_json(person: &PersonRow) -> Value {
    let last_seen = Some(&person.last_seen).filter(|day| !day.is_empty());
    json!({
        "kind": person.kind,
        "id": person.id,
        "evidence": person.evidence,
        "first_seen": person.first_seen,
        "last_seen": last_seen,
    })
}

fn whole_text(patron: &PatronRow, people: &[PersonRow]) -> String {
    let value = |column: &str| match column {
        "status" => status_text(patron.get(column)),
        column => cell_text(patron.get(column)),
    };
    let lines = COLUMNS.iter().map(|column| format!("{column:<20}{}\n", value(column)));
    let people: String = people.iter().map(person_text).collect();
    let people = if people.is_empty() { "linked to nobody in the roster\n".to_owned() } else { people };
    lines.chain(["\n".to_owned(), people]).collect()
}

fn person_text(person: &PersonRow) -> String {
    let until = match person.last_seen.as_str() {
        "" => "in the roster since",
        _ => "left the roster; first seen",
    };
    let last = if person.last_seen.is_empty() { String::new() } else { format!(", last seen {}", person.last_seen) };
    let (id, evidence) = (cell_text(&person.id), cell_text(&person.evidence));
    let how = match person.evidence == Evidence::NoCandidate.word() {
        true => format!("created for {}:{id}", person.kind),
        false => format!("linked to {}:{id} (evidence: {evidence})", person.kind),
    };
    format!("{how}; {until} {}{last}\n", person.first_seen)
}

/// A patron as JSON: the number and the status are numbers.
pub fn object(patron: &PatronRow) -> Map<String, Value> {
    let value = |column: &str, text: &str| match text.parse::<i64>() {
        Ok(number) if matches!(column, "patron_id" | "status") => number.into(),
        _ => text.into(),
    };
    COLUMNS.iter().zip(&patron.0).map(|(column, text)| ((*column).to_owned(), value(column, text))).collect()
}

/// Writes one patron as one line of JSON, without its line break.
pub fn write_json(out: &mut dyn io::Write, patron: &PatronRow) -> io::Result<()> {
    Ok(serde_json::to_writer(out, &object(patron))?)
}
