//! Counts of one file, which must add up: read = accepted + refused + blank + folded (rule I1).

/// Rows of one file by what became of them. The header line is not counted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Rows read.
    pub rows: u64,
    /// Records accepted.
    pub accepted: u64,
    /// Rows refused.
    pub refused: u64,
    /// Blank lines, lines of separators, repeated headers.
    pub blank: u64,
    /// Further rows of a record that was accepted already.
    pub folded: u64,
    /// Of the accepted: as they were last night.
    pub unchanged: u64,
}

impl Tally {
    /// Of the rows that are neither blank nor refused `records` are records of their own; the others are folded into them.
    pub fn fold_into(&mut self, records: u64) {
        self.accepted = records;
        self.folded = (self.rows - self.blank).saturating_sub(self.accepted + self.refused);
    }
}
