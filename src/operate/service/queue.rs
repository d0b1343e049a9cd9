//! Whose turn it is: pure, over the deliveries that are not finished.
//!
//! Called by the workers. A district's deliveries go one after the other in the order of their arrival; among districts, whoever was
//! served longest ago is next, so that one that sends much does not keep the others waiting.

use std::collections::{HashMap, HashSet};

use crate::store::DeliveryRow;

/// Deliveries of more bytes than this are large: one worker is always left to the others.
const LARGE_BYTES: i64 = 64 << 20;

/// Who works on what now, and who was served when.
#[derive(Debug, Default)]
pub struct Turns {
    /// Districts that a worker has, with the size of the delivery.
    busy: HashMap<String, i64>,
    /// When each district was served last, as a count of turns.
    served: HashMap<String, u64>,
    count: u64,
}

impl Turns {
    /// The delivery whose turn it is; its district is busy from now on. `may_begin` says whether
    /// its time has come: to run, or to tell its sender.
    pub fn take<'r>(
        &mut self,
        rows: &'r [DeliveryRow],
        workers: usize,
        may_begin: impl Fn(&DeliveryRow) -> bool,
    ) -> Option<&'r DeliveryRow> {
        let mut seen = HashSet::new();
        // A sender who cannot be told now is told later; that does not keep what came next.
        let open = rows.iter().filter(|row| row.waits() || may_begin(row));
        let firsts = open.filter(|row| seen.insert(row.district.as_str()));
        let free = firsts.filter(|row| !self.busy.contains_key(&row.district) && self.has_room(row, workers));
        let ready = free.filter(|row| may_begin(row));
        let next = ready.min_by_key(|row| (self.served.get(&row.district).copied().unwrap_or(0), row.seq))?;
        self.count += 1;
        self.busy.insert(next.district.clone(), if next.waits() { next.bytes } else { 0 });
        self.served.insert(next.district.clone(), self.count);
        Some(next)
    }

    /// The district is free again.
    pub fn give_back(&mut self, district: &str) {
        self.busy.remove(district);
    }

    /// How many districts are worked on.
    pub fn busy(&self) -> usize {
        self.busy.len()
    }

    fn has_room(&self, row: &DeliveryRow, workers: usize) -> bool {
        let large = self.busy.values().filter(|bytes| **bytes > LARGE_BYTES).count();
        row.bytes <= LARGE_BYTES || !row.waits() || large < workers.saturating_sub(1).max(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(seq: i64, district: &str, bytes: i64) -> DeliveryRow {
        DeliveryRow { seq, district: district.into(), bytes, ..DeliveryRow::default() }
    }

    fn order(turns: &mut Turns, mut rows: Vec<DeliveryRow>) -> Vec<i64> {
        let mut order = Vec::new();
        while let Some(next) = turns.take(&rows, 1, |_| true).cloned() {
            turns.give_back(&next.district);
            rows.retain(|row| row.seq != next.seq);
            order.push(next.seq);
        }
        order
    }

    #[test]
    fn a_district_that_sends_much_waits_for_those_that_send_little() {
        let much = (1..=5).map(|seq| row(seq, "large", 0));
        let rows = much.chain([row(6, "one", 0), row(7, "other", 0)]).collect();
        assert_eq!(order(&mut Turns::default(), rows), [1, 6, 7, 2, 3, 4, 5]);
    }

    #[test]
    fn two_of_one_district_are_never_worked_on_at_once_nor_out_of_order() {
        let rows = [row(1, "a", 0), row(2, "a", 0), row(3, "b", 0)];
        let mut turns = Turns::default();
        assert_eq!(
            turns.take(&rows, 2, |row| row.seq != 1).map(|row| row.seq),
            Some(3),
            "1 is not due, and 2 comes after it"
        );
        assert_eq!(turns.take(&rows, 2, |_| true).map(|row| row.seq), Some(1));
        assert_eq!(turns.take(&rows, 2, |_| true), None);
        turns.give_back("a");
        assert_eq!(turns.take(&rows[1..], 2, |_| true).map(|row| row.seq), Some(2));
    }

    #[test]
    fn large_deliveries_leave_one_worker_to_the_others() {
        let rows = [row(1, "a", LARGE_BYTES + 1), row(2, "b", LARGE_BYTES + 1), row(3, "c", 5)];
        let mut turns = Turns::default();
        let mut next = || turns.take(&rows, 2, |_| true).map(|row| row.seq);
        assert_eq!([next(), next(), next()], [Some(1), Some(3), None]);
        let mut alone = Turns::default();
        assert_eq!(alone.take(&rows, 1, |_| true).map(|row| row.seq), Some(1), "a single worker takes what comes");
    }

    #[test]
    fn a_sender_who_cannot_be_told_now_does_not_keep_what_came_next() {
        let told_later = DeliveryRow { run: "019".into(), ..row(1, "a", LARGE_BYTES + 1) };
        let rows = [told_later, row(2, "a", 0)];
        assert_eq!(Turns::default().take(&rows, 1, |row| row.seq != 1).map(|row| row.seq), Some(2));
        assert_eq!(Turns::default().take(&rows, 1, |_| true).map(|row| row.seq), Some(1));
    }
}
