//! The command line.

mod context;
mod failure;
mod sets;

pub mod args;
pub mod output;

use std::process::ExitCode;

use args::{Command, CommandLine};
use context::Context;
use output::Output;

/// Runs the command of this process.
pub fn main() -> ExitCode {
    let CommandLine { common, command } = CommandLine::from_process();
    output::start_logging(common.verbose, common.quiet);
    let output = Output::of_process(common.quiet);
    let context = Context { common, output };
    let ended = match &command {
        Command::Check { set, settings, results } => {
            sets::check(&context, set, settings.as_deref(), results.results.as_deref())
        }
        Command::Ingest { set, dry_run, results } => sets::ingest(&context, set, *dry_run, results.results.as_deref()),
        Command::Preview { set } => sets::preview(&context, set),
        _ => Ok(1),
    };
    ExitCode::from(ended.unwrap_or_else(|failure| {
        context.output.complain(&failure.message);
        failure.exit
    }))
}
