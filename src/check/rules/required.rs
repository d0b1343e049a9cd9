//! A required cell is blank: the row is refused.

use crate::check::row::RowJudge;
use crate::roster::{Code, Problem};

/// The problem of the blank cell in column `index`.
pub(in crate::check) fn problem(judge: &RowJudge<'_>, index: usize, line: u64) -> Problem {
    let name = judge.layout.spelled(judge.schema, index);
    let problem = Problem::error(
        Code::RequiredCellBlank,
        format!("{name} is blank, and every row needs one. The row is refused."),
    );
    judge.place(problem, index, line).propose(format!("Fill in {name} in the system that the file is exported from."))
}
