//! Who is late: nothing new came between two of the times by which something must have come.

use chrono::{DateTime, Utc};
use jiff::Timestamp;

use super::Schedule;
use super::calendar::{from_jiff, to_jiff};
use super::time::LocalTime;

/// That nothing new came in time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Late {
    /// The first time by which something should have come and had not.
    pub since: DateTime<Utc>,
    /// The newest such time; it moves on once a day while nothing comes.
    pub newest: DateTime<Utc>,
}

impl Schedule {
    /// Whether the district is late: at the newest `expect_by` nothing had come since the one before it, nor has until `now`.
    /// `last_arrival` is when the newest delivery came, of a district that never delivered when it was first known.
    pub fn late(&self, last_arrival: DateTime<Utc>, now: DateTime<Utc>) -> Option<Late> {
        let since = self.late_from(last_arrival).filter(|since| *since <= now)?;
        let newest = self.newest_due(self.expect_by?, to_jiff(now)).map_or(since, from_jiff);
        Some(Late { since, newest })
    }

    /// When the district will be late if nothing comes after `last_arrival`; nothing where no time is set.
    pub fn late_from(&self, last_arrival: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let time = self.expect_by?;
        let arrived = to_jiff(last_arrival);
        // The next one it still met; the one after that it misses.
        let mut dues = self.dues_around(time, arrived).filter(|due| *due >= arrived);
        dues.nth(1).map(from_jiff)
    }

    fn newest_due(&self, time: LocalTime, now: Timestamp) -> Option<Timestamp> {
        self.dues_around(time, now).filter(|due| *due <= now).last()
    }

    fn dues_around(&self, time: LocalTime, at: Timestamp) -> impl Iterator<Item = Timestamp> {
        self.calendar.days_around(at).filter_map(move |day| self.calendar.due(day, time))
    }
}
