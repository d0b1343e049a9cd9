//! `rosterd man`: a manual page for each command, made from its help.
//!
//! Called by `cli::main`. Knows what a page looks like; all that stands in it comes from `args`.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::CommandFactory;
use clap_mangen::Man;
use clap_mangen::roff::{Roff, roman};
use serde_json::json;

use super::args::CommandLine;
use super::context::Context;
use super::failure::Failure;
use super::output::exit;
use crate::report::escape_for_terminal;

/// Runs the command.
pub fn run(context: &Context, folder: &Path) -> Result<u8, Failure> {
    let pages = write_pages(folder)?;
    if context.is_json() {
        let names: Vec<_> = pages.iter().map(|page| page.display().to_string()).collect();
        context.output.json(&json!({ "pages": names }))?;
    } else {
        let first = folder.join("rosterd.1").display().to_string();
        let first = escape_for_terminal(&first);
        context.output.text(&format!("{} pages written; look at the first with: man -l {first}", pages.len()))?;
    }
    Ok(exit::DONE)
}

/// Gives the pages that were written.
fn write_pages(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    std::fs::create_dir_all(folder).map_err(|error| failed("create the folder", folder, &error))?;
    let mut whole = CommandLine::command().disable_help_subcommand(true);
    whole.build();
    commands(&whole).into_iter().map(|command| write_page(folder, command)).collect()
}

/// The command itself, and all those below it.
fn commands(command: &clap::Command) -> Vec<&clap::Command> {
    std::iter::once(command).chain(command.get_subcommands().flat_map(commands)).collect()
}

fn write_page(folder: &Path, command: &clap::Command) -> Result<PathBuf, Failure> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let path = folder.join(format!("{name}.1"));
    let written = page(command).and_then(|page| std::fs::write(&path, page));
    written.map(|()| path.clone()).map_err(|error| failed("write", &path, &error))
}

/// One page. The example is set as it is written; clap_mangen would fill its lines as if it were prose.
fn page(command: &clap::Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    let man = Man::new(command.clone()).source(concat!("rosterd ", env!("CARGO_PKG_VERSION"))).manual("rosterd");
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    write_example(command, &mut page)?;
    Ok(page)
}

fn write_example(command: &clap::Command, page: &mut dyn Write) -> io::Result<()> {
    let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    let mut roff = Roff::new();
    roff.control("SH", ["EXAMPLE"]).control("nf", []);
    for line in help.trim_start_matches("Example:\n").lines() {
        roff.text([roman(line)]);
    }
    roff.control("fi", []).to_writer(page)
}

fn failed(doing: &str, path: &Path, error: &io::Error) -> Failure {
    Failure {
        exit: exit::FAILED,
        message: format!("failed to {doing} {}: {error}", escape_for_terminal(&path.display().to_string())),
    }
}
