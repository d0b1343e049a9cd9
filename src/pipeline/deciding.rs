//! What a person decided about a hold or a question, made ready for the run that carries it out.

use anyhow::{Context, Result};
use chrono::{DateTime, Duration, Utc};

use super::finding::person;
use super::job::Job;
use super::kept::Named;
use super::refusal::Refusal;
use crate::matching::guards::Approved;
use crate::report::RunReport;
use crate::report::hold_text::can_be_approved;
use crate::store::{AuditRow, DecisionRow, District, HoldRow, RunRow, Store};

/// Who decided, and why.
#[derive(Debug, Clone, Copy)]
pub struct By<'a> {
    /// Who.
    pub who: &'a str,
    /// Why, if it was said.
    pub why: &'a str,
}

/// What a run carries out beside what its set says. An ordinary run has none.
#[derive(Debug, Default)]
pub struct Order {
    /// Actions that pass the guards.
    pub approved: Approved,
    /// Hashes of the holds that are approved.
    hashes: Vec<String>,
    /// An answer, and the run that asked.
    answer: Option<(DecisionRow, String)>,
    /// Whom later deltas name; they stay as they are.
    pub named_later: Named,
    audit: Option<AuditRow>,
}

impl Order {
    /// Approves holds of `run`: all, if `hash` is that of its plan, or one.
    pub fn approve(
        store: &Store,
        job: &Job<'_>,
        district: &District,
        run: &RunRow,
        hash: &str,
        by: By<'_>,
    ) -> Result<Self> {
        let holds = undecided(store, district, run)?;
        let chosen = chosen(run, &holds, hash)?;
        let mut order = Self::default();
        for hold in chosen {
            not_expired(job, hold)?;
            order.take(store, district, hold)?;
        }
        order.audit = Some(audit(job, by, "approve", &run.run, hash));
        Ok(order)
    }

    /// Answers a question.
    pub fn answer(job: &Job<'_>, run: &RunRow, row: DecisionRow, name: &str, by: By<'_>) -> Self {
        let subject = match row.patron {
            0 => format!("{name} {}", row.answer),
            patron => format!("{name} {} {patron}", row.answer),
        };
        let audit = Some(audit(job, by, "decide", &run.run, &subject));
        Self { answer: Some((row, run.run.clone())), audit, ..Self::default() }
    }

    /// Leaves those alone of whom deltas speak that came after the delivery that is looked at again.
    pub fn before(self, named_later: Named) -> Self {
        Self { named_later, ..self }
    }

    fn take(&mut self, store: &Store, district: &District, hold: &HoldRow) -> Result<()> {
        self.hashes.push(hold.hash.clone());
        let mut is_of_people = false;
        store.each_held_action(district.seq, &hold.hash, |row| {
            if let Some(who) = person(row.kind, row.number) {
                self.approved.add(who, row.patron, &row.fields);
                is_of_people = true;
            }
        })?;
        if !is_of_people {
            let about: crate::report::HoldReport = serde_json::from_str(&hold.hold)?;
            self.approved.add_rows(hold.hash.clone(), about.guard, about.kind);
        }
        Ok(())
    }

    /// Writes what the plan must know already.
    pub fn begin(&self, store: &Store, job: &Job<'_>, seq: i64) -> Result<()> {
        if let (Some((row, run)), Some(audit)) = (&self.answer, &self.audit) {
            store.put_decision(seq, row, run, &audit.who, &job.time())?;
            store.close_question(seq, row.kind, row.number)?;
        }
        Ok(())
    }

    /// Writes that it was carried out, and by whom it was decided.
    pub fn end(&self, store: &Store, seq: i64) -> Result<()> {
        if let Some(audit) = &self.audit {
            for hash in &self.hashes {
                store.decide_holds(seq, hash, "approved", &audit.who, &audit.why, &audit.at)?;
            }
            store.put_audit(seq, audit)?;
        }
        Ok(())
    }
}

/// What was decided, as it is recorded.
pub fn audit(job: &Job<'_>, by: By<'_>, action: &str, run: &str, subject: &str) -> AuditRow {
    AuditRow {
        at: job.time(),
        who: by.who.into(),
        action: action.into(),
        run: run.into(),
        subject: subject.into(),
        why: by.why.into(),
    }
}

/// The holds of a run that nobody has decided.
pub fn undecided(store: &Store, district: &District, run: &RunRow) -> Result<Vec<HoldRow>> {
    let all = store.holds_of_run(district.seq, store.run_number(&run.run)?)?;
    let is_decided = |hold: &HoldRow| matches!(hold.decision.as_str(), "approved" | "discarded");
    let decided = all.iter().find(|hold| is_decided(hold)).cloned();
    let open: Vec<HoldRow> = all.into_iter().filter(|hold| !is_decided(hold)).collect();
    match (open.is_empty(), decided) {
        (true, Some(hold)) => {
            Err(Refusal::Decided { run: run.run.clone(), decision: hold.decision, by: hold.decided_by }.into())
        }
        (true, None) => Err(Refusal::NothingOpen(run.run.clone()).into()),
        _ => Ok(open),
    }
}

/// Those holds that `hash` names, and that can be decided.
pub fn chosen<'h>(run: &RunRow, holds: &'h [HoldRow], hash: &str) -> Result<Vec<&'h HoldRow>> {
    if holds.is_empty() {
        return Err(Refusal::NothingOpen(run.run.clone()).into());
    }
    let is_plan = plan_of(run).as_deref() == Some(hash);
    let named: Vec<&HoldRow> =
        holds.iter().filter(|hold| !hold.hash.is_empty() && (is_plan || hold.hash == hash)).collect();
    if named.is_empty() && !is_plan {
        return Err(Refusal::WrongHash { run: run.run.clone(), hash: hash.into() }.into());
    }
    let can_be = |hold: &&HoldRow| serde_json::from_str(&hold.hold).is_ok_and(|hold| can_be_approved(&hold));
    let chosen: Vec<&HoldRow> = named.into_iter().filter(can_be).collect();
    match (chosen.is_empty(), holds.iter().any(|hold| hold.hash.is_empty())) {
        (false, _) => Ok(chosen),
        (true, true) => Err(Refusal::WaitsForTheWindow(run.run.clone()).into()),
        (true, false) => Err(Refusal::NeedsSchool(run.run.clone()).into()),
    }
}

/// The hash of the plan of a run.
pub fn plan_of(run: &RunRow) -> Option<String> {
    serde_json::from_str::<RunReport>(&run.report).ok()?.plan
}

fn not_expired(job: &Job<'_>, hold: &HoldRow) -> Result<()> {
    if !is_expired(job, &hold.opened_at)? {
        return Ok(());
    }
    let asked = hold.opened_at.chars().take(10).collect();
    Err(Refusal::Expired { run: hold.run.clone(), asked, days: job.settings.guard.approval_days }.into())
}

/// Whether a question that was first asked then has waited too long.
pub fn is_expired(job: &Job<'_>, opened_at: &str) -> Result<bool> {
    let opened: DateTime<Utc> = opened_at.parse().context("failed to read when a hold was opened")?;
    Ok(job.now - opened > Duration::days(i64::from(job.settings.guard.approval_days)))
}
