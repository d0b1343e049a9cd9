//! Deliveries that came in a blackout: afterwards the deltas in their order, and the newest full set, before what comes next (rule F5).

use anyhow::Result;

use super::intake::TakenSet;
use super::job::Job;
use super::kept;
use crate::roster::set::Mode;
use crate::store::{District, Store};

/// One of them, and its place among those that wait.
pub struct Waiting {
    /// The place.
    pub position: i64,
    /// The set; none where a newer full set takes its place, or its copy is gone.
    pub taken: Option<TakenSet>,
}

/// What is due once a blackout is over, in the order of arrival. `is_superseded`: the delivery that comes now takes the place of full sets.
pub fn due(store: &Store, job: &Job<'_>, district: &District, mut is_superseded: bool) -> Result<Vec<Waiting>> {
    let waiting = store.waiting_batches(district.seq)?;
    let mut due = Vec::new();
    for (position, batch) in waiting.into_iter().rev() {
        let kept = store.kept_batch(district.seq, &batch)?;
        let taken = kept.and_then(|kept| kept::read(store, job, kept).ok());
        let taken = taken.filter(|taken| taken.set.mode == Mode::Delta || !is_superseded);
        is_superseded |= taken.as_ref().is_some_and(|taken| taken.set.mode == Mode::Full);
        due.push(Waiting { position, taken });
    }
    due.reverse();
    Ok(due)
}
