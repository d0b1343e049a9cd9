//! A section as it is written: made by `matching`, stored by `store`.

use super::record::{Packer, Record};

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

/// A section as it is written. There are hundreds of thousands, so its values are packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SectionRow {
    /// Its number.
    pub number: u32,
    /// Values of [`COLUMNS`], then the numbers of its teachers, the primary one first.
    packed: Box<[u8]>,
    /// The row that says so.
    pub line: u32,
    /// Whether it was not written before.
    pub is_new: bool,
}

impl SectionRow {
    /// Packs the values of [`COLUMNS`] and the numbers of the teachers.
    pub fn new(number: u32, line: u32, values: [&str; 12], teachers: &[u32]) -> Self {
        let mut packer = Packer::default();
        values.iter().for_each(|value| packer.push_raw(VALUE, value));
        teachers.iter().for_each(|teacher| packer.push_raw(TEACHER, &teacher.to_string()));
        Self { number, packed: packer.bytes().into(), line, is_new: false }
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

const VALUE: u8 = 0;
const TEACHER: u8 = 1;
