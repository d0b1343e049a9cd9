//! `rosterd backfill`: old sets, oldest first.
//!
//! Called by `cli::main`. Finds the sets and their days, hands one after the other to the pipeline, and adds up what became of
//! them. A refused set does not stop the others; whatever is taken stays taken when the command is interrupted.

use std::path::PathBuf;

use chrono::NaiveDate;

use super::args::Format;
use super::context::Context;
use super::failure::Failure;
use super::output::{exit, exit_code};
use super::sets::{job_for, log_end, refused_at_the_door, report_of_nothing, settings_of_new_or_known};
use crate::pipeline::{self, Backfilled, Done, Job};
use crate::report::backfill::backfill_text;
use crate::report::text::report_text;
use crate::report::{BackfillReport, BackfilledSet, Source, Taken};
use crate::roster::settings::Settings;
use crate::stage::{DatedSet, dated_sets};

/// Takes in every set at `paths`.
pub fn backfill(context: &Context, paths: &[PathBuf]) -> Result<u8, Failure> {
    let schemas = context.schemas()?;
    let found = dated_sets(paths, &Settings::new(&context.common.district), &schemas).map_err(anyhow::Error::from)?;
    let sets = with_days(context, found)?;
    let store = context.store()?;
    let settings = settings_of_new_or_known(context, &store)?;
    let bar = context.output.bar(sets.len());
    let (mut done, mut newest) = (Vec::new(), None);
    for (at, (path, day)) in sets.iter().enumerate() {
        bar.now(day.to_string());
        let job = job_for(context, path, &settings, &schemas);
        let job = Job { as_of: Some(*day), source: Source::Backfill, ..job };
        let set = one(&job, pipeline::backfill(&store, &job, at + 1 == sets.len()), &mut newest)?;
        done.push(set);
        bar.step();
    }
    drop(bar);
    finish(context, &BackfillReport::new(&settings.id, done, newest))
}

/// Every set with its day. One without is refused by name, before anything is written.
fn with_days(context: &Context, found: Vec<DatedSet>) -> Result<Vec<(PathBuf, NaiveDate)>, Failure> {
    let as_of = context.common.as_of;
    if as_of.is_some() && found.len() != 1 {
        return Err(Failure::usage(format!(
            "--as-of gives the day of one set, and there are {}; put the day of each into its name, such as \
             roster_2026-01-12.zip, or into its manifest.csv (date,2026-01-12)",
            found.len()
        )));
    }
    let undated: Vec<String> = found
        .iter()
        .filter(|set| as_of.or(set.date).is_none())
        .map(|set| format!("{} has no date", set.path.display()))
        .collect();
    if !undated.is_empty() {
        return Err(Failure::usage(format!(
            "{}; put the day into the name, such as roster_2026-01-12.zip, or into manifest.csv (date,2026-01-12), or \
             take the set alone with --as-of 2026-01-12. Nothing was written",
            undated.join("\n")
        )));
    }
    Ok(found.into_iter().filter_map(|set| Some((set.path, as_of.or(set.date)?))).collect())
}

/// What became of one set. A set that is too large or is being written is refused like any other.
fn one(
    job: &Job<'_>,
    ended: anyhow::Result<Backfilled>,
    newest: &mut Option<crate::report::RunReport>,
) -> Result<BackfilledSet, Failure> {
    let set = |taken| {
        let day = job.as_of.unwrap_or_else(|| job.now.date_naive());
        BackfilledSet::new(job.path.display().to_string(), day, taken)
    };
    let report = |done: Done| {
        log_end(&done.report);
        done.report
    };
    Ok(match ended {
        Ok(Backfilled::Run(done)) => {
            let report = newest.insert(report(*done));
            set(Taken::Run).with(report)
        }
        Ok(Backfilled::History { done, people_added }) => {
            BackfilledSet { people_added, ..set(Taken::History).with(&report(*done)) }
        }
        Ok(Backfilled::Skipped { batch, was_refused }) => {
            let taken = if was_refused { Taken::Refused } else { Taken::Skipped };
            BackfilledSet { batch: Some(batch), ..set(taken) }
        }
        Err(error) => set(Taken::Refused).with(&refused_at_the_door(Err(error), report_of_nothing(job))?.report),
    })
}

fn finish(context: &Context, report: &BackfillReport) -> Result<u8, Failure> {
    if context.format() == Format::Json {
        context.output.json(report)?;
    } else {
        let style = context.output.style();
        let run = report.newest.as_ref().map(|newest| format!("\n{}", report_text(newest, style))).unwrap_or_default();
        context.output.text(&(backfill_text(report, style) + &run))?;
    }
    // A set that is refused was not taken, which a script must hear of, whatever became of the newest.
    let newest = report.newest.as_ref().map_or(exit::DONE, exit_code);
    Ok(if report.refused > 0 { exit::REJECTED } else { newest })
}
