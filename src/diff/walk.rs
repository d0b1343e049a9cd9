//! A walk over tonight's rows in step with last night's: rows nearly always come in the same order.
//!
//! Where they do not, a few entries ahead are tried, and after many misses an index over all of them is made once.

use super::Snapshot;
use super::index::Index;

/// A row of last night's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Same {
    /// Its owner.
    pub owner: u64,
    /// Its entry, where the rows come as they did last night.
    pub in_step: Option<usize>,
}

/// Finds rows in a snapshot.
#[derive(Debug)]
pub struct Walk<'a> {
    snapshot: &'a Snapshot,
    position: usize,
    misses: usize,
    /// Whether the last row that was found followed the one before it last night, too.
    is_in_step: bool,
    taken: Vec<u64>,
    index: Option<Index>,
    /// Of how many rows that come next everything is fetched.
    fetched: usize,
}

impl<'a> Walk<'a> {
    /// Entries tried ahead of the expected one.
    const AHEAD: usize = 32;
    /// Misses in a row after which an index is worth its price.
    const PATIENCE: usize = 256;

    /// Over `snapshot`, from its beginning.
    pub fn new(snapshot: &'a Snapshot) -> Self {
        let taken = vec![0; snapshot.len().div_ceil(64)];
        Self { snapshot, position: 0, misses: 0, is_in_step: true, taken, index: None, fetched: 0 }
    }

    /// The row with the first of these fingerprints; the others are those of the rows after it. Each entry is found once.
    pub fn find(&mut self, prints: &[u128]) -> Option<Same> {
        let print = *prints.first()?;
        self.fetched = self.fetched.saturating_sub(1);
        let found = self.ahead(print).or_else(|| self.anywhere(print, prints));
        let Some((entry, same)) = found else {
            self.misses += 1;
            return None;
        };
        self.taken[entry / 64] |= 1 << (entry % 64);
        self.is_in_step = self.index.is_none() || entry == self.position;
        (self.position, self.misses) = (entry + 1, 0);
        Some(same)
    }

    /// The owners of rows that were not found.
    pub fn left_over(&self) -> impl Iterator<Item = u64> + '_ {
        (0..self.snapshot.len()).filter(|&entry| !self.is_taken(entry)).map(|entry| self.snapshot.owner(entry))
    }

    /// The owners of rows that could have been found, and were not.
    pub fn lost(&self) -> impl Iterator<Item = u64> + '_ {
        let could = |entry: &usize| !self.is_taken(*entry) && self.snapshot.print(*entry) != 0;
        (0..self.snapshot.len()).filter(could).map(|entry| self.snapshot.owner(entry))
    }

    /// The owners of rows that were found.
    pub fn found(&self) -> impl Iterator<Item = u64> + '_ {
        (0..self.snapshot.len()).filter(|&entry| self.is_taken(entry)).map(|entry| self.snapshot.owner(entry))
    }

    fn is_taken(&self, entry: usize) -> bool {
        self.taken[entry / 64] & (1 << (entry % 64)) != 0
    }

    fn ahead(&self, print: u128) -> Option<(usize, Same)> {
        // Where rows were moved about, only the next entry is likely, and that only while they are in step again.
        let ahead = match (&self.index, self.is_in_step) {
            (None, _) => Self::AHEAD,
            (Some(_), true) => 1,
            (Some(_), false) => return None,
        };
        let end = (self.position + ahead).min(self.snapshot.len());
        let entry = (self.position..end).find(|&entry| self.snapshot.print(entry) == print)?;
        let same = || Same { owner: self.snapshot.owner(entry), in_step: Some(entry) };
        (!self.is_taken(entry)).then(|| (entry, same()))
    }

    fn anywhere(&mut self, print: u128, prints: &[u128]) -> Option<(usize, Same)> {
        if self.misses < Self::PATIENCE && self.index.is_none() {
            return None;
        }
        let index = self.index.get_or_insert_with(|| Index::new(self.snapshot));
        if self.fetched == 0 {
            self.fetched = index.fetch(prints);
        }
        let is_taken = |entry: usize| self.taken[entry / 64] & (1 << (entry % 64)) != 0;
        let (entry, owner) = index.find(print, |entry| !is_taken(entry))?;
        Some((entry, Same { owner, in_step: None }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snapshot(prints: impl Iterator<Item = u128>) -> Snapshot {
        let mut snapshot = Snapshot::new(7);
        prints.for_each(|print| snapshot.push(print, print as u64));
        snapshot
    }

    #[test]
    fn rows_are_found_in_any_order_once_each() {
        let last_night = snapshot(1..=2000);
        let mut walk = Walk::new(&last_night);
        let mut missed: Vec<u128> = (1..=2000)
            .rev()
            .filter(|&print| walk.find(&[print]).map(|same| same.owner) != Some(print as u64))
            .collect();
        missed.retain(|&print| walk.find(&[print]).is_none());
        assert_eq!(missed, [0u128; 0]);
        assert_eq!(walk.left_over().count(), 0);
        assert_eq!(walk.find(&[5]), None, "an entry is found once");
    }

    #[test]
    fn what_is_gone_is_left_over_and_what_must_be_looked_at_again_is_never_found() {
        let mut last_night = snapshot(1..=100);
        last_night.set(49, 0, 50);
        let mut walk = Walk::new(&last_night);
        let found = (1..=100).filter(|&print| print % 10 != 0 && walk.find(&[print]).is_some()).count();
        assert_eq!((found, walk.find(&[50])), (90, None));
        assert_eq!(walk.left_over().collect::<Vec<_>>(), [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    }

    #[test]
    fn rows_that_are_alike_are_found_as_often_as_they_were_there() {
        let last_night = snapshot((1..=5000).chain(1..=5000));
        let prints: Vec<u128> = (1..=5000).rev().flat_map(|print| [print, print, print]).collect();
        let mut walk = Walk::new(&last_night);
        let mut found = vec![0; 5001];
        for at in 0..prints.len() {
            found[prints[at] as usize] += usize::from(walk.find(&prints[at..]).is_some());
        }
        let late = found.iter().skip(1).filter(|times| **times != 2).count();
        assert!(late <= Walk::PATIENCE, "{late} were not found before it was worth an index");
        assert_eq!(walk.left_over().count() + found.iter().sum::<usize>(), 10_000);
    }
}
