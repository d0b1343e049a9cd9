//! One row against its schema: every cell, in one pass, into values and findings.

use super::judged::{Judged, JudgedRows};
use super::rules;
use crate::read::{Layout, Row, RowState};
use crate::roster::Problem;
use crate::roster::record::Packer;
use crate::roster::schema::{Field, Schema};
use crate::roster::settings::DateOrder;

/// How the rows of one file are judged.
#[derive(Debug)]
pub struct RowJudge<'a> {
    pub schema: &'a Schema,
    pub layout: &'a Layout,
    pub file: &'a str,
    pub dates: DateOrder,
    /// Columns that feed a field, in the order in which records are packed.
    packing: Vec<(Field, usize)>,
    id: Option<usize>,
}

impl<'a> RowJudge<'a> {
    pub fn new(schema: &'a Schema, layout: &'a Layout, file: &'a str, dates: DateOrder) -> Self {
        let feeds = |(index, column): (usize, &crate::roster::schema::Column)| column.field.map(|field| (field, index));
        // The id is known by the entity's number; a million records need not repeat it.
        let is_kept = |(field, _): &(Field, usize)| *field != Field::Id;
        let mut packing: Vec<_> = schema.columns.iter().enumerate().filter_map(feeds).filter(is_kept).collect();
        packing.sort();
        Self { schema, layout, file, dates, packing, id: schema.feeding(Field::Id) }
    }

    /// Judges rows anew; `judged` is used again.
    pub fn judge_all<'r>(&self, rows: impl Iterator<Item = Row<'r>>, judged: &mut JudgedRows) {
        judged.clear(self.schema.columns.len());
        rows.for_each(|row| self.judge(&row, judged));
    }

    /// Judges every cell. A row that cannot be taken apart is told elsewhere.
    fn judge(&self, row: &Row<'_>, judged: &mut JudgedRows) {
        judged.begin();
        if row.state != RowState::Fine || self.layout.fits(row.len()).is_ne() {
            return;
        }
        for (index, cell) in self.layout.cell_of.iter().enumerate() {
            if let Some(cell) = cell {
                self.judge_cell(index, (*cell, row.cell(*cell)), row.line, judged);
            }
        }
        rules::required_with::check(self, row.line, judged);
    }

    /// A cell as it was before we defused it for a spreadsheet, where the file is one that we gave back.
    fn text<'r>(&self, text: &'r str) -> &'r str {
        let defused = |rest: &&str| self.layout.returned && rest.starts_with(['=', '+', '-', '@', '\t', '\r']);
        text.strip_prefix('\'').filter(defused).unwrap_or(text)
    }

    /// Judges one cell (its number and its text) in column `index`.
    pub(super) fn judge_cell(&self, index: usize, cell: (usize, &str), line: u64, judged: &mut JudgedRows) {
        let (column, text) = (&self.schema.columns[index], self.text(cell.1));
        if text.is_empty() || self.schema.missing_values.iter().any(|missing| missing == text) {
            if column.required {
                judged.tell(rules::required::problem(self, index, line));
            }
            return judged.blank(index);
        }
        judged.count();
        match super::cell::cell(column, text, self.dates) {
            Ok(value) => judged.fill(index, cell, &value),
            Err(finding) => judged.tell(rules::cell_value::problem(self, index, line, finding)),
        }
    }

    /// Packs the values that feed the roster. A column that is absent or was dropped is not packed.
    pub fn pack(&self, judged: &Judged<'_>, packer: &mut Packer) {
        packer.clear();
        for &(field, index) in &self.packing {
            if let Some(value) = judged.get(index)
                && !(field == Field::Teacher && value.is_empty())
            {
                packer.push(field, value);
            }
        }
    }

    /// The value of the first column that feeds `field`, blank where there is none.
    pub fn value<'r>(&self, judged: &Judged<'r>, field: Field) -> &'r str {
        let column = if field == Field::Id { self.id } else { self.schema.feeding(field) };
        column.and_then(|index| judged.get(index)).unwrap_or("")
    }

    /// A place for a problem of this row and column.
    pub fn place(&self, problem: Problem, index: usize, line: u64) -> Problem {
        problem.in_file(self.file).at(line).column(self.layout.spelled(self.schema, index))
    }
}
