//! Too many refused rows: something is wrong with the whole file, and the set is refused (rule C7).

use crate::roster::{Code, Problem};

/// `refused` of `rows` rows is more than `limit` (a share of 1).
pub fn problem(file: &str, refused: u64, rows: u64, limit: f64) -> Problem {
    let percent = (limit * 1000.0).round() / 10.0;
    let message = format!("{refused} of {rows} rows of {file} are refused, more than {percent} %. The set is refused.");
    Problem::error(Code::ErrorRateExceeded, message)
        .in_file(file)
        .propose("Mend the most frequent problem first; often one column explains all of them.")
}
