//! What is remembered of one file: the fingerprint of each row, and whose row it is.
//!
//! Rows lie in blocks, because there are millions and growing must not copy what is there.

/// The rows of one file, in file order.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// What decided how these rows were read; a snapshot with another salt is of no use.
    pub salt: u64,
    blocks: Vec<Vec<Row>>,
    length: usize,
}

/// A fingerprint in two halves, and the owner: 24 bytes, where a `u128` would make it 32.
type Row = [u64; 3];

/// Rows of a block.
const BLOCK: usize = 1 << 16;

impl Snapshot {
    /// An empty one with this salt.
    pub fn new(salt: u64) -> Self {
        Self { salt, ..Self::default() }
    }

    /// Remembers a row: its fingerprint, 0 where the row must be looked at again, and its owner: the entity, of an
    /// enrollment the pair.
    pub fn push(&mut self, print: u128, owner: u64) {
        if self.length.is_multiple_of(BLOCK) {
            self.blocks.push(Vec::with_capacity(BLOCK));
        }
        if let Some(block) = self.blocks.last_mut() {
            block.push(row(print, owner));
            self.length += 1;
        }
    }

    /// Rows remembered.
    pub fn len(&self) -> usize {
        self.length
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The fingerprint of row `at`.
    pub fn print(&self, at: usize) -> u128 {
        print_of(&self.blocks[at / BLOCK][at % BLOCK])
    }

    /// The owner of row `at`.
    pub fn owner(&self, at: usize) -> u64 {
        self.blocks[at / BLOCK][at % BLOCK][2]
    }

    /// Replaces row `at`.
    pub fn set(&mut self, at: usize, print: u128, owner: u64) {
        self.blocks[at / BLOCK][at % BLOCK] = row(print, owner);
    }

    /// All rows: fingerprint and owner.
    pub fn rows(&self) -> impl Iterator<Item = (u128, u64)> + '_ {
        self.blocks.iter().flatten().map(|row| (print_of(row), row[2]))
    }

    /// Makes every row whose owner is not `settled` be looked at again.
    pub fn keep_only(&mut self, mut settled: impl FnMut(u64) -> bool) {
        for row in self.blocks.iter_mut().flatten() {
            // A row that is looked at again anyhow may belong to nobody.
            let is_remembered = (row[0], row[1]) != (0, 0);
            if is_remembered && !settled(row[2]) {
                (row[0], row[1]) = (0, 0);
            }
        }
    }
}

fn row(print: u128, owner: u64) -> Row {
    [(print >> 64) as u64, print as u64, owner]
}

fn print_of(row: &Row) -> u128 {
    u128::from(row[0]) << 64 | u128::from(row[1])
}
