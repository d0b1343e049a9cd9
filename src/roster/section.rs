//! A section as it is written: made by `matching`, stored by `store`.

use std::borrow::Cow;

use super::record::{Heap, Packer, Record, Spill, Spot};

/// Columns of a section as it is written, in the order of the table after `section_id` and `district`.
pub const COLUMNS: [&str; 12] = [
    "sis_id",
    "school",
    "site",
    "name",
    "course_name",
    "course_number",
    "period",
    "subject",
    "grade",
    "term_name",
    "term_start",
    "term_end",
];

/// A section as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionRow<'a> {
    /// Its number.
    pub number: u32,
    /// Values of [`COLUMNS`], then the numbers of its teachers, the primary one first.
    packed: Cow<'a, [u8]>,
    /// The row that says so.
    pub line: u32,
    /// Whether it was not written before.
    pub is_new: bool,
}

impl SectionRow<'_> {
    /// Packs the values of [`COLUMNS`] and the numbers of the teachers.
    pub fn new(number: u32, line: u32, values: [&str; 12], teachers: &[u32]) -> Self {
        let mut packer = Packer::default();
        values.iter().for_each(|value| packer.push_raw(VALUE, value));
        teachers.iter().for_each(|teacher| packer.push_raw(TEACHER, &teacher.to_string()));
        Self { number, packed: Cow::Owned(packer.bytes().to_vec()), line, is_new: false }
    }

    /// Values of [`COLUMNS`].
    pub fn values(&self) -> [&str; 12] {
        let mut values = Record(&self.packed).values();
        std::array::from_fn(|_| values.next().map_or("", |(_, value)| value))
    }

    /// Numbers of its teachers, the primary one first.
    pub fn teachers(&self) -> Vec<u32> {
        let teachers = Record(&self.packed).values().filter(|(tag, _)| *tag == TEACHER);
        teachers.filter_map(|(_, number)| number.parse().ok()).collect()
    }

    /// A hash of all of it.
    pub fn hash(&self) -> u64 {
        Record(&self.packed).hash()
    }
}

/// Sections to be written. There are hundreds of thousands, and each is needed twice, in order, so their values are spilled.
#[derive(Debug, Default)]
pub struct SectionRows {
    list: Vec<Kept>,
    heap: Heap,
}

#[derive(Debug)]
struct Kept {
    number: u32,
    line: u32,
    is_new: bool,
    spot: Spot,
}

impl SectionRows {
    /// None yet; values go to `spill`.
    pub fn spilling_to(spill: Box<dyn Spill>) -> Self {
        Self { list: Vec::new(), heap: Heap::spilling_to(spill) }
    }

    /// Adds a section.
    pub fn push(&mut self, row: &SectionRow<'_>) {
        let spot = self.heap.keep(&row.packed);
        self.list.push(Kept { number: row.number, line: row.line, is_new: row.is_new, spot });
    }

    /// Whether every value could be kept.
    ///
    /// # Errors
    /// When a value went nowhere; then the plan is of no use.
    pub fn check(&mut self) -> std::io::Result<()> {
        self.heap.check()
    }

    /// All of them, as they were added.
    pub fn iter(&self) -> impl Iterator<Item = SectionRow<'_>> {
        let row = |kept: &Kept| (kept.number, kept.line, kept.is_new, self.heap.at(kept.spot));
        self.list.iter().map(row).map(|(number, line, is_new, packed)| SectionRow { number, packed, line, is_new })
    }

    /// Takes sections out by their numbers; gives how many of them were written before.
    pub fn remove(&mut self, is_out: impl Fn(u32) -> bool) -> usize {
        let changed = self.list.iter().filter(|kept| is_out(kept.number) && !kept.is_new).count();
        self.list.retain(|kept| !is_out(kept.number));
        changed
    }

    /// How many were not written before.
    pub fn created(&self) -> usize {
        self.list.iter().filter(|kept| kept.is_new).count()
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}

const VALUE: u8 = 0;
const TEACHER: u8 = 1;
