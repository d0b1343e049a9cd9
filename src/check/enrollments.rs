//! Enrollments: rows that are pairs of a student and a section. There are millions, so one walk does everything.

use std::collections::HashSet;

use super::ahead::Arrived;
use super::judged::{Judged, JudgedRows};
use super::recognise::Recogniser;
use super::row::RowJudge;
use super::row_checks::LastNamed;
use super::{Check, FileVerdict, row_checks};
use crate::diff::{Tonight, Walk};
use crate::read::{Row, RowState};
use crate::roster::enrollment::{pair, parts};
use crate::roster::schema::Field;
use crate::roster::{Code, FileKind, Problem};

/// The enrollments of one set. A pair stands in `looked_at` or in `unchanged`, and there once, however many rows say it.
#[derive(Debug, Default)]
pub struct Pairs {
    /// Pairs of rows that were looked at; sorted.
    pub looked_at: Vec<u64>,
    /// Pairs whose row says `delete` in a delta.
    pub deleted: Vec<u64>,
    /// Pairs of rows that are as they were.
    pub unchanged: Vec<u64>,
    /// Pairs of last night's rows that are not in this set as they were; `None` where there was no snapshot.
    pub left_over: Option<Vec<u64>>,
}

/// The walk over the rows of enrollments.
pub(super) struct PairPass<'c, 'a, 'j, 's> {
    check: &'c mut Check<'a>,
    judge: &'j RowJudge<'j>,
    walk: Option<Walk<'s>>,
    judged: JudgedRows,
    recogniser: Recogniser,
    snapshot: Tonight,
    verdict: FileVerdict,
    /// Pairs whose row is as it was, but whose student or section is not in the set any more.
    fallen: Vec<u64>,
    last_named: Vec<LastNamed>,
    /// The references that name a student and a section.
    student: Option<usize>,
    section: Option<usize>,
}

impl<'c, 'a, 'j, 's> PairPass<'c, 'a, 'j, 's> {
    pub fn new(check: &'c mut Check<'a>, judge: &'j RowJudge<'j>, walk: Option<Walk<'s>>, snapshot: Tonight) -> Self {
        let (judged, recogniser, verdict, fallen, last_named) = Default::default();
        let named_by = |field: Field| {
            let references = &judge.schema.references;
            references.iter().position(|reference| judge.schema.feeding(field) == reference.columns.first().copied())
        };
        let (student, section) = (named_by(Field::Student), named_by(Field::Section));
        Self { check, judge, walk, judged, recogniser, snapshot, verdict, fallen, last_named, student, section }
    }

    pub fn row(&mut self, mut arrived: Arrived<'_>) {
        let (row, print) = (&arrived.row, arrived.print().unwrap_or(0));
        if row.state == RowState::Fine && !row_checks::may_swallow(row) && self.is_as_it_was(arrived.prints) {
            return;
        }
        match (row_checks::problems_of_shape(self.check, self.judge, row), arrived.judged.take()) {
            (Some(problems), _) => self.refuse(row, problems),
            (None, Some(judged)) => self.take(row, print, judged),
            (None, None) => self.judge(row, print),
        }
    }

    /// Whether last night's snapshot has the row, and the set still has its student and section.
    fn is_as_it_was(&mut self, prints: &[u128]) -> bool {
        let Some(same) = self.walk.as_mut().and_then(|walk| walk.find(prints)) else { return false };
        let (student, section) = parts(same.owner);
        let stands = |kind: FileKind, number: u32| self.check.roster.of(kind).seen(number).in_set();
        let holds = stands(FileKind::Students, student) && stands(FileKind::Sections, section);
        if holds {
            if self.check.remembers {
                self.snapshot.push_same(prints[0], same);
            }
            self.verdict.tally.unchanged += 1;
            self.verdict.pairs.unchanged.push(same.owner);
        } else {
            self.fallen.push(same.owner);
        }
        holds
    }

    fn judge(&mut self, row: &Row<'_>, print: u128) {
        let mut rows = std::mem::take(&mut self.judged);
        self.judge.judge_all(std::iter::once(*row), &mut rows);
        rows.with(std::iter::once(*row)).for_each(|judged| self.take(row, print, judged));
        self.judged = rows;
    }

    fn take(&mut self, row: &Row<'_>, print: u128, mut judged: Judged<'_>) {
        let referring =
            row_checks::judge_references(self.check, self.judge, row.line, &mut judged, &mut self.last_named);
        if judged.is_refused() {
            return self.refuse(row, judged.problems);
        }
        let student = self.number(FileKind::Students, self.student, self.judge.value(&judged, Field::Student));
        let section = self.number(FileKind::Sections, self.section, self.judge.value(&judged, Field::Section));
        let pair = pair(student, section);
        if row_checks::is_deletion(self.check, self.judge, row) {
            self.verdict.pairs.deleted.push(pair);
            return;
        }
        self.verdict.pairs.looked_at.push(pair);
        if row_checks::may_swallow(row) {
            let swallowed = row.cells().filter(|cell| cell.contains(['\n', '\r']));
            self.recogniser.mark(&mut self.check.roster, FileKind::Enrollments, swallowed);
        } else if judged.problems.is_empty() && referring.is_firm {
            self.remember(print, pair);
        }
        self.check.problems.extend(judged.problems);
    }

    /// The number of a student or section; it was looked up already where the schema has a reference for it.
    fn number(&mut self, kind: FileKind, reference: Option<usize>, id: &str) -> u32 {
        let looked_up = reference.and_then(|reference| self.last_named.get(reference)?.number(id));
        looked_up.unwrap_or_else(|| self.check.roster.of_mut(kind).number(id))
    }

    fn remember(&mut self, print: u128, pair: u64) {
        if self.check.remembers {
            self.snapshot.push(print, pair);
        }
    }

    fn refuse(&mut self, row: &Row<'_>, problems: Vec<Problem>) {
        let is_damaged = problems.iter().any(|problem| problem.is_error() && problem.code != Code::ReferenceUnknown);
        self.check.problems.extend(problems);
        self.verdict.refused.push(row.line as u32);
        let recognised = self.recogniser.mark(&mut self.check.roster, FileKind::Enrollments, row.cells());
        let is_known = recognised && !row_checks::may_be_several(self.judge, row);
        // A row that is whole and names nobody whom we know hides nobody else: last year's enrollments are no damage.
        self.check.unrecognised[FileKind::Enrollments as usize] += u64::from(is_damaged && !is_known);
    }

    pub fn finish(mut self, counts: (u64, u64)) -> FileVerdict {
        let pairs = &mut self.verdict.pairs;
        let repeated = pairs.settle();
        if !repeated.is_empty() {
            forget_repeated(&mut self.snapshot, &repeated);
        }
        if let Some(walk) = &self.walk {
            pairs.left_over = Some(walk.lost().chain(self.fallen).collect());
        }
        self.verdict.snapshot = self.snapshot;
        let tally = &mut self.verdict.tally;
        (tally.rows, tally.blank) = counts;
        tally.refused = self.verdict.refused.len() as u64;
        tally.fold_into((self.verdict.pairs.looked_at.len() + self.verdict.pairs.deleted.len()) as u64);
        self.verdict
    }
}

impl Pairs {
    /// Lets every pair stand once; gives those that several rows say.
    fn settle(&mut self) -> HashSet<u64> {
        self.looked_at.sort_unstable();
        self.deleted.sort_unstable();
        self.deleted.dedup();
        let doubles = self.looked_at.windows(2).filter(|two| two[0] == two[1]).map(|two| two[0]);
        let mut repeated: HashSet<u64> = doubles.collect();
        self.looked_at.dedup();
        self.looked_at.shrink_to_fit();
        if !self.looked_at.is_empty() && !self.unchanged.is_empty() {
            let fresh: HashSet<u64> = self.looked_at.iter().copied().collect();
            let both: HashSet<u64> = self.unchanged.iter().copied().filter(|pair| fresh.contains(pair)).collect();
            self.looked_at.retain(|pair| !both.contains(pair));
            repeated.extend(both);
        }
        repeated
    }
}

/// Of rows that say the same pair one is remembered, so that a snapshot holds each pair once; the others are looked at again.
fn forget_repeated(snapshot: &mut Tonight, repeated: &HashSet<u64>) {
    let mut remembered = HashSet::new();
    snapshot.keep_only(|pair| !repeated.contains(&pair) || remembered.insert(pair));
}
