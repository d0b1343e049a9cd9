//! A value that must be unique stands in rows of different ids (rules C5, C2).

use crate::roster::{Code, Problem};

/// The value of `column` stands in this row and in line `other`.
pub fn problem(column: &str, required: bool, other: Option<u64>) -> Problem {
    let elsewhere = other.map_or_else(|| "another row".into(), |line| format!("line {line}"));
    let fact = format!("{column} must be unique, but the same value stands in {elsewhere}.");
    let problem = if required {
        Problem::error(Code::IdDuplicate, format!("{fact} The row is refused."))
    } else {
        Problem::warning(Code::IdDuplicate, format!("{fact} The value is left out of both."))
    };
    problem.propose(format!("Find out whose {column} it is, and correct the other row."))
}
