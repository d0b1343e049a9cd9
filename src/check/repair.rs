//! A row with one cell too many: where an unquoted comma split a cell in two, if there is exactly one such place (rule B4).
//!
//! Called by `row_checks`. Only proposes; no row is ever read that way.

use super::cell::quoted;
use super::judged::JudgedRows;
use super::row::RowJudge;
use crate::read::Row;
use crate::roster::Problem;
use crate::roster::schema::Normaliser;

/// Adds to `problem` where the row would be right, if that can be told without doubt.
pub(super) fn propose(judge: &RowJudge<'_>, row: &Row<'_>, problem: Problem) -> Problem {
    let header = &judge.layout.header;
    let mut places = (0..header.len()).filter(|&place| row.len() == header.len() + 1 && is_right(judge, row, place));
    let (Some(place), None) = (places.next(), places.next()) else { return problem };
    let (name, joined) = (&header[place], quoted(&joined(row, place)));
    let proposal = format!(
        "Perhaps a comma split one cell in two: cells {} and {} together, {joined}, are right as {name}, and nowhere else. \
         If that is meant, put quotes around it.",
        place + 1,
        place + 2
    );
    problem.propose(proposal)
}

/// Whether every cell is valid in its column once the cells `place` and `place + 1` are one.
fn is_right(judge: &RowJudge<'_>, row: &Row<'_>, place: usize) -> bool {
    let joined = joined(row, place);
    let cell = |at: usize| match at.cmp(&place) {
        std::cmp::Ordering::Less => row.cell(at),
        std::cmp::Ordering::Equal => joined.trim(),
        std::cmp::Ordering::Greater => row.cell(at + 1),
    };
    let mut judged = JudgedRows::default();
    judged.clear(judge.schema.columns.len());
    judged.begin();
    let mut columns = judge.layout.cell_of.iter().enumerate().filter_map(|(index, at)| at.map(|at| (index, at)));
    columns.all(|(index, at)| {
        // A pattern may let a comma pass in an address, in which no comma ever stands.
        if at == place && judge.schema.columns[index].normaliser == Some(Normaliser::Email) {
            return false;
        }
        judge.judge_cell(index, (at, cell(at)), row.line, &mut judged);
        judged.is_fine()
    })
}

fn joined(row: &Row<'_>, place: usize) -> String {
    format!("{},{}", row.raw(place), row.raw(place + 1))
}
