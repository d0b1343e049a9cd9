//! The pipeline: one delivery from files on disk to patrons. The only file that knows the order of the stages, and that
//! takes the decisions about going on or stopping.

mod classes;
mod deciding;
mod erasing;
mod finding;
mod going;
mod guarding_rows;
mod hanging;
mod history;
mod intake;
mod job;
mod kept;
mod moved;
mod planning;
mod questions;
mod reading;
mod receiving;
mod refusal;
mod refusing;
mod rejected;
mod remembering;
mod reporting;
mod reporting_holds;
mod retention;
mod saving;
mod saving_holds;
mod undoing;
mod undone_rows;
mod waiting;

pub use crate::matching::answers::Answer;
pub use deciding::By;
pub use erasing::EraseOrder;
pub use history::Backfilled;
pub use job::{Done, Job, Recorded};
pub use receiving::{Origin, folders_of, received, take_in};
pub use refusal::Refusal;
pub use rejected::aside as rejected_aside;
pub use undoing::{UndoOrder, UndoRefused};

use anyhow::{Context, Result};

use crate::check::Check;
use crate::files::spill::TemporaryFile;
use crate::report::{Erased, Outcome, RunReport};
use crate::roster::FileKind;
use crate::roster::set::{Mode, Received};
use crate::roster::settings::AtLimit;
use crate::store::{District, RunRow, Store};
use crate::write::Patrons;
use crate::{matching, receive, stage};
use deciding::Order;
use intake::{Offer, Taken, TakenSet};
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
    run_offer(store, job, district, &Offer::Files(delivery))
}

/// Takes a delivery all the way that was recorded when it came ([`take_in`]). That it has run is written with the run itself.
///
/// # Errors
/// When we or the machine fail. Then nothing has changed, and it waits as before.
pub fn run_received(store: &Store, job: &Job<'_>, received: &Received) -> Result<Done> {
    let district = intake::district(store, job)?;
    run_offer(store, job, district, &Offer::Received(received))
}

/// Takes away what a run left behind that was killed after it was written, where no other run does.
///
/// # Errors
/// When the disk or the database fails.
pub fn tidy(store: &Store, district: &str) -> Result<()> {
    store.district(district)?.map_or(Ok(()), |district| intake::tidy(store, district.seq))
}

/// Records that a newer full set took the place of a delivery before its turn came.
///
/// # Errors
/// When the database fails. Then it waits as before.
pub fn supersede(store: &Store, job: &Job<'_>, received: &Received) -> Result<Done> {
    let district = intake::district(store, job)?;
    intake::begin(store, district.seq)?;
    let _undo = intake::RollBack(store);
    let mut report = Report::superseded(job, &district, &received.batch.sha256);
    report.record(store, job, district.seq)?;
    store.commit()?;
    Ok(report.done(Vec::new()))
}

fn run_offer(store: &Store, job: &Job<'_>, district: District, offer: &Offer<'_>) -> Result<Done> {
    let district = catch_up(store, job, district, offer)?;
    let taken = match intake::take(store, job, &district, offer)? {
        Taken::Same(report) => return Ok(*report),
        Taken::New(taken) => taken,
    };
    let done = follow(store, job, &district, taken, Order::default())?;
    if !job.is_preview {
        // The run is written; a copy that cannot be removed now goes after a later one.
        let swept = retention::sweep(store, job, &district);
        swept.inspect_err(|error| tracing::warn!(%error, "old copies of deliveries could not be removed")).ok();
    }
    Ok(done)
}

/// Applies what waited for the end of a blackout, each delivery as a run of its own. Gives the district as it is then.
fn catch_up(store: &Store, job: &Job<'_>, mut district: District, next: &Offer<'_>) -> Result<District> {
    let is_blackout = job.settings.windows.is_blackout(job.today());
    if job.is_preview || is_blackout || store.waiting_batches(district.seq)?.is_empty() {
        return Ok(district);
    }
    // Those are runs of other deliveries than the one that comes now.
    let others = Job { recorded: None, wants_rejected: false, ..job.clone() };
    let is_superseded = next.delivery().mode == Mode::Full && passes(store, job, &district, next)?;
    for waiting in waiting::due(store, &others, &district, is_superseded)? {
        if let Some(taken) = waiting.taken {
            follow(store, &others, &district, taken, Order::default())?;
        }
        store.remove_waiting(district.seq, waiting.position)?;
        district = intake::district(store, &others)?;
    }
    Ok(district)
}

/// Whether a full set passes its check, so that it takes the place of one that waits (rule G3).
fn passes(store: &Store, job: &Job<'_>, district: &District, offer: &Offer<'_>) -> Result<bool> {
    let look = Job { is_preview: true, recorded: None, wants_rejected: false, ..job.clone() };
    let Taken::New(taken) = intake::take(store, &look, district, offer)? else { return Ok(true) };
    let done = follow(store, &look, district, taken, Order::default())?;
    Ok(done.report.outcome != Outcome::Rejected && done.report.mode == Mode::Full)
}

/// Whether a recorded delivery is a full set that passes its check, as it stands now. Nothing is written.
///
/// # Errors
/// When we or the machine fail.
pub fn is_passing_full_set(store: &Store, job: &Job<'_>, received: &Received) -> Result<bool> {
    let district = intake::district(store, job)?;
    passes(store, job, &district, &Offer::Received(received))
}

/// Lets pass what a person approved: plans the newest delivery again, and applies it at once.
///
/// # Errors
/// A [`Refusal`] if there is nothing to approve; or when we or the machine fail. Then nothing has changed.
pub fn approve(store: &Store, job: &Job<'_>, run: &RunRow, hash: &str, by: By<'_>) -> Result<Done> {
    let district = intake::district(store, job)?;
    intake::tidy(store, district.seq)?;
    let order = Order::approve(store, job, &district, run, hash, by)?;
    if job.settings.windows.is_blackout(job.today()) {
        return Err(Refusal::Blackout.into());
    }
    let again = kept::newest(store, job, &district, &batch_of(run), None)?;
    follow(store, job, &district, again.taken, order.before(again.named_later))
}

/// Remembers that what a run holds, or one of its holds, is not to be done. Gives how many changes that is.
///
/// # Errors
/// A [`Refusal`] if there is nothing to discard; or when the database fails. Then nothing has changed.
pub fn discard(store: &Store, job: &Job<'_>, run: &RunRow, hash: Option<&str>, by: By<'_>) -> Result<u64> {
    let district = intake::district(store, job)?;
    refusing::discard(store, job, &district, run, hash, by)
}

/// Answers the question which patron `person` (kind and id) is: plans the newest delivery that tells of it again, and applies it at once.
///
/// # Errors
/// A [`Refusal`] if nobody asked or the answer cannot be given; or when we or the machine fail. Then nothing has changed.
pub fn decide(store: &Store, job: &Job<'_>, run: &RunRow, person: &str, answer: Answer, by: By<'_>) -> Result<Done> {
    let district = intake::district(store, job)?;
    intake::tidy(store, district.seq)?;
    let row = questions::look_over(store, &district, person, answer)?;
    if job.settings.windows.is_blackout(job.today()) {
        return Err(Refusal::Blackout.into());
    }
    let who = finding::person(row.kind, row.number).map(|who| (who.kind.file(), who.number));
    let again = kept::newest(store, job, &district, &batch_of(run), who)?;
    let order = Order::answer(job, run, row, person, by);
    follow(store, job, &district, again.taken, order.before(again.named_later))
}

/// Takes a set all the way, with what a person ordered.
fn follow(store: &Store, job: &Job<'_>, district: &District, mut taken: TakenSet, order: Order) -> Result<Done> {
    let mut report = Report::begin(job, district, &taken);
    if taken.set.refused() {
        return report.reject(store, job, taken, Vec::new());
    }

    if job.is_preview {
        store.begin_to_look()?
    } else {
        intake::begin(store, district.seq)?
    }
    let _undo = intake::RollBack(store);
    order.begin(store, job, district.seq)?;
    let memory = reading::Memory::load(store, job, district, taken.set.mode)?;
    let roster = store.roster_read_ahead(district.seq, taken.roster.take())?;
    let look_again = matching::looked_at_again(&roster, &memory.edited);
    let mut check = Check { look_again, ..Check::new(job.settings, job.schemas, taken.set.mode, Some(roster)) };
    check.remembers = !job.is_preview && taken.set.mode == Mode::Full;
    check.room = Some(|| Ok(Box::new(TemporaryFile::new()?)));
    check.problems.extend(taken.set.problems.clone());
    let mut verdicts = reading::check_all(&mut check, &taken.set, &memory)?;
    let rejected = rejected::collect(job, &check, &taken.set, &verdicts)?;
    let rejected = rejected::put_aside(job, rejected)?;
    kept::leave_to_deltas(&mut check, &order.named_later);
    if check.set_refused {
        report.take_check(check, &taken.set, &verdicts);
        store.roll_back()?;
        return report.reject(store, job, taken, rejected);
    }

    let remembered = Remembered::write(store, district, &check, &memory, &mut verdicts, report.run())?;
    let patrons = Patrons::new(&store.connection, &district.id, &job.time());
    let pairs =
        verdicts.get_mut(&FileKind::Enrollments).map(|verdict| std::mem::take(&mut verdict.pairs)).unwrap_or_default();
    let plan = Plan::make(store, job, district, &memory, &check, &verdicts, pairs, &patrons, &order.approved)
        .context("failed to plan")?;
    plan.count_enrollments(&mut verdicts);
    report.take_plan(&check, &taken.set, &verdicts, &plan)?;
    let is_blackout = job.settings.windows.is_blackout(job.today());
    let at_limit = if plan.is_at_limit() { job.settings.guard.at_limit } else { AtLimit::HoldRemovals };
    let waits = plan.waits_as_a_whole() || is_blackout || plan.is_stale || at_limit == AtLimit::HoldAll;
    if at_limit == AtLimit::Stop {
        report.set_outcome(Outcome::Rejected);
    } else if waits {
        report.wait(&plan, is_blackout);
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
        _ if waits => {
            let later = is_blackout && report.outcome() == Outcome::Held;
            saving::hold_only(store, job, district, &taken, &check, &verdicts, &plan, &mut report, later)?;
            Ok(report.done(rejected))
        }
        _ => {
            saving::save(
                store,
                job,
                district,
                taken,
                &check,
                &verdicts,
                plan,
                remembered,
                &patrons,
                &mut report,
                &order,
            )
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

/// Takes a run back, in one transaction: everything that it wrote and nobody changed since goes back to what it was.
///
/// # Errors
/// [`UndoRefused`] where there is nothing to undo; otherwise when we or the machine fail. Then nothing has changed.
pub fn undo(store: &Store, order: &UndoOrder<'_>) -> Result<RunReport> {
    undoing::tidy(store, order)?;
    store.begin()?;
    let _undo = intake::RollBack(store);
    let run = undoing::find(store, order)?;
    let report = undoing::carry_out(store, order, &run).context("failed to undo the run; nothing was changed")?;
    store.commit()?;
    undoing::forget_fingerprints(store, &report)?;
    Ok(report)
}

/// Removes one person for good, in one transaction, and lets the bytes go from the files.
///
/// # Errors
/// When we or the machine fail. Then nothing has changed, or all of it has and only the old bytes are not overwritten yet.
pub fn erase(store: &Store, order: &EraseOrder<'_>) -> Result<Erased> {
    let _undo = erasing::begin(store)?;
    let mut erased = erasing::carry_out(store, order).context("failed to erase; nothing was changed")?;
    store.commit()?;
    let_bytes_go(store, order.district, &mut erased)?;
    Ok(erased)
}

/// Lets the bytes go of somebody who was erased before, where that was cut short after the commit.
///
/// # Errors
/// When a file cannot be removed or the database fails.
pub fn erase_again(store: &Store, district: &District, tombstone: String) -> Result<Erased> {
    let mut erased = erasing::again(tombstone);
    let_bytes_go(store, district, &mut erased)?;
    Ok(erased)
}

fn let_bytes_go(store: &Store, district: &District, erased: &mut Erased) -> Result<()> {
    erasing::remove_files(store, district)
        .context("the person is erased, but files beside the database may still name it; erase once more")?;
    erased.is_log_emptied = store
        .wipe()
        .context("the person is erased, but old bytes may still lie in the database file; erase once more")?;
    Ok(())
}

/// The batch of which a run was.
fn batch_of(run: &RunRow) -> String {
    serde_json::from_str::<RunReport>(&run.report).ok().and_then(|report| report.batch).unwrap_or_default()
}
