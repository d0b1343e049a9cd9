//! Commands that read a set: `check`, `ingest`, `preview`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::args::{Format, SetPath};
use super::context::Context;
use super::failure::Failure;
use super::output::{exit, exit_code};
use crate::files::{fail_point, private};
use crate::operate::config::read_settings;
use crate::pipeline::{self, Done, Job};
use crate::receive::ReceiveError;
use crate::report::{Outcome, RunReport, Source, changes, results, text};
use crate::roster::patron::PatronField;
use crate::roster::schema::SchemaSet;
use crate::roster::settings::Settings;
use crate::roster::{Code, Problem};
use crate::stage::StageError;
use crate::store::Store;

/// Validates files only; no database is opened.
pub fn check(context: &Context, set: &SetPath, settings: Option<&Path>, results: Option<&Path>) -> Result<u8, Failure> {
    let settings = match settings {
        Some(file) => read_settings(file, PatronField::COLUMNS)?,
        None => Settings::new(&context.common.district),
    };
    let place = SetPlace::of(set)?;
    let schemas = context.schemas()?;
    let job = Job { wants_rejected: results.is_some(), ..job(context, &place, &settings, &schemas) };
    let progress = context.output.progress("checking");
    let done = pipeline::check(&job);
    drop(progress);
    let done = refused_at_the_door(done, RunReport::new(Outcome::Errors))?;
    finish(context, done, results, &job)
}

/// Takes in one batch now.
pub fn ingest(context: &Context, set: &SetPath, dry_run: bool, results: Option<&Path>) -> Result<u8, Failure> {
    if dry_run {
        return preview(context, set);
    }
    let place = SetPlace::of(set)?;
    let schemas = context.schemas()?;
    place.look(&schemas)?;
    let store = context.store()?;
    let settings = settings_of_new_or_known(context, &store)?;
    let job = Job { wants_rejected: results.is_some(), ..job(context, &place, &settings, &schemas) };
    run(context, &store, &job, results)
}

/// Shows what `ingest` would change, and writes nothing.
pub fn preview(context: &Context, set: &SetPath) -> Result<u8, Failure> {
    let place = SetPlace::of(set)?;
    let schemas = context.schemas()?;
    let store = context.store_to_look()?;
    let known = store.district(&context.common.district)?;
    let settings = known.map_or_else(|| Settings::new(&context.common.district), |district| district.settings);
    let job = Job { is_preview: true, ..job(context, &place, &settings, &schemas) };
    run(context, &store, &job, None)
}

fn run(context: &Context, store: &Store, job: &Job<'_>, results: Option<&Path>) -> Result<u8, Failure> {
    let progress = context.output.progress(if job.is_preview { "planning" } else { "ingesting" });
    let done = pipeline::run(store, job);
    drop(progress);
    let done = refused_at_the_door(done, report_of_nothing(job))?;
    log_end(&done.report);
    finish(context, done, results, job)
}

/// The report of a set that nobody could look into.
pub(super) fn report_of_nothing(job: &Job<'_>) -> RunReport {
    let mut report = RunReport::new(Outcome::Rejected);
    report.district.clone_from(&job.settings.id);
    report.source = job.source;
    report.started_at = job.now;
    report.as_of = job.today();
    report
}

/// Tells the log how a run ended.
pub(super) fn log_end(report: &RunReport) {
    tracing::info!(
        run.id = report.run.as_deref().unwrap_or(""),
        district.id = %report.district,
        outcome = %report.outcome,
        duration_ms = report.duration_ms,
        "the run has ended"
    );
}

fn job<'a>(context: &Context, place: &'a SetPlace, settings: &'a Settings, schemas: &'a SchemaSet) -> Job<'a> {
    job_for(context, &place.path, settings, schemas)
}

/// The job for the set at `path`.
pub(super) fn job_for<'a>(
    context: &Context,
    path: &'a Path,
    settings: &'a Settings,
    schemas: &'a SchemaSet,
) -> Job<'a> {
    Job {
        path,
        source: Source::CommandLine,
        settings,
        schemas,
        now: context.now(),
        as_of: context.common.as_of,
        delta: context.common.delta,
        is_preview: false,
        wants_rejected: false,
        begun: Instant::now(),
        recorded: None,
    }
}

/// The settings of the district; one that is not there yet is created with those that a district starts with.
pub(super) fn settings_of_new_or_known(context: &Context, store: &Store) -> Result<Settings, Failure> {
    let id = &context.common.district;
    if let Some(district) = store.district(id)? {
        return Ok(district.settings);
    }
    let settings = Settings::new(id);
    store.put_district(&settings)?;
    fail_point::reach("the district is made");
    context
        .output
        .note(&format!("note: the district {id} is new in {}; it starts with default settings", store.name()));
    Ok(settings)
}

/// Prints the report, and leaves it where it was asked for.
pub(super) fn finish(context: &Context, mut done: Done, folder: Option<&Path>, job: &Job<'_>) -> Result<u8, Failure> {
    let report = &done.report;
    fail_point::reach("before the results");
    if let Some(folder) = folder {
        let plain = text::report_text(report, crate::report::Style::Plain);
        results::write_results(folder, report, &plain, &mut done.rejected, job.now)
            .map_err(|error| Failure::ours(&error))?;
    }
    fail_point::reach("after the results");
    match context.format() {
        Format::Json => context.output.json(report)?,
        Format::Csv => {
            let actions = report.actions.as_deref().unwrap_or_default();
            context.output.write(|out| changes::write_changes_csv(actions, out).map_err(io::Error::other))?;
        }
        _ => context.output.text(&text::report_text(report, context.output.style()))?,
    }
    Ok(exit_code(report))
}

/// Files that are too large, or still being written, are the sender's business: a refusal with a code, like any other.
pub(super) fn refused_at_the_door(done: anyhow::Result<Done>, mut report: RunReport) -> Result<Done, Failure> {
    let error = match done {
        Ok(done) => return Ok(done),
        Err(error) => error,
    };
    let code = match error.downcast_ref::<ReceiveError>() {
        Some(ReceiveError::TooLarge { .. }) => Code::SetTooLarge,
        Some(ReceiveError::Changed(_)) => Code::FileChanging,
        _ => return Err(explain(&error)),
    };
    report.problems.push(Problem::error(code, format!("{error}")));
    Ok(Done { report, rejected: Vec::new() })
}

fn explain(error: &anyhow::Error) -> Failure {
    match error.downcast_ref::<StageError>() {
        Some(
            wrong @ (StageError::NotThere(_)
            | StageError::NotAFile(_)
            | StageError::FolderTooLarge { .. }
            | StageError::EncodingUnknown(_)),
        ) => Failure::usage(wrong.to_string()),
        _ => Failure::ours(error.as_ref()),
    }
}

/// Where a set lies; one from standard input is spooled into a private folder that goes away with the command.
struct SetPlace {
    path: PathBuf,
    _spool: Option<tempfile::TempDir>,
}

impl SetPlace {
    fn of(set: &SetPath) -> Result<Self, Failure> {
        if !set.is_standard_input() {
            return Ok(Self { path: set.path.clone(), _spool: None });
        }
        spool()
            .map_err(|error| Failure { exit: exit::FAILED, message: format!("failed to read standard input: {error}") })
    }

    /// A path that leads nowhere is a wrong command line; it must not create a database.
    fn look(&self, schemas: &SchemaSet) -> Result<(), Failure> {
        match crate::stage::choose(&self.path, &Settings::new("default"), schemas) {
            Err(error @ (StageError::NotThere(_) | StageError::NotAFile(_))) => Err(Failure::usage(error.to_string())),
            _ => Ok(()),
        }
    }
}

fn spool() -> io::Result<SetPlace> {
    let folder = private::temporary_folder(&std::env::temp_dir(), "rosterd-")?;
    let path = folder.path().join("standard-input.zip");
    let mut file = private::create_file(&path)?;
    io::copy(&mut io::stdin().lock(), &mut file)?;
    file.flush()?;
    Ok(SetPlace { path, _spool: Some(folder) })
}
