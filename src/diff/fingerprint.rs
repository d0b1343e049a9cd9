//! Fingerprints: 128 bits of a row's cells in the order of the schema, so that quoting, line ends and the order of
//! columns do not matter.

use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

use crate::read::{Layout, Row};

/// Makes the fingerprints of one file's rows.
#[derive(Debug)]
pub struct Fingerprinter {
    cells: Vec<usize>,
    layout: Layout,
    scratch: Vec<u8>,
}

impl Fingerprinter {
    /// For rows of this layout. Cells that the schema does not know do not count.
    pub fn new(layout: &Layout) -> Self {
        Self { cells: layout.cell_of.iter().flatten().copied().collect(), layout: layout.clone(), scratch: Vec::new() }
    }

    /// The fingerprint of a row; never 0, which means "look again". A row with too few or too many cells has another than
    /// one with the same cells that fits the header.
    pub fn of(&mut self, row: &Row<'_>) -> u128 {
        self.scratch.clear();
        for &cell in &self.cells {
            let cell = row.cell(cell).as_bytes();
            self.scratch.extend_from_slice(cell);
            self.scratch.extend_from_slice(&(cell.len() as u32).to_le_bytes());
        }
        if self.layout.fits(row.len()).is_ne() {
            self.scratch.push(1);
        }
        xxh3_128(&self.scratch).max(1)
    }
}

/// What decides how rows are read: `base` (schemas, settings) and which columns the file has.
pub fn salt(base: u64, layout: &Layout) -> u64 {
    let present: Vec<u8> = layout.cell_of.iter().map(|cell| u8::from(cell.is_some())).collect();
    base ^ xxh3_64(&present).rotate_left(17)
}
