//! `rosterd runs`: what was done, the report of one run, and what waits.
//!
//! Called by `cli::main`. Prints reports as they were stored; judges nothing.

use serde_json::{Map, Value, json};

use super::args::RunsCommand;
use super::context::Context;
use super::failure::Failure;
use super::output::exit;
use super::table::table;
use crate::report::text::{hold_text, report_text};
use crate::report::{HoldReport, RunReport, escape_for_terminal};
use crate::store::RunRow;

/// Runs the command.
pub fn run(context: &Context, command: &RunsCommand) -> Result<u8, Failure> {
    match command {
        RunsCommand::List { limit } => list(context, *limit)?,
        RunsCommand::Show { run } => show(context, run)?,
        RunsCommand::Holds => holds(context)?,
    }
    Ok(exit::DONE)
}

fn list(context: &Context, limit: u32) -> Result<(), Failure> {
    let store = context.store_to_look()?;
    context.require_district(&store)?;
    let runs = store.runs(Some(&context.common.district), i64::from(limit))?;
    if context.is_json() {
        return Ok(context.output.json(&runs.iter().map(row_json).collect::<Vec<_>>())?);
    }
    if runs.is_empty() {
        return Ok(context.output.text("No runs yet.")?);
    }
    let rows = runs.into_iter().map(|row| vec![row.run, row.started_at, row.outcome]);
    Ok(context.output.text(&table(&["run", "started at", "outcome"], rows))?)
}

fn row_json(row: &RunRow) -> Value {
    json!({"run": row.run, "district": row.district, "started_at": row.started_at, "outcome": row.outcome})
}

fn show(context: &Context, run: &str) -> Result<(), Failure> {
    let row = find(context, run)?;
    if context.is_json() {
        return Ok(context.output.text(&row.report)?);
    }
    let report: RunReport = serde_json::from_str(&row.report).map_err(|error| Failure::ours(&error))?;
    Ok(context.output.text(&report_text(&report, context.output.style()))?)
}

/// The one run whose id begins with `prefix`.
fn find(context: &Context, prefix: &str) -> Result<RunRow, Failure> {
    let store = context.store_to_look()?;
    let mut found = store.find_runs(&prefix.to_lowercase())?.into_iter();
    match (found.next(), found.next()) {
        (Some(row), None) => Ok(row),
        (Some(one), Some(other)) => Err(Failure::usage(format!(
            "more than one run begins with {prefix:?}: {} and {}; write more of it",
            one.run, other.run
        ))),
        _ => Err(Failure::usage(format!(
            "there is no run {prefix:?} in {}; see `rosterd runs list`",
            context.common.store
        ))),
    }
}

fn holds(context: &Context) -> Result<(), Failure> {
    let store = context.store_to_look()?;
    context.require_district(&store)?;
    let holds = store.holds(Some(&context.common.district))?;
    let parse = |(run, district, hold): (String, String, String)| Ok((run, district, serde_json::from_str(&hold)?));
    let parsed: Result<Vec<_>, serde_json::Error> = holds.into_iter().map(parse).collect();
    let parsed: Vec<(String, String, Map<String, Value>)> = parsed.map_err(|error| Failure::ours(&error))?;
    if context.is_json() {
        return Ok(context.output.json(&parsed.into_iter().map(hold_json).collect::<Vec<_>>())?);
    }
    if parsed.is_empty() {
        return Ok(context.output.text("Nothing waits.")?);
    }
    let texts = parsed.into_iter().map(|hold| hold_paragraph(context, hold)).collect::<Result<String, _>>();
    Ok(context.output.text(texts.map_err(|error| Failure::ours(&error))?.trim_end())?)
}

fn hold_json((run, district, hold): (String, String, Map<String, Value>)) -> Value {
    let place = [("run".to_owned(), run.into()), ("district".to_owned(), district.into())];
    Value::Object(place.into_iter().chain(hold).collect())
}

fn hold_paragraph(
    context: &Context,
    (run, district, hold): (String, String, Map<String, Value>),
) -> Result<String, serde_json::Error> {
    let hold: HoldReport = serde_json::from_value(Value::Object(hold))?;
    let text = hold_text(&hold, context.output.style());
    let district = escape_for_terminal(&district);
    Ok(format!("{}\n  District {district}; every detail: `rosterd runs show {run}`.\n\n", text.trim_end()))
}
