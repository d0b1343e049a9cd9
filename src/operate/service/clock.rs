//! The clock of the service: the machine's, or one that was set to another time for a rehearsal and goes on from there.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

/// A clock that goes.
#[derive(Debug, Clone, Copy)]
pub struct Clock {
    began: DateTime<Utc>,
    since: Option<Instant>,
}

impl Clock {
    /// The machine's clock.
    pub fn of_machine() -> Self {
        Self { began: DateTime::UNIX_EPOCH, since: None }
    }

    /// A clock that shows `time` now.
    pub fn set_to(time: DateTime<Utc>) -> Self {
        Self { began: time, since: Some(Instant::now()) }
    }

    /// What it shows.
    #[expect(clippy::disallowed_methods, reason = "the clock itself; whoever works is told the time")]
    pub fn now(&self) -> DateTime<Utc> {
        let gone = |since: Instant| TimeDelta::from_std(since.elapsed()).unwrap_or(TimeDelta::MAX);
        self.since.map_or_else(Utc::now, |since| self.began + gone(since))
    }
}
