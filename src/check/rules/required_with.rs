//! A cell that is needed because another is filled (a contact's type with its name) is blank: told, and the row is kept.

use crate::check::judged::JudgedRows;
use crate::check::row::RowJudge;
use crate::roster::{Code, Problem};

/// Checks every column of the last row that another one makes required.
pub(in crate::check) fn check(judge: &RowJudge<'_>, line: u64, judged: &mut JudgedRows) {
    let is_blank = |index: usize| judged.is_blank(index) == Some(true);
    let is_filled = |index: &&usize| judged.is_blank(**index) == Some(false);
    let columns = judge.schema.columns.iter().enumerate();
    let missing = columns.filter(|(index, column)| !column.required_with.is_empty() && is_blank(*index));
    let found: Vec<_> = missing
        .filter_map(|(index, column)| column.required_with.iter().find(is_filled).map(|other| (index, *other)))
        .map(|(index, other)| problem(judge, index, other, line))
        .collect();
    found.into_iter().for_each(|problem| judged.tell(problem));
}

fn problem(judge: &RowJudge<'_>, index: usize, other: usize, line: u64) -> Problem {
    let name = judge.layout.spelled(judge.schema, index);
    let other = judge.layout.spelled(judge.schema, other);
    let problem = Problem::warning(Code::RequiredCellBlank, format!("{name} is blank although {other} is filled."));
    judge.place(problem, index, line).propose(format!("Fill in {name} wherever there is a {other}."))
}
