//! What is remembered of one file: the fingerprint of each row, and whose row it is.
//!
//! Rows lie in blocks, because there are millions: growing must not copy what is there, and of a snapshot with a place to
//! go to only a few blocks are in memory while rows come in their order.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io;

use crate::roster::record::Spill;

/// The rows of one file, in file order.
#[derive(Debug, Default)]
pub struct Snapshot {
    /// What decided how these rows were read; a snapshot with another salt is of no use.
    pub salt: u64,
    length: usize,
    shelf: RefCell<Shelf>,
}

/// A fingerprint in two halves, and the owner: 24 bytes, where a `u128` would make it 32.
type Row = [u64; 3];

/// Rows of a block.
const BLOCK: usize = 1 << 16;
/// Bytes of a row: the fingerprint, and the owner, the lowest byte first.
pub const ROW_BYTES: usize = 24;
/// Blocks in memory, where the others have a place to go to.
const RESIDENT: usize = 4;

impl Snapshot {
    /// An empty one, all in memory.
    pub fn new(salt: u64) -> Self {
        Self { salt, ..Self::default() }
    }

    /// An empty one that gives full blocks to `spill`.
    pub fn spilling_to(spill: Box<dyn Spill>) -> Self {
        let shelf = Shelf { spill: Some(spill), ..Shelf::default() };
        Self { shelf: RefCell::new(shelf), ..Self::default() }
    }

    /// One of `length` rows that lie in `spill`, the first at `start`, each in [`ROW_BYTES`].
    pub fn stored(salt: u64, length: usize, spill: Box<dyn Spill>, start: u64) -> Self {
        let blocks = (0..length.div_ceil(BLOCK)).map(|_| Block::default()).collect();
        let shelf = Shelf { blocks, spill: Some(spill), start, ..Shelf::default() };
        Self { salt, length, shelf: RefCell::new(shelf) }
    }

    /// Remembers a row: its fingerprint, 0 where the row must be looked at again, and its owner: the entity, of an
    /// enrollment the pair.
    pub fn push(&mut self, print: u128, owner: u64) {
        let shelf = self.shelf.get_mut();
        if self.length.is_multiple_of(BLOCK) {
            shelf.add();
        }
        let rows_before = self.length % BLOCK;
        shelf.change(self.length / BLOCK, rows_before).push(row(print, owner));
        self.length += 1;
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
        self.row(at).0
    }

    /// The owner of row `at`.
    pub fn owner(&self, at: usize) -> u64 {
        self.row(at).1
    }

    /// Row `at`: fingerprint and owner.
    pub fn row(&self, at: usize) -> (u128, u64) {
        let [high, low, owner] = self.shelf.borrow_mut().rows(at / BLOCK, self.rows_in(at / BLOCK))[at % BLOCK];
        (u128::from(high) << 64 | u128::from(low), owner)
    }

    /// Replaces row `at`.
    pub fn set(&mut self, at: usize, print: u128, owner: u64) {
        let rows = self.rows_in(at / BLOCK);
        self.shelf.get_mut().change(at / BLOCK, rows)[at % BLOCK] = row(print, owner);
    }

    /// Whether every row could be kept and read back.
    ///
    /// # Errors
    /// The first failure; then nothing that was read counts.
    pub fn check(&self) -> io::Result<()> {
        self.shelf.borrow_mut().failed.take().map_or(Ok(()), Err)
    }

    fn rows_in(&self, block: usize) -> usize {
        (self.length - block * BLOCK).min(BLOCK)
    }
}

/// The blocks, in memory or not.
#[derive(Debug, Default)]
struct Shelf {
    blocks: Vec<Block>,
    /// Numbers of the blocks in memory, the one that came first in front.
    resident: VecDeque<usize>,
    spill: Option<Box<dyn Spill>>,
    start: u64,
    failed: Option<io::Error>,
}

#[derive(Debug, Default)]
struct Block {
    rows: Option<Vec<Row>>,
    is_changed: bool,
}

impl Shelf {
    fn add(&mut self) {
        self.make_room();
        self.resident.push_back(self.blocks.len());
        self.blocks.push(Block { rows: Some(Vec::with_capacity(BLOCK)), is_changed: true });
    }

    /// The rows of a block, of which there are `count`.
    fn rows(&mut self, block: usize, count: usize) -> &mut Vec<Row> {
        if self.blocks[block].rows.is_none() {
            self.make_room();
            self.resident.push_back(block);
            self.blocks[block].rows = Some(self.read(block, count));
        }
        self.blocks[block].rows.get_or_insert_default()
    }

    fn change(&mut self, block: usize, count: usize) -> &mut Vec<Row> {
        self.blocks[block].is_changed = true;
        self.rows(block, count)
    }

    /// Lets the blocks go that came first, until another one has room.
    fn make_room(&mut self) {
        while self.spill.is_some() && self.resident.len() >= RESIDENT {
            let Some(block) = self.resident.pop_front() else { return };
            self.let_go(block);
        }
    }

    fn let_go(&mut self, number: usize) {
        let (place, block) = (self.place(number), &mut self.blocks[number]);
        let rows = block.rows.take().unwrap_or_default();
        let is_changed = std::mem::take(&mut block.is_changed);
        if let Some(spill) = self.spill.as_mut().filter(|_| is_changed) {
            self.failed = spill.put(place, &bytes_of(&rows)).err().or(self.failed.take());
        }
    }

    fn read(&mut self, block: usize, count: usize) -> Vec<Row> {
        let mut bytes = vec![0; count * ROW_BYTES];
        let place = self.place(block);
        if let Some(spill) = &self.spill {
            self.failed = spill.get(place, &mut bytes).err().or(self.failed.take());
        }
        let mut rows = Vec::with_capacity(BLOCK);
        rows.extend(bytes.chunks_exact(ROW_BYTES).map(row_of));
        rows
    }

    fn place(&self, block: usize) -> u64 {
        self.start + (block * BLOCK * ROW_BYTES) as u64
    }
}

fn row(print: u128, owner: u64) -> Row {
    [(print >> 64) as u64, print as u64, owner]
}

fn bytes_of(rows: &[Row]) -> Vec<u8> {
    rows.iter().flat_map(|[high, low, owner]| [low, high, owner]).flat_map(|word| word.to_le_bytes()).collect()
}

fn row_of(bytes: &[u8]) -> Row {
    let word = |at: usize| bytes[at..at + 8].try_into().map_or(0, u64::from_le_bytes);
    [word(8), word(0), word(16)]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A spill in memory.
    #[derive(Debug, Default)]
    struct Shelter(Vec<u8>);

    impl Spill for Shelter {
        fn put(&mut self, at: u64, block: &[u8]) -> io::Result<()> {
            let end = at as usize + block.len();
            self.0.resize(self.0.len().max(end), 0);
            self.0[at as usize..end].copy_from_slice(block);
            Ok(())
        }

        fn get(&self, at: u64, bytes: &mut [u8]) -> io::Result<()> {
            let found = self.0.get(at as usize..at as usize + bytes.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
            bytes.copy_from_slice(found);
            Ok(())
        }
    }

    const ROWS: usize = 7 * BLOCK + 5;

    fn print(at: usize) -> u128 {
        u128::from(at as u64) << 70 | 3
    }

    #[test]
    fn rows_come_back_changed_or_not_wherever_they_lie() {
        let mut snapshot = Snapshot::spilling_to(Box::<Shelter>::default());
        (0..ROWS).for_each(|at| snapshot.push(print(at), at as u64));
        (0..ROWS).step_by(1000).for_each(|at| snapshot.set(at, 0, 9));
        for at in (0..ROWS).chain((0..ROWS).rev().step_by(333)) {
            let expected = if at % 1000 == 0 { (0, 9) } else { (print(at), at as u64) };
            assert_eq!(snapshot.row(at), expected, "row {at}");
        }
        snapshot.check().expect("memory keeps everything");
    }

    #[test]
    fn a_row_that_cannot_be_read_back_is_told() {
        let snapshot = Snapshot::stored(1, 3, Box::<Shelter>::default(), 0);
        assert_eq!(snapshot.row(2), (0, 0));
        assert!(snapshot.check().is_err());
    }
}
