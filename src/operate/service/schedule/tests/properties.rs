//! What holds for every schedule in every zone: never outside of a window, never twice a day, one start for each due time.
//!
//! The truth is asked of a clock on the wall that is looked at minute by minute; it knows nothing of gaps and folds.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use chrono::{DateTime, TimeDelta, Utc};
use jiff::civil::{Date, DateTime as Shown};
use jiff::tz::TimeZone;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::RngSeed;

use super::super::time::WeekTime;
use super::super::{Mistake, Schedule, from_jiff, to_jiff};
use crate::files::zones::Zones;
use crate::roster::settings::{RunWindow, ScheduleSettings};

const MINUTES_A_DAY: i64 = 1440;
const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// Zones and days near which something happens there.
const NIGHTS: [(&str, &str); 18] = [
    ("America/New_York", "2026-03-08"),
    ("America/New_York", "2026-11-01"),
    ("Europe/Berlin", "2026-03-29"),
    ("Europe/Berlin", "2026-10-25"),
    ("Europe/Dublin", "2026-10-25"),
    ("Australia/Lord_Howe", "2026-10-04"),
    ("Australia/Lord_Howe", "2027-04-04"),
    ("America/Santiago", "2026-09-06"),
    ("America/Santiago", "2027-04-04"),
    ("America/Havana", "2026-11-01"),
    ("Asia/Beirut", "2026-03-29"),
    ("Africa/Cairo", "2026-04-24"),
    ("Africa/Casablanca", "2026-02-15"),
    ("America/St_Johns", "2006-10-29"),
    ("Pacific/Apia", "2011-12-30"),
    ("Antarctica/Troll", "2026-03-29"),
    ("America/Vancouver", "2026-11-01"),
    ("UTC", "2026-02-28"),
];

/// A clock on the wall, minute by minute.
struct Wall {
    zone: TimeZone,
    /// The day around which it is looked at.
    day: &'static str,
    minutes: Vec<(DateTime<Utc>, Shown)>,
    /// The days that it shows from their beginning to their end.
    days: Vec<Date>,
}

impl std::fmt::Debug for Wall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?} {}", self.zone.iana_name(), self.day)
    }
}

impl Wall {
    /// From two weeks before `day` until four weeks after it, so that every weekly window that could be meant is seen whole.
    fn around(zone: TimeZone, day: &'static str) -> Self {
        let noon = instant(day, 0);
        let minutes = (-14 * MINUTES_A_DAY..28 * MINUTES_A_DAY).map(|minute| {
            let at = noon + TimeDelta::minutes(minute);
            (at, zone.to_datetime(to_jiff(at)))
        });
        let minutes: Vec<_> = minutes.collect();
        let days = BTreeSet::from_iter(minutes.iter().map(|(_, shown)| shown.date()));
        let [_, days @ .., _] = &*Vec::from_iter(days) else { panic!("it shows six weeks") };
        Self { day, days: days.to_vec(), minutes, zone }
    }

    /// What it shows on the days around `day`.
    fn near(&self, day: Date) -> &[(DateTime<Utc>, Shown)] {
        let since = i64::from(day.since(self.minutes[0].1.date()).unwrap().get_days());
        let minute = |days: i64| usize::try_from((since + days) * MINUTES_A_DAY).unwrap_or(0).min(self.minutes.len());
        &self.minutes[minute(-2)..minute(4)]
    }

    /// The first minute at which it shows `time` of `day` or has gone over it.
    fn first(&self, day: Date, time: &str) -> DateTime<Utc> {
        let wanted = day.to_datetime(WeekTime::parse(time).unwrap().time.0);
        self.near(day).iter().find(|(_, shown)| *shown >= wanted).unwrap().0
    }

    /// Whether it ever shows `time` of `day`.
    fn shows(&self, day: Date, time: &str) -> bool {
        let wanted = day.to_datetime(WeekTime::parse(time).unwrap().time.0);
        self.near(day).iter().any(|(_, shown)| *shown == wanted)
    }

    /// The last minute at which it shows `time` of `day`. Where it goes over that time this is the minute after it, and where it
    /// goes over the whole day the minute before it.
    fn last(&self, day: Date, time: &str) -> DateTime<Utc> {
        let wanted = day.to_datetime(WeekTime::parse(time).unwrap().time.0);
        let shown = self.near(day).iter().rev().find(|(_, shown)| *shown == wanted);
        let is_day = self.days.contains(&day);
        shown.map_or_else(|| self.first(day, time) - TimeDelta::minutes(i64::from(!is_day)), |(at, _)| *at)
    }

    /// The first and the last minute of every `window`.
    fn open(&self, window: &RunWindow) -> Vec<[DateTime<Utc>; 2]> {
        let (from, to) = (WeekTime::parse(&window.from).unwrap(), WeekTime::parse(&window.to).unwrap());
        let (first, last) = (self.days[0], self.days[self.days.len() - 9]);
        let days =
            (0..).map(|later| first.saturating_add(jiff::Span::new().days(later))).take_while(|day| *day <= last);
        let mut open = Vec::new();
        for day in days.filter(|day| from.day.is_none_or(|weekday| weekday == day.weekday())) {
            let mut ends = (0..).map(|later| (later, day.saturating_add(jiff::Span::new().days(later))));
            let is_end = |(later, last): &(i32, Date)| {
                to.day.is_none_or(|weekday| weekday == last.weekday()) && (*later > 0 || from.time < to.time)
            };
            let (_, last) = ends.find(is_end).unwrap();
            let span = [self.first(day, &window.from), self.last(last, &window.to)];
            open.extend((span[0] <= span[1]).then_some(span));
        }
        open
    }
}

/// The clocks of all nights.
fn walls() -> &'static [Wall] {
    static WALLS: OnceLock<Vec<Wall>> = OnceLock::new();
    WALLS.get_or_init(|| {
        NIGHTS.iter().map(|(name, day)| Wall::around(Zones::newest().get(name).unwrap(), day)).collect()
    })
}

fn any_wall() -> impl Strategy<Value = &'static Wall> {
    (0..NIGHTS.len()).prop_map(|night| &walls()[night])
}

fn none() -> ScheduleSettings {
    ScheduleSettings::default()
}

fn schedule_of(settings: &ScheduleSettings, wall: &Wall) -> Result<Schedule, Vec<Mistake>> {
    Schedule::new(settings, wall.zone.clone())
}

fn any_time() -> impl Strategy<Value = String> {
    // Half of them in the hours in which clocks are changed.
    let hour = prop_oneof![0..24, select(vec![23, 0, 1, 2, 3])];
    let minute = prop_oneof![0..60, select(vec![0, 1, 30, 59])];
    (hour, minute).prop_map(|(hour, minute)| format!("{hour:02}:{minute:02}"))
}

fn any_window() -> impl Strategy<Value = RunWindow> {
    let ends = (any_time(), any_time(), proptest::option::of((select(&DAYS), select(&DAYS))));
    let window = ends.prop_map(|(from, to, days)| match days {
        Some((first, last)) => RunWindow { from: format!("{first} {from}"), to: format!("{last} {to}") },
        None => RunWindow { from, to },
    });
    window.prop_filter("no window is empty", |window| window.from != window.to)
}

fn any_settings() -> impl Strategy<Value = ScheduleSettings> {
    let parts = (proptest::option::of(any_time()), proptest::collection::vec(any_window(), 0..3));
    parts.prop_map(|(run_at, window)| ScheduleSettings { run_at, window, ..none() })
}

/// Seconds from three days before noon of the day until three days after it.
fn any_second() -> impl Strategy<Value = i64> {
    -3 * 86_400..3 * 86_400_i64
}

fn instant(day: &str, second: i64) -> DateTime<Utc> {
    format!("{day}T12:00:00Z").parse::<DateTime<Utc>>().unwrap() + TimeDelta::seconds(second)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 100, failure_persistence: None, rng_seed: RngSeed::Fixed(2026), ..ProptestConfig::default()
    })]

    #[test]
    fn a_start_is_never_early_and_is_the_same_whoever_asks_before_it(
        wall in any_wall(), settings in any_settings(), arrived in any_second(), waited in 0..200_000_i64,
    ) {
        let Ok(schedule) = schedule_of(&settings, wall) else { return Ok(()) };
        let (arrived, now) = (instant(wall.day, arrived), instant(wall.day, arrived + waited));
        let start = schedule.next_start(arrived, now);
        prop_assert!(start >= now);
        prop_assert_eq!(schedule.may_begin(arrived, now), start == now);
        prop_assert!(schedule.may_begin(arrived, start), "it may begin when it was told to");
        prop_assert_eq!(schedule.next_start(arrived, now + (start - now) / 2), start);
        prop_assert_eq!(from_jiff(to_jiff(now)), now);
    }

    #[test]
    fn a_start_is_never_outside_of_a_window_and_never_later_than_one_opens(
        wall in any_wall(), window in proptest::collection::vec(any_window(), 1..3), now in any_second(),
    ) {
        let schedule = schedule_of(&ScheduleSettings { window: window.clone(), ..none() }, wall).unwrap();
        let now = instant(wall.day, now);
        let is_to_come = |[_, last]: &[DateTime<Utc>; 2]| *last + TimeDelta::minutes(1) > now;
        let open = window.iter().flat_map(|window| wall.open(window)).filter(is_to_come);
        prop_assert_eq!(Some(schedule.next_start(now, now)), open.map(|[first, _]| first.max(now)).min());
    }

    #[test]
    fn what_comes_all_day_long_is_run_once_a_day_at_the_due_time(wall in any_wall(), run_at in any_time()) {
        let schedule = schedule_of(&ScheduleSettings { run_at: Some(run_at.clone()), ..none() }, wall).unwrap();
        let mut by_day: BTreeMap<Date, BTreeSet<DateTime<Utc>>> = BTreeMap::new();
        for (arrived, _) in wall.minutes.iter().step_by(59) {
            let start = schedule.next_start(*arrived, *arrived);
            by_day.entry(wall.zone.to_datetime(to_jiff(start)).date()).or_default().insert(start);
        }
        for day in &wall.days {
            prop_assert_eq!(by_day.get(day), Some(&BTreeSet::from([wall.first(*day, &run_at)])), "{}", day);
        }
    }

    #[test]
    fn with_both_a_start_is_the_first_due_time_in_a_window(
        wall in any_wall(), run_at in any_time(), window in any_window(), arrived in any_second(),
    ) {
        let settings = ScheduleSettings { run_at: Some(run_at.clone()), window: vec![window.clone()], ..none() };
        let Ok(schedule) = schedule_of(&settings, wall) else { return Ok(()) };
        // What becomes of a due time that no clock shows is told night by night elsewhere.
        prop_assume!(wall.days.iter().all(|day| wall.shows(*day, &run_at)));
        let arrived = instant(wall.day, arrived);
        let open = wall.open(&window);
        let is_open = |due: &DateTime<Utc>| open.iter().any(|[first, last]| first <= due && due <= last);
        let dues = wall.days.iter().map(|day| wall.first(*day, &run_at)).filter(|due| *due >= arrived);
        prop_assert_eq!(Some(schedule.next_start(arrived, arrived)), dues.filter(is_open).min());
    }

    #[test]
    fn late_is_who_sent_nothing_between_the_last_two_times_nor_since(
        wall in any_wall(), expect_by in any_time(), last in any_second(), waited in 0..500_000_i64,
    ) {
        let schedule = schedule_of(&ScheduleSettings { expect_by: Some(expect_by.clone()), ..none() }, wall).unwrap();
        let (last, now) = (instant(wall.day, last), instant(wall.day, last + waited));
        let dues: Vec<_> = wall.days.iter().map(|day| wall.first(*day, &expect_by)).filter(|due| *due <= now).collect();
        let [.., before, newest] = *dues else { panic!("two days have passed") };
        let late = schedule.late(last, now);
        prop_assert_eq!(late.map(|late| late.newest), (last <= before).then_some(newest));
        prop_assert_eq!(late.map(|late| late.since), schedule.late_from(last).filter(|since| *since <= now));
    }
}
