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
