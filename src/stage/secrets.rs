//! Which cells of a row are secret: those of the secret columns, and in a row of the wrong length those where a stray delimiter may
//! have moved them.
//!
//! Used by `survey`, which looks for filled ones, and by `blank`, which empties them.

use super::header::Header;
use crate::roster::schema::Schema;

/// The secret cells of a file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Secrets {
    /// Positions of secret columns.
    columns: Vec<usize>,
    /// Cells of the header.
    width: usize,
}

impl Secrets {
    /// Those of a file with this header.
    pub fn new(header: &Header, schema: &Schema) -> Self {
        Self { columns: header.secrets(schema), width: header.cells.len() }
    }

    /// Whether the file has no secret column.
    pub fn none(&self) -> bool {
        self.columns.is_empty()
    }

    /// Whether `cell` of an ordinary row is secret.
    pub fn has(&self, cell: usize) -> bool {
        self.columns.contains(&cell)
    }

    /// Whether `cell` of a row with `cells` cells, of which the first `filled` end with a filled one, may be secret. Blank cells at
    /// the end of a row move nothing.
    pub fn may_have(&self, cell: usize, cells: usize, filled: usize) -> bool {
        let more = filled.saturating_sub(self.width);
        let fewer = self.width.saturating_sub(cells);
        self.columns.iter().any(|&column| (column.saturating_sub(fewer)..=column + more).contains(&cell))
    }

    /// Whether a row with a filled `cell` is longer than the header.
    pub fn is_beyond(&self, cell: usize) -> bool {
        cell >= self.width
    }

    /// Whether a row with that many cells is shorter than the header. A blank line is no row.
    pub fn is_short(&self, cells: usize) -> bool {
        cells > 1 && cells < self.width
    }
}

/// Whether a piece of a cell holds nothing but blanks and quotes.
pub(super) fn is_blank(piece: &[u8]) -> bool {
    piece.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'"'))
}
