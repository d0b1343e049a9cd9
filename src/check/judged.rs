//! What the cells of rows say, without borrowing from them: rows are judged on the thread that reads them, and used on the
//! one that knows the roster. Knows no rule.

use crate::read::Row;
use crate::roster::Problem;

/// What became of one cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Value {
    /// Its column is not in the file, or the value was dropped.
    Absent,
    Blank,
    /// The cell as it stands.
    Cell(u32),
    /// A value that a normaliser made.
    Made {
        start: u32,
        length: u32,
    },
}

/// Judged rows, in order.
#[derive(Debug, Default)]
pub struct JudgedRows {
    columns: usize,
    values: Vec<Value>,
    made: String,
    rows: Vec<About>,
}

/// What is known of a row beside its values.
#[derive(Debug, Default)]
struct About {
    problems: Vec<Problem>,
    filled: u16,
}

/// What a row says, and what is wrong with it.
#[derive(Debug)]
pub struct Judged<'b> {
    row: Row<'b>,
    values: &'b mut [Value],
    made: &'b str,
    /// What is wrong with its cells.
    pub problems: Vec<Problem>,
    /// How many of its cells are filled.
    pub filled: u16,
}

impl JudgedRows {
    /// Starts over, for rows of a schema with `columns` columns.
    pub fn clear(&mut self, columns: usize) {
        self.columns = columns;
        self.values.clear();
        self.made.clear();
        self.rows.clear();
    }

    /// Begins a row of which nothing is known yet.
    pub fn begin(&mut self) {
        self.values.resize(self.values.len() + self.columns, Value::Absent);
        self.rows.push(About::default());
    }

    /// Column `index` of the last row is blank.
    pub fn blank(&mut self, index: usize) {
        *self.last(index) = Value::Blank;
    }

    /// Column `index` of the last row holds `value`, which was made of what stands in `cell` with the text `text`, or is it.
    pub fn fill(&mut self, index: usize, (cell, text): (usize, &str), value: &str) {
        *self.last(index) = if value.is_empty() {
            Value::Blank
        } else if std::ptr::eq(text, value) {
            Value::Cell(cell as u32)
        } else {
            self.made.push_str(value);
            Value::Made { start: (self.made.len() - value.len()) as u32, length: value.len() as u32 }
        };
    }

    /// Counts a filled cell of the last row.
    pub fn count(&mut self) {
        if let Some(row) = self.rows.last_mut() {
            row.filled += 1;
        }
    }

    /// Something is wrong with the last row.
    pub fn tell(&mut self, problem: Problem) {
        if let Some(row) = self.rows.last_mut() {
            row.problems.push(problem);
        }
    }

    /// Whether column `index` of the last row is blank (`Some(true)`), filled, or absent.
    pub fn is_blank(&self, index: usize) -> Option<bool> {
        match self.values[self.values.len() - self.columns + index] {
            Value::Absent => None,
            value => Some(value == Value::Blank),
        }
    }

    /// Whether nothing is wrong with the last row so far.
    pub fn is_fine(&self) -> bool {
        self.rows.last().is_some_and(|row| row.problems.is_empty())
    }

    /// Every row with what was found of it; `rows` are those that were judged, in the same order.
    pub fn with<'b>(&'b mut self, rows: impl Iterator<Item = Row<'b>>) -> impl Iterator<Item = Judged<'b>> {
        let made = self.made.as_str();
        let values = self.values.chunks_mut(self.columns.max(1));
        let found = self.rows.iter_mut().zip(values);
        rows.zip(found).map(move |(row, (about, values))| {
            let problems = std::mem::take(&mut about.problems);
            Judged { row, values, made, problems, filled: about.filled }
        })
    }

    fn last(&mut self, index: usize) -> &mut Value {
        let start = self.values.len() - self.columns;
        &mut self.values[start + index]
    }
}

impl<'b> Judged<'b> {
    /// The value of column `index`: `None` where absent or dropped, blank where blank.
    pub fn get(&self, index: usize) -> Option<&'b str> {
        Some(match self.values[index] {
            Value::Absent => return None,
            Value::Blank => "",
            Value::Cell(cell) => self.row.cell(cell as usize),
            Value::Made { start, length } => &self.made[start as usize..(start + length) as usize],
        })
    }

    /// Drops the value of column `index`.
    pub fn drop(&mut self, index: usize) {
        self.values[index] = Value::Absent;
    }

    /// Whether something refuses the row.
    pub fn is_refused(&self) -> bool {
        self.problems.iter().any(Problem::is_error)
    }
}
