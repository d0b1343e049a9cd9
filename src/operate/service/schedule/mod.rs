//! When a district's deliveries may be run, and when a district is late: in its own time zone, on the nights too on which the
//! clock is changed.
//!
//! Called by the service before it begins a run and whenever it looks around, and by `operate::config` to judge the settings.
//! It never asks what time it is, and knows neither queue nor store: what has come and what time it is are arguments.

mod calendar;
mod late;
mod time;
mod window;

#[cfg(test)]
mod tests;

use chrono::{DateTime, Utc};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::roster::settings::ScheduleSettings;
use calendar::{Calendar, from_jiff, to_jiff};
pub use late::Late;
use time::LocalTime;
use window::Window;

/// The smallest number of equal deliveries that can be called a stuck feed: one that came, and the same again.
const FEWEST_EQUAL: u32 = 2;

/// When runs of a district may begin, and when something new must have come. Only settings that make sense become one.
#[derive(Debug, Clone)]
pub struct Schedule {
    calendar: Calendar,
    run_at: Option<LocalTime>,
    windows: Vec<Window>,
    expect_by: Option<LocalTime>,
    stale_after: u32,
}

/// What is wrong with one key of `[schedule]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// The key.
    pub key: &'static str,
    /// What is wrong and what to write instead; the key comes before it.
    pub sentence: String,
}

impl Schedule {
    /// The schedule that the settings mean in the district's `zone`.
    ///
    /// # Errors
    /// Everything that is wrong with them.
    pub fn new(settings: &ScheduleSettings, zone: TimeZone) -> Result<Self, Vec<Mistake>> {
        let mut mistakes = Vec::new();
        let schedule = Self {
            calendar: Calendar::new(zone),
            run_at: time("run_at", settings.run_at.as_deref(), &mut mistakes),
            windows: windows(settings, &mut mistakes),
            expect_by: time("expect_by", settings.expect_by.as_deref(), &mut mistakes),
            stale_after: settings.stale_after,
        };
        if settings.stale_after < FEWEST_EQUAL {
            let sentence = format!("cannot be {}; write {FEWEST_EQUAL} or more.", settings.stale_after);
            mistakes.push(Mistake { key: "stale_after", sentence });
        }
        if mistakes.is_empty() {
            mistakes.extend(schedule.never());
        }
        if mistakes.is_empty() { Ok(schedule) } else { Err(mistakes) }
    }

    /// A due time outside of every window: nothing would ever run.
    fn never(&self) -> Option<Mistake> {
        let time = self.run_at?;
        let is_inside = self.windows.is_empty() || self.windows.iter().any(|window| window.has_time(time));
        let sentence = format!(
            "is {time}, which lies outside of every schedule.window, so that nothing would ever run; write a time inside of \
             one, or leave one of the two keys out."
        );
        (!is_inside).then_some(Mistake { key: "run_at", sentence })
    }

    /// The earliest instant from `now` on at which a run of a delivery that came at `arrived` may begin.
    ///
    /// With `run_at` that is its first due time: one that passed while nothing ran is made up for, once, now. With windows it is
    /// never outside of one.
    pub fn next_start(&self, arrived: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
        let arrived = to_jiff(arrived);
        let due = self.run_at.and_then(|time| self.first_due(time, arrived)).unwrap_or(arrived);
        from_jiff(self.first_open(due.max(to_jiff(now))))
    }

    /// Whether a run of a delivery that came at `arrived` may begin now.
    pub fn may_begin(&self, arrived: DateTime<Utc>, now: DateTime<Utc>) -> bool {
        self.next_start(arrived, now) <= now
    }

    /// Whether `same_again` deliveries of the same bytes in a row mean that the feed is stuck.
    pub fn is_stale(&self, same_again: u64) -> bool {
        same_again >= u64::from(self.stale_after)
    }

    /// The first due time from `at` on that lies in a window.
    fn first_due(&self, time: LocalTime, at: Timestamp) -> Option<Timestamp> {
        let is_inside =
            |day: &Date| self.windows.is_empty() || self.windows.iter().any(|window| window.has(*day, time));
        let days = self.calendar.days_around(at).filter(is_inside);
        days.filter_map(|day| self.calendar.due(day, time)).find(|due| *due >= at)
    }

    /// The first instant from `at` on that lies in a window.
    fn first_open(&self, at: Timestamp) -> Timestamp {
        let spans = self.windows.iter().flat_map(|window| {
            let days = self.calendar.days_around(at).filter(move |day| window.begins_on(*day));
            days.filter_map(move |day| window.span(&self.calendar, day))
        });
        spans.filter(|span| span.end > at).map(|span| span.start.max(at)).min().unwrap_or(at)
    }
}

fn time(key: &'static str, text: Option<&str>, mistakes: &mut Vec<Mistake>) -> Option<LocalTime> {
    let text = text?;
    let time = LocalTime::parse(text);
    if time.is_none() {
        let sentence = format!("cannot be {text:?}; write a time such as \"05:00\".");
        mistakes.push(Mistake { key, sentence });
    }
    time
}

fn windows(settings: &ScheduleSettings, mistakes: &mut Vec<Mistake>) -> Vec<Window> {
    let mut windows = Vec::new();
    for window in &settings.window {
        match Window::parse(&window.from, &window.to) {
            Ok(window) => windows.push(window),
            Err(sentence) => mistakes.push(Mistake { key: "window", sentence }),
        }
    }
    windows
}
