//! Writes what waits: holds with their actions, and questions. What a later run asks again keeps the day of its first asking.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::Result;
use chrono::Duration;

use super::deciding::is_expired;
use super::job::Job;
use super::planning::Plan;
use super::reporting::{Report, verb};
use crate::check::{Check, FileVerdict};
use crate::roster::FileKind;
use crate::roster::plan::{Action, PersonRef, What};
use crate::roster::set::Mode;
use crate::store::{HeldActionRow, HoldRow, QuestionRow, Store};

/// Where holds are written.
pub struct HoldWriter<'a> {
    /// The store.
    pub store: &'a Store,
    /// The job.
    pub job: &'a Job<'a>,
    /// The check.
    pub check: &'a Check<'a>,
    /// Tonight's rows.
    pub verdicts: &'a BTreeMap<FileKind, FileVerdict>,
    /// The plan.
    pub plan: &'a Plan,
    /// The district's number.
    pub seq: i64,
    /// The run's number.
    pub run: i64,
}

impl HoldWriter<'_> {
    /// Writes all holds and questions. A full set says anew everything that waits; a delta only adds to it.
    pub fn write(&self, report: &Report) -> Result<()> {
        let opened = self.opened()?;
        if self.check.mode == Mode::Full {
            self.store.close_holds(self.seq)?;
        } else {
            self.store.close_notices(self.seq)?;
        }
        let held = self.plan.held_actions(self.check);
        for (position, hold) in report.holds().iter().enumerate() {
            let hash = hold.hash.clone().unwrap_or_default();
            self.store.ask_again(self.seq, &hash)?;
            let row = HoldRow {
                run_seq: self.run,
                position: position as i64,
                hold: serde_json::to_string(hold)?,
                people: "[]".into(),
                opened_at: opened.get(&hash).cloned().unwrap_or_else(|| self.job.time()),
                hash,
                ..HoldRow::default()
            };
            self.store.put_hold(self.seq, &row)?;
            self.actions(&row.hash, held.get(position).map_or(&[], Vec::as_slice))?;
        }
        self.tidy()?;
        self.questions()
    }

    /// When questions that are still open, and not too old, were first asked, by their hash.
    fn opened(&self) -> Result<HashMap<String, String>> {
        let mut opened = HashMap::new();
        for hold in self.store.holds(Some(&self.job.settings.id))? {
            if !hold.hash.is_empty() && !is_expired(self.job, &hold.opened_at)? {
                opened.insert(hold.hash, hold.opened_at);
            }
        }
        Ok(opened)
    }

    fn actions(&self, hash: &str, held: &[usize]) -> Result<()> {
        let actions = &self.plan.planned.actions;
        for (position, action) in held.iter().map(|index| actions.at(*index)).enumerate() {
            let row = HeldActionRow {
                kind: action.person.kind.file() as i64,
                number: i64::from(action.person.number),
                patron: action.patron,
                action: verb(action.what).word().into(),
                record_hash: self.record_hash(action),
                fields: actions.packed(action).into_owned(),
            };
            self.store.put_held_action(self.seq, hash, position as i64, &row)?;
        }
        Ok(())
    }

    /// Of what the row says; 0: there is none.
    fn record_hash(&self, action: &Action) -> i64 {
        if action.what == What::Remove {
            return 0;
        }
        let PersonRef { kind, number } = action.person;
        let rows = self.verdicts.get(&kind.file()).map(|verdict| &verdict.rows);
        let row = rows.and_then(|rows| rows.one(number).map(|row| rows.record(row).hash()));
        row.unwrap_or_else(|| self.check.roster.of(kind.file()).known(number).record_hash).cast_signed()
    }

    /// Actions of questions that were put anew long ago are forgotten.
    fn tidy(&self) -> Result<()> {
        let days = i64::from(self.job.settings.guard.approval_days).saturating_add(1);
        let day = self.job.now.checked_sub_signed(Duration::days(days)).unwrap_or(self.job.now);
        Ok(self.store.forget_held_actions(self.seq, &day.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))?)
    }

    fn questions(&self) -> Result<()> {
        let planned = &self.plan.planned;
        let open: HashSet<PersonRef> = planned.questions.iter().map(|question| question.who).collect();
        for row in self.store.questions(self.seq)? {
            let who = super::finding::person(row.kind, row.number);
            let is_settled = who.is_some_and(|who| !open.contains(&who) && self.is_looked_at(who));
            if is_settled {
                self.store.close_question(self.seq, row.kind, row.number)?;
            }
        }
        for question in &planned.questions {
            let row = QuestionRow {
                kind: question.who.kind.file() as i64,
                number: i64::from(question.who.number),
                id: String::new(),
                run: String::new(),
                evidence_hash: question.evidence,
                candidates: serde_json::to_string(&question.candidates)?,
            };
            self.store.put_question(self.seq, self.run, &row)?;
        }
        Ok(())
    }

    /// Whether this run says what becomes of the person: it was looked at, or a full set does not name it.
    fn is_looked_at(&self, who: PersonRef) -> bool {
        let seen = self.check.roster.of(who.kind.file()).seen(who.number);
        let is_absent = self.check.mode == Mode::Full && !seen.in_set();
        is_absent || crate::matching::find(&self.plan.kept.people, who).is_some()
    }
}
