//! The pipeline: one delivery from files on disk to patrons. The only file that knows the order of the stages, and that
//! takes the decisions about going on or stopping.

mod history;
mod intake;
mod job;
mod planning;
mod reading;
mod rejected;
mod remembering;
mod reporting;
mod saving;

pub use history::Backfilled;
pub use job::{Done, Job};

use anyhow::{Context, Result};

use crate::check::Check;
use crate::report::Outcome;
use crate::roster::FileKind;
use crate::roster::set::Mode;
use crate::roster::settings::AtLimit;
use crate::store::Store;
use crate::write::Patrons;
use crate::{matching, receive, stage};
use intake::Taken;
use planning::Plan;
use remembering::Remembered;
use reporting::Report;

/// Checks a delivery against the schemas. No database is opened, and nothing is copied that is readable as it is.
///
/// # Errors
/// When the files cannot be read; what is wrong with them is in the report.
pub fn check(job: &Job<'_>) -> Result<Done> {
    let delivery = intake::choose(job)?;
    let batch = receive::borrow(&delivery)?;
    let scratch = intake::scratch()?;
    let set =
        stage::stage(&batch, &delivery, &scratch.path().join("set"), job.settings, job.schemas, stage::Keep::InPlace)?;
    let mut check = Check::new(job.settings, job.schemas, set.mode, None);
    check.problems.extend(set.problems.clone());
    let verdicts = reading::check_all(&mut check, &set, &reading::Memory::none())?;
    let rejected = rejected::collect(job, &check, &set, &verdicts)?;
    Ok(Report::of_check(check, &set, &verdicts).done(rejected))
}

/// Takes one delivery all the way, in one transaction: everything is written, or nothing. With `job.is_preview` everything
/// is done but the writing.
///
/// # Errors
/// When we or the machine fail. Then nothing has changed.
pub fn run(store: &Store, job: &Job<'_>) -> Result<Done> {
    let district = intake::district(store, job)?;
    let delivery = intake::choose(job)?;
    let taken = match intake::take(store, job, &district, &delivery)? {
        Taken::Same(report) => return Ok(*report),
        Taken::New(taken) => taken,
    };
    let mut report = Report::begin(job, &district, &taken);
    if taken.set.refused() {
        return report.reject(store, job, taken, Vec::new());
    }

    if job.is_preview {
        store.begin_to_look()?
    } else {
        intake::begin(store, district.seq)?
    }
    let _undo = intake::RollBack(store);
    let memory = reading::Memory::load(store, job, &district, taken.set.mode)?;
    let roster = store.roster(district.seq)?;
    let look_again = matching::looked_at_again(&roster, &memory.edited);
    let mut check = Check { look_again, ..Check::new(job.settings, job.schemas, taken.set.mode, Some(roster)) };
    check.remembers = !job.is_preview && taken.set.mode == Mode::Full;
    check.problems.extend(taken.set.problems.clone());
    let mut verdicts = reading::check_all(&mut check, &taken.set, &memory)?;
    let rejected = rejected::collect(job, &check, &taken.set, &verdicts)?;
    if check.set_refused {
        report.take_check(check, &taken.set, &verdicts);
        store.roll_back()?;
        return report.reject(store, job, taken, rejected);
    }

    let remembered = Remembered::write(store, &district, &check, &mut verdicts, report.run())?;
    let patrons = Patrons::new(&store.connection, &district.id, &job.time());
    let pairs =
        verdicts.get_mut(&FileKind::Enrollments).map(|verdict| std::mem::take(&mut verdict.pairs)).unwrap_or_default();
    let plan =
        Plan::make(store, job, &district, &memory, &check, &verdicts, pairs, &patrons).context("failed to plan")?;
    plan.count_enrollments(&mut verdicts);
    let at_limit = job.settings.guard.at_limit;
    report.take_plan(&check, &taken.set, &verdicts, &plan)?;
    if plan.has_held_removals() && at_limit == AtLimit::Stop {
        report.set_outcome(Outcome::Rejected);
    } else if plan.has_held_removals() && at_limit == AtLimit::HoldAll {
        report.set_outcome(Outcome::Held);
    }
    report.take_problems(check.problems.clone());
    if job.is_preview {
        return Ok(report.preview(&check, &plan).done(rejected));
    }
    match report.outcome() {
        Outcome::Rejected => {
            store.roll_back()?;
            report.reject(store, job, taken, rejected)
        }
        Outcome::Held if at_limit == AtLimit::HoldAll && plan.has_held_removals() => {
            saving::hold_only(store, job, &district, &taken, &check, &plan, &mut report)?;
            Ok(report.done(rejected))
        }
        _ => {
            saving::save(store, job, &district, taken, &check, &verdicts, plan, remembered, &patrons, &mut report)
                .context("failed to write; nothing was changed")?;
            Ok(report.done(rejected))
        }
    }
}

/// Takes one dated set of a backfill, in one transaction. The newest, if it is newer than what was applied last, is an ordinary
/// run with all its guards; all others only write history, and one that was taken before is skipped.
///
/// # Errors
/// When we or the machine fail. Then nothing of this set was written.
pub fn backfill(store: &Store, job: &Job<'_>, is_newest: bool) -> Result<Backfilled> {
    let district = intake::district(store, job)?;
    if is_newest && history::is_newer(job, &district) {
        return run(store, job).map(|done| Backfilled::Run(Box::new(done)));
    }
    let delivery = intake::choose(job)?;
    if let Some(skipped) = history::taken_before(store, job, &district, &delivery)? {
        intake::tidy(store, district.seq)?;
        return Ok(skipped);
    }
    let taken = intake::take_anew(store, job, &delivery)?;
    let mut report = Report::begin(job, &district, &taken);
    let as_history =
        |done: Result<Done>, people_added| done.map(|done| Backfilled::History { done: Box::new(done), people_added });
    if taken.set.refused() {
        return as_history(report.reject(store, job, taken, Vec::new()), 0);
    }

    intake::begin(store, district.seq)?;
    let _undo = intake::RollBack(store);
    // The roster gives numbers to ids. What it holds today says nothing of what an old full set must hold.
    let roster = store.roster(district.seq)?;
    let mut check = Check::new(job.settings, job.schemas, taken.set.mode, Some(roster));
    check.has_roster = taken.set.mode == Mode::Delta;
    check.problems.extend(taken.set.problems.clone());
    let verdicts = reading::check_all(&mut check, &taken.set, &reading::Memory::none())?;
    if check.set_refused {
        report.take_check(check, &taken.set, &verdicts);
        store.roll_back()?;
        return as_history(report.reject(store, job, taken, Vec::new()), 0);
    }
    report.take_history(&check, &taken.set, &verdicts)?;
    let people_added = history::write(store, job, &district, &taken, &check, &verdicts, &mut report)
        .context("failed to write; nothing of this set was changed")?;
    as_history(Ok(report.done(Vec::new())), people_added)
}
