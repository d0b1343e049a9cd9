//! Blocks of rows: what the reader fills and the stages walk over. Reused, and passed between threads.

use super::{MAX_CELL, MAX_CELLS, MAX_ROW, Partial};

/// How a row came out of the reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowState {
    /// Cells are there.
    Fine,
    /// A blank line, or one of separators only.
    Blank,
    /// A cell or the row is larger than allowed; of a row beyond the limit the cells are gone.
    TooLarge,
    /// A quote is open at the end of the file.
    OpenQuote,
}

#[derive(Debug, Clone, Copy)]
struct Meta {
    line: u64,
    text: usize,
    ends: usize,
    cells: usize,
    state: RowState,
    last: bool,
}

/// Some rows of one file.
#[derive(Debug, Default)]
pub struct Block {
    pub(super) text: Vec<u8>,
    /// All of the text once the block is full, if it is UTF-8: then the rows need not be looked at one by one.
    whole: Option<String>,
    text_used: usize,
    ends: Vec<usize>,
    ends_used: usize,
    rows: Vec<Meta>,
}

impl Block {
    const TEXT: usize = 192 << 10;
    const ENDS: usize = 256;

    /// Rows in the block.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The rows, in file order.
    pub fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        self.rows.iter().map(|meta| Row {
            line: meta.line,
            state: meta.state,
            last: meta.last,
            text: self.text_of(meta),
            ends: &self.ends[meta.ends..meta.ends + meta.cells],
        })
    }

    fn text_of(&self, meta: &Meta) -> Option<&str> {
        let length = if meta.cells == 0 { 0 } else { self.ends[meta.ends + meta.cells - 1] };
        let range = meta.text..meta.text + length;
        match &self.whole {
            Some(text) => text.get(range),
            None => std::str::from_utf8(&self.text[range]).ok(),
        }
    }

    /// The block is full: its text is looked at once.
    pub(super) fn seal(&mut self) {
        self.text.truncate(self.text_used);
        match String::from_utf8(std::mem::take(&mut self.text)) {
            Ok(text) => self.whole = Some(text),
            Err(error) => self.text = error.into_bytes(),
        }
    }

    pub(super) fn clear(&mut self) {
        if let Some(text) = self.whole.take() {
            self.text = text.into_bytes();
        }
        (self.text_used, self.ends_used) = (0, 0);
        self.rows.clear();
    }

    pub(super) fn is_full(&self) -> bool {
        self.text_used >= Self::TEXT
    }

    pub(super) fn push_blank(&mut self, line: u64) {
        self.begin(line);
        if let Some(meta) = self.rows.last_mut() {
            meta.state = RowState::Blank;
        }
    }

    pub(super) fn begin(&mut self, line: u64) {
        let (text, ends) = (self.text_used, self.ends_used);
        self.rows.push(Meta { line, text, ends, cells: 0, state: RowState::Fine, last: false });
        if self.text.len() < text + 4096 {
            self.text.resize(text + 4096, 0);
        }
        if self.ends.len() < ends + Self::ENDS {
            self.ends.resize(ends + Self::ENDS, 0);
        }
    }

    /// Where the rest of the row goes.
    pub(super) fn room(&mut self, record: &Partial) -> (&mut [u8], &mut [usize]) {
        (&mut self.text[self.text_used + record.text..], &mut self.ends[self.ends_used + record.ends..])
    }

    /// More room for text, up to the limit.
    pub(super) fn more_text(&mut self, used: usize) -> bool {
        if used >= MAX_ROW {
            return false;
        }
        let wanted = self.text_used + (used * 2).clamp(8192, MAX_ROW + 1);
        self.text.resize(wanted, 0);
        true
    }

    /// More room for cells, up to the limit.
    pub(super) fn more_ends(&mut self, used: usize) -> bool {
        if used >= MAX_CELLS {
            return false;
        }
        self.ends.resize(self.ends_used + (used * 2).clamp(Self::ENDS, MAX_CELLS + 1), 0);
        true
    }

    pub(super) fn finish(&mut self, record: &Partial) {
        let (text, ends) = (self.text_used, self.ends_used);
        let cells = &self.ends[ends..ends + record.ends];
        let widest = cells.iter().scan(0, |from, &to| Some(to - std::mem::replace(from, to))).max();
        let too_large = record.too_large || record.text > MAX_ROW || widest.is_some_and(|bytes| bytes > MAX_CELL);
        let blank = self.text[text..text + record.text].iter().all(|byte| byte.is_ascii_whitespace());
        let Some(meta) = self.rows.last_mut() else { return };
        meta.last = record.last;
        meta.state = match (record.open_quote, too_large, blank) {
            (true, ..) => RowState::OpenQuote,
            (_, true, _) => RowState::TooLarge,
            (_, _, true) => RowState::Blank,
            _ => RowState::Fine,
        };
        // Of a row within the row limit the cells are kept, so that it can be told who and which column it is.
        if meta.state != RowState::Blank && !record.too_large && record.text <= MAX_ROW {
            meta.cells = record.ends;
            self.text_used += record.text;
            self.ends_used += record.ends;
        }
    }
}

/// One row.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// As a spreadsheet counts: the header is 1, a quoted cell with line breaks is one row, blank rows count.
    pub line: u64,
    /// How it came out of the reader.
    pub state: RowState,
    /// Whether it is the last of its file.
    pub last: bool,
    text: Option<&'a str>,
    ends: &'a [usize],
}

impl<'a> Row<'a> {
    /// How many cells it has.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether it has no cells.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Cell `index` without surrounding blanks; empty where the row is too short.
    pub fn cell(&self, index: usize) -> &'a str {
        trim(self.raw(index))
    }

    /// Cell `index` as it stands.
    pub fn raw(&self, index: usize) -> &'a str {
        let (Some(text), Some(&end)) = (self.text, self.ends.get(index)) else { return "" };
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        text.get(start..end).unwrap_or("")
    }

    /// All cells, trimmed.
    pub fn cells(&self) -> impl Iterator<Item = &'a str> {
        let row = *self;
        (0..row.len()).map(move |index| row.cell(index))
    }

    /// All cells in one run of text, to look for a byte that must not be there.
    pub fn text(&self) -> &'a str {
        self.text.unwrap_or("")
    }
}

/// Like `str::trim`, which is slow for what is nearly always ASCII without blanks.
fn trim(cell: &str) -> &str {
    match (cell.as_bytes().first(), cell.as_bytes().last()) {
        (Some(b'!'..=b'~'), Some(b'!'..=b'~')) | (None, _) => cell,
        _ => cell.trim(),
    }
}
