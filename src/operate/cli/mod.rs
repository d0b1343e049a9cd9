//! The command line: reads it, does what it says, and turns the end into an exit code. One file a command.
//!
//! Called by the binary. Knows which command lives where, and nothing of what they do.

mod backfill;
mod backup;
mod completions;
mod config_check;
mod context;
mod district;
mod district_apply;
mod failure;
mod man;
mod patron_erase;
mod patron_explain;
mod patron_export;
mod patron_set;
mod patrons;
mod questions_text;
mod run_undo;
mod runs;
mod runs_decide;
mod schema;
mod serve;
mod sets;
mod site_file;
mod site_map;
mod status;
mod table;
mod take;

pub mod args;
pub mod output;

use std::process::ExitCode;

use args::{Command, CommandLine, ConfigCommand};
use context::Context;
use failure::Failure;
use output::Output;

use crate::operate::service::config::LogFormat;

/// Runs the command of this process.
pub fn main() -> ExitCode {
    let CommandLine { common, command } = CommandLine::from_process();
    // The service's own settings say how its log is written, and are not read yet.
    if !matches!(command, Command::Serve { .. }) {
        output::start_logging(common.verbose, common.quiet, LogFormat::Text);
    }
    let output = Output::of_process(common.quiet);
    let context = Context { common, output };
    let ended = run(&context, &command).unwrap_or_else(|failure| {
        context.output.complain(&failure.message);
        failure.exit
    });
    ExitCode::from(ended)
}

fn run(context: &Context, command: &Command) -> Result<u8, Failure> {
    match command {
        Command::Check { set, settings, results } => {
            sets::check(context, set, settings.as_deref(), results.results.as_deref())
        }
        Command::Ingest { set, dry_run, results } => sets::ingest(context, set, *dry_run, results.results.as_deref()),
        Command::Preview { set } => sets::preview(context, set),
        Command::Backfill { sets } => backfill::backfill(context, sets),
        Command::Serve { config } => serve::run(context, config.file.as_deref()),
        Command::Take { config } => take::run(context, serve::settings(config.file.as_deref())?),
        Command::Runs { command } => runs::run(context, command),
        Command::Patrons { command } => patrons::run(context, command),
        Command::District { command } => district::run(context, command),
        Command::Schema { command } => schema::run(context, *command),
        Command::Config { command: ConfigCommand::Check { files } } => config_check::run(context, files),
        Command::Backup { folder } => backup::run(context, folder),
        Command::Status => status::run(context),
        Command::Completions { shell } => completions::run(context, *shell),
        Command::Man { folder } => man::run(context, folder),
    }
    .inspect(|code| tracing::debug!(exit.code = code, "the command has ended"))
}
