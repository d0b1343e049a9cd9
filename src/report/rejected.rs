//! `<kind>.rejected.csv`: the refused rows as they were, with what is wrong with each, to be corrected and sent again.
//!
//! Called by `results`. Passwords were blanked long before; cells are defused because a spreadsheet will open this.

use std::io::{self, Read, Seek, SeekFrom, Write};

use super::defuse::defuse;
use crate::roster::{FileKind, Problem};

/// Columns that are added behind the file's own; a reader ignores every column that begins with an underscore.
pub const ADDED_COLUMNS: [&str; 3] = ["_line", "_code", "_problem"];

/// One refused row.
#[derive(Debug, Clone)]
pub struct RejectedRow<'a> {
    /// The line as a spreadsheet shows it.
    pub line: u64,
    /// The cells as given.
    pub cells: Vec<&'a str>,
    /// What refused it.
    pub problems: &'a [&'a Problem],
}

/// Where refused rows lie until they are given back: there may be millions.
pub trait Room: Read + Write + Seek + std::fmt::Debug {}

impl<T: Read + Write + Seek + std::fmt::Debug> Room for T {}

/// The refused rows of one file as CSV.
#[derive(Debug)]
pub struct RejectedFile {
    /// What the file holds.
    pub kind: FileKind,
    csv: Box<dyn Room>,
}

impl RejectedFile {
    /// Refused rows that were written before.
    pub fn of(kind: FileKind, csv: Box<dyn Room>) -> Self {
        Self { kind, csv }
    }

    /// Copies the CSV.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn copy_to(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.csv.seek(SeekFrom::Start(0))?;
        io::copy(&mut self.csv, out).map(|_| ())
    }
}

/// Writes the refused rows of one file. A short row is filled up with blank cells; cells beyond the header stand behind
/// the added columns, so that no cell ever moves under another header.
#[derive(Debug)]
pub struct RejectedWriter {
    kind: FileKind,
    width: usize,
    csv: csv::Writer<Box<dyn Room>>,
}

impl RejectedWriter {
    /// Begins with the header of a file of `kind`, as it was written, in the empty room `into`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn new(kind: FileKind, header: &[String], into: Box<dyn Room>) -> io::Result<Self> {
        let mut csv = csv::WriterBuilder::new().flexible(true).from_writer(into);
        let names = header.iter().map(|name| defuse(name));
        csv.write_record(names.chain(ADDED_COLUMNS.map(Into::into)).map(|cell| cell.into_owned()))?;
        Ok(Self { kind, width: header.len(), csv })
    }

    /// Adds a row.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn row(&mut self, row: &RejectedRow<'_>) -> io::Result<()> {
        Ok(self.csv.write_record(row_cells(row, self.width))?)
    }

    /// All rows are there.
    ///
    /// # Errors
    /// When they cannot be written.
    pub fn finish(self) -> io::Result<RejectedFile> {
        let csv = self.csv.into_inner().map_err(csv::IntoInnerError::into_error)?;
        Ok(RejectedFile { kind: self.kind, csv })
    }
}

fn row_cells(row: &RejectedRow<'_>, width: usize) -> Vec<String> {
    let cell = |cell: &&str| defuse(cell).into_owned();
    let own = row.cells.iter().map(cell).chain(std::iter::repeat_with(String::new)).take(width);
    let codes: Vec<&str> = row.problems.iter().map(|problem| problem.code.word()).collect();
    let messages: Vec<&str> = row.problems.iter().map(|problem| problem.message.as_str()).collect();
    let added = [row.line.to_string(), codes.join("; "), defuse(&messages.join("; ")).into_owned()];
    own.chain(added).chain(row.cells.iter().skip(width).map(cell)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roster::Code;

    fn written(rows: &[(u64, &[&str])]) -> String {
        let header = ["Student_id".to_owned(), "Last_name".to_owned()];
        let problems = [
            Problem::error(Code::RequiredCellBlank, "Last_name is blank."),
            Problem::error(Code::DateFormat, "DOB is no date."),
        ];
        let problems: Vec<&Problem> = problems.iter().collect();
        let mut writer =
            RejectedWriter::new(FileKind::Students, &header, Box::new(io::Cursor::new(Vec::new()))).unwrap();
        for (line, cells) in rows {
            writer.row(&RejectedRow { line: *line, cells: cells.to_vec(), problems: &problems }).unwrap();
        }
        let mut out = Vec::new();
        writer.finish().unwrap().copy_to(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn rows_come_back_with_line_codes_and_sentences() {
        let text = written(&[(7, &["S,1", "=cmd()"])]);
        let expected = "Student_id,Last_name,_line,_code,_problem\n\
                        \"S,1\",'=cmd(),7,required_cell_blank; date_format,Last_name is blank.; DOB is no date.\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn short_and_long_rows_keep_every_cell_under_its_header() {
        let text = written(&[(2, &["S1"]), (3, &["S2", "Ruiz", "extra"])]);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].starts_with("S1,,2,"), "{text}");
        assert!(lines[2].starts_with("S2,Ruiz,3,") && lines[2].ends_with(",extra"), "{text}");
    }
}
