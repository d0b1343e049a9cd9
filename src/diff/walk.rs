//! A walk over tonight's rows in step with last night's: rows nearly always come in the same order.
//!
//! Where they do not, a few entries ahead are tried, and after many misses an index over all of them is made once.

use hashbrown::HashTable;

use super::Snapshot;

/// Finds rows in a snapshot.
#[derive(Debug)]
pub struct Walk<'a> {
    snapshot: &'a Snapshot,
    position: usize,
    misses: usize,
    taken: Vec<u64>,
    index: Option<HashTable<u32>>,
}

impl<'a> Walk<'a> {
    /// Entries tried ahead of the expected one.
    const AHEAD: usize = 32;
    /// Misses in a row after which an index is worth its price.
    const PATIENCE: usize = 256;

    /// Over `snapshot`, from its beginning.
    pub fn new(snapshot: &'a Snapshot) -> Self {
        Self { snapshot, position: 0, misses: 0, taken: vec![0; snapshot.len().div_ceil(64)], index: None }
    }

    /// The owner of an entry.
    pub fn owner(&self, entry: usize) -> u64 {
        self.snapshot.owner(entry)
    }

    /// The entry of a row with this fingerprint. Each is found once.
    pub fn find(&mut self, print: u128) -> Option<usize> {
        let found = self.ahead(print).or_else(|| self.anywhere(print));
        match found {
            Some(entry) => {
                self.taken[entry / 64] |= 1 << (entry % 64);
                (self.position, self.misses) = (entry + 1, 0);
                Some(entry)
            }
            None => {
                self.misses += 1;
                None
            }
        }
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

    fn ahead(&self, print: u128) -> Option<usize> {
        // Where rows were moved about, only the next entry is likely, and the index is asked for every other.
        let ahead = if self.index.is_some() { 1 } else { Self::AHEAD };
        let end = (self.position + ahead).min(self.snapshot.len());
        let entry = (self.position..end).find(|&entry| self.snapshot.print(entry) == print)?;
        Some(entry).filter(|&entry| !self.is_taken(entry))
    }

    fn anywhere(&mut self, print: u128) -> Option<usize> {
        if self.misses < Self::PATIENCE && self.index.is_none() {
            return None;
        }
        let snapshot = self.snapshot;
        let index = self.index.get_or_insert_with(|| index(snapshot));
        let fits = |&entry: &u32| {
            let entry = entry as usize;
            snapshot.print(entry) == print && self.taken[entry / 64] & (1 << (entry % 64)) == 0
        };
        index.find(print as u64, fits).map(|&entry| entry as usize)
    }
}

fn index(snapshot: &Snapshot) -> HashTable<u32> {
    snapshot.keep_all();
    let mut index = HashTable::with_capacity(snapshot.len());
    for (entry, print) in
        (0..snapshot.len()).map(|entry| (entry, snapshot.print(entry))).filter(|(_, print)| *print != 0)
    {
        index.insert_unique(print as u64, entry as u32, |&other| snapshot.print(other as usize) as u64);
    }
    index
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
            .filter(|&print| walk.find(print).map(|entry| walk.owner(entry)) != Some(print as u64))
            .collect();
        missed.retain(|&print| walk.find(print).is_none());
        assert_eq!(missed, [0u128; 0]);
        assert_eq!(walk.left_over().count(), 0);
        assert_eq!(walk.find(5), None, "an entry is found once");
    }

    #[test]
    fn what_is_gone_is_left_over_and_what_must_be_looked_at_again_is_never_found() {
        let mut last_night = snapshot(1..=100);
        last_night.set(49, 0, 50);
        let mut walk = Walk::new(&last_night);
        let found = (1..=100).filter(|&print| print % 10 != 0 && walk.find(print).is_some()).count();
        assert_eq!((found, walk.find(50)), (90, None));
        assert_eq!(walk.left_over().collect::<Vec<_>>(), [10, 20, 30, 40, 50, 60, 70, 80, 90, 100]);
    }
}
