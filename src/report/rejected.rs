//! `<kind>.rejected.csv`: the refused rows as they were, with what is wrong with each, to be corrected and sent again.
//!
//! Called by `results`. Passwords were blanked long before; cells are defused because a spreadsheet will open this.

use std::io::Write;

use super::defuse::defuse;
use crate::roster::{Code, FileKind};

/// Columns that are added behind the file's own; a reader ignores every column that begins with an underscore.
pub const ADDED_COLUMNS: [&str; 3] = ["_line", "_code", "_problem"];

/// One refused row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedRow {
    /// What the file holds.
    pub kind: FileKind,
    /// The line as a spreadsheet shows it.
    pub line: u64,
    /// The cells as given.
    pub cells: Vec<String>,
    /// What refused it, one word a problem.
    pub codes: Vec<Code>,
    /// The same in sentences.
    pub messages: Vec<String>,
}

/// The refused rows of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RejectedFile {
    /// What the file holds.
    pub kind: FileKind,
    /// Its header as it was written.
    pub header: Vec<String>,
    /// The rows, in the order of their lines.
    pub rows: Vec<RejectedRow>,
}

/// Writes the refused rows as CSV. A short row is filled up with blank cells; cells beyond the header stand behind the
/// added columns, so that no cell ever moves under another header.
pub fn write_rejected(file: &RejectedFile, out: impl Write) -> Result<(), csv::Error> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(out);
    let header = file.header.iter().map(|name| defuse(name));
    writer.write_record(header.chain(ADDED_COLUMNS.map(Into::into)).map(|cell| cell.into_owned()))?;
    for row in &file.rows {
        writer.write_record(row_cells(row, file.header.len()))?;
    }
    writer.flush()?;
    Ok(())
}

fn row_cells(row: &RejectedRow, width: usize) -> Vec<String> {
    let cell = |cell: &String| defuse(cell).into_owned();
    let own = row.cells.iter().map(cell).chain(std::iter::repeat_with(String::new)).take(width);
    let codes: Vec<&str> = row.codes.iter().map(|code| code.word()).collect();
    let added = [row.line.to_string(), codes.join("; "), defuse(&row.messages.join("; ")).into_owned()];
    own.chain(added).chain(row.cells.iter().skip(width).map(cell)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: u64, cells: &[&str]) -> RejectedRow {
        RejectedRow {
            kind: FileKind::Students,
            line,
            cells: cells.iter().map(ToString::to_string).collect(),
            codes: vec![Code::RequiredCellBlank, Code::DateFormat],
            messages: vec!["Last_name is blank.".into(), "DOB is no date.".into()],
        }
    }

    fn written(rows: Vec<RejectedRow>) -> String {
        let header = vec!["Student_id".into(), "Last_name".into()];
        let mut out = Vec::new();
        write_rejected(&RejectedFile { kind: FileKind::Students, header, rows }, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn rows_come_back_with_line_codes_and_sentences() {
        let text = written(vec![row(7, &["S,1", "=cmd()"])]);
        let expected = "Student_id,Last_name,_line,_code,_problem\n\
                        \"S,1\",'=cmd(),7,required_cell_blank; date_format,Last_name is blank.; DOB is no date.\n";
        assert_eq!(text, expected);
    }

    #[test]
    fn short_and_long_rows_keep_every_cell_under_its_header() {
        let text = written(vec![row(2, &["S1"]), row(3, &["S2", "Ruiz", "extra"])]);
        let lines: Vec<&str> = text.lines().collect();
        assert!(lines[1].starts_with("S1,,2,"), "{text}");
        assert!(lines[2].starts_with("S2,Ruiz,3,") && lines[2].ends_with(",extra"), "{text}");
    }
}
