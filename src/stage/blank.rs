//! Passes a CSV on with its secret cells emptied and every other byte as it was.
//!
//! Used by `rewrite`. It keeps one row at a time, because only its end shows whether a stray delimiter moved the cells; a row larger
//! than any that is accepted is not kept, and emptied by position alone.

use std::fs::File;
use std::io::{BufWriter, IntoInnerError, Result, Write};
use std::ops::Range;

use super::cells::{CellWalk, Place, Span};
use super::limits::KEPT_ROW_BYTES;
use super::rewrite::Rewritten;
use super::secrets::{Secrets, is_blank};
use crate::files::BLOCK_BYTES;
use crate::files::hash::HashingWriter;

/// What stands for a cell of a row that is too short, where any cell may be a secret that was moved. Were it blank, so might be
/// the row: nobody would hear of it, and whoever stood in it would seem to have left.
const HIDDEN: &[u8] = crate::roster::set::HIDDEN.as_bytes();

/// A writer of CSV that empties secret cells.
pub(super) struct Blanker {
    out: BufWriter<HashingWriter<File>>,
    walk: CellWalk,
    secrets: Secrets,
    row: Row,
}

impl Blanker {
    /// Writes to `target`.
    pub fn new(target: File, secrets: Secrets, delimiter: u8) -> Self {
        let out = BufWriter::with_capacity(BLOCK_BYTES, HashingWriter::new(target));
        Self { out, walk: CellWalk::new(delimiter), secrets, row: Row::default() }
    }

    /// Where the next byte will stand.
    pub fn place(&self) -> Place {
        self.walk.place()
    }

    /// Takes the next bytes.
    pub fn take(&mut self, bytes: &[u8]) -> Result<()> {
        if self.secrets.none() {
            self.walk.walk(bytes, |_, _| {});
            return self.out.write_all(bytes);
        }
        let (out, secrets, row, mut result) = (&mut self.out, &self.secrets, &mut self.row, Ok(()));
        self.walk.walk(bytes, |place, span| {
            if result.is_ok() {
                result = row.take(place, &span, secrets, out);
            }
        });
        result
    }

    /// Writes what is left.
    pub fn finish(mut self) -> Result<Rewritten> {
        self.row.end(&self.secrets, &mut self.out)?;
        let writer = self.out.into_inner().map_err(IntoInnerError::into_error)?;
        let (kept, last) = writer.finish();
        Ok(Rewritten { kept, ends_with_line_break: matches!(last, Some(b'\n' | b'\r')) })
    }
}

/// The row that is being read.
#[derive(Default)]
struct Row {
    bytes: Vec<u8>,
    /// Where in `bytes` the content of each cell stands.
    cells: Vec<Range<usize>>,
    in_header: bool,
    /// Whether it grew too large, and what comes now is written at once.
    too_large: bool,
}

impl Row {
    fn take(&mut self, place: Place, span: &Span<'_>, secrets: &Secrets, out: &mut impl Write) -> Result<()> {
        self.in_header = place.in_header;
        if !self.too_large && self.bytes.len() > KEPT_ROW_BYTES {
            self.write(|cell| secrets.has(cell), b"", out)?;
            self.too_large = true;
        }
        match span {
            Span::Cell(_) if self.too_large && secrets.has(place.cell) => Ok(()),
            Span::Cell(piece) if self.too_large => out.write_all(piece),
            Span::Cell(piece) => self.keep(place.cell, piece),
            Span::Mark(mark) => self.mark(place.cell, mark, secrets, out),
        }
    }

    fn keep(&mut self, cell: usize, piece: &[u8]) -> Result<()> {
        let start = self.bytes.len();
        self.cells.resize(self.cells.len().max(cell + 1), start..start);
        self.bytes.extend_from_slice(piece);
        self.cells[cell].end = self.bytes.len();
        Ok(())
    }

    fn mark(&mut self, cell: usize, mark: &[u8], secrets: &Secrets, out: &mut impl Write) -> Result<()> {
        let ends = matches!(mark, b"\n" | b"\r");
        if self.too_large {
            self.too_large = !ends;
            return out.write_all(mark);
        }
        self.keep(cell, &[])?;
        if ends {
            self.end(secrets, out)?;
            return out.write_all(mark);
        }
        self.bytes.extend_from_slice(mark);
        Ok(())
    }

    fn end(&mut self, secrets: &Secrets, out: &mut impl Write) -> Result<()> {
        let filled =
            self.cells.iter().rposition(|cell| !is_blank(&self.bytes[cell.clone()])).map_or(0, |last| last + 1);
        let (cells, in_header) = (self.cells.len(), self.in_header);
        let instead: &[u8] = if cells == 1 || secrets.is_short(cells) { HIDDEN } else { b"" };
        self.write(|cell| !in_header && secrets.may_have(cell, cells, filled), instead, out)
    }

    /// Writes the row with `instead` for what the secret cells hold, and forgets it.
    fn write(&mut self, is_secret: impl Fn(usize) -> bool, instead: &[u8], out: &mut impl Write) -> Result<()> {
        let mut written = 0;
        for (_, range) in self.cells.iter().enumerate().filter(|(cell, _)| is_secret(*cell)) {
            out.write_all(&self.bytes[written..range.start])?;
            if !is_blank(&self.bytes[range.clone()]) {
                out.write_all(instead)?;
            }
            written = range.end;
        }
        out.write_all(&self.bytes[written..])?;
        self.bytes.clear();
        self.cells.clear();
        Ok(())
    }
}
