//! An independent reader of raw bytes: what stands in a file, however broken it is. It shares no line with the program.

use std::collections::HashSet;

/// Everything between separators, quotes and line ends of whatever kind, without surrounding blanks.
pub fn tokens(bytes: &[u8]) -> HashSet<String> {
    let is_break = |byte: &u8| b",;\t|\"\n\r\0".contains(byte);
    let tokens = bytes.split(is_break).map(|token| String::from_utf8_lossy(token).trim().to_owned());
    tokens.filter(|token| !token.is_empty()).collect()
}

/// Whether a file of `length` bytes would be cut in the middle of a row. Every row of `whole` ends with a line break.
pub fn cuts_a_row(whole: &[u8], length: usize) -> bool {
    length > 0 && length < whole.len() && whole[length - 1] != b'\n'
}

/// The ids that stand in column `column` of well-formed `text`.
pub fn ids(text: &str, column: usize) -> HashSet<String> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let cells = reader.records().map(|row| row.unwrap().get(column).unwrap_or("").trim().to_owned());
    cells.filter(|id| !id.is_empty()).collect()
}
