//! One CSV file being written: cells in, quoted where they must be, flushed in large blocks.
//!
//! Used by every writer of the generator. Knows nothing of columns: a row with a wrong number of cells is found by the
//! generator's tests, which read everything back with a strict reader.

use std::fmt::{Arguments, Write as _};
use std::io::{self, Write};

const BLOCK: usize = 1 << 20;

/// A CSV file with a header.
pub struct Sheet<W> {
    out: W,
    buffer: Vec<u8>,
    scratch: String,
    written: Written,
}

/// How much went into a file: rows without the header, bytes with it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    pub rows: u64,
    pub bytes: u64,
}

impl<W: Write> Sheet<W> {
    /// Starts the file with its header.
    pub fn new(out: W, header: &str) -> Self {
        let mut buffer = Vec::with_capacity(BLOCK + (BLOCK >> 4));
        buffer.extend_from_slice(header.as_bytes());
        buffer.push(b'\n');
        Self { out, buffer, scratch: String::new(), written: Written::default() }
    }

    /// A cell that may need quotes.
    pub fn cell(&mut self, text: &str) -> &mut Self {
        push_cell(&mut self.buffer, text);
        self
    }

    /// A cell made of parts.
    pub fn text(&mut self, parts: Arguments<'_>) -> &mut Self {
        self.scratch.clear();
        self.scratch.write_fmt(parts).ok();
        push_cell(&mut self.buffer, &self.scratch);
        self
    }

    /// A cell with a number after a prefix, filled with zeros to `width` digits.
    pub fn number(&mut self, prefix: &str, number: u64, width: usize) -> &mut Self {
        self.buffer.extend_from_slice(prefix.as_bytes());
        push_number(&mut self.buffer, number, width);
        self.buffer.push(b',');
        self
    }

    /// An empty cell.
    pub fn blank(&mut self) -> &mut Self {
        self.buffer.push(b',');
        self
    }

    /// Ends the row.
    pub fn end(&mut self) -> io::Result<()> {
        if let Some(last) = self.buffer.last_mut() {
            *last = b'\n';
        }
        self.written.rows += 1;
        if self.buffer.len() >= BLOCK { self.flush() } else { Ok(()) }
    }

    /// Ends the file.
    pub fn finish(mut self) -> io::Result<Written> {
        self.flush()?;
        self.out.flush()?;
        Ok(self.written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.buffer)?;
        self.written.bytes += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }
}

fn push_cell(buffer: &mut Vec<u8>, text: &str) {
    if text.bytes().any(|byte| byte == b',' || byte == b'"') {
        push_quoted(buffer, text);
    } else {
        buffer.extend_from_slice(text.as_bytes());
    }
    buffer.push(b',');
}

fn push_quoted(buffer: &mut Vec<u8>, text: &str) {
    buffer.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            buffer.push(b'"');
        }
        buffer.push(byte);
    }
    buffer.push(b'"');
}

fn push_number(buffer: &mut Vec<u8>, mut number: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut start = digits.len();
    while number > 0 || start == digits.len() {
        start -= 1;
        digits[start] = b'0' + (number % 10) as u8;
        number /= 10;
    }
    let start = start.min(digits.len() - width.min(digits.len()));
    buffer.extend_from_slice(&digits[start..]);
}
