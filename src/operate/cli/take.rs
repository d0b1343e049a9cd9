//! `rosterd take`: what lies in a district's drop folder now, and what waits, whatever the schedule says.
//!
//! Called by `cli::main`. Where a service works on the store, the service is asked; otherwise this command does it itself.

use serde_json::json;

use super::context::Context;
use super::failure::Failure;
use super::output::{exit, exit_code};
use crate::operate::service::clock::Clock;
use crate::operate::service::config::ServeSettings;
use crate::operate::service::lock::ServeLock;
use crate::operate::service::serve::{Service, home_of};
use crate::operate::service::worker::Ended;
use crate::report::text::report_text;
use crate::report::{RunReport, escape_for_terminal};
use crate::store::Store;

/// Runs the command.
pub fn run(context: &Context, settings: ServeSettings) -> Result<u8, Failure> {
    let store = context.store_to_change()?;
    let district = context.district(&store)?;
    store.put_wish(district.seq, "now", &context.now_text())?;
    let lock = ServeLock::take(&home_of(&store)).map_err(|error| Failure::ours(&error))?;
    let Some(_lock) = lock else { return ask(context) };
    let clock = context.common.now.map_or(Clock::OfMachine, Clock::Standing);
    let service = Service::new(context.common.store.clone(), context.schemas()?, clock, settings, None);
    let seen = service.look_once(&store)?;
    let troubles = seen.troubles.into_iter().filter(|(id, _)| *id == district.id).map(|(_, trouble)| trouble);
    let ended = run_all(context, &service, &store)?;
    // What was wrong may be over.
    service.look_once(&store)?;
    print(context, &ended, &troubles.collect::<Vec<_>>())
}

/// The service is at work and sees the wish.
fn ask(context: &Context) -> Result<u8, Failure> {
    let district = &context.common.district;
    if context.is_json() {
        context.output.json(&json!({"district": district, "asked": true, "runs": []}))?;
        return Ok(exit::DONE);
    }
    context.output.text(&format!(
        "The running service was asked to take what lies in the drop folder of {district}, and to run what waits, now.\n\
         See `rosterd runs list --district {district}` in a moment, or the results where the upload was made."
    ))?;
    Ok(exit::DONE)
}

fn run_all(context: &Context, service: &Service, store: &Store) -> Result<Vec<Ended>, Failure> {
    let progress = context.output.progress("running");
    let mut ended = Vec::new();
    while let Some((_, how)) = service.run_next(store, |row| row.district == context.common.district)? {
        ended.push(how);
    }
    drop(progress);
    Ok(ended)
}

/// Prints every run. The exit code is that of the worst.
fn print(context: &Context, ended: &[Ended], troubles: &[String]) -> Result<u8, Failure> {
    let reports: Vec<&RunReport> = ended.iter().filter_map(Ended::report).collect();
    for trouble in troubles {
        context.output.complain(&format!("nothing can be taken: {}", escape_for_terminal(trouble)));
    }
    for error in ended.iter().filter_map(Ended::error) {
        context.output.complain(&Failure::ours(error.as_ref()).message);
    }
    if context.is_json() {
        context.output.json(&json!({"district": context.common.district, "asked": false, "runs": reports}))?;
    } else if ended.is_empty() && troubles.is_empty() {
        context.output.text("Nothing new lies in the drop folder, and nothing waits.")?;
    } else {
        let texts = reports.iter().map(|report| report_text(report, context.output.style()));
        context.output.text(&texts.collect::<Vec<_>>().join("\n"))?;
    }
    let has_failed = !troubles.is_empty() || ended.iter().any(|ended| ended.error().is_some());
    Ok(if has_failed {
        exit::FAILED
    } else {
        reports.iter().map(|report| exit_code(report)).max().unwrap_or(exit::DONE)
    })
}
