//! The days and times of a time zone as instants, on the nights too on which the clock is changed.

use chrono::{DateTime, Utc};
use jiff::civil::Date;
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::time::LocalTime;

/// Days before and after an instant that are looked at. A window may have begun a week before; one that begins once a week begins
/// within two, even where a zone leaves out a day, as Samoa did.
const DAYS_BEFORE: i32 = 8;
const DAYS_AFTER: i32 = 15;
const NANOSECONDS: i128 = 1_000_000_000;

/// A time zone, as days and times.
#[derive(Debug, Clone)]
pub struct Calendar {
    /// Its zone.
    pub zone: TimeZone,
}

/// When a clock on the wall shows a time of a day. A time that it leaves out is the first instant after.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// When it shows that for the first time.
    pub first: Timestamp,
    /// When it does for the last time: another instant where the clock is set back over it.
    pub last: Timestamp,
    /// Whether that day exists at all.
    pub is_on_its_day: bool,
}

impl Calendar {
    /// The calendar of `zone`.
    pub fn new(zone: TimeZone) -> Self {
        Self { zone }
    }

    /// The days around the one that the calendar shows at `at`, in order.
    pub fn days_around(&self, at: Timestamp) -> impl DoubleEndedIterator<Item = Date> + use<> {
        let today = self.zone.to_datetime(at).date();
        (-DAYS_BEFORE..=DAYS_AFTER).filter_map(move |days| today.checked_add(days.days()).ok())
    }

    /// The one instant at which something is due that is due at `time` on `day`; nothing if there is no such day.
    pub fn due(&self, day: Date, time: LocalTime) -> Option<Timestamp> {
        self.moment(day, time).filter(|moment| moment.is_on_its_day).map(|moment| moment.first)
    }

    /// When the clock shows `time` on `day`; nothing beyond the years that can be reckoned with.
    pub fn moment(&self, day: Date, time: LocalTime) -> Option<Moment> {
        let shown = self.zone.to_ambiguous_timestamp(day.to_datetime(time.0));
        match shown.offset() {
            AmbiguousOffset::Gap { .. } => self.after_gap(day, shown.earlier().ok()?),
            _ => Some(Moment { first: shown.earlier().ok()?, last: shown.later().ok()?, is_on_its_day: true }),
        }
    }

    /// The first instant after the hour that is left out. `before` lies before it, by less than that hour.
    fn after_gap(&self, day: Date, before: Timestamp) -> Option<Moment> {
        let left_out = self.zone.following(before).find(|change| {
            self.zone.to_offset(change.timestamp()) > self.zone.to_offset(last_before(change.timestamp()))
        })?;
        let after = left_out.timestamp();
        let is_on_its_day = [last_before(after), after].iter().any(|at| self.zone.to_datetime(*at).date() == day);
        Some(Moment { first: after, last: after, is_on_its_day })
    }
}

fn last_before(at: Timestamp) -> Timestamp {
    at.saturating_sub(SignedDuration::from_nanos(1)).unwrap_or(at)
}

/// An instant as the zones take it.
pub fn to_jiff(time: DateTime<Utc>) -> Timestamp {
    let nanoseconds = i128::from(time.timestamp()) * NANOSECONDS + i128::from(time.timestamp_subsec_nanos());
    let furthest = if nanoseconds < 0 { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::from_nanosecond(nanoseconds).unwrap_or(furthest)
}

/// An instant as everybody else takes it.
pub fn from_jiff(time: Timestamp) -> DateTime<Utc> {
    let (seconds, rest) = (time.as_nanosecond().div_euclid(NANOSECONDS), time.as_nanosecond().rem_euclid(NANOSECONDS));
    let known = i64::try_from(seconds).ok().zip(u32::try_from(rest).ok());
    known.and_then(|(seconds, rest)| DateTime::from_timestamp(seconds, rest)).unwrap_or(DateTime::<Utc>::MAX_UTC)
}
