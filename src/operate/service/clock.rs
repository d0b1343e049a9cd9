//! The clock of the service: the machine's, or one that was set to another time for a rehearsal and goes on from there.

use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};

/// A clock.
#[derive(Debug, Clone, Copy)]
pub enum Clock {
    /// The machine's.
    OfMachine,
    /// One that showed this time then, and goes.
    SetTo(DateTime<Utc>, Instant),
    /// One that stands: everything happens at this time.
    Standing(DateTime<Utc>),
}

impl Clock {
    /// A clock that shows `time` now, and goes on.
    pub fn set_to(time: DateTime<Utc>) -> Self {
        Self::SetTo(time, Instant::now())
    }

    /// What it shows.
    #[expect(clippy::disallowed_methods, reason = "the clock itself; whoever works is told the time")]
    pub fn now(&self) -> DateTime<Utc> {
        match self {
            Self::OfMachine => Utc::now(),
            Self::SetTo(time, since) => *time + TimeDelta::from_std(since.elapsed()).unwrap_or(TimeDelta::MAX),
            Self::Standing(time) => *time,
        }
    }
}
