//! Wakes whoever waits for something to do. A ring says "look again", never what for: the state decides.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Rings that everybody hears who waits, and whoever comes too late for the last one.
#[derive(Debug, Default)]
pub struct Bell {
    rings: Mutex<u64>,
    heard: Condvar,
}

impl Bell {
    /// Wakes everybody.
    pub fn ring(&self) {
        *self.locked() += 1;
        self.heard.notify_all();
    }

    /// How often it rang so far.
    pub fn rings(&self) -> u64 {
        *self.locked()
    }

    /// Waits until it has rung more than `known` times, at most for `longest`.
    pub fn wait(&self, known: u64, longest: Duration) {
        let is_known = |rings: &mut u64| *rings == known;
        // Whoever wakes looks around, whether it rang or the time is over.
        drop(self.heard.wait_timeout_while(self.locked(), longest, is_known));
    }

    /// A count is never half changed, so that a panic elsewhere does not matter here.
    fn locked(&self) -> MutexGuard<'_, u64> {
        self.rings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_before_the_wait_is_heard() {
        let bell = Bell::default();
        let known = bell.rings();
        bell.ring();
        bell.wait(known, Duration::MAX);
        assert_eq!(bell.rings(), known + 1);
    }

    #[test]
    fn a_ring_wakes_who_waits() {
        let bell = std::sync::Arc::new(Bell::default());
        let waiting = std::thread::spawn({
            let (bell, known) = (bell.clone(), bell.rings());
            move || bell.wait(known, Duration::MAX)
        });
        bell.ring();
        waiting.join().expect("it woke");
    }
}
