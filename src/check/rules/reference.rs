//! A reference names something that does not exist. A required one refuses the row, an optional one is dropped (rule C5).

use crate::check::row::RowJudge;
use crate::roster::schema::Reference;
use crate::roster::{Code, Problem};

/// The problem of `value`, which `reference` does not find.
pub(in crate::check) fn problem(judge: &RowJudge<'_>, reference: &Reference, value: &str, line: u64) -> Problem {
    let index = reference.columns[0];
    let name = judge.layout.spelled(judge.schema, index);
    let fact = format!("{name} {value:?} is not in {}.csv.", reference.kind);
    let problem = if judge.schema.columns[index].required {
        Problem::error(Code::ReferenceUnknown, format!("{fact} The row is refused."))
            .propose(format!("Add it to {}.csv, or leave the row out.", reference.kind))
    } else {
        Problem::warning(Code::OptionalReferenceUnknown, format!("{fact} The value is left out."))
    };
    judge.place(problem, index, line).about(value)
}
