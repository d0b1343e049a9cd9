//! Two rows of one id differ in name and birth date: two people share an id, and neither is taken (rule C4).

use crate::roster::{Code, Problem};

/// The row contradicts the one in line `other`.
pub fn problem(other: u64) -> Problem {
    let message =
        format!("This row and line {other} have the same id but another name and birth date. Both rows are refused.");
    Problem::error(Code::PersonContradictory, message).propose("Give each of the two people an id of their own.")
}
