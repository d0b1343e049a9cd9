//! `rosterd runs`: what was done, the report of one run, and what waits.
//!
//! Called by `cli::main`. Prints reports as they were stored; judges nothing.

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Map, Value, json};

use super::args::RunsCommand;
use super::context::Context;
use super::failure::Failure;
use super::output::exit;
use super::questions_text::{person_word, questions_text};
use super::run_undo;
use super::runs_decide;
use super::table::table;
use crate::report::hold_text::{decisions_text, holds_text};
use crate::report::text::report_text;
use crate::report::{HoldReport, RunReport, escape_for_terminal};
use crate::store::{QuestionRow, RunRow, Store};

/// Runs the command.
pub fn run(context: &Context, command: &RunsCommand) -> Result<u8, Failure> {
    match command {
        RunsCommand::List { limit } => list(context, *limit)?,
        RunsCommand::Show { run } => show(context, run)?,
        RunsCommand::Holds => holds(context)?,
        RunsCommand::Approve { run, plan, by } => return runs_decide::approve(context, run, plan, by),
        RunsCommand::Discard { run, plan, by } => return runs_decide::discard(context, run, plan.as_deref(), by),
        RunsCommand::Decide { run, person, answer, patron, by } => {
            return runs_decide::decide(context, run, person, (*answer, *patron), by);
        }
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
fn find(context: &Context, prefix: &str) -> Result<RunRow, Failure> {
    find_in(context, &context.store_to_look()?, prefix)
}

/// The one run of `store` whose id begins with `prefix`.
pub(super) fn find_in(context: &Context, store: &Store, prefix: &str) -> Result<RunRow, Failure> {
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

/// What waits for a person: holds, and questions about single people.
fn holds(context: &Context) -> Result<(), Failure> {
    let store = context.store_to_look()?;
    context.require_district(&store)?;
    let mut waiting = Vec::new();
    for row in store.holds(Some(&context.common.district))? {
        let hold: Map<String, Value> = serde_json::from_str(&row.hold).map_err(|error| Failure::ours(&error))?;
        waiting.push(Waiting { run: row.run, district: row.district, opened_at: row.opened_at, hold });
    }
    let questions = match store.district(&context.common.district)? {
        Some(district) => store.questions(district.seq)?,
        None => Vec::new(),
    };
    if context.is_json() {
        let questions = questions.iter().map(|question| question_json(context, question));
        return Ok(context.output.json(&waiting.into_iter().map(hold_json).chain(questions).collect::<Vec<_>>())?);
    }
    if waiting.is_empty() && questions.is_empty() {
        return Ok(context.output.text("Nothing waits.")?);
    }
    let of_runs = waiting.chunk_by(|one, next| one.run == next.run);
    let texts = of_runs.map(|of_run| holds_of_run(context, &store, of_run)).collect::<Result<String, Failure>>()?;
    Ok(context.output.text((texts + &questions_text(&questions)).trim_end())?)
}

/// An open hold and its run.
struct Waiting {
    run: String,
    district: String,
    opened_at: String,
    hold: Map<String, Value>,
}

fn hold_json(waiting: Waiting) -> Value {
    let place = [
        ("run".to_owned(), waiting.run.into()),
        ("district".to_owned(), waiting.district.into()),
        ("opened_at".to_owned(), waiting.opened_at.into()),
    ];
    Value::Object(place.into_iter().chain(waiting.hold).collect())
}

fn holds_of_run(context: &Context, store: &Store, holds: &[Waiting]) -> Result<String, Failure> {
    let Some(Waiting { run, district, .. }) = holds.first() else { return Ok(String::new()) };
    let report = store.find_runs(run)?.pop().and_then(|row| serde_json::from_str::<RunReport>(&row.report).ok());
    let plan = report.and_then(|report| report.plan);
    let parse = |waiting: &Waiting| serde_json::from_value(waiting.hold.clone().into());
    let parsed =
        holds.iter().map(parse).collect::<Result<Vec<HoldReport>, _>>().map_err(|error| Failure::ours(&error))?;
    let (text, district) = (holds_text(&parsed, context.output.style()), escape_for_terminal(district));
    let decide = decisions_text(run, plan.as_deref(), &parsed);
    let days = store.district(&context.common.district)?.map_or(0, |district| district.settings.guard.approval_days);
    let first = holds.iter().map(|waiting| waiting.opened_at.as_str()).min().filter(|_| !decide.is_empty());
    let asked = first.map_or_else(String::new, |first| asked_on(context, first, days));
    Ok(format!("{text}{decide}{asked}District {district}; every detail: `rosterd runs show {run}`.\n\n"))
}

/// Until when a question can be answered with a yes.
fn asked_on(context: &Context, opened_at: &str, days: u32) -> String {
    let Ok(opened) = opened_at.parse::<DateTime<Utc>>() else { return String::new() };
    let last = opened + TimeDelta::days(i64::from(days));
    let asked = format!("Asked on {}", opened.format("%Y-%m-%d"));
    match context.now() > last {
        true => format!(
            "{asked}, longer than {days} days ago (guard.approval_days): ingest again, and decide what is asked then. "
        ),
        false => {
            format!("{asked}, and can be approved until {} (guard.approval_days). ", last.format("%Y-%m-%d %H:%M UTC"))
        }
    }
}

fn question_json(context: &Context, question: &QuestionRow) -> Value {
    let candidates: Vec<(i64, String)> = serde_json::from_str(&question.candidates).unwrap_or_default();
    let candidate = |(patron, evidence): (i64, String)| json!({"patron": patron, "evidence": evidence});
    json!({"run": question.run, "district": context.common.district, "guard": "undecided", "person": person_word(question),
        "candidates": candidates.into_iter().map(candidate).collect::<Vec<_>>()})
}
