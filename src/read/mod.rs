//! Read: CSV bytes become rows that know their line; nothing here knows what a column means.
//!
//! Memory is bounded by [`MAX_ROW`], whatever the sender puts in a cell. Called by `pipeline`; the bytes come from `stage` and are UTF-8.

mod block;
mod layout;
mod stream;

pub use block::{Block, Row, RowState};
pub use layout::Layout;
pub use stream::{each_block, each_block_ahead};

use std::io::{self, Read};

/// The most bytes that the cells of one row may have together.
pub const MAX_ROW: usize = 1 << 20;
/// The most cells of one row.
pub const MAX_CELLS: usize = 16 << 10;
/// The most bytes of one cell.
pub const MAX_CELL: usize = 64 << 10;

/// Reads rows of one file, in blocks.
pub struct RowReader<R> {
    input: R,
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    at_end: bool,
    core: csv_core::Reader,
    line: u64,
}

impl<R: Read> RowReader<R> {
    const BUFFER: usize = 256 << 10;

    /// Rows of `input`, whose cells are separated by `delimiter`.
    pub fn new(input: R, delimiter: u8) -> Self {
        let core = csv_core::ReaderBuilder::new().delimiter(delimiter).build();
        Self { input, buffer: vec![0; Self::BUFFER], start: 0, end: 0, at_end: false, core, line: 0 }
    }

    /// Fills `block` with the next rows. Empty when the file is at its end.
    pub fn fill(&mut self, block: &mut Block) -> io::Result<()> {
        block.clear();
        while !block.is_full() && self.read_row(block)? {}
        block.seal();
        Ok(())
    }

    /// Reads one row, or a run of blank lines, into `block`; false at the end.
    fn read_row(&mut self, block: &mut Block) -> io::Result<bool> {
        if !self.more()? {
            return Ok(false);
        }
        if self.skip_line_break()? {
            self.line += 1;
            block.push_blank(self.line);
            return Ok(true);
        }
        self.line += 1;
        block.begin(self.line);
        let mut record = Partial::default();
        loop {
            // At the end of the file a line break closes the row; where that is swallowed, a quote is open.
            let input = if record.last && !record.open_quote { b"\n" } else { &self.buffer[self.start..self.end] };
            let (text, ends) = block.room(&record);
            let (result, consumed, written, ended) = self.core.read_record(input, text, ends);
            self.start = (self.start + consumed).min(self.end);
            record.text += written;
            record.ends += ended;
            use csv_core::ReadRecordResult::{End, InputEmpty, OutputEndsFull, OutputFull, Record};
            match result {
                Record => break,
                End => return Ok(false),
                OutputFull => record.more_text(block),
                OutputEndsFull => record.more_ends(block),
                InputEmpty if self.more()? => {}
                InputEmpty => (record.open_quote, record.last) = (record.last, true),
            }
        }
        self.finish_line_break()?;
        record.last |= !self.more()?;
        block.finish(&record);
        Ok(true)
    }

    /// Whether there are bytes to read; reads some if needed.
    fn more(&mut self) -> io::Result<bool> {
        if self.start < self.end {
            return Ok(true);
        }
        if self.at_end {
            return Ok(false);
        }
        self.start = 0;
        self.end = read_some(&mut self.input, &mut self.buffer)?;
        self.at_end = self.end == 0;
        Ok(!self.at_end)
    }

    /// Takes a line break that stands where a row should begin: a blank line.
    fn skip_line_break(&mut self) -> io::Result<bool> {
        match self.buffer[self.start] {
            b'\n' => self.start += 1,
            b'\r' => {
                self.start += 1;
                self.take_newline()?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// After a row that ended in CR, takes the LF that belongs to it.
    fn finish_line_break(&mut self) -> io::Result<()> {
        let ended_in_cr = self.start > 0 && self.buffer[self.start - 1] == b'\r';
        if ended_in_cr { self.take_newline() } else { Ok(()) }
    }

    fn take_newline(&mut self) -> io::Result<()> {
        if self.more()? && self.buffer[self.start] == b'\n' {
            self.start += 1;
        }
        Ok(())
    }
}

fn read_some(input: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

/// A row in the middle of being read.
#[derive(Default)]
struct Partial {
    text: usize,
    ends: usize,
    too_large: bool,
    open_quote: bool,
    last: bool,
}

impl Partial {
    /// The output is full: take more room, or, past the limit, throw away what was read and go on to the row's end.
    fn more_text(&mut self, block: &mut Block) {
        if !block.more_text(self.text) {
            self.start_over();
        }
    }

    fn more_ends(&mut self, block: &mut Block) {
        if !block.more_ends(self.ends) {
            self.start_over();
        }
    }

    fn start_over(&mut self) {
        (self.too_large, self.text, self.ends) = (true, 0, 0);
    }
}

#[cfg(test)]
mod tests;
