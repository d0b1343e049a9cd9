//! The rows of a file of entities (schools, people, sections): judged one by one, then together.

use super::ahead::Arrived;
use super::file::Compared;
use super::fold;
use super::judged::{Judged, JudgedRows};
use super::recognise::{Recogniser, is_break};
use super::row::RowJudge;
use super::row_checks::{LastNamed, Referring};
use super::unique::Unique;
use super::{Check, Entry, FileVerdict, row_checks};
use crate::diff::Tonight;
use crate::read::Row;
use crate::roster::entities::Seen;
use crate::roster::record::Packer;
use crate::roster::schema::Field;
use crate::roster::{FileKind, Problem};

/// One or more walks over the rows of one file.
pub(super) struct RecordPass<'c, 'a, 'j> {
    check: &'c mut Check<'a>,
    judge: &'j RowJudge<'j>,
    compared: Option<Compared>,
    /// Entities that this walk looks at although their rows are as they were; `None`: whoever is dirty.
    twins: Option<Vec<u32>>,
    done: bool,
    recogniser: Recogniser,
    unique: Unique,
    judged: JudgedRows,
    packer: Packer,
    last_named: Vec<LastNamed>,
    verdict: FileVerdict,
}

impl<'c, 'a, 'j> RecordPass<'c, 'a, 'j> {
    pub fn new(
        check: &'c mut Check<'a>,
        judge: &'j RowJudge<'j>,
        compared: Option<Compared>,
        tonight: Tonight,
    ) -> Self {
        let unique = Unique::new(judge.schema, compared.is_some());
        let mut pass = Self {
            check,
            judge,
            compared: None,
            twins: None,
            done: false,
            recogniser: Recogniser::default(),
            unique,
            judged: JudgedRows::default(),
            packer: Packer::default(),
            last_named: Vec::new(),
            verdict: FileVerdict { snapshot: tonight, ..FileVerdict::default() },
        };
        if let Some(compared) = compared {
            pass.skip_unchanged(compared);
        }
        pass
    }

    /// Takes over what the first walk found: rows that are as they were stand for their entities.
    fn skip_unchanged(&mut self, compared: Compared) {
        (self.verdict.tally.rows, self.verdict.tally.blank) = compared.counts;
        let entities = self.check.roster.of_mut(self.judge.schema.kind);
        let mut all_skipped = true;
        for (ordinal, (_, owner)) in compared.snapshot.rows().enumerate() {
            if owner == Compared::LOOK || compared.dirty[owner as usize] {
                all_skipped = false;
            } else {
                if let Some(line) = compared.lines.get(ordinal) {
                    note_line(&mut self.verdict.lines, owner as usize, *line);
                }
                entities.see(owner as u32, Seen::UNCHANGED);
                self.verdict.tally.unchanged += 1;
            }
        }
        self.done = all_skipped;
        self.compared = Some(compared);
    }

    /// Whether (another) walk over the rows is needed.
    pub fn has_work(&self) -> bool {
        !self.done
    }

    /// After a walk: its counts, and whether rows that were skipped must be looked at after all.
    pub fn count(&mut self, counts: (u64, u64)) {
        (self.verdict.tally.rows, self.verdict.tally.blank) = counts;
        let entities = self.check.roster.of_mut(self.judge.schema.kind);
        let twins = if self.compared.is_some() { self.unique.unseen_twins(entities) } else { Vec::new() };
        for &twin in &twins {
            entities.unsee(twin, Seen::UNCHANGED);
        }
        self.done = twins.is_empty();
        self.twins = Some(twins);
    }

    /// Looks at one row, unless it is as it was.
    pub fn row(&mut self, arrived: Arrived<'_>) {
        if self.is_skipped(arrived.ordinal) {
            return;
        }
        match row_checks::problems_of_shape(self.check, self.judge, &arrived.row) {
            Some(problems) => {
                self.remember(&arrived, None);
                self.refuse(&arrived.row, problems);
            }
            None => self.judge(arrived),
        }
    }

    fn is_skipped(&mut self, ordinal: usize) -> bool {
        let Some(compared) = &self.compared else { return false };
        let (_, owner) = compared.snapshot.row(ordinal);
        let look = owner == Compared::LOOK || compared.dirty[owner as usize];
        match &self.twins {
            None => !look,
            Some(twins) => {
                let is_twin = !look && twins.contains(&(owner as u32));
                self.verdict.tally.unchanged -= u64::from(is_twin);
                !is_twin
            }
        }
    }

    fn judge(&mut self, mut arrived: Arrived<'_>) {
        if let Some(judged) = arrived.judged.take() {
            return self.take(&arrived, judged);
        }
        let mut rows = std::mem::take(&mut self.judged);
        self.judge.judge_all(std::iter::once(arrived.row), &mut rows);
        rows.with(std::iter::once(arrived.row)).for_each(|judged| self.take(&arrived, judged));
        self.judged = rows;
    }

    fn take(&mut self, arrived: &Arrived<'_>, mut judged: Judged<'_>) {
        let row = &arrived.row;
        if row_checks::is_deletion(self.check, self.judge, row) {
            judged.problems.clear();
        }
        let referring =
            row_checks::judge_references(self.check, self.judge, row.line, &mut judged, &mut self.last_named);
        if judged.is_refused() {
            self.remember(arrived, None);
            self.refuse(row, judged.problems);
        } else {
            self.accept(arrived, &mut judged, referring);
        }
    }

    fn accept(&mut self, arrived: &Arrived<'_>, judged: &mut Judged<'_>, referring: Referring) {
        let row = &arrived.row;
        let mut flags = if referring.waits { Entry::SCHOOL_MISSING } else { 0 };
        let kind = self.judge.schema.kind;
        let id = self.judge.value(judged, Field::Id);
        let entity = self.check.roster.of_mut(kind).number(id);
        let deletion = if row_checks::is_deletion(self.check, self.judge, row) { Seen::DELETE } else { 0 };
        self.check.roster.of_mut(kind).see(entity, Seen::ACCEPTED | deletion);
        if !judged.problems.is_empty() {
            flags |= Entry::FINDING;
            self.check.problems.extend(judged.problems.drain(..));
        }
        self.name_what_was_swallowed(row, id, entity);
        self.judge.pack(judged, &mut self.packer);
        let number = self.verdict.rows.push(entity, row.line, judged.filled, flags, self.packer.bytes());
        // A row that asks for removal has no number of its own: somebody else may come with it under a new id.
        if deletion == 0 {
            self.unique.note(&self.verdict.rows, number, |column| judged.get(column).unwrap_or(""));
        }
        let is_plain = !row_checks::may_swallow(row) && !id.contains(is_break);
        let is_settled = flags == 0 && deletion == 0 && referring.is_firm && is_plain;
        self.remember(arrived, Some(entity).filter(|_| is_settled));
    }

    /// A cell with line breaks may have swallowed other rows, and an id with a separator in it may be somebody's that was
    /// damaged: whoever is named there is not removed.
    fn name_what_was_swallowed(&mut self, row: &Row<'_>, id: &str, own: u32) {
        if !row_checks::may_swallow(row) && !id.contains(is_break) {
            return;
        }
        let kind = self.judge.schema.kind;
        let swallowed = row.cells().filter(|cell| cell.contains(['\n', '\r']));
        let swallowed = swallowed.chain(Some(id).filter(|id| id.contains(is_break)));
        let was_named = self.check.roster.of(kind).seen(own).has(Seen::NAMED);
        self.recogniser.mark(&mut self.check.roster, kind, swallowed);
        if !was_named {
            self.check.roster.of_mut(kind).unsee(own, Seen::NAMED);
        }
    }

    fn refuse(&mut self, row: &Row<'_>, problems: Vec<Problem>) {
        let kind = self.judge.schema.kind;
        self.check.problems.extend(problems);
        self.verdict.refused.push(row.line as u32);
        let id_cell = self.judge.schema.feeding(Field::Id).and_then(|column| self.judge.layout.cell_of[column]);
        if let Some(id) = id_cell.map(|cell| row.cell(cell)).filter(|id| !id.is_empty()) {
            let entities = self.check.roster.of_mut(kind);
            let number = entities.number(id);
            entities.see(number, Seen::REFUSED);
        }
        // A cell that was hidden because a password may have moved into it could have named anybody.
        let is_hidden = row.cells().any(|cell| cell == crate::roster::set::HIDDEN);
        let recognised = self.recogniser.mark(&mut self.check.roster, kind, row.cells());
        let is_known = recognised && !is_hidden && !row_checks::may_be_several(self.judge, row);
        self.check.unrecognised[kind as usize] += u64::from(!is_known);
    }

    /// Remembers a row for tomorrow; without an owner it will be looked at again.
    fn remember(&mut self, arrived: &Arrived<'_>, owner: Option<u32>) {
        let ordinal = arrived.ordinal;
        match &mut self.compared {
            Some(compared) => {
                let print = if owner.is_some() { compared.snapshot.row(ordinal).0 } else { 0 };
                compared.snapshot.set(ordinal, print, owner.map_or(0, u64::from));
                if let Some(owner) = owner {
                    let dirty = &mut compared.dirty;
                    dirty.resize(dirty.len().max(owner as usize + 1), true);
                }
            }
            None if !self.check.remembers => {}
            None => {
                let print = arrived.print().filter(|_| owner.is_some()).unwrap_or(0);
                self.verdict.snapshot.push(print, owner.map_or(0, u64::from));
            }
        }
    }

    /// What the rows say together: values that must be unique, rows of one id.
    pub fn finish(mut self) -> FileVerdict {
        let recogniser = &mut self.recogniser;
        fold::refuse_doubled(self.check, self.judge, &self.unique, recogniser, &mut self.verdict);
        fold::fold(self.check, self.judge, recogniser, &mut self.verdict);
        if let Some(compared) = self.compared.take() {
            self.verdict.snapshot = compared.snapshot;
        }
        self.note_changes();
        let entities = self.check.roster.of(self.judge.schema.kind);
        let rows = &self.verdict.rows;
        let settled = |owner: u64| {
            let shielded = entities.seen(owner as u32).has(Seen::REFUSED);
            !shielded && rows.of(owner as u32).all(|row| rows.entry(row).flags == 0)
        };
        if !rows.are_plain() || entities.seen.iter().any(|seen| seen.has(Seen::REFUSED)) {
            self.verdict.snapshot.keep_only(settled);
        }
        count(&mut self.verdict, entities, self.judge.schema.kind);
        self.verdict
    }

    /// Whether any record differs from the roster's, so that what is derived from it must be looked at.
    fn note_changes(&mut self) {
        let kind = self.judge.schema.kind;
        let rows = &self.verdict.rows;
        let entities = self.check.roster.of(kind);
        let changed = |entity: u32| {
            rows.one(entity).is_some_and(|row| entities.known(entity).record_hash != rows.record(row).hash())
        };
        self.check.changed[kind as usize] = rows.entities().any(changed);
    }
}

/// Notes the first line of an entity.
fn note_line(lines: &mut Vec<u32>, entity: usize, line: u32) {
    if lines.len() <= entity {
        lines.resize(entity + 1, 0);
    }
    if lines[entity] == 0 {
        lines[entity] = line;
    }
}

/// Every row is accepted, refused, blank, or folded into an accepted one.
fn count(verdict: &mut FileVerdict, entities: &crate::roster::entities::Entities, kind: FileKind) {
    debug_assert_eq!(entities.kind, kind);
    let accepted = entities.numbers().filter(|&number| {
        let refused_all = |row: u32| verdict.rows.entry(row).has(Entry::REFUSED);
        entities.seen(number).has(Seen::UNCHANGED) || verdict.rows.of(number).any(|row| !refused_all(row))
    });
    let accepted = accepted.count() as u64;
    verdict.tally.refused = verdict.refused.len() as u64;
    verdict.tally.fold_into(accepted);
}
