//! `rosterd completions`: the script with which a shell completes commands and options.
//!
//! Called by `cli::main`. Knows the shells, and nothing of what the commands do: all of it comes from `args`.

use clap::CommandFactory;
use clap_complete::aot::{Bash, Fish, Zsh, generate};
use serde_json::json;

use super::args::{CommandLine, Shell};
use super::context::Context;
use super::failure::Failure;
use super::output::exit;

/// Runs the command.
pub fn run(context: &Context, shell: Shell) -> Result<u8, Failure> {
    let script = String::from_utf8_lossy(&script(shell)).into_owned();
    match context.is_json() {
        true => context.output.json(&json!({ "script": script }))?,
        false => context.output.text(&script)?,
    }
    Ok(exit::DONE)
}

fn script(shell: Shell) -> Vec<u8> {
    let mut script = Vec::new();
    let (mut command, name) = (CommandLine::command(), "rosterd");
    match shell {
        Shell::Bash => generate(Bash, &mut command, name, &mut script),
        Shell::Zsh => generate(Zsh, &mut command, name, &mut script),
        Shell::Fish => generate(Fish, &mut command, name, &mut script),
    }
    script
}
