//! Takes one run back: patrons by value, the roster by who wrote last, enrollments pair by pair (rule H2). An undo is a run
//! of its own, so that it can be shown and explained like any other.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Instant;

use anyhow::{Context, Result};
use chrono::{DateTime, SecondsFormat, Utc};

use crate::files::fail_point;
use crate::report::undo_report::LISTED;
use crate::report::{Action, ActionReport, Kept, Outcome, RunReport, UndoReport};
use crate::roster::enrollment::parts;
use crate::roster::patron::{Patron, PatronField};
use crate::roster::plan::{Changes, unpack};
use crate::roster::{FileKind, PersonKind};
use crate::store::{
    AuditRow, ChangeRow, District, RunRecord, RunToUndo, SnapshotFiles, Store, pair_blocks, read_pairs,
};
use crate::write::{Patrons, Restored, is_as_created};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct UndoOrder<'a> {
    /// The run's whole id.
    pub run: &'a str,
    /// On whose word.
    pub by: &'a str,
    /// Why, if somebody says so.
    pub why: Option<&'a str>,
    /// Delete created patrons to whom nothing refers, instead of giving them status 4.
    pub delete_created: bool,
    /// The time of the undo.
    pub now: DateTime<Utc>,
    /// When the work began.
    pub begun: Instant,
}

/// Why a run is not undone.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UndoRefused {
    /// There is no such run.
    #[error("there is no run {0}; see `rosterd runs list`")]
    Unknown(String),
    /// It was undone before.
    #[error("run {run} was undone already, by {who} with run {undo}; nothing is left to undo")]
    Twice {
        /// The run.
        run: String,
        /// Who did it.
        who: String,
        /// The undo.
        undo: String,
    },
    /// It changed nothing.
    #[error(
        "run {run} ended as {outcome} and wrote nothing, so there is nothing to undo; see `rosterd runs list` for the run that did"
    )]
    WroteNothing {
        /// The run.
        run: String,
        /// How it ended.
        outcome: String,
    },
    /// It is an undo.
    #[error(
        "run {0} is itself an undo, and an undo is not undone: deliver the files again, and approve what is held because it was undone"
    )]
    IsUndo(String),
}

/// Takes away what a killed run left behind.
pub fn tidy(store: &Store, order: &UndoOrder<'_>) -> Result<()> {
    let run = store.run_to_undo(order.run)?;
    let district = run.map(|run| store.district(&run.district)).transpose()?.flatten();
    district.map_or(Ok(()), |district| super::intake::tidy(store, district.seq))
}

/// Finds the run, if it can be undone.
pub fn find(store: &Store, order: &UndoOrder<'_>) -> Result<RunToUndo> {
    let run = store.run_to_undo(order.run)?.ok_or_else(|| UndoRefused::Unknown(order.run.to_owned()))?;
    let name = run.run.clone();
    if run.is_undo {
        return Err(UndoRefused::IsUndo(name).into());
    }
    if let Some((who, undo)) = run.undone {
        return Err(UndoRefused::Twice { run: name, who, undo }.into());
    }
    if run.outcome != Outcome::Applied.word() && run.outcome != Outcome::AppliedInPart.word() {
        return Err(UndoRefused::WroteNothing { run: name, outcome: run.outcome }.into());
    }
    Ok(run)
}

/// Removes the fingerprints that the database no longer names.
pub fn forget_fingerprints(store: &Store, report: &RunReport) -> Result<()> {
    if let (Some(folder), Some(district)) = (store.folder(), store.district(&report.district)?) {
        SnapshotFiles::new(&folder).keep_only(district.seq, &[]);
    }
    Ok(())
}

/// Changes that are read at once.
const BLOCK: i64 = 4_000;

struct Undoing<'a> {
    store: &'a Store,
    order: &'a UndoOrder<'a>,
    run: &'a RunToUndo,
    seq: i64,
    undo: i64,
    at: String,
    patrons: Patrons<'a>,
    /// Patrons that people or later runs touched.
    touched: HashSet<i64>,
    /// Sections that nobody wrote since.
    sections: HashSet<u32>,
    /// Sections that the run created and a later run changed.
    kept_sections: HashSet<u32>,
    created_pairs: Vec<u64>,
    removed_pairs: Vec<u64>,
    sites: Vec<String>,
    position: i64,
    report: RunReport,
    about: UndoReport,
}

/// Takes everything back that `run` wrote, and records that. Gives the report of the undo.
pub fn carry_out(store: &Store, order: &UndoOrder<'_>, run: &RunToUndo) -> Result<RunReport> {
    let district = store.district(&run.district)?.context("the run's district is gone")?;
    let mut undoing = Undoing::begin(store, order, run, &district)?;
    store.refuse_again(undoing.seq, run.seq, &run.run, &undoing.at)?;
    undoing.patrons.begin()?;
    store.note_created()?;
    let mut position = i64::MAX;
    loop {
        let changes = store.changes_before(run.seq, position, BLOCK)?;
        let Some(last) = changes.last() else { break };
        position = last.position;
        undoing.take_back(&changes)?;
    }
    undoing.enrollments()?;
    undoing.roster()?;
    undoing.sites()?;
    undoing.patrons.end_without_a_look()?;
    undoing.record(&district)
}

impl<'a> Undoing<'a> {
    fn begin(store: &'a Store, order: &'a UndoOrder<'a>, run: &'a RunToUndo, district: &District) -> Result<Self> {
        let at = order.now.to_rfc3339_opts(SecondsFormat::Secs, true);
        let patrons = Patrons::new(&store.connection, &district.id, &at);
        let mut touched: HashSet<i64> = patrons.edited()?.iter().collect();
        touched.extend(store.patrons_written_since(district.seq, run.seq)?);
        Ok(Self {
            store,
            order,
            run,
            seq: district.seq,
            undo: store.next_run()?,
            at,
            patrons,
            touched,
            sections: store.sections_last_written_by(district.seq, run.seq)?.into_iter().collect(),
            kept_sections: HashSet::new(),
            created_pairs: Vec::new(),
            removed_pairs: Vec::new(),
            sites: Vec::new(),
            position: 0,
            report: empty_report(order, district),
            about: UndoReport {
                run: run.run.clone(),
                by: order.by.to_owned(),
                why: order.why.map(str::to_owned),
                ..UndoReport::default()
            },
        })
    }

    fn take_back(&mut self, changes: &[ChangeRow]) -> Result<()> {
        let patrons = self.current(changes)?;
        let holders = self.patrons.holders(&barcodes(changes))?;
        for change in changes {
            match (change.kind, change.action.as_str()) {
                (FileKind::Schools, _) => self.sites.push(String::from_utf8_lossy(&change.fields).into_owned()),
                (FileKind::Sections, _) => self.section(change)?,
                (FileKind::Enrollments, "create") => self.created_pairs.extend(read_pairs(&change.fields)),
                (FileKind::Enrollments, _) => self.removed_pairs.extend(read_pairs(&change.fields)),
                // Somebody without a patron left: only the roster knows.
                _ if change.patron == 0 => self.done(Action::Undo, change, &Changes::default())?,
                _ => match (patrons.get(&change.patron), change.action.as_str()) {
                    (None, _) => self.keep(change, None, "The patron was deleted since."),
                    (Some(patron), "create") => self.created(change, patron)?,
                    (Some(patron), _) => self.values(change, patron, &holders)?,
                },
            }
        }
        Ok(())
    }

    /// The patrons of these changes as they stand now.
    fn current(&self, changes: &[ChangeRow]) -> Result<HashMap<i64, Patron>> {
        let people = changes.iter().filter(|change| change.patron > 0);
        let mut ids: Vec<i64> = people.map(|change| change.patron).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut patrons = HashMap::with_capacity(ids.len());
        self.patrons.each_of(&ids, |patron| drop(patrons.insert(patron.id, patron.clone())))?;
        Ok(patrons)
    }

    fn values(&mut self, change: &ChangeRow, patron: &Patron, holders: &HashMap<String, i64>) -> Result<()> {
        let restored = Restored::plan(patron, &change.fields, holders);
        self.keep_values(change, &restored.kept);
        if restored.changes.is_empty() && !change.fields.is_empty() {
            return Ok(());
        }
        let is_back = restored.changes.iter().any(|one| one.field == PatronField::Status && one.old == "4");
        if !restored.changes.is_empty() {
            self.patrons.update(patron.id, restored.changes.iter())?;
        }
        if let Some(kind) = change.kind.person() {
            let counts = self.report.people.of_mut(kind);
            *(if is_back { &mut counts.reactivated } else { &mut counts.updated }) += 1;
        }
        self.done(Action::Undo, change, &restored.changes)
    }

    /// A patron that the run created is deleted, or stays as one who left.
    fn created(&mut self, change: &ChangeRow, patron: &Patron) -> Result<()> {
        if let Some(kind) = change.kind.person() {
            self.report.people.of_mut(kind).removed += 1;
        }
        if self.order.delete_created {
            let is_free = !self.touched.contains(&patron.id) && is_as_created(patron, &change.fields);
            if is_free && self.patrons.delete(patron.id)? {
                self.about.patrons_deleted += 1;
                self.store.delete_created(patron.id)?;
                return self.done(Action::Delete, change, &Changes::default());
            }
            self.keep(
                change,
                Some(patron.id),
                "It was created by the run and something refers to it by now, so it is not deleted.",
            );
        }
        let let_go = Restored::let_go(patron, &change.fields);
        self.keep_values(change, &let_go.kept);
        self.store.keep_created(patron.id, !let_go.changes.is_empty())?;
        self.about.patrons_transferred += u64::from(!let_go.changes.is_empty());
        if !let_go.changes.is_empty() {
            self.patrons.update(patron.id, let_go.changes.iter())?;
        }
        self.done(Action::Remove, change, &let_go.changes)
    }

    fn section(&mut self, change: &ChangeRow) -> Result<()> {
        if !self.sections.contains(&change.number) {
            if change.action == "create" {
                self.kept_sections.insert(change.number);
            }
            self.keep(change, None, "A later run wrote the section.");
            return Ok(());
        }
        let counts = &mut self.report.sections;
        match change.action.as_str() {
            "create" => counts.removed += 1,
            "remove" => counts.created += 1,
            _ => counts.updated += 1,
        }
        let now = self.store.section_json(self.seq, change.number)?;
        self.store.restore_section(self.seq, change.number, &change.fields)?;
        self.change(FileKind::Sections, change.number, 0, Action::Undo.word(), now.as_bytes())
    }

    /// Pairs that no later run wrote; those of a section that is kept stay with it.
    fn enrollments(&mut self) -> Result<()> {
        let since = self.store.pairs_written_since(self.seq, self.run.seq)?;
        let is_touched = |pair: &u64| since.binary_search(pair).is_ok();
        let (mut created, mut removed) =
            (std::mem::take(&mut self.created_pairs), std::mem::take(&mut self.removed_pairs));
        // Changes come last first; the table has its pairs in order.
        created.sort_unstable();
        removed.sort_unstable();
        let all = created.len() + removed.len();
        created.retain(|pair| !is_touched(pair) && !self.kept_sections.contains(&parts(*pair).1));
        removed.retain(|pair| !is_touched(pair));
        self.about.enrollments_kept = (all - created.len() - removed.len()) as u64;
        self.store.unenroll(self.seq, &created)?;
        self.store.enroll(self.seq, &removed)?;
        self.report.enrollments.removed = created.len() as u64;
        self.report.enrollments.created = removed.len() as u64;
        for (word, pairs) in [("create", &removed), ("remove", &created)] {
            for block in pair_blocks(pairs) {
                self.change(FileKind::Enrollments, 0, 0, word, &block)?;
            }
        }
        Ok(())
    }

    fn roster(&mut self) -> Result<()> {
        for entity in self.store.touched_since(self.seq, self.run.seq)? {
            if entity.kind.person().is_some() {
                self.about.keep(Kept {
                    kind: entity.kind,
                    id: entity.id,
                    patron: (entity.patron > 0).then_some(entity.patron),
                    field: None,
                    wrote: None,
                    now: None,
                    reason: "A later run wrote what the roster says of this person.".into(),
                });
            }
        }
        Ok(self.store.restore_roster(self.seq, self.run.seq, self.undo)?)
    }

    /// While the library has patrons a school without a site would hold its people, so sites go only with the last patron.
    fn sites(&self) -> Result<()> {
        if self.patrons.is_empty()? {
            for school in &self.sites {
                self.store.take_site_back(self.seq, school)?;
            }
        }
        Ok(())
    }

    fn keep(&mut self, change: &ChangeRow, patron: Option<i64>, reason: &str) {
        self.about.keep(Kept {
            kind: change.kind,
            id: change.id.clone(),
            patron: patron.or((change.patron > 0).then_some(change.patron)),
            field: None,
            wrote: None,
            now: None,
            reason: reason.to_owned(),
        });
    }

    fn keep_values(&mut self, change: &ChangeRow, values: &[(PatronField, String, String)]) {
        for (field, wrote, now) in values {
            self.about.keep(Kept {
                kind: change.kind,
                id: change.id.clone(),
                patron: Some(change.patron),
                field: Some(field.column().to_owned()),
                wrote: Some(wrote.clone()),
                now: Some(now.clone()),
                reason: "It was changed after that run.".to_owned(),
            });
        }
    }

    /// Records what was done for one person, and lists it in the report.
    fn done(&mut self, action: Action, change: &ChangeRow, changes: &Changes) -> Result<()> {
        fail_point::reach("taking a change back");
        self.about.values_restored += if action == Action::Undo { changes.iter().count() as u64 } else { 0 };
        let (kind, number) = (change.kind, change.number);
        self.change(kind, number, change.patron, action.word(), changes.packed())?;
        let Some(kind) = change.kind.person() else { return Ok(()) };
        let listed = self.report.actions.get_or_insert_default();
        if listed.len() < LISTED {
            listed.push(action_report(action, kind, change, changes));
        }
        Ok(())
    }

    fn change(&mut self, kind: FileKind, number: u32, patron: i64, action: &str, fields: &[u8]) -> Result<()> {
        self.position += 1;
        Ok(self.store.put_change(self.undo, self.position, kind, number, patron, action, "undo", 0, fields)?)
    }

    /// The undo as a run; nothing that was remembered of the last night counts any more.
    fn record(mut self, district: &District) -> Result<RunReport> {
        let (store, seq, order) = (self.store, self.seq, self.order);
        fail_point::reach("the run is taken back");
        store.close_holds(seq)?;
        store.withdraw_questions(seq, self.run.seq)?;
        store.clear_snapshots(seq)?;
        self.report.undo = Some(self.about);
        self.report.duration_ms = order.begun.elapsed().as_millis() as u64;
        let run = self.report.run.clone().unwrap_or_default();
        store.put_run(&RunRecord {
            seq: self.undo,
            run: &run,
            district: seq,
            batch: "",
            outcome: self.report.outcome.word(),
            started_at: &self.at,
            as_of: &self.report.as_of.to_string(),
            settings: &toml::to_string(&district.settings)?,
            schemas: 0,
            report: &serde_json::to_string(&self.report)?,
        })?;
        store.put_undone(seq, self.run.seq, self.undo, order.by, order.why.unwrap_or(""), &self.at)?;
        store.put_audit(seq, &audit(self.run, order, &self.at, &run))?;
        store.set_last(seq, "", district.last_salt, &run, &store.last_applied_day(seq)?)?;
        Ok(self.report)
    }
}

fn audit(run: &RunToUndo, order: &UndoOrder<'_>, at: &str, undo: &str) -> AuditRow {
    AuditRow {
        at: at.to_owned(),
        who: order.by.to_owned(),
        action: "undo".to_owned(),
        run: run.run.clone(),
        subject: undo.to_owned(),
        why: order.why.unwrap_or("").to_owned(),
    }
}

fn empty_report(order: &UndoOrder<'_>, district: &District) -> RunReport {
    let mut report = RunReport::new(Outcome::Applied);
    report.run = Some(uuid::Uuid::now_v7().to_string());
    report.district.clone_from(&district.id);
    report.started_at = order.now;
    report.as_of = order.now.date_naive();
    report.actions = Some(Vec::new());
    report
}

/// Barcodes that would be given back.
fn barcodes(changes: &[ChangeRow]) -> Vec<String> {
    let people = changes.iter().filter(|change| change.kind.person().is_some());
    let fields = people.flat_map(|change| unpack(&change.fields));
    let barcodes = fields.filter(|field| field.field == PatronField::Barcode && !field.old.is_empty());
    barcodes.map(|field| field.old.to_owned()).collect()
}

fn action_report(action: Action, kind: PersonKind, change: &ChangeRow, changes: &Changes) -> ActionReport {
    let blank_is_none = |value: &str| (!value.is_empty()).then(|| value.to_owned());
    let fields: BTreeMap<_, _> = changes
        .iter()
        .map(|one| (one.field.column().to_owned(), (blank_is_none(one.old), blank_is_none(one.new))))
        .collect();
    ActionReport {
        action,
        kind,
        id: change.id.clone(),
        patron: (change.patron > 0).then_some(change.patron),
        evidence: "undo".to_owned(),
        fields,
        candidates: Vec::new(),
        reason: None,
    }
}
