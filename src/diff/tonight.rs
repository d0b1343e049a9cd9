//! What is remembered of tonight's file: mostly rows of last night's, which are named by their place there and not copied.

use std::rc::Rc;

use super::Snapshot;
use super::walk::Same;

/// The rows of one file in file order, on their way to become a snapshot.
#[derive(Debug, Default)]
pub struct Tonight {
    /// What decided how these rows were read.
    pub salt: u64,
    last_night: Option<Rc<Snapshot>>,
    /// Of each row its place in last night's snapshot or, with [`OWN`] added, in `own`. Empty without last night: then every
    /// row is in `own`.
    places: Vec<u32>,
    own: Snapshot,
    settled: u64,
}

const OWN: u32 = 1 << 31;

impl Tonight {
    /// No rows yet; `last_night` has been read with the same salt, and rows that are not there go to the empty `own`.
    pub fn after(last_night: Option<Rc<Snapshot>>, own: Snapshot) -> Self {
        Self { last_night, own, ..Self::default() }
    }

    /// Whether every row could be kept and read back, last night's too.
    ///
    /// # Errors
    /// The first failure; then nothing that was found counts.
    pub fn check(&self) -> std::io::Result<()> {
        self.last_night.as_ref().map_or(Ok(()), |last_night| last_night.check())?;
        self.own.check()
    }

    /// Remembers a row: its fingerprint, 0 where the row must be looked at again, and its owner.
    pub fn push(&mut self, print: u128, owner: u64) {
        self.settled += u64::from(print != 0);
        if self.last_night.is_some() {
            let place = self.place(self.places.len(), print, owner);
            self.places.push(place);
        } else {
            self.own.push(print, owner);
        }
    }

    /// Remembers a row that was found among last night's. Where that was not in step, it is copied: rows that lie about would be
    /// read one by one.
    pub fn push_same(&mut self, print: u128, same: Same) {
        match same.in_step {
            Some(entry) => {
                self.settled += 1;
                self.places.push(entry as u32);
            }
            None => self.push(print, same.owner),
        }
    }

    /// Replaces row `at`.
    pub fn set(&mut self, at: usize, print: u128, owner: u64) {
        self.settled += u64::from(print != 0);
        self.settled -= u64::from(self.row(at).0 != 0);
        match self.places.get(at) {
            None => self.own.set(at, print, owner),
            Some(place) if place & OWN != 0 => {
                self.own.set((place & !OWN) as usize, print, owner);
                self.settle(at);
            }
            Some(_) => self.places[at] = self.place(at, print, owner),
        }
    }

    /// Rows remembered.
    pub fn len(&self) -> usize {
        if self.last_night.is_some() { self.places.len() } else { self.own.len() }
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many of them need not be looked at again.
    pub fn settled(&self) -> u64 {
        self.settled
    }

    /// Row `at`: fingerprint and owner.
    pub fn row(&self, at: usize) -> (u128, u64) {
        match (self.places.get(at), &self.last_night) {
            (Some(place), Some(last_night)) if place & OWN == 0 => last_night.row(*place as usize),
            (Some(place), _) => self.own.row((place & !OWN) as usize),
            (None, _) => self.own.row(at),
        }
    }

    /// All rows: fingerprint and owner.
    pub fn rows(&self) -> impl Iterator<Item = (u128, u64)> + '_ {
        (0..self.len()).map(|at| self.row(at))
    }

    /// Makes every row whose owner is not `settled` be looked at again.
    pub fn keep_only(&mut self, mut settled: impl FnMut(u64) -> bool) {
        for at in 0..self.len() {
            let (print, owner) = self.row(at);
            if print != 0 && !settled(owner) {
                self.set(at, 0, owner);
            }
        }
    }

    /// Whether these are last night's rows, every one in its place.
    pub fn is_last_night(&self) -> bool {
        let is_whole = self.last_night.as_ref().is_some_and(|last_night| last_night.len() == self.places.len());
        is_whole && self.places.iter().enumerate().all(|(at, place)| *place == at as u32)
    }

    /// Where row `at` is kept: with last night's, if it is the same there.
    fn place(&mut self, at: usize, print: u128, owner: u64) -> u32 {
        if self.was(at, print, owner) {
            return at as u32;
        }
        self.own.push(print, owner);
        (self.own.len() - 1) as u32 | OWN
    }

    /// A row of our own may have become what it was last night.
    fn settle(&mut self, at: usize) {
        let (print, owner) = self.row(at);
        if self.was(at, print, owner) {
            self.places[at] = at as u32;
        }
    }

    fn was(&self, at: usize, print: u128, owner: u64) -> bool {
        self.last_night.as_ref().is_some_and(|last| at < last.len() && last.row(at) == (print, owner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn last_night() -> Rc<Snapshot> {
        let mut snapshot = Snapshot::new(7);
        [(1, 10), (0, 11), (3, 12)].into_iter().for_each(|(print, owner)| snapshot.push(print, owner));
        Rc::new(snapshot)
    }

    fn push_same(tonight: &mut Tonight, entry: usize) {
        let (print, owner) = last_night().row(entry);
        tonight.push_same(print, Same { owner, in_step: Some(entry) });
    }

    fn rows(tonight: &Tonight) -> Vec<(u128, u64)> {
        tonight.rows().collect()
    }

    #[test]
    fn rows_of_last_night_in_their_places_are_last_night() {
        let mut tonight = Tonight::after(Some(last_night()), Snapshot::default());
        push_same(&mut tonight, 0);
        tonight.push(9, u64::MAX);
        push_same(&mut tonight, 2);
        assert!(!tonight.is_last_night());
        tonight.set(1, 0, 11);
        assert!(tonight.is_last_night());
        assert_eq!(rows(&tonight), [(1, 10), (0, 11), (3, 12)]);
    }

    #[test]
    fn changed_moved_and_unsettled_rows_are_kept_apart_from_last_night() {
        let mut tonight = Tonight::after(Some(last_night()), Snapshot::default());
        push_same(&mut tonight, 2);
        push_same(&mut tonight, 0);
        tonight.push(5, 13);
        tonight.keep_only(|owner| owner != 10);
        assert_eq!((rows(&tonight), tonight.settled()), (vec![(3, 12), (0, 10), (5, 13)], 2));
        assert!(!tonight.is_last_night());
    }

    #[test]
    fn a_row_that_was_found_out_of_step_is_kept_as_it_was() {
        let mut tonight = Tonight::after(Some(last_night()), Snapshot::default());
        tonight.push_same(3, Same { owner: 12, in_step: None });
        tonight.push_same(1, Same { owner: 10, in_step: None });
        assert_eq!((rows(&tonight), tonight.settled()), (vec![(3, 12), (1, 10)], 2));
    }

    #[test]
    fn without_a_last_night_every_row_is_its_own() {
        let mut tonight = Tonight::after(None, Snapshot::default());
        tonight.push(1, 10);
        tonight.push(2, 11);
        tonight.set(0, 0, 10);
        assert_eq!(rows(&tonight), [(0, 10), (2, 11)]);
        assert!(!tonight.is_last_night());
    }
}
