//! Writes the roster: everybody who was looked at or left, and the schools, as tonight's set tells of them.

use std::collections::HashMap;

use anyhow::Result;

use super::Saving;
use crate::check::{Folded, Standing};
use crate::files::fail_point;
use crate::matching::{Fate, find};
use crate::pipeline::planning::Plan;
use crate::roster::FileKind;
use crate::roster::entities::{Known, State};
use crate::roster::keys::key;
use crate::roster::plan::{Actions, PersonRef, What};
use crate::roster::record::Record;
use crate::roster::schema::Field;
use crate::roster::set::Mode;
use crate::store::EntityRow;

impl Saving<'_> {
    /// Everybody who was looked at or left, as the roster will know them.
    pub(super) fn people(&self) -> Result<()> {
        let planned = &self.plan.planned;
        for (who, patron, evidence) in &planned.present {
            let patron = if *patron == 0 { self.created.get(who).copied().unwrap_or(0) } else { *patron };
            let new = Known {
                patron,
                state: State::Present,
                removed_by_run: false,
                missing_since: 0,
                ..self.known_now(*who)
            };
            self.person(*who, new, evidence.word())?;
        }
        let waiting = planned.waiting.iter().map(|(who, _)| *who).chain(planned.held.iter().copied());
        let waiting = waiting.chain(planned.undecided.keys().copied()).chain(skipped(self.plan));
        let waiting = waiting.chain(planned.declined.iter().copied());
        for who in waiting.chain(planned.unmatched.iter().copied()) {
            self.person(who, Known { state: State::Waiting, missing_since: 0, ..self.known_now(who) }, "")?;
        }
        for who in &self.plan.missing {
            let known = self.known(*who);
            let missing_since = if known.state == State::Missing { known.missing_since } else { self.day };
            self.person(*who, Known { state: State::Missing, missing_since, ..known }, "")?;
        }
        self.left()
    }

    fn left(&self) -> Result<()> {
        let actions = &self.plan.planned.actions;
        let removed: HashMap<PersonRef, bool> = actions
            .iter()
            .filter(|action| action.what == What::Remove && action.hold == 0)
            .map(|action| (action.person, Actions::changes_fields(action)))
            .collect();
        for who in &self.plan.leaving {
            let known = self.known(*who);
            let removed_by_run = removed.get(who).copied().unwrap_or(false) || known.removed_by_run;
            // What somebody approved does not count as gone of late (rule F1).
            let missing_since = if self.plan.approved.contains(who) { 0 } else { self.day };
            self.person(*who, Known { state: State::Gone, missing_since, removed_by_run, ..known }, "")?;
        }
        for who in &self.plan.moved {
            let known = self.known(*who);
            self.person(
                *who,
                Known { state: State::Gone, missing_since: 0, patron: 0, removed_by_run: false, ..known },
                "",
            )?;
        }
        Ok(())
    }

    fn known(&self, who: PersonRef) -> Known {
        self.check.roster.of(who.kind.file()).known(who.number)
    }

    fn record(&self, who: PersonRef) -> Option<(Record<'_>, u32)> {
        let rows = &self.verdicts.get(&who.kind.file())?.rows;
        let row = rows.one(who.number)?;
        Some((rows.record(row), rows.entry(row).line))
    }

    /// What is known of a person by tonight's row.
    fn known_now(&self, who: PersonRef) -> Known {
        let mut known = self.known(who);
        known.school = find(&self.plan.kept.people, who).map_or(known.school, |person| person.school);
        if let Some((record, _)) = self.record(who) {
            known.record_hash = record.hash();
            known.number_key = key(record.text(Field::Number));
            known.email_key = key(record.text(Field::Email));
        }
        known
    }

    fn person(&self, who: PersonRef, new: Known, evidence: &str) -> Result<()> {
        let old = self.known(who);
        let kind = who.kind.file();
        let as_it_was = || self.verdicts.get(&kind).and_then(|verdict| verdict.lines.get(who.number as usize)).copied();
        let (record, line) =
            self.record(who).map_or_else(|| (None, as_it_was().unwrap_or(0)), |(record, line)| (Some(record), line));
        if new == old {
            return Ok(());
        }
        let evidence = if new.patron == old.patron { "" } else { evidence };
        let left = new.state == State::Gone || new.state == State::Missing;
        self.entity(kind, who.number, new, evidence, line, left)?;
        if let Some(record) = record.filter(|_| new.record_hash != old.record_hash) {
            let contacts = Folded::contacts(record);
            let contacts = if contacts.is_empty() { None } else { Some(serde_json::to_string(&contacts)?) };
            self.store.put_record(self.seq, kind, who.number, record.0, contacts.as_deref())?;
        }
        Ok(())
    }

    pub(super) fn entity(
        &self,
        kind: FileKind,
        number: u32,
        known: Known,
        evidence: &str,
        line: u32,
        left: bool,
    ) -> Result<()> {
        fail_point::reach("writing the roster");
        let entities = self.check.roster.of(kind);
        let (id, old) = (entities.id(number), entities.known(number));
        if old.state != State::Unknown {
            let replaces_record = old.record_hash != known.record_hash;
            self.store.keep_before(self.seq, self.run, kind, number, replaces_record)?;
        }
        let row = EntityRow { kind, number, id, known, evidence, line, left };
        Ok(self.store.put_entity(self.seq, self.run, &self.as_of, &row)?)
    }

    pub(super) fn schools(&self) -> Result<()> {
        let kind = FileKind::Schools;
        let Some(verdict) = self.verdicts.get(&kind) else { return Ok(()) };
        let entities = self.check.roster.of(kind);
        let complete = self.check.mode == Mode::Full && self.check.standing[kind as usize] == Standing::Read;
        for number in entities.numbers() {
            let (known, seen) = (entities.known(number), entities.seen(number));
            if let Some(row) = verdict.rows.one(number).filter(|_| !seen.shielded()) {
                let record = verdict.rows.record(row);
                let new = Known { state: State::Present, record_hash: record.hash(), ..known };
                if new != known {
                    self.entity(kind, number, new, "", verdict.rows.entry(row).line, false)?;
                    self.store.put_record(self.seq, kind, number, record.0, None)?;
                }
            } else if complete && known.state.in_roster() && !seen.in_set() {
                self.entity(kind, number, Known { state: State::Gone, ..known }, "", 0, true)?;
            }
        }
        Ok(())
    }
}

/// People whose kind is switched off, or whose school is ignored.
fn skipped(plan: &Plan) -> impl Iterator<Item = PersonRef> + '_ {
    plan.kept.people.iter().filter(|person| person.fate == Fate::Skip).map(|person| person.who)
}
