//! `rosterd backup`: saves everything that is needed to go on elsewhere.
//!
//! Called by `cli::main`. Knows words; what is saved is the business of `operate::backup`.

use std::path::Path;

use serde_json::json;

use super::context::Context;
use super::failure::Failure;
use super::output::exit;
use crate::operate::backup::{Saved, back_up};
use crate::report::escape_for_terminal;

/// Runs the command.
pub fn run(context: &Context, folder: &Path) -> Result<u8, Failure> {
    if folder.symlink_metadata().is_ok() {
        let name = folder.display();
        return Err(Failure::usage(format!(
            "{name} is there already; name a folder that is not, such as one of today"
        )));
    }
    let progress = context.output.progress("copying");
    let saved = back_up(&context.common.store, folder)?.ok_or_else(|| Failure::usage(context.no_store()))?;
    drop(progress);
    tell(context, folder, &saved)?;
    Ok(exit::DONE)
}

fn tell(context: &Context, folder: &Path, saved: &Saved) -> Result<(), Failure> {
    let Saved { deliveries, bytes, missing } = saved;
    if context.is_json() {
        let missing: Vec<_> = missing.iter().map(|folder| folder.display().to_string()).collect();
        let folder = folder.display().to_string();
        let saved = json!({"folder": folder, "deliveries": deliveries, "bytes": bytes, "missing": missing});
        return Ok(context.output.json(&saved)?);
    }
    for lost in missing {
        let note = format!("note: the kept copy {} is not there any more, and so not in the backup", lost.display());
        context.output.note(&escape_for_terminal(&note));
    }
    let said = format!(
        "Saved {} and {deliveries} kept deliveries in {}, {bytes} bytes; the copy was looked through and is good.",
        context.common.store,
        folder.display()
    );
    Ok(context.output.text(&escape_for_terminal(&said))?)
}
