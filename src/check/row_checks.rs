//! What every row of every kind is asked: can it be taken apart, and does everything that it names exist?

use super::judged::Judged;
use super::row::RowJudge;
use super::{Check, repair, rules};
use crate::read::{MAX_CELL, Row, RowState};
use crate::roster::problem_list::KEPT_PER_CODE;
use crate::roster::set::Mode;
use crate::roster::{Code, Problem};

/// What makes a row unreadable as a whole. A row that shows that the file was cut off refuses the set.
pub(super) fn problems_of_shape(check: &mut Check<'_>, judge: &RowJudge<'_>, row: &Row<'_>) -> Option<Vec<Problem>> {
    use std::cmp::Ordering::{Equal, Greater, Less};
    let header = judge.layout.header.len();
    let problem = match row.state {
        RowState::OpenQuote => {
            check.refuse_set_for(judge.schema.kind);
            let [quote, cut] = rules::truncated::open_quote(judge.file, row.line);
            return Some(vec![in_column(judge, row.len().checked_sub(1), quote), cut]);
        }
        RowState::TooLarge => in_column(judge, find(row, |cell| cell.len() > MAX_CELL), rules::row_shape::too_large()),
        _ if row.text().contains('\0') => {
            in_column(judge, find(row, |cell| cell.contains('\0')), rules::row_shape::nul())
        }
        _ => match judge.layout.fits(row.len()) {
            Equal => return None,
            Greater => too_long(check, judge, row),
            Less if row.last => {
                check.refuse_set_for(judge.schema.kind);
                return Some(vec![rules::truncated::short_last_line(judge.file, row.line)]);
            }
            Less => rules::row_shape::too_short(row.len(), header),
        },
    };
    Some(vec![problem.in_file(judge.file).at(row.line)])
}

/// More cells than the header. Beyond those that are kept nobody reads a proposal.
fn too_long(check: &Check<'_>, judge: &RowJudge<'_>, row: &Row<'_>) -> Problem {
    let problem = rules::row_shape::too_long(row.len(), judge.layout.header.len());
    let is_kept = check.problems.counts().get(&Code::RowTooLong).is_none_or(|count| *count < KEPT_PER_CODE);
    if is_kept { repair::propose(judge, row, problem) } else { problem }
}

/// Whether a row holds a line break, so that other rows may be inside it, or a NUL. It is looked at every night: its cells
/// may stand in columns that its fingerprint does not cover, and whoever is named in them must be known.
pub(super) fn may_swallow(row: &Row<'_>) -> bool {
    memchr::memchr3(b'\n', b'\r', b'\0', row.text().as_bytes()).is_some()
}

/// Whether a row has the cells of two, because the line break between them was lost: somebody may be in it whose id was
/// joined to the last cell of the row before.
pub(super) fn may_be_several(judge: &RowJudge<'_>, row: &Row<'_>) -> bool {
    let header = judge.layout.header.len();
    let filled = (0..row.len()).rev().find(|&cell| !row.cell(cell).is_empty()).map_or(0, |last| last + 1);
    filled > header && filled + 1 >= 2 * header
}

/// Whether a row of a delta asks for removal.
pub(super) fn is_deletion(check: &Check<'_>, judge: &RowJudge<'_>, row: &Row<'_>) -> bool {
    let says_delete = |cell: usize| row.cell(cell).eq_ignore_ascii_case("delete");
    check.mode == Mode::Delta && judge.layout.action.is_some_and(says_delete)
}

/// The first cell for which `is_it` holds.
fn find(row: &Row<'_>, is_it: impl Fn(&str) -> bool) -> Option<usize> {
    (0..row.len()).find(|&cell| is_it(row.raw(cell)))
}

/// Names the column of a cell, as the header spells it.
fn in_column(judge: &RowJudge<'_>, cell: Option<usize>, problem: Problem) -> Problem {
    match cell.and_then(|cell| judge.layout.header.get(cell)) {
        Some(name) => problem.column(name.as_str()),
        None => problem,
    }
}

/// What the references of a row say of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Referring {
    /// Its person must wait for a school.
    pub waits: bool,
    /// Everything that it names is in the roster or will be. Where a refused row alone holds it up, tomorrow may be different
    /// although nothing left the roster.
    pub is_firm: bool,
}

/// What a reference named in the last row that it was looked up for: most rows name what the row before them named.
#[derive(Debug, Clone, Default)]
pub(super) struct LastNamed {
    value: String,
    number: Option<u32>,
    is_firm: bool,
}

impl LastNamed {
    /// The number of the entity that `value` names, if that is what was looked up.
    pub fn number(&self, value: &str) -> Option<u32> {
        self.number.filter(|_| self.value == value)
    }

    fn note(&mut self, value: &str, number: Option<u32>, is_firm: bool) {
        self.value.clear();
        self.value.push_str(value);
        (self.number, self.is_firm) = (number, is_firm);
    }
}

/// Judges every reference and drops optional ones that lead nowhere. `last` remembers what each named, from row to row.
pub(super) fn judge_references(
    check: &Check<'_>,
    judge: &RowJudge<'_>,
    line: u64,
    judged: &mut Judged<'_>,
    last: &mut Vec<LastNamed>,
) -> Referring {
    let mut referring = Referring { waits: false, is_firm: true };
    last.resize(judge.schema.references.len(), LastNamed::default());
    for (reference, last) in judge.schema.references.iter().zip(last) {
        let column = reference.columns[0];
        let Some(value) = judged.get(column).filter(|value| !value.is_empty()) else { continue };
        if last.is_firm && value == last.value {
            continue;
        }
        let known = reference.always_known.iter().any(|known| known == value);
        let named = check.resolve(reference.kind, value);
        if known || named.exists != Some(false) {
            let is_firm = known || named.is_firm;
            last.note(value, named.number, is_firm);
            referring.is_firm &= is_firm;
            continue;
        }
        if reference.holds_person {
            referring.waits = true;
            judged.problems.push(rules::school_missing::problem(judge, reference, value, line));
        } else {
            judged.problems.push(rules::reference::problem(judge, reference, value, line));
            judged.drop(column);
        }
    }
    referring
}
