//! What a person decided about a hold or a question, made ready for the run that carries it out.

use std::collections::{HashMap, HashSet};

use anyhow::{Context, Result};
use chrono::{DateTime, Duration, Utc};

use super::job::Job;
use super::kept::Named;
use super::planning::person;
use crate::files::fail_point;
use crate::matching::guards::Approved;
use crate::matching::refused;
use crate::report::RunReport;
use crate::report::hold_text::can_be_approved;
use crate::roster::FileKind;
use crate::store::{AuditRow, DecisionRow, District, HoldRow, RefusedRow, RunRow, Store};

/// Why a decision cannot be carried out; nothing has changed.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The run holds nothing.
    #[error("nothing waits in run {0}; `rosterd runs holds` lists what does")]
    NothingOpen(String),
    /// Somebody was there before.
    #[error("what run {run} held was {decision} already, by {by}; `rosterd runs holds` lists what waits")]
    Decided {
        /// The run.
        run: String,
        /// `approved` or `discarded`.
        decision: String,
        /// Who.
        by: String,
    },
    /// The hash is of something else.
    #[error(
        "{hash} is neither the plan of run {run} nor one of its holds; look at what waits with `rosterd runs holds`, and write \
         the hash that stands there"
    )]
    WrongHash {
        /// The run.
        run: String,
        /// What was written.
        hash: String,
    },
    /// Too late.
    #[error(
        "run {run} asked on {asked}, longer than {days} days ago (guard.approval_days), and too much may have changed since; ingest \
         again, and decide what is asked then"
    )]
    Expired {
        /// The run.
        run: String,
        /// The day of the question.
        asked: String,
        /// The setting.
        days: u32,
    },
    /// People who wait for their school.
    #[error(
        "what run {0} holds waits for its school: map it with `rosterd district site-map`, or deliver it in schools.csv; it cannot \
         be approved or discarded"
    )]
    NeedsSchool(String),
    /// What only waits for a day.
    #[error(
        "nothing of run {0} can be approved or discarded: it waits for the end of windows.blackout, and the first run afterwards \
         applies it"
    )]
    WaitsForTheWindow(String),
    /// The delivery is not kept any more.
    #[error(
        "the copy of the newest delivery is not kept any more, so it cannot be looked at again; ingest it once more, and decide then"
    )]
    CopyGone,
    /// Nothing is applied these days.
    #[error("nothing is applied today (windows.blackout); approve when the window is over")]
    Blackout,
    /// Nobody asked about this person.
    #[error("nobody has asked about {0}; write the person as `rosterd runs holds` lists it, such as students:S004")]
    NoQuestion(String),
    /// Somebody was there before.
    #[error("{person} was answered already: {answer}, by {by}; `rosterd runs holds` lists what is still asked")]
    Answered {
        /// The person.
        person: String,
        /// `link 17`, `create` or `skip`.
        answer: String,
        /// Who.
        by: String,
    },
    /// Not between whom it is to be decided.
    #[error("patron {patron} is no candidate for {person}; the candidates are {candidates}")]
    NoCandidate {
        /// The person.
        person: String,
        /// What was written.
        patron: i64,
        /// The ids of the patrons that could be meant.
        candidates: String,
    },
    /// The patron is somebody's.
    #[error("patron {patron} belongs to {owner}, who is in the roster; one patron is one person")]
    TakenPatron {
        /// What was written.
        patron: i64,
        /// Whose it is.
        owner: String,
    },
}

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

/// Remembers that what a run holds is not to be done. Gives how many changes that is.
pub fn discard(
    store: &Store,
    job: &Job<'_>,
    district: &District,
    run: &RunRow,
    hash: Option<&str>,
    by: By<'_>,
) -> Result<u64> {
    store.begin()?;
    let _undo = super::intake::RollBack(store);
    let holds = undecided(store, district, run)?;
    let open: Vec<HoldRow> = holds.into_iter().filter(|hold| hold.decision != "over").collect();
    let plan = plan_of(run);
    let whole = hash.or(plan.as_deref()).unwrap_or("");
    let mut count = 0;
    for hold in chosen(run, &open, whole)? {
        count += refuse(store, job, district, run, hold)?;
        store.decide_holds(district.seq, &hold.hash, "discarded", by.who, by.why, &job.time())?;
    }
    store.put_audit(district.seq, &audit(job, by, "discard", &run.run, whole))?;
    store.commit()?;
    Ok(count)
}

fn refuse(store: &Store, job: &Job<'_>, district: &District, run: &RunRow, hold: &HoldRow) -> Result<u64> {
    let mut rows = Vec::new();
    let refused = |kind, number, record_hash| RefusedRow {
        kind,
        number,
        record_hash,
        why: "discarded".into(),
        run: run.run.clone(),
        at: job.time(),
    };
    store
        .each_held_action(district.seq, &hold.hash, |row| rows.push(refused(row.kind, row.number, row.record_hash)))?;
    let about: crate::report::HoldReport = serde_json::from_str(&hold.hold)?;
    if about.guard == "leading_zeros_lost" {
        rows.push(refused(WHOLE_SET, 0, 0));
    } else if rows.is_empty()
        && let Some(kind) = about.kind
    {
        rows.push(refused(kind as i64, 0, hash_of_rows(&hold.hash)));
    }
    for row in &rows {
        fail_point::reach("writing a refusal");
        store.put_refused(district.seq, row)?;
    }
    Ok(about.count.max(rows.len() as u64))
}

/// In place of a kind: the refusal is of a set as a whole.
const WHOLE_SET: i64 = 6;

/// Whether somebody discarded a set because of its zeros.
pub fn zeros_discarded(store: &Store, district: &District) -> Result<bool> {
    Ok(store.refused(district.seq)?.iter().any(|row| row.kind == WHOLE_SET))
}

/// One number for the hash of a hold of rows.
fn hash_of_rows(hash: &str) -> i64 {
    xxhash_rust::xxh3::xxh3_64(hash.as_bytes()).cast_signed()
}

/// People whose changes were refused.
pub fn refusals(
    store: &Store,
    district: &District,
) -> Result<HashMap<crate::roster::plan::PersonRef, refused::Refusal>> {
    let rows = store.refused(district.seq)?.into_iter();
    let refusal = |row: RefusedRow| {
        let refusal = refused::Refusal {
            record_hash: row.record_hash.cast_unsigned(),
            is_undone: row.why == "undone",
            run: row.run,
        };
        Some((person(row.kind, row.number)?, refusal))
    };
    Ok(rows.filter_map(refusal).collect())
}

/// Whether the removal of just these rows was discarded.
pub fn refused_rows(store: &Store, district: &District) -> Result<HashSet<i64>> {
    let is_of_rows =
        |row: &RefusedRow| [FileKind::Sections, FileKind::Enrollments].iter().any(|kind| *kind as i64 == row.kind);
    let rows = store.refused(district.seq)?.into_iter().filter(is_of_rows);
    Ok(rows.map(|row| row.record_hash).collect())
}

/// Whether `hash`, of a hold of rows, is among the refused.
pub fn is_refused(refused: &HashSet<i64>, hash: &str) -> bool {
    !refused.is_empty() && refused.contains(&hash_of_rows(hash))
}

fn audit(job: &Job<'_>, by: By<'_>, action: &str, run: &str, subject: &str) -> AuditRow {
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
fn undecided(store: &Store, district: &District, run: &RunRow) -> Result<Vec<HoldRow>> {
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
fn chosen<'h>(run: &RunRow, holds: &'h [HoldRow], hash: &str) -> Result<Vec<&'h HoldRow>> {
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

fn plan_of(run: &RunRow) -> Option<String> {
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
