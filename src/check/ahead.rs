//! What is done with rows already on the thread that reads them: judging their cells and taking their fingerprints needs
//! nothing but the row. Used by `file`; the passes take what was found, or look themselves where nobody looked ahead.

use super::judged::{Judged, JudgedRows};
use super::row::RowJudge;
use crate::diff::Fingerprinter;
use crate::read::{Block, Row};

/// What to look for in every row.
#[derive(Debug, Default)]
pub(super) struct Ahead<'j> {
    /// Judges every cell.
    pub judge: Option<&'j RowJudge<'j>>,
    /// Takes fingerprints.
    pub prints: Option<Fingerprinter>,
}

/// What was found in the rows of a block.
#[derive(Debug, Default)]
pub(super) struct Found {
    judged: JudgedRows,
    prints: Vec<u128>,
}

/// A row with what is known of it.
#[derive(Debug)]
pub(super) struct Arrived<'b> {
    /// The row.
    pub row: Row<'b>,
    /// Its number among the rows of the file that are neither blank nor a header.
    pub ordinal: usize,
    /// Its fingerprint and those of the rows after it in the block, if they were taken.
    pub prints: &'b [u128],
    /// What its cells say, if they were judged.
    pub judged: Option<Judged<'b>>,
}

impl Arrived<'_> {
    /// Its fingerprint, if it was taken.
    pub fn print(&self) -> Option<u128> {
        self.prints.first().copied()
    }
}

impl Ahead<'_> {
    /// Looks at every row of `block`.
    pub fn look(&mut self, block: &Block, found: &mut Found) {
        if let Some(judge) = self.judge {
            judge.judge_all(block.rows(), &mut found.judged);
        }
        if let Some(prints) = &mut self.prints {
            found.prints.clear();
            found.prints.extend(block.rows().map(|row| prints.of(&row)));
        }
    }
}

impl Found {
    /// The rows of `block`, each with what was found of it; the ordinals are still to be given.
    pub fn rows<'b>(&'b mut self, block: &'b Block) -> impl Iterator<Item = Arrived<'b>> {
        let mut judged = self.judged.with(block.rows());
        let prints = &self.prints;
        let rows = block.rows().enumerate();
        rows.map(move |(at, row)| Arrived {
            row,
            ordinal: 0,
            prints: prints.get(at..).unwrap_or_default(),
            judged: judged.next(),
        })
    }
}
