//! A span of local time in which runs may begin: of every day, also over midnight; or of every week, also over its end.

use std::ops::Range;

use jiff::civil::{Date, Weekday};
use jiff::{SignedDuration, Timestamp, ToSpan};

use super::calendar::Calendar;
use super::time::{LocalTime, WeekTime};

/// The last minute belongs to the window.
const MINUTE: SignedDuration = SignedDuration::from_secs(60);

/// A window. One that begins with a day ends with one, and no window is empty.
#[derive(Debug, Clone, Copy)]
pub struct Window {
    day: Option<Weekday>,
    from: LocalTime,
    /// Days from its first to its last minute.
    days: i8,
    to: LocalTime,
}

impl Window {
    /// Reads both ends. Otherwise it says in a sentence what is wrong.
    pub fn parse(from: &str, to: &str) -> Result<Self, String> {
        let (begin, end) = (WeekTime::parse(from)?, WeekTime::parse(to)?);
        if begin == end {
            return Err(format!(
                "begins and ends at {from:?}; write an end that comes later, or leave the window out if runs may begin at \
                 any time."
            ));
        }
        let is_back = end.time < begin.time;
        let days = match (begin.day, end.day) {
            (None, None) => i8::from(is_back),
            (Some(first), Some(last)) if first == last && is_back => 7,
            (Some(first), Some(last)) => first.until(last),
            _ => {
                return Err(format!(
                    "goes from {from:?} to {to:?}; write a day at both ends for every week, or at none for every day."
                ));
            }
        };
        Ok(Self { day: begin.day, from: begin.time, days, to: end.time })
    }

    /// Whether it has `time` on any day.
    pub fn has_time(&self, time: LocalTime) -> bool {
        let any = Date::constant(2026, 1, 1);
        (0..7).any(|days| self.has(any.saturating_add(days.days()), time))
    }

    /// Whether it has `time` on `day`.
    pub fn has(&self, day: Date, time: LocalTime) -> bool {
        (0..=self.days).any(|since| {
            let is_begun = since > 0 || self.from <= time;
            let is_over = since == self.days && time > self.to;
            is_begun && !is_over && self.begins_on(day.saturating_sub(since.days()))
        })
    }

    /// Whether it begins on `day`.
    pub fn begins_on(&self, day: Date) -> bool {
        self.day.is_none_or(|weekday| weekday == day.weekday())
    }

    /// The instants of the window that begins on `day`; nothing where the calendar or the clock leaves all of it out.
    ///
    /// Where an end is shown twice, the window is the longer one. The last minute counts where it is left out as well: a due time
    /// that is left out runs right after, and is not to fall out of its window by that.
    pub fn span(&self, calendar: &Calendar, day: Date) -> Option<Range<Timestamp>> {
        let start = calendar.moment(day, self.from)?.first;
        let last = calendar.moment(day.checked_add(self.days.days()).ok()?, self.to)?;
        let end = if last.is_on_its_day { last.last.checked_add(MINUTE).ok()? } else { last.first };
        (start < end).then_some(start..end)
    }
}
