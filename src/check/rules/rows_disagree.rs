//! Rows of one id disagree: the fullest wins, then the smallest in byte order, and both lines are told (rule C4).

use crate::roster::{Code, Problem};

/// The rows in lines `winner` and `loser` differ in `columns`; one problem for each line.
pub fn problems(winner: u64, loser: u64, columns: &[&str]) -> [Problem; 2] {
    let named = columns.join(", ");
    let told = |line, other, outcome: &str| {
        let message = format!("This row and line {other} have the same id and differ in {named}. {outcome}");
        let problem = Problem::warning(Code::RowsDisagree, message).at(line);
        problem.column(columns.first().copied().unwrap_or_default()).propose("Correct the row that is wrong.")
    };
    [
        told(winner, loser, "This row is used, as the fuller one."),
        told(loser, winner, "The other row is used, as the fuller one."),
    ]
}
