//! `rosterd runs undo`: takes a run back, and prints what went back and what was kept.
//!
//! Called by `runs`. Finds the run; what undoing means is the pipeline's business.

use std::time::Instant;

use super::args::Undo;
use super::context::Context;
use super::failure::Failure;
use super::runs::find_in;
use crate::pipeline::{self, UndoOrder};
use crate::report::text::report_text;

/// The district of a command line that names none.
const UNNAMED: &str = "default";

/// Runs the command.
pub fn run(context: &Context, undo: &Undo) -> Result<(), Failure> {
    let store = context.store_to_change()?;
    let row = find_in(context, &store, &undo.run)?;
    let named = &context.common.district;
    if named != UNNAMED && *named != row.district {
        return Err(Failure::usage(format!("run {} is of district {}, not of {named}", row.run, row.district)));
    }
    let order = UndoOrder {
        run: &row.run,
        by: undo.by.who.trim(),
        why: Some(undo.by.why.trim()).filter(|why| !why.is_empty()),
        delete_created: undo.delete_created,
        now: context.now(),
        begun: Instant::now(),
    };
    let progress = context.output.progress("undoing");
    let report = pipeline::undo(&store, &order)?;
    drop(progress);
    tracing::info!(run.id = row.run, district.id = %row.district, "the run was undone");
    if context.is_json() {
        return Ok(context.output.json(&report)?);
    }
    Ok(context.output.text(&report_text(&report, context.output.style()))?)
}
