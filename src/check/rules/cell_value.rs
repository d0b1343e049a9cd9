//! A cell's value is wrong. In a required column the row is refused; in an optional one the value is dropped and the row kept.

use crate::check::cell::Finding;
use crate::check::row::RowJudge;
use crate::roster::{Problem, Severity};

/// The problem of a value that its column does not take.
pub(in crate::check) fn problem(judge: &RowJudge<'_>, index: usize, line: u64, finding: Finding) -> Problem {
    let column = &judge.schema.columns[index];
    let (severity, outcome) = if column.required {
        (Severity::Error, "The row is refused.")
    } else {
        (Severity::Warning, "The value is left out.")
    };
    let mut problem = Problem::error(finding.code, format!("{} {outcome}", finding.message));
    problem.severity = severity;
    problem.proposal = finding.proposal;
    judge.place(problem, index, line)
}
