//! One row against its schema: every cell, in one pass, into values and findings.

use std::borrow::Cow;

use super::rules;
use crate::read::{Layout, Row};
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

/// What a row says, and what is wrong with it.
#[derive(Debug, Default)]
pub struct Judged<'r> {
    /// By column: `None` where absent or dropped, blank where blank.
    pub values: Vec<Option<Cow<'r, str>>>,
    pub problems: Vec<Problem>,
    pub filled: u16,
}

impl Judged<'_> {
    pub fn is_refused(&self) -> bool {
        self.problems.iter().any(Problem::is_error)
    }
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

    /// Judges every cell.
    pub fn judge<'r>(&self, row: &Row<'r>) -> Judged<'r> {
        let mut judged = Judged { values: vec![None; self.schema.columns.len()], ..Judged::default() };
        for (index, cell) in self.layout.cell_of.iter().enumerate() {
            if let Some(cell) = cell {
                self.judge_cell(index, self.text(row, *cell), row.line, &mut judged);
            }
        }
        rules::required_with::check(self, row.line, &mut judged);
        judged
    }

    /// A cell as it was before we defused it for a spreadsheet, where the file is one that we gave back.
    fn text<'r>(&self, row: &Row<'r>, cell: usize) -> &'r str {
        let text = row.cell(cell);
        let defused = |rest: &&str| self.layout.returned && rest.starts_with(['=', '+', '-', '@', '\t', '\r']);
        text.strip_prefix('\'').filter(defused).unwrap_or(text)
    }

    /// Judges one cell in column `index`.
    pub(super) fn judge_cell<'r>(&self, index: usize, text: &'r str, line: u64, judged: &mut Judged<'r>) {
        let column = &self.schema.columns[index];
        if text.is_empty() || self.schema.missing_values.iter().any(|missing| missing == text) {
            if column.required {
                judged.problems.push(rules::required::problem(self, index, line));
            }
            judged.values[index] = Some(Cow::Borrowed(""));
            return;
        }
        judged.filled += 1;
        match super::cell::cell(column, text, self.dates) {
            Ok(value) => judged.values[index] = Some(value),
            Err(finding) => judged.problems.push(rules::cell_value::problem(self, index, line, finding)),
        }
    }

    /// Packs the values that feed the roster. A column that is absent or was dropped is not packed.
    pub fn pack(&self, values: &[Option<Cow<'_, str>>], packer: &mut Packer) {
        packer.clear();
        for &(field, index) in &self.packing {
            if let Some(value) = &values[index]
                && !(field == Field::Teacher && value.is_empty())
            {
                packer.push(field, value);
            }
        }
    }

    /// The value of the first column that feeds `field`, blank where there is none.
    pub fn value<'v>(&self, values: &'v [Option<Cow<'_, str>>], field: Field) -> &'v str {
        let column = if field == Field::Id { self.id } else { self.schema.feeding(field) };
        column.and_then(|index| values[index].as_deref()).unwrap_or("")
    }

    /// A place for a problem of this row and column.
    pub fn place(&self, problem: Problem, index: usize, line: u64) -> Problem {
        problem.in_file(self.file).at(line).column(self.layout.spelled(self.schema, index))
    }
}
