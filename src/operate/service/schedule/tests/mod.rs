//! Schedules on ordinary days and on the nights on which the clock is changed; and what holds for every schedule.

mod nights;
mod properties;

use chrono::{DateTime, Utc};

use super::{Late, Schedule};
use crate::files::zones::Zones;
use crate::roster::settings::{RunWindow, ScheduleSettings};

/// A schedule in `zone`; windows as `22:00 - 05:00`.
fn schedule(zone: &str, run_at: Option<&str>, windows: &[&str]) -> Schedule {
    let window = windows.iter().map(|window| {
        let (from, to) = window.split_once(" - ").unwrap();
        RunWindow { from: from.into(), to: to.into() }
    });
    let settings =
        ScheduleSettings { run_at: run_at.map(Into::into), window: window.collect(), ..ScheduleSettings::default() };
    Schedule::new(&settings, Zones::newest().get(zone).unwrap()).unwrap()
}

fn expecting(zone: &str, expect_by: &str) -> Schedule {
    let settings = ScheduleSettings { expect_by: Some(expect_by.into()), ..ScheduleSettings::default() };
    Schedule::new(&settings, Zones::newest().get(zone).unwrap()).unwrap()
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// When a run of what came at `arrived` begins if that is asked at `now`, as the district's clock shows it:
/// `Sat 2026-11-28 02:00 -0600`.
fn start(schedule: &Schedule, arrived: &str, now: &str) -> String {
    let start = super::to_jiff(schedule.next_start(time(arrived), time(now)));
    start.to_zoned(schedule.calendar.zone.clone()).strftime("%a %Y-%m-%d %H:%M %z").to_string()
}

fn start_at_once(schedule: &Schedule, arrived: &str) -> String {
    start(schedule, arrived, arrived)
}

#[test]
fn without_a_schedule_a_run_begins_at_once() {
    let schedule = schedule("America/Chicago", None, &[]);
    let (arrived, now) = (time("2026-11-27T12:34:56.789Z"), time("2026-11-27T13:00:00.000000001Z"));
    assert_eq!(schedule.next_start(arrived, arrived), arrived);
    assert_eq!(schedule.next_start(arrived, now), now);
    assert!(schedule.may_begin(arrived, now));
}

#[test]
fn with_a_time_what_has_come_is_run_at_the_next_one() {
    let schedule = schedule("America/Chicago", Some("02:00"), &[]);
    assert_eq!(start_at_once(&schedule, "2026-11-27T12:00:00Z"), "Sat 2026-11-28 02:00 -0600");
    assert_eq!(start_at_once(&schedule, "2026-11-28T07:59:59Z"), "Sat 2026-11-28 02:00 -0600");
    assert_eq!(start_at_once(&schedule, "2026-11-28T08:00:00Z"), "Sat 2026-11-28 02:00 -0600");
    assert_eq!(start_at_once(&schedule, "2026-11-28T08:00:01Z"), "Sun 2026-11-29 02:00 -0600");
    assert!(!schedule.may_begin(time("2026-11-27T12:00:00Z"), time("2026-11-28T07:59:59Z")));
    assert!(schedule.may_begin(time("2026-11-27T12:00:00Z"), time("2026-11-28T08:00:00Z")));
}

#[test]
fn a_time_that_passed_while_nothing_ran_is_made_up_for_at_once() {
    let schedule = schedule("America/Chicago", Some("02:00"), &[]);
    assert_eq!(start(&schedule, "2026-11-27T12:00:00Z", "2026-11-28T15:30:00Z"), "Sat 2026-11-28 09:30 -0600");
    assert_eq!(start(&schedule, "2026-11-27T12:00:00Z", "2026-12-24T15:30:00Z"), "Thu 2026-12-24 09:30 -0600");
    // What came after that time waits for the next one all the same.
    assert_eq!(start(&schedule, "2026-11-28T15:00:00Z", "2026-11-28T15:30:00Z"), "Sun 2026-11-29 02:00 -0600");
}

#[test]
fn a_daily_window_goes_over_midnight_and_its_last_minute_belongs_to_it() {
    let schedule = schedule("America/Chicago", None, &["22:00 - 05:00"]);
    for (arrived, begins) in [
        ("2026-11-28T03:59:59Z", "Fri 2026-11-27 22:00 -0600"),
        ("2026-11-28T04:00:00Z", "Fri 2026-11-27 22:00 -0600"),
        ("2026-11-28T08:15:00Z", "Sat 2026-11-28 02:15 -0600"),
        ("2026-11-28T11:00:59Z", "Sat 2026-11-28 05:00 -0600"),
        ("2026-11-28T11:01:00Z", "Sat 2026-11-28 22:00 -0600"),
    ] {
        assert_eq!(start_at_once(&schedule, arrived), begins, "{arrived}");
    }
    assert_eq!(start(&schedule, "2026-11-28T08:15:00Z", "2026-11-28T18:00:00Z"), "Sat 2026-11-28 22:00 -0600");
}

#[test]
fn a_weekly_window_opens_once_a_week_and_a_missed_one_waits_for_the_next() {
    let schedule = schedule("America/Chicago", None, &["Sat 00:01 - Sun 23:59"]);
    for (now, begins) in [
        ("2026-11-25T12:00:00Z", "Sat 2026-11-28 00:01 -0600"),
        ("2026-11-28T06:00:59Z", "Sat 2026-11-28 00:01 -0600"),
        ("2026-11-29T18:00:00Z", "Sun 2026-11-29 12:00 -0600"),
        ("2026-11-30T05:59:59Z", "Sun 2026-11-29 23:59 -0600"),
        ("2026-11-30T06:00:00Z", "Sat 2026-12-05 00:01 -0600"),
    ] {
        assert_eq!(start(&schedule, "2026-11-25T00:00:00Z", now), begins, "{now}");
    }
}

#[test]
fn a_weekly_window_goes_over_the_end_of_the_week_or_nearly_all_around_it() {
    let over_monday = schedule("America/Chicago", None, &["sun 22:00 - MON 04:00"]);
    assert_eq!(start_at_once(&over_monday, "2026-11-30T09:00:00Z"), "Mon 2026-11-30 03:00 -0600");
    assert_eq!(start_at_once(&over_monday, "2026-11-30T10:01:00Z"), "Sun 2026-12-06 22:00 -0600");
    let but_saturday_morning = schedule("America/Chicago", None, &["Sat 12:00 - Sat 06:00"]);
    assert_eq!(start_at_once(&but_saturday_morning, "2026-11-28T12:00:30Z"), "Sat 2026-11-28 06:00 -0600");
    assert_eq!(start_at_once(&but_saturday_morning, "2026-11-28T12:01:00Z"), "Sat 2026-11-28 12:00 -0600");
    assert_eq!(start_at_once(&but_saturday_morning, "2026-12-02T12:00:00Z"), "Wed 2026-12-02 06:00 -0600");
}

#[test]
fn of_several_windows_the_next_one_counts() {
    let schedule = schedule("UTC", None, &["Sat 08:00 - Sun 20:00", "22:00 - 23:00", "12:00 - 12:30"]);
    assert_eq!(start_at_once(&schedule, "2026-11-27T11:00:00Z"), "Fri 2026-11-27 12:00 +0000");
    assert_eq!(start_at_once(&schedule, "2026-11-27T12:31:00Z"), "Fri 2026-11-27 22:00 +0000");
    assert_eq!(start_at_once(&schedule, "2026-11-27T23:01:00Z"), "Sat 2026-11-28 08:00 +0000");
    assert_eq!(start_at_once(&schedule, "2026-11-29T21:00:00Z"), "Sun 2026-11-29 22:00 +0000");
}

#[test]
fn with_both_the_time_counts_on_the_days_on_which_it_lies_in_a_window() {
    let weekend = schedule("America/Chicago", Some("02:00"), &["Sat 00:01 - Sun 23:59"]);
    assert_eq!(start_at_once(&weekend, "2026-11-25T12:00:00Z"), "Sat 2026-11-28 02:00 -0600");
    assert_eq!(start_at_once(&weekend, "2026-11-28T12:00:00Z"), "Sun 2026-11-29 02:00 -0600");
    assert_eq!(start_at_once(&weekend, "2026-11-29T12:00:00Z"), "Sat 2026-12-05 02:00 -0600");
    // Down over Saturday's: made up for in the window; down over the window: in the next one, as soon as it opens.
    assert_eq!(start(&weekend, "2026-11-25T12:00:00Z", "2026-11-28T20:00:00Z"), "Sat 2026-11-28 14:00 -0600");
    assert_eq!(start(&weekend, "2026-11-25T12:00:00Z", "2026-11-30T20:00:00Z"), "Sat 2026-12-05 00:01 -0600");
}

#[test]
fn a_district_is_late_once_it_missed_a_time_and_until_something_comes() {
    let schedule = expecting("America/Chicago", "05:00");
    let late = |last: &str, now: &str| schedule.late(time(last), time(now));
    let on = |day: &str| time(&format!("2026-11-{day}T11:00:00Z"));
    // In time on the 26th; the night of the 27th brought nothing.
    let last = "2026-11-26T09:00:00Z";
    assert_eq!(late(last, "2026-11-27T10:59:59Z"), None);
    assert_eq!(late(last, "2026-11-27T11:00:00Z"), Some(Late { since: on("27"), newest: on("27") }));
    assert_eq!(late(last, "2026-11-29T20:00:00Z"), Some(Late { since: on("27"), newest: on("29") }));
    assert_eq!(schedule.late_from(time(last)), Some(on("27")));
    // What comes later in the day clears it, and counts for the next morning.
    assert_eq!(late("2026-11-27T15:00:00Z", "2026-11-27T15:00:00Z"), None);
    assert_eq!(late("2026-11-27T15:00:00Z", "2026-11-28T11:00:00Z"), None);
    assert_eq!(late("2026-11-27T15:00:00Z", "2026-11-29T11:00:00Z"), Some(Late { since: on("29"), newest: on("29") }));
    // One that came at the very minute is the last of its day.
    assert_eq!(schedule.late_from(on("26")), Some(on("27")));
}

#[test]
fn without_a_time_nobody_is_late_and_a_feed_is_stuck_after_so_many_equal_deliveries() {
    let schedule = schedule("America/Chicago", Some("02:00"), &[]);
    assert_eq!(schedule.late(time("2020-01-01T00:00:00Z"), time("2026-11-27T15:00:00Z")), None);
    assert_eq!(schedule.late_from(time("2020-01-01T00:00:00Z")), None);
    assert_eq!([0, 1, 2, 3, 4].map(|same| schedule.is_stale(same)), [false, false, false, true, true]);
}
