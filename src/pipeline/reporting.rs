//! Fills the report of a run while it goes, and proves that its counts add up.

use std::collections::BTreeMap;

use anyhow::{Result, anyhow};

use super::intake::{self, TakenSet};
use super::job::{Done, Job};
use super::planning::Plan;
use super::reporting_holds::{blackout, holds};
use crate::check::{Check, FileVerdict};
use crate::report::{Action as Verb, ActionReport, FileReport, HoldReport, Outcome, RejectedFile, RunReport};
use crate::roster::plan::What;
use crate::roster::set::StagedSet;
use crate::roster::{FileKind, PersonKind, Problem, ProblemList};
use crate::store::{District, RunRecord, Store};

/// A report in the making.
pub struct Report {
    report: RunReport,
    begun: std::time::Instant,
}

impl Report {
    /// The report of `check`.
    pub fn of_check(check: Check<'_>, set: &StagedSet, verdicts: &BTreeMap<FileKind, FileVerdict>) -> Self {
        let outcome = if check.problems.has_errors() { Outcome::Errors } else { Outcome::Clean };
        let mut report = Self { report: RunReport::new(outcome), begun: std::time::Instant::now() };
        report.take_check(check, set, verdicts);
        report
    }

    /// The report of a run that begins.
    pub fn begin(job: &Job<'_>, district: &District, taken: &TakenSet) -> Self {
        let mut report = Self::empty(job, district);
        report.batch = Some(taken.batch.sha256.clone());
        report.mode = taken.set.mode;
        report.as_of = job.as_of.or(taken.set.dated).unwrap_or_else(|| job.today());
        report.files = files(&taken.set, &BTreeMap::new());
        report.problems.extend(taken.set.problems.clone());
        Self { report, begun: job.begun }
    }

    fn empty(job: &Job<'_>, district: &District) -> RunReport {
        let mut report = RunReport::new(Outcome::Applied);
        report.run = Some(uuid::Uuid::now_v7().to_string());
        report.district = district.id.clone();
        report.source = job.source;
        report.started_at = job.now;
        report.as_of = job.today();
        report
    }

    /// A run that has nothing to do because everything is as at the last one: recorded, and nothing else.
    pub fn same_as_last(store: &Store, job: &Job<'_>, district: &District) -> Result<Done> {
        let mut report = Self::empty(job, district);
        report.outcome = Outcome::NoChange;
        report.batch = Some(district.last_batch.clone());
        if let Some(last) = store.find_runs(&district.last_run)?.pop()
            && let Ok(last) = serde_json::from_str::<RunReport>(&last.report)
        {
            report.files = last.files;
            report.plan = last.plan.filter(|_| last.outcome == Outcome::NoChange);
            for kind in PersonKind::ALL {
                let counts = last.people.of(kind);
                let quiet = report.people.of_mut(kind);
                quiet.unchanged =
                    counts.of_the_set() - counts.held - counts.conflicting - counts.shielded - counts.skipped;
                (quiet.held, quiet.conflicting, quiet.shielded, quiet.skipped) =
                    (counts.held, counts.conflicting, counts.shielded, counts.skipped);
            }
            report.sections.unchanged = last.sections.unchanged + last.sections.created + last.sections.updated;
            report.enrollments.unchanged = last.enrollments.unchanged + last.enrollments.created;
            report.files.iter_mut().for_each(|file| file.unchanged = file.accepted + file.folded);
        }
        let mut made = Self { report, begun: job.begun };
        intake::begin(store, district.seq)?;
        made.record(store, job, district.seq)?;
        store.commit()?;
        Ok(made.done(Vec::new()))
    }

    /// The report of a delivery of which nothing was taken.
    pub fn at_the_door(job: &Job<'_>, district: &District, problem: Problem) -> Self {
        let mut report = Self::empty(job, district);
        report.outcome = Outcome::Rejected;
        report.problems.push(problem);
        Self { report, begun: job.begun }
    }

    /// The report of a full set that a newer one replaced before its turn came.
    pub fn superseded(job: &Job<'_>, district: &District, batch: &str) -> Self {
        let mut report = Self::empty(job, district);
        report.outcome = Outcome::Superseded;
        report.batch = Some(batch.to_owned());
        Self { report, begun: job.begun }
    }

    /// How the run ends, as far as it is known.
    pub fn outcome(&self) -> Outcome {
        self.report.outcome
    }

    /// What waits.
    pub fn holds(&self) -> &[HoldReport] {
        &self.report.holds
    }

    /// Everything waits; in a blackout also what no guard holds.
    pub fn wait(&mut self, plan: &Plan, is_blackout: bool) {
        if !plan.changes_anything() && self.report.holds.is_empty() {
            return;
        }
        self.report.outcome = Outcome::Held;
        if is_blackout {
            self.report.holds.push(blackout(plan));
        }
    }

    /// Decides how the run ends.
    pub fn set_outcome(&mut self, outcome: Outcome) {
        self.report.outcome = outcome;
    }

    /// Takes over what the check found.
    pub fn take_check(&mut self, check: Check<'_>, set: &StagedSet, verdicts: &BTreeMap<FileKind, FileVerdict>) {
        self.report.files = files(set, verdicts);
        self.report.problems = check.problems;
        self.report.problems.sort();
    }

    /// Adds problems found before the plan to those found while planning.
    pub fn take_problems(&mut self, found: ProblemList) {
        self.report.problems.merge(found);
        self.report.problems.sort();
    }

    /// Takes over the plan: what became of everybody, and what waits. Fails when people are not accounted for.
    pub fn take_plan(
        &mut self,
        check: &Check<'_>,
        set: &StagedSet,
        verdicts: &BTreeMap<FileKind, FileVerdict>,
        plan: &Plan,
    ) -> Result<()> {
        let report = &mut self.report;
        report.files = files(set, verdicts);
        report.problems = ProblemList::default();
        let named = |problem: Problem| rename(problem, set);
        report.problems.extend(plan.planned.problems.iter().cloned().map(named));
        report.plan = Some(plan.hash.clone());
        for kind in PersonKind::ALL {
            let (tally, (shielded, unchanged, _)) = (plan.planned.tally[kind.index()], plan.kept.counts[kind.index()]);
            let counts = report.people.of_mut(kind);
            counts.created = tally.created;
            counts.updated = tally.updated;
            counts.unchanged = tally.unchanged + unchanged;
            counts.reactivated = tally.reactivated;
            counts.held = tally.held;
            counts.conflicting = tally.conflicting;
            counts.skipped = tally.skipped + plan.kept.erased[kind.index()];
            counts.shielded = shielded;
            counts.removed = plan.leaving.iter().filter(|who| who.kind == kind).count() as u64;
            counts.missing = plan.missing.iter().filter(|who| who.kind == kind).count() as u64;
        }
        report.sections.created = plan.sections.written.created() as u64;
        report.sections.updated = plan.sections.written.len() as u64 - report.sections.created;
        report.sections.removed = plan.sections.removed.len() as u64;
        report.sections.unchanged = plan.sections.unchanged;
        report.enrollments.created = plan.enrollments.created.len() as u64;
        report.enrollments.removed = plan.enrollments.removed.len() as u64;
        report.enrollments.unchanged = plan.enrollments.unchanged;
        report.holds = holds(check, plan);
        report.outcome = match (report.holds.is_empty(), plan.changes_anything()) {
            (true, true) => Outcome::Applied,
            (true, false) => Outcome::NoChange,
            (false, true) => Outcome::AppliedInPart,
            (false, false) => Outcome::Held,
        };
        let in_set = plan.kept.counts.map(|(_, _, in_set)| in_set);
        debug_assert!(check.has_roster);
        report
            .counts_add_up(in_set)
            .map_err(|sentence| anyhow!("the counts of this run do not add up, so nothing was written: {sentence}"))
    }

    /// Takes over an old set, in which everybody is as they were, or shielded. Fails when people are not accounted for.
    pub fn take_history(
        &mut self,
        check: &Check<'_>,
        set: &StagedSet,
        verdicts: &BTreeMap<FileKind, FileVerdict>,
    ) -> Result<()> {
        self.report.files = files(set, verdicts);
        self.report.problems = check.problems.clone();
        self.report.problems.sort();
        let mut people = [0; 3];
        for kind in PersonKind::ALL {
            let entities = check.roster.of(kind.file());
            let in_set = || entities.numbers().filter(|&number| entities.seen(number).in_set());
            let counts = self.report.people.of_mut(kind);
            let is_erased = |number: &u32| entities.is_erased(*number);
            counts.skipped = in_set().filter(is_erased).count() as u64;
            let others = in_set().filter(|number| !is_erased(number));
            counts.shielded = others.filter(|&number| entities.seen(number).shielded()).count() as u64;
            people[kind.index()] = in_set().count() as u64;
            counts.unchanged = people[kind.index()] - counts.shielded - counts.skipped;
        }
        self.report.outcome = Outcome::NoChange;
        let sentence = "the counts of this set do not add up, so nothing was written";
        self.report.counts_add_up(people).map_err(|sum| anyhow!("{sentence}: {sum}"))
    }

    /// Turns the report into that of a preview, with every action.
    pub fn preview(mut self, check: &Check<'_>, plan: &Plan) -> Self {
        let mut actions: Vec<ActionReport> =
            plan.planned.actions.iter().map(|action| super::reporting_holds::action(check, plan, action)).collect();
        actions.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
        self.report.actions = Some(actions);
        if self.report.outcome != Outcome::Rejected {
            self.report.outcome = Outcome::Preview;
        }
        self.report.run = None;
        self
    }

    /// Ends a run whose set is refused: recorded, and nothing else changes. A preview records nothing.
    pub fn reject(
        mut self,
        store: &Store,
        job: &Job<'_>,
        taken: TakenSet,
        rejected: Vec<RejectedFile>,
    ) -> Result<Done> {
        self.report.outcome = Outcome::Rejected;
        self.report.problems.sort();
        if job.is_preview {
            self.report.run = None;
        } else if let Some(district) = store.district(&job.settings.id)? {
            intake::begin(store, district.seq)?;
            store.put_batch(district.seq, &taken.batch, &taken.set, &job.time(), "")?;
            self.record(store, job, district.seq)?;
            store.commit()?;
        }
        Ok(self.done(rejected))
    }

    /// Records the run. Gives its number.
    pub fn record(&mut self, store: &Store, job: &Job<'_>, district: i64) -> Result<i64> {
        self.report.duration_ms = self.begun.elapsed().as_millis() as u64;
        let seq = store.next_run()?;
        store.put_run(&RunRecord {
            seq,
            run: self.run(),
            district,
            batch: self.report.batch.as_deref().unwrap_or(""),
            outcome: self.report.outcome.word(),
            started_at: &job.time(),
            as_of: &self.report.as_of.to_string(),
            settings: &toml::to_string(job.settings)?,
            schemas: job.schemas.hash.cast_signed(),
            report: &serde_json::to_string(&self.report)?,
        })?;
        if let Some(recorded) = job.recorded {
            store.mark_run(recorded.delivery, self.run(), self.report.outcome.word())?;
        }
        Ok(seq)
    }

    /// The run's id.
    pub fn run(&self) -> &str {
        self.report.run.as_deref().unwrap_or("")
    }

    /// The day of the run.
    pub fn as_of(&self) -> chrono::NaiveDate {
        self.report.as_of
    }

    /// The finished report.
    pub fn done(mut self, rejected: Vec<RejectedFile>) -> Done {
        self.report.duration_ms = self.begun.elapsed().as_millis() as u64;
        Done { report: self.report, rejected }
    }
}

/// Problems found while planning name a kind; people look for the file.
fn rename(problem: Problem, set: &StagedSet) -> Problem {
    let kind = problem.subject.as_deref().and_then(FileKind::from_word);
    match kind.and_then(|kind| set.file(kind)) {
        Some(file) => Problem { file: Some(file.name.clone()), ..problem },
        None => problem,
    }
}

fn files(set: &StagedSet, verdicts: &BTreeMap<FileKind, FileVerdict>) -> Vec<FileReport> {
    let one = |file: &crate::roster::set::StagedFile| {
        let tally = verdicts.get(&file.kind).map(|verdict| verdict.tally).unwrap_or_default();
        FileReport {
            name: file.name.clone(),
            kind: Some(file.kind),
            bytes: file.bytes,
            sha256: file.sha256.clone(),
            encoding: file.encoding.clone(),
            rows: tally.rows,
            accepted: tally.accepted,
            refused: tally.refused,
            blank: tally.blank,
            folded: tally.folded,
            unchanged: tally.unchanged,
        }
    };
    set.files.iter().map(one).collect()
}

/// The word of an action in reports.
pub fn verb(what: What) -> Verb {
    match what {
        What::Create => Verb::Create,
        What::Update => Verb::Update,
        What::Remove => Verb::Remove,
        What::Reactivate => Verb::Reactivate,
        What::Link => Verb::Link,
        What::Hold => Verb::Hold,
        What::Conflict => Verb::Conflict,
    }
}
