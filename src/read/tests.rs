//! Pictures of files and of the rows they become.

use super::*;
use std::fmt::Write;

/// One line a row: `line state last? [cells]`.
fn picture(bytes: &[u8], delimiter: u8, chunk: usize) -> String {
    let mut reader = RowReader::new(Dribble(bytes, chunk), delimiter);
    let (mut block, mut out) = (Block::default(), String::new());
    loop {
        reader.fill(&mut block).expect("reading from memory cannot fail");
        if block.is_empty() {
            return out;
        }
        for row in block.rows() {
            let cells: Vec<_> = row.cells().collect();
            let last = if row.last { " last" } else { "" };
            writeln!(out, "{} {:?}{last} {cells:?}", row.line, row.state).expect("a string grows");
        }
    }
}

/// A reader that gives a few bytes at a time.
struct Dribble<'a>(&'a [u8], usize);

impl Read for Dribble<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let take = self.0.len().min(self.1).min(buffer.len());
        buffer[..take].copy_from_slice(&self.0[..take]);
        self.0 = &self.0[take..];
        Ok(take)
    }
}

fn every_way(bytes: &[u8]) -> String {
    let whole = picture(bytes, b',', 1 << 20);
    for chunk in [1, 2, 3, 7] {
        assert_eq!(picture(bytes, b',', chunk), whole, "in chunks of {chunk}");
    }
    whole
}

#[test]
fn lines_are_counted_as_a_spreadsheet_does() {
    let file = b"a,b\r\n1,\"two\r\nlines\"\r\n\r\n , \r\n3,\"4, \"\"x\"\"\"";
    assert_eq!(
        every_way(file),
        "1 Fine [\"a\", \"b\"]\n2 Fine [\"1\", \"two\\r\\nlines\"]\n3 Blank []\n4 Blank []\n5 Fine last [\"3\", \"4, \\\"x\\\"\"]\n"
    );
}

#[test]
fn lf_and_cr_end_lines_too() {
    assert_eq!(every_way(b"a\nb\n"), "1 Fine [\"a\"]\n2 Fine last [\"b\"]\n");
    assert_eq!(every_way(b"a\rb\r"), "1 Fine [\"a\"]\n2 Fine last [\"b\"]\n");
}

#[test]
fn an_open_quote_is_told_with_the_row_it_starts_in() {
    assert_eq!(every_way(b"a,b\n1,\"2\n3,4\n"), "1 Fine [\"a\", \"b\"]\n2 OpenQuote last [\"1\", \"2\\n3,4\"]\n");
    assert_eq!(every_way(b"a,b\n1,\"2\""), "1 Fine [\"a\", \"b\"]\n2 Fine last [\"1\", \"2\"]\n");
}

#[test]
fn a_cell_or_row_beyond_the_limit_is_dropped_and_the_next_row_is_read() {
    let wide = format!("a,b\n1,{}\n2,fine\n", "x".repeat(MAX_CELL + 1));
    let told = picture(wide.as_bytes(), b',', 1 << 20);
    assert!(told.contains("\n2 TooLarge [\"1\", \"xxx") && told.ends_with("\n3 Fine last [\"2\", \"fine\"]\n"));
    let huge = format!("a,b\n1,{}\n2,fine\n", "x".repeat(5 * MAX_ROW));
    assert_eq!(
        picture(huge.as_bytes(), b',', 1 << 20),
        "1 Fine [\"a\", \"b\"]\n2 TooLarge []\n3 Fine last [\"2\", \"fine\"]\n"
    );
    let just = format!("a,b\n1,{}\n", "x".repeat(MAX_CELL));
    assert!(picture(just.as_bytes(), b',', 1 << 20).contains("2 Fine last"));
}

#[test]
fn memory_stays_bounded_for_a_cell_of_any_size() {
    let mut reader = RowReader::new(io::repeat(b'x').take(64 << 20), b',');
    let mut block = Block::default();
    reader.fill(&mut block).expect("reading from memory cannot fail");
    assert_eq!(block.rows().next().map(|row| row.state), Some(RowState::TooLarge));
    assert!(block.text.capacity() < 4 * MAX_ROW, "{}", block.text.capacity());
}
