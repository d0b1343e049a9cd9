//! `rosterd runs`: what was done, the report of one run, and what waits.
//!
//! Called by `cli::main`. Prints reports as they were stored; judges nothing.

use serde_json::{Map, Value, json};

use super::args::RunsCommand;
use super::context::Context;
use super::failure::Failure;
use super::output::exit;
use super::run_undo;
use super::table::table;
use crate::report::hold_text::holds_text;
use crate::report::text::report_text;
use crate::report::{HoldReport, RunReport, escape_for_terminal};
use crate::store::RunRow;

/// Runs the command.
pub fn run(context: &Context, command: &RunsCommand) -> Result<u8, Failure> {
    match command {
        RunsCommand::List { limit } => list(context, *limit)?,
        RunsCommand::Show { run } => show(context, run)?,
        RunsCommand::Holds => holds(context)?,
        RunsCommand::Undo(undo) => run_undo::run(context, undo)?,
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
pub fn find(context: &Context, prefix: &str) -> Result<RunRow, Failure> {
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
    let texts = parsed.chunk_by(|one, next| one.0 == next.0).map(|of_run| holds_of_run(context, of_run));
    let texts = texts.collect::<Result<String, _>>().map_err(|error| Failure::ours(&error))?;
    Ok(context.output.text(texts.trim_end())?)
}

fn hold_json((run, district, hold): (String, String, Map<String, Value>)) -> Value {
    let place = [("run".to_owned(), run.into()), ("district".to_owned(), district.into())];
    Value::Object(place.into_iter().chain(hold).collect())
}

fn holds_of_run(
    context: &Context,
    holds: &[(String, String, Map<String, Value>)],
) -> Result<String, serde_json::Error> {
    let Some((run, district, _)) = holds.first() else { return Ok(String::new()) };
    let parse = |(_, _, hold): &(String, String, Map<String, Value>)| serde_json::from_value(hold.clone().into());
    let parsed = holds.iter().map(parse).collect::<Result<Vec<HoldReport>, _>>()?;
    let (text, district) = (holds_text(&parsed, context.output.style()), escape_for_terminal(district));
    Ok(format!("{text}District {district}; every detail: `rosterd runs show {run}`.\n\n"))
}
