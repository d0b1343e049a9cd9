//! A section as it is written: made by `matching`, stored by `store`.

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
pub struct SectionRow {
    /// Its number.
    pub number: u32,
    /// Values of [`COLUMNS`].
    pub values: [String; 12],
    /// Numbers of its teachers, the primary one first.
    pub teachers: Vec<u32>,
    /// Hash of all of it.
    pub hash: u64,
    /// The row that says so.
    pub line: u32,
    /// Whether it was not written before.
    pub is_new: bool,
}
