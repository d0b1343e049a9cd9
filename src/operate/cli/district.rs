//! `rosterd district list` and `show`: which districts there are, and what each has decided.
//!
//! Called by `cli::main`. Hands `apply` and `site-map` to their own files.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::args::{DistrictCommand, Format};
use super::context::Context;
use super::failure::Failure;
use super::output::exit;
use super::table::table;
use super::{district_apply, site_map};
use crate::report::escape_for_terminal;
use crate::roster::FileKind;
use crate::roster::entities::State;
use crate::store::{District, Store};

/// Runs the command.
pub fn run(context: &Context, command: &DistrictCommand) -> Result<u8, Failure> {
    match command {
        DistrictCommand::List => list(context)?,
        DistrictCommand::Show { id } => show(context, id.as_deref().unwrap_or(&context.common.district))?,
        DistrictCommand::Apply { file } => district_apply::run(context, file)?,
        DistrictCommand::SiteMap(request) => site_map::run(context, request)?,
    }
    Ok(exit::DONE)
}

fn list(context: &Context) -> Result<(), Failure> {
    let store = context.store_to_look()?;
    let ids = store.district_ids()?;
    let districts = ids.iter().map(|id| context.district_called(&store, id)).collect::<Result<Vec<_>, _>>()?;
    if context.is_json() {
        return Ok(context.output.json(&districts.iter().map(line_json).collect::<Vec<_>>())?);
    }
    if districts.is_empty() {
        return Ok(context.output.text("No districts yet.")?);
    }
    let row = |district: District| vec![district.id, district.settings.name, district.applied_as_of, district.last_run];
    let rows = districts.into_iter().map(row);
    Ok(context.output.text(&table(&["district", "name", "newest set", "last run"], rows))?)
}

fn line_json(district: &District) -> Value {
    let text = |value: &str| if value.is_empty() { Value::Null } else { value.into() };
    json!({
        "district": district.id,
        "name": district.settings.name,
        "applied_as_of": text(&district.applied_as_of),
        "last_run": text(&district.last_run),
    })
}

fn show(context: &Context, id: &str) -> Result<(), Failure> {
    let store = context.store_to_look()?;
    let district = context.district_called(&store, id)?;
    let settings = toml::to_string(&district.settings).map_err(|error| Failure::ours(&error))?;
    let text = match context.format() {
        Format::Json => return Ok(context.output.json(&whole_json(&store, &district)?)?),
        Format::Toml => settings,
        _ => whole_text(&store, &district, &settings)?,
    };
    Ok(context.output.text(&text)?)
}

/// The settings as they are written, and beside them what the runs have made of the district.
fn whole_json(store: &Store, district: &District) -> Result<Value, Failure> {
    let mut whole = serde_json::to_value(&district.settings).map_err(|error| Failure::ours(&error))?;
    whole["roster"] = json!(counts(store, district)?);
    for (key, value) in line_json(district).as_object().into_iter().flatten() {
        whole[key] = value.clone();
    }
    Ok(whole)
}

fn whole_text(store: &Store, district: &District, settings: &str) -> Result<String, Failure> {
    let mut text = format!("District {}\n", escape_for_terminal(&district.id));
    if district.last_run.is_empty() {
        text += "  no run yet\n";
    } else {
        text += &format!("  last run {}, newest set of {}\n", district.last_run, district.applied_as_of);
    }
    for (kind, states) in counts(store, district)? {
        let parts: Vec<String> = states.iter().map(|(state, count)| format!("{count} {state}")).collect();
        text += &format!("  {kind}: {}\n", parts.join(", "));
    }
    let settings: Vec<_> = settings.split('\n').map(escape_for_terminal).collect();
    Ok(format!("{text}\nSettings, defaults included:\n\n{}", settings.join("\n")))
}

type Counts = BTreeMap<&'static str, BTreeMap<&'static str, i64>>;

/// How many of each kind are in the roster, by what is known of them.
fn counts(store: &Store, district: &District) -> Result<Counts, Failure> {
    let mut counts = Counts::new();
    for ((kind, state), count) in store.people_by_state(district.seq)? {
        let kind = usize::try_from(kind).ok().and_then(|kind| FileKind::ALL.get(kind));
        if let (Some(kind), Some(word)) = (kind, state_word(State::from_number(state))) {
            counts.entry(kind.word()).or_default().insert(word, count);
        }
    }
    Ok(counts)
}

fn state_word(state: State) -> Option<&'static str> {
    match state {
        State::Present => Some("present"),
        State::Missing => Some("missing"),
        State::Gone => Some("gone"),
        State::Waiting => Some("waiting"),
        State::Unknown => None,
    }
}
