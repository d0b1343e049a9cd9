//! The rows of a snapshot by fingerprint, for nights on which they come in another order. Made and asked by `walk`.
//!
//! Millions of rows lie further apart than the processor's cache reaches, and one that is looked up by itself is waited for. So all of a
//! row stands in its place in the table, and the places of many rows are fetched together before the first of them is looked at.

use super::Snapshot;

/// A table with open places: both halves of the fingerprint, the owner, the row's number plus one; that is 0 where the place is free.
#[derive(Debug)]
pub(super) struct Index {
    places: Vec<[u64; 4]>,
}

/// So many places are fetched together: they fit into the cache next to the processor, and it knows where their pages are.
const FETCHED: usize = 256;

impl Index {
    /// Of all rows that can be found.
    pub fn new(snapshot: &Snapshot) -> Self {
        let mut index = Self { places: vec![[0; 4]; snapshot.len() * 5 / 4 + 1] };
        let mut prints = Vec::with_capacity(FETCHED);
        for start in (0..snapshot.len()).step_by(FETCHED) {
            let end = snapshot.len().min(start + FETCHED);
            prints.clear();
            prints.extend((start..end).map(|row| snapshot.print(row)));
            index.fetch(&prints);
            (start..end).for_each(|row| index.insert(row, snapshot.row(row)));
        }
        index
    }

    /// The first row with this fingerprint that `fits`, and its owner.
    pub fn find(&self, print: u128, fits: impl Fn(usize) -> bool) -> Option<(usize, u64)> {
        let key = halves(print);
        let rows = self.from(print).map(|at| self.places[at]).take_while(|place| place[3] != 0);
        let mut same = rows.filter(|place| place[..2] == key).map(|place| (place[3] as usize - 1, place[2]));
        same.find(|(row, _)| fits(*row))
    }

    /// Fetches what will be needed to find the first of these fingerprints; gives how many.
    pub fn fetch(&self, prints: &[u128]) -> usize {
        let prints = &prints[..prints.len().min(FETCHED)];
        let touched = prints.iter().map(|print| self.places[self.home(*print)]);
        std::hint::black_box(touched.fold(0, |all, place| all ^ place[0] ^ place[3]));
        prints.len()
    }

    fn insert(&mut self, row: usize, (print, owner): (u128, u64)) {
        if print != 0
            && let Some(free) = self.from(print).find(|at| self.places[*at][3] == 0)
        {
            let [low, high] = halves(print);
            self.places[free] = [low, high, owner, row as u64 + 1];
        }
    }

    /// All places, beginning with the one where the row should lie. A fifth of them is free.
    fn from(&self, print: u128) -> impl Iterator<Item = usize> + use<> {
        let home = self.home(print);
        (home..self.places.len()).chain(0..home)
    }

    /// The fingerprint as a share of all fingerprints, and the same share of the places: they need not be a power of two.
    fn home(&self, print: u128) -> usize {
        ((u128::from(print as u64) * self.places.len() as u128) >> 64) as usize
    }
}

fn halves(print: u128) -> [u64; 2] {
    [print as u64, (print >> 64) as u64]
}
