//! Writes a plan: patrons, the roster, sections, enrollments, the record of changes, and the run, in one transaction.

mod roster;

use std::collections::{BTreeMap, HashMap};

use anyhow::Result;
use chrono::Datelike;

use super::deciding::Order;
use super::intake::TakenSet;
use super::job::Job;
use super::planning::Plan;
use super::remembering::Remembered;
use super::reporting::{Report, verb};
use super::saving_holds::HoldWriter;
use crate::check::{Check, FileVerdict};
use crate::files::fail_point;
use crate::roster::FileKind;
use crate::roster::entities::{Known, State};
use crate::roster::plan::{PersonRef, What, unpack};
use crate::roster::set::Mode;
use crate::store::{District, SiteRow, Store, pair_blocks};
use crate::write::Patrons;

struct Saving<'a> {
    store: &'a Store,
    check: &'a Check<'a>,
    verdicts: &'a BTreeMap<FileKind, FileVerdict>,
    plan: &'a Plan,
    seq: i64,
    run: i64,
    as_of: String,
    day: i32,
    position: i64,
    created: HashMap<PersonRef, i64>,
}

/// Writes everything and commits.
#[expect(clippy::too_many_arguments, reason = "the results of all stages meet here, once")]
pub fn save(
    store: &Store,
    job: &Job<'_>,
    district: &District,
    taken: TakenSet,
    check: &Check<'_>,
    verdicts: &BTreeMap<FileKind, FileVerdict>,
    plan: Plan,
    mut remembered: Remembered,
    patrons: &Patrons<'_>,
    report: &mut Report,
    order: &Order,
) -> Result<()> {
    let seq = district.seq;
    let mut saving = Saving {
        store,
        check,
        verdicts,
        plan: &plan,
        seq,
        run: store.next_run()?,
        as_of: report.as_of().to_string(),
        day: report.as_of().num_days_from_ce(),
        position: 0,
        created: HashMap::new(),
    };
    saving.sites()?;
    saving.patrons(patrons)?;
    saving.people()?;
    saving.schools()?;
    saving.sections()?;
    saving.enrollments()?;
    placeholders(store, seq, saving.run, check)?;
    for who in &plan.forgotten {
        store.forget_refused(seq, who.kind.file() as i64, i64::from(who.number))?;
    }
    if store.has_undone_runs(seq)? {
        store.settle_undone(seq, saving.run, plan.settles_undone_pairs)?;
    }
    if !district.has_touched && saving.settles_first_run() {
        store.set_touched(seq)?;
    }
    HoldWriter { store, job, check, verdicts, plan: &plan, seq, run: saving.run }.write(report)?;
    order.end(store, seq)?;
    remembered.name(store, district, &plan)?;
    keep(store, job, seq, &taken, saving.run)?;
    report.record(store, job, seq)?;
    let salt = super::intake::salt(store, job, seq)?;
    // After a delta the full set before it is not what the roster says, so that its bytes must be read when they come again.
    let is_newest = check.mode == Mode::Full && order.named_later.is_empty();
    let batch = if is_newest { taken.batch.sha256.as_str() } else { "" };
    store.set_last(seq, batch, salt, report.run(), &report.as_of().to_string())?;
    store.commit()?;
    remembered.keep(store, district);
    Ok(())
}

/// Keeps the copy of the delivery, so that it can be looked at again when somebody has decided.
fn keep(store: &Store, job: &Job<'_>, seq: i64, taken: &TakenSet, run: i64) -> Result<()> {
    if taken.is_again() {
        return Ok(());
    }
    let kept = taken.keep(seq)?;
    store.put_batch(seq, &taken.batch, &taken.set, &job.time(), &kept)?;
    Ok(store.mark_taken(seq, &taken.batch.sha256, run, &serde_json::to_string(&taken.set)?)?)
}

/// Records a run in which everything waits: the holds and nothing else. With `later` the delivery itself waits for the end of a window.
#[expect(clippy::too_many_arguments, reason = "the results of all stages meet here, once")]
pub fn hold_only(
    store: &Store,
    job: &Job<'_>,
    district: &District,
    taken: &TakenSet,
    check: &Check<'_>,
    verdicts: &BTreeMap<FileKind, FileVerdict>,
    plan: &Plan,
    report: &mut Report,
    later: bool,
) -> Result<()> {
    let (seq, run) = (district.seq, store.next_run()?);
    // Held actions name people by their numbers, which must be the same when they are approved.
    placeholders(store, seq, run, check)?;
    HoldWriter { store, job, check, verdicts, plan, seq, run }.write(report)?;
    keep(store, job, seq, taken, run)?;
    if later {
        store.put_waiting(seq, &taken.batch.sha256)?;
    }
    report.record(store, job, seq)?;
    Ok(store.commit()?)
}

/// Ids that the set only named get their numbers too, so that a number is never given twice.
fn placeholders(store: &Store, seq: i64, run: i64, check: &Check<'_>) -> Result<()> {
    for kind in [FileKind::Schools, FileKind::Teachers, FileKind::Staff, FileKind::Students, FileKind::Sections] {
        let entities = check.roster.of(kind);
        let new = entities.known.len() as u32..entities.len() as u32;
        for number in new {
            store.put_placeholder(seq, run, kind, number, entities.id(number))?;
        }
    }
    Ok(())
}

impl Saving<'_> {
    /// Sites that schools get by themselves; recorded, so that an undo can take them back.
    fn sites(&mut self) -> Result<()> {
        for school in self.plan.sites.given() {
            self.store
                .put_site(self.seq, &SiteRow { school: school.into(), site: school.into(), is_ignored: false })?;
            let number = self.check.roster.of(FileKind::Schools).find(school).unwrap_or_default();
            self.change(FileKind::Schools, number, 0, "site", "school id", 0, school.as_bytes())?;
        }
        Ok(())
    }

    /// Carries out the actions, and records each with its old and new values.
    fn patrons(&mut self, patrons: &Patrons<'_>) -> Result<()> {
        patrons.begin()?;
        for action in self.plan.planned.actions.iter() {
            if action.hold > 0 {
                continue;
            }
            fail_point::reach("writing patrons");
            let packed = self.plan.planned.actions.packed(action);
            let patron = match action.what {
                What::Hold | What::Conflict => continue,
                What::Create => patrons.create(unpack(&packed))?,
                _ if packed.is_empty() => action.patron,
                _ => patrons.update(action.patron, unpack(&packed)).map(|()| action.patron)?,
            };
            if action.what == What::Create {
                self.created.insert(action.person, patron);
                self.created.extend(action.second.map(|second| (second, patron)));
            }
            let (kind, number) = (action.person.kind.file(), action.person.number);
            let word = verb(action.what).word();
            self.change(kind, number, patron, word, action.evidence.word(), action.line, &packed)?;
        }
        Ok(patrons.end(&self.plan.planned.edits_left)?)
    }

    #[expect(clippy::too_many_arguments, reason = "one argument a column")]
    fn change(
        &mut self,
        kind: FileKind,
        number: u32,
        patron: i64,
        action: &str,
        evidence: &str,
        line: u32,
        fields: &[u8],
    ) -> Result<()> {
        self.position += 1;
        Ok(self.store.put_change(self.run, self.position, kind, number, patron, action, evidence, line, fields)?)
    }

    /// Whether from now on a run may touch patrons that were there: there were none, or this run was let loose on them.
    fn settles_first_run(&self) -> bool {
        let touches = |action: &crate::roster::plan::Action| {
            action.hold == 0 && action.patron != 0 && !matches!(action.what, What::Hold | What::Conflict)
        };
        self.plan.was_empty || self.plan.planned.actions.iter().any(touches)
    }

    fn sections(&mut self) -> Result<()> {
        let kind = FileKind::Sections;
        let known = |number: u32| self.check.roster.of(kind).known(number);
        for number in &self.plan.sections.waiting {
            if known(*number).state != State::Waiting {
                self.entity(
                    kind,
                    *number,
                    Known { state: State::Waiting, record_hash: 0, ..known(*number) },
                    "",
                    0,
                    false,
                )?;
            }
        }
        for number in &self.plan.sections.unsettled {
            self.store.unsettle_section(self.seq, *number)?;
        }
        for number in &self.plan.sections.gone {
            self.entity(kind, *number, Known { state: State::Gone, record_hash: 0, ..known(*number) }, "", 0, true)?;
        }
        for section in self.plan.sections.written.iter() {
            let old = if section.is_new { String::new() } else { self.store.section_json(self.seq, section.number)? };
            let new = Known { state: State::Present, record_hash: section.hash(), ..known(section.number) };
            self.entity(kind, section.number, new, "", section.line, false)?;
            self.store.put_section(self.seq, &section)?;
            fail_point::reach("writing sections");
            let word = if section.is_new { "create" } else { "update" };
            self.change(kind, section.number, 0, word, "row", section.line, old.as_bytes())?;
        }
        for number in &self.plan.sections.removed {
            let old = self.store.section_json(self.seq, *number)?;
            self.store.remove_section(self.seq, *number)?;
            self.change(kind, *number, 0, "remove", "absent from a full set", 0, old.as_bytes())?;
        }
        Ok(())
    }

    /// Pairs, and their record as sets: many pairs a line.
    fn enrollments(&mut self) -> Result<()> {
        let plan = &self.plan.enrollments;
        self.store.unenroll(self.seq, &plan.removed)?;
        self.store.enroll(self.seq, &plan.created)?;
        for (word, pairs) in [("create", &plan.created), ("remove", &plan.removed)] {
            for block in pair_blocks(pairs) {
                self.change(FileKind::Enrollments, 0, 0, word, "row", 0, &block)?;
            }
        }
        Ok(())
    }
}
