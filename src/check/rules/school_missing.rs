//! A person's school is not in schools.csv: the person is held, and nobody else (rule C6). It is no error of the row.

use crate::check::row::RowJudge;
use crate::roster::schema::Reference;
use crate::roster::{Code, Problem};

/// The problem of `school`.
pub(in crate::check) fn problem(judge: &RowJudge<'_>, reference: &Reference, school: &str, line: u64) -> Problem {
    let name = judge.layout.spelled(judge.schema, reference.columns[0]);
    let message = format!("{name} {school:?} is not in {}.csv. Its people wait and stay as they are.", reference.kind);
    let problem = Problem::warning(Code::SchoolMissing, message).about(school);
    judge
        .place(problem, reference.columns[0], line)
        .propose(format!("Add it to {}.csv, or correct the {name}.", reference.kind))
}
