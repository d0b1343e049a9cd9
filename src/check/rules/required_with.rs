//! A cell that is needed because another is filled (a contact's type with its name) is blank: told, and the row is kept.

use crate::check::row::{Judged, RowJudge};
use crate::roster::{Code, Problem};

/// Checks every column that another one makes required.
pub(in crate::check) fn check(judge: &RowJudge<'_>, line: u64, judged: &mut Judged<'_>) {
    let is_blank = |index: usize| judged.values[index].as_deref() == Some("");
    let is_filled = |index: &&usize| judged.values[**index].as_deref().is_some_and(|value| !value.is_empty());
    let columns = judge.schema.columns.iter().enumerate();
    let missing = columns.filter(|(index, column)| !column.required_with.is_empty() && is_blank(*index));
    let found: Vec<_> = missing
        .filter_map(|(index, column)| column.required_with.iter().find(is_filled).map(|other| (index, *other)))
        .map(|(index, other)| problem(judge, index, other, line))
        .collect();
    judged.problems.extend(found);
}

fn problem(judge: &RowJudge<'_>, index: usize, other: usize, line: u64) -> Problem {
    let name = judge.layout.spelled(judge.schema, index);
    let other = judge.layout.spelled(judge.schema, other);
    let problem = Problem::warning(Code::RequiredCellBlank, format!("{name} is blank although {other} is filled."));
    judge.place(problem, index, line).propose(format!("Fill in {name} wherever there is a {other}."))
}
