//! A file that was cut off in transfer: the set is refused, so that nobody is removed because a connection broke.

use crate::roster::{Code, Problem};

/// A quote is open at the end of the file.
pub fn open_quote(file: &str, line: u64) -> [Problem; 2] {
    let quote = Problem::error(Code::QuoteOpen, format!("A quote that is opened in line {line} is never closed."))
        .propose("Close the quote, or double it where it is part of the text.");
    [quote.in_file(file).at(line), cut(file, line, "ends inside quotes")]
}

/// The last line has fewer cells than the header.
pub fn short_last_line(file: &str, line: u64) -> Problem {
    cut(file, line, "ends in the middle of a row")
}

/// The last line has no line break although the last delivery had one.
pub fn no_line_break(file: &str, line: u64) -> Problem {
    cut(file, line, "ends without a line break, which the last delivery of this file had")
}

fn cut(file: &str, line: u64, how: &str) -> Problem {
    let message = format!("{file} {how} (line {line}). It looks cut off, and the set is refused.");
    Problem::error(Code::FileTruncated, message)
        .in_file(file)
        .at(line)
        .propose("Deliver the file again; if a program uploads it, let it write under another name and rename the file once it is complete.")
}
