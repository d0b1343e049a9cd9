//! Walks over the cells of a CSV without changing or keeping a byte: where every cell begins and ends, on which line.
//!
//! Used to blank secrets and to say where a byte stands. It reads quotes as the csv crate does: one opens a cell only as its
//! first byte. A cell may be larger than the memory; it then comes in pieces.

use memchr::{memchr, memchr3};

/// Where the walk is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    /// As a spreadsheet counts: the header is line 1, line breaks in quotes do not count.
    pub line: u64,
    /// The cell on the line, from 0.
    pub cell: usize,
    /// Whether the header is not over yet.
    pub in_header: bool,
}

/// What the walk comes upon.
pub(super) enum Span<'a> {
    /// A piece of a cell, quotes included.
    Cell(&'a [u8]),
    /// A delimiter or a byte of a line break.
    Mark(&'a [u8]),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first byte of a cell.
    Start,
    /// In a cell without quotes, or behind its closing quote.
    Plain,
    /// In quotes.
    Quoted,
    /// At a quote inside quotes: the end of the cell, or half of a doubled quote.
    Closing,
}

/// A walk, which may be interrupted between any two bytes.
pub(super) struct CellWalk {
    delimiter: u8,
    state: State,
    place: Place,
    filled: bool,
    after_return: bool,
}

impl CellWalk {
    /// A walk that begins at the start of a file.
    pub fn new(delimiter: u8) -> Self {
        let place = Place { line: 1, cell: 0, in_header: true };
        Self { delimiter, state: State::Start, place, filled: false, after_return: false }
    }

    /// Where the next byte will stand.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Goes over `block`, showing each span and its place.
    pub fn walk<'b>(&mut self, block: &'b [u8], mut visit: impl FnMut(Place, Span<'b>)) {
        let mut rest = block;
        while !rest.is_empty() {
            let (content, after) = rest.split_at(self.content(rest));
            if !content.is_empty() {
                (self.filled, self.after_return) = (true, false);
                visit(self.place, Span::Cell(content));
            }
            let Some((mark, after)) = after.split_at_checked(1) else { return };
            visit(self.place, Span::Mark(mark));
            self.pass(mark[0]);
            rest = after;
        }
    }

    /// How many of `bytes` still belong to the cell.
    fn content(&mut self, bytes: &[u8]) -> usize {
        let mut at = 0;
        loop {
            let rest = &bytes[at..];
            match (self.state, rest.first()) {
                (_, None) => return at,
                (State::Plain, _) => return at + memchr3(self.delimiter, b'\n', b'\r', rest).unwrap_or(rest.len()),
                (State::Quoted, _) => at += self.quoted(rest),
                (_, Some(b'"')) => (self.state, at) = (State::Quoted, at + 1),
                (_, Some(_)) => self.state = State::Plain,
            }
        }
    }

    fn quoted(&mut self, rest: &[u8]) -> usize {
        let Some(quote) = memchr(b'"', rest) else { return rest.len() };
        self.state = State::Closing;
        quote + 1
    }

    /// Passes a delimiter or a byte of a line break. CR LF is one line break.
    fn pass(&mut self, mark: u8) {
        let second_half = mark == b'\n' && self.after_return;
        self.after_return = mark == b'\r';
        self.state = State::Start;
        if mark == self.delimiter {
            self.place.cell += 1;
            self.filled = true;
        } else if !second_half {
            self.place = Place { line: self.place.line + 1, cell: 0, in_header: self.place.in_header && !self.filled };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every cell as `line.cell=bytes`, walked in blocks of `size`.
    fn cells(text: &str, size: usize) -> Vec<String> {
        let mut walk = CellWalk::new(b',');
        let mut cells: Vec<(Place, String)> = Vec::new();
        for block in text.as_bytes().chunks(size) {
            walk.walk(block, |place, span| match (span, cells.last_mut()) {
                (Span::Cell(piece), Some((last, cell))) if *last == place => {
                    cell.push_str(&String::from_utf8_lossy(piece))
                }
                (Span::Cell(piece), _) => cells.push((place, String::from_utf8_lossy(piece).into_owned())),
                (Span::Mark(_), _) => {}
            });
        }
        cells.iter().map(|(place, cell)| format!("{}.{}={cell}", place.line, place.cell)).collect()
    }

    #[test]
    fn cells_are_the_same_wherever_the_blocks_end() {
        let text = "a,\"b,\"\"c\"\"\nd\",e\r\n1,,2\r\n\r\"x\"y,z\n";
        let expected = ["1.0=a", "1.1=\"b,\"\"c\"\"\nd\"", "1.2=e", "2.0=1", "2.2=2", "4.0=\"x\"y", "4.1=z"];
        for size in 1..text.len() {
            assert_eq!(cells(text, size), expected, "blocks of {size}");
        }
    }

    #[test]
    fn blank_lines_before_the_header_are_not_the_header() {
        let mut walk = CellWalk::new(b',');
        let mut headers = Vec::new();
        walk.walk(b"\n\r\na,b\nc,d\n", |place, span| {
            if let Span::Cell(_) = span {
                headers.push(place.in_header)
            }
        });
        assert_eq!(headers, [true, true, false, false]);
        assert_eq!(walk.place().line, 5);
    }
}
