//! The accepted rows of one file, packed, with the rows of one entity chained together.

use crate::roster::record::{Arena, Place, Record};

/// One accepted row.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// Whose row it is.
    pub entity: u32,
    /// Its values.
    pub place: Place,
    /// Where it stands in its file.
    pub line: u32,
    /// How many of its cells are filled, including those that feed nothing.
    pub filled: u16,
    /// See the constants.
    pub flags: u16,
    next: u32,
}

impl Entry {
    /// A warning was found in it; it is looked at again tomorrow.
    pub const FINDING: u16 = 1;
    /// It names a school that is not in schools.csv.
    pub const SCHOOL_MISSING: u16 = 2;
    /// It was accepted and then refused, because of another row.
    pub const REFUSED: u16 = 4;

    /// Whether `flag` is set.
    pub fn has(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }
}

const NONE: u32 = u32::MAX;

/// The rows of one file that were accepted, by entity.
#[derive(Debug, Default)]
pub struct Rows {
    arena: Arena,
    entries: Vec<Entry>,
    first: Vec<u32>,
}

impl Rows {
    /// Keeps a row; gives its number.
    pub fn push(&mut self, entity: u32, line: u64, filled: u16, flags: u16, record: &[u8]) -> u32 {
        let number = self.entries.len() as u32;
        let place = self.arena.keep(record);
        if self.first.len() <= entity as usize {
            self.first.resize(entity as usize + 1, NONE);
        }
        let next = std::mem::replace(&mut self.first[entity as usize], number);
        self.entries.push(Entry { entity, place, line: line as u32, filled, flags, next });
        number
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether nothing was found in any of them.
    pub fn are_plain(&self) -> bool {
        self.entries.iter().all(|entry| entry.flags == 0)
    }

    /// Row `number`.
    pub fn entry(&self, number: u32) -> &Entry {
        &self.entries[number as usize]
    }

    /// Sets `flag` on row `number`.
    pub fn flag(&mut self, number: u32, flag: u16) {
        self.entries[number as usize].flags |= flag;
    }

    /// The values of row `number`.
    pub fn record(&self, number: u32) -> Record<'_> {
        Record(self.arena.at(self.entries[number as usize].place))
    }

    /// Replaces the values of row `number`.
    pub fn replace(&mut self, number: u32, record: &[u8]) {
        self.entries[number as usize].place = self.arena.keep(record);
    }

    /// The rows of `entity`, the last in the file first.
    pub fn of(&self, entity: u32) -> impl Iterator<Item = u32> + '_ {
        let known = |number: u32| Some(number).filter(|&number| number != NONE);
        let first = self.first.get(entity as usize).copied().and_then(known);
        std::iter::successors(first, move |&number| known(self.entries[number as usize].next))
    }

    /// The row that stands for `entity`, once its rows are folded: one that was not refused.
    pub fn one(&self, entity: u32) -> Option<u32> {
        self.of(entity).find(|&row| !self.entry(row).has(Entry::REFUSED))
    }

    /// Lets `row` alone stand for `entity`, under the line of the first of its rows: which of them wins can only be told
    /// where they are read.
    pub fn stand_alone(&mut self, entity: u32, row: u32, first_line: u32) {
        self.entries[row as usize].line = first_line;
        self.first[entity as usize] = row;
        self.entries[row as usize].next = NONE;
    }

    /// Every entity with at least one row, in order of their numbers.
    pub fn entities(&self) -> impl Iterator<Item = u32> + '_ {
        self.first.iter().enumerate().filter(|(_, first)| **first != NONE).map(|(entity, _)| entity as u32)
    }
}
