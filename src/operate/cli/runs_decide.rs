//! `rosterd runs approve | discard | decide`: carries out what a person decided, and prints the report of the run that did it.

use std::path::Path;
use std::time::Instant;

use serde_json::json;

use super::args::{AnswerWord, Decider};
use super::context::Context;
use super::failure::Failure;
use super::output::exit;
use super::runs::find_in;
use super::sets::finish;
use crate::pipeline::{self, Answer, By, Done, Job};
use crate::report::{Outcome, Source};
use crate::roster::schema::SchemaSet;
use crate::roster::settings::Settings;
use crate::store::{RunRow, Store};

/// Lets pass what a run holds.
pub fn approve(context: &Context, run: &str, hash: &str, by: &Decider) -> Result<u8, Failure> {
    carry_out(context, run, |store, job, run| pipeline::approve(store, job, run, hash, decider(by)))
}

/// Answers the question about one person.
pub fn decide(
    context: &Context,
    run: &str,
    person: &str,
    (answer, patron): (AnswerWord, Option<i64>),
    by: &Decider,
) -> Result<u8, Failure> {
    let answer = match (answer, patron) {
        (AnswerWord::Link, Some(patron)) => Answer::Link(patron),
        (AnswerWord::Create, None) => Answer::Create,
        (AnswerWord::Skip, None) => Answer::Skip,
        _ => return Err(Failure::usage("write `link` with the patron's number, or `create` or `skip` without one")),
    };
    carry_out(context, run, |store, job, run| {
        let done = pipeline::decide(store, job, run, person, answer, decider(by))?;
        if done.report.outcome == Outcome::Held {
            context.output.note("note: the answer is kept; it is carried out with what the run below holds");
        }
        Ok(done)
    })
}

/// Leaves undone what a run holds.
pub fn discard(context: &Context, run: &str, hash: Option<&str>, by: &Decider) -> Result<u8, Failure> {
    let store = context.store_to_change()?;
    let run = find_in(context, &store, run)?;
    let (settings, schemas) = (settings_of(context, &store, &run)?, context.schemas()?);
    let count = pipeline::discard(&store, &job(context, &settings, &schemas), &run, hash, decider(by))?;
    if context.is_json() {
        context.output.json(&json!({"run": run.run, "district": run.district, "discarded": count}))?;
        return Ok(exit::DONE);
    }
    let changes = if count == 1 { "change" } else { "changes" };
    context.output.text(&format!(
        "Discarded: {count} {changes} of run {} will not be made, and the same will not be asked again. When the rows say something else, \
         it is an ordinary change again.",
        run.run
    ))?;
    Ok(exit::DONE)
}

fn carry_out(
    context: &Context,
    run: &str,
    work: impl FnOnce(&Store, &Job<'_>, &RunRow) -> anyhow::Result<Done>,
) -> Result<u8, Failure> {
    let store = context.store_to_change()?;
    let run = find_in(context, &store, run)?;
    let (settings, schemas) = (settings_of(context, &store, &run)?, context.schemas()?);
    let job = job(context, &settings, &schemas);
    let progress = context.output.progress("applying");
    let done = work(&store, &job, &run);
    drop(progress);
    finish(context, done?, None, &job)
}

fn settings_of(context: &Context, store: &Store, run: &RunRow) -> Result<Settings, Failure> {
    Ok(context.district_called(store, &run.district)?.settings)
}

fn decider(by: &Decider) -> By<'_> {
    By { who: &by.who, why: &by.why }
}

/// A run on what is there already: nothing is delivered.
fn job<'a>(context: &Context, settings: &'a Settings, schemas: &'a SchemaSet) -> Job<'a> {
    Job {
        path: Path::new(""),
        source: Source::CommandLine,
        settings,
        schemas,
        now: context.now(),
        as_of: context.common.as_of,
        delta: false,
        is_preview: false,
        wants_rejected: false,
        begun: Instant::now(),
        recorded: None,
    }
}
