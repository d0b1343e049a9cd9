//! The nights on which the clock is changed, one picture each.

use super::{Late, expecting, schedule, start, start_at_once, time};

#[test]
fn a_time_that_the_spring_night_leaves_out_is_the_first_instant_after() {
    for (zone, run_at, arrived, begins, next) in [
        (
            "America/New_York",
            "02:30",
            "2026-03-08T00:00:00Z",
            "Sun 2026-03-08 03:00 -0400",
            "Mon 2026-03-09 02:30 -0400",
        ),
        ("Europe/Berlin", "02:00", "2026-03-28T12:00:00Z", "Sun 2026-03-29 03:00 +0200", "Mon 2026-03-30 02:00 +0200"),
        // Half an hour.
        (
            "Australia/Lord_Howe",
            "02:15",
            "2026-10-03T12:00:00Z",
            "Sun 2026-10-04 02:30 +1100",
            "Mon 2026-10-05 02:15 +1100",
        ),
        // At midnight.
        (
            "America/Santiago",
            "00:30",
            "2026-09-05T12:00:00Z",
            "Sun 2026-09-06 01:00 -0300",
            "Mon 2026-09-07 00:30 -0300",
        ),
        (
            "America/Santiago",
            "00:00",
            "2026-09-05T12:00:00Z",
            "Sun 2026-09-06 01:00 -0300",
            "Mon 2026-09-07 00:00 -0300",
        ),
    ] {
        let schedule = schedule(zone, Some(run_at), &[]);
        assert_eq!(start_at_once(&schedule, arrived), begins, "{zone}");
        // What comes a second later is for the day after.
        let second_later = schedule.next_start(time(arrived), time(arrived)) + chrono::TimeDelta::seconds(1);
        assert_eq!(start_at_once(&schedule, &second_later.to_rfc3339()), next, "{zone}");
    }
}

#[test]
fn a_time_that_the_autumn_night_shows_twice_counts_the_first_time() {
    for (zone, run_at, arrived, begins, next) in [
        (
            "America/New_York",
            "01:30",
            "2026-11-01T00:00:00Z",
            "Sun 2026-11-01 01:30 -0400",
            "Mon 2026-11-02 01:30 -0500",
        ),
        ("Europe/Berlin", "02:00", "2026-10-24T12:00:00Z", "Sun 2026-10-25 02:00 +0200", "Mon 2026-10-26 02:00 +0100"),
        (
            "Australia/Lord_Howe",
            "01:45",
            "2026-04-04T12:00:00Z",
            "Sun 2026-04-05 01:45 +1100",
            "Mon 2026-04-06 01:45 +1030",
        ),
        // At midnight the clock goes back into Saturday.
        (
            "America/Santiago",
            "23:30",
            "2026-04-04T12:00:00Z",
            "Sat 2026-04-04 23:30 -0300",
            "Sun 2026-04-05 23:30 -0400",
        ),
    ] {
        let schedule = schedule(zone, Some(run_at), &[]);
        assert_eq!(start_at_once(&schedule, arrived), begins, "{zone}");
        let second_later = schedule.next_start(time(arrived), time(arrived)) + chrono::TimeDelta::seconds(1);
        assert_eq!(start_at_once(&schedule, &second_later.to_rfc3339()), next, "{zone}");
    }
}

#[test]
fn a_day_that_the_calendar_leaves_out_has_no_time() {
    // Samoa went from Thursday the 29th of December 2011 to Saturday the 31st.
    let daily = schedule("Pacific/Apia", Some("02:00"), &[]);
    assert_eq!(start_at_once(&daily, "2011-12-29T13:00:00Z"), "Sat 2011-12-31 02:00 +1400");
    let fridays = schedule("Pacific/Apia", None, &["Fri 10:00 - Fri 12:00"]);
    assert_eq!(start_at_once(&fridays, "2011-12-29T13:00:00Z"), "Fri 2012-01-06 10:00 +1400");
    let over_midnight = schedule("Pacific/Apia", None, &["Fri 22:00 - Sat 05:00"]);
    assert_eq!(start_at_once(&over_midnight, "2011-12-29T13:00:00Z"), "Sat 2011-12-31 00:00 +1400");
}

#[test]
fn a_window_keeps_to_the_clock_on_the_wall() {
    let night = schedule("America/New_York", None, &["22:00 - 05:00"]);
    assert_eq!(start_at_once(&night, "2026-03-08T09:00:30Z"), "Sun 2026-03-08 05:00 -0400");
    assert_eq!(start_at_once(&night, "2026-03-08T09:01:00Z"), "Sun 2026-03-08 22:00 -0400");
    assert_eq!(start_at_once(&night, "2026-11-01T10:00:30Z"), "Sun 2026-11-01 05:00 -0500");
    assert_eq!(start_at_once(&night, "2026-11-01T10:01:00Z"), "Sun 2026-11-01 22:00 -0500");
}

#[test]
fn a_window_that_ends_in_an_hour_shown_twice_ends_with_the_second() {
    let night = schedule("America/New_York", None, &["00:30 - 01:15"]);
    assert_eq!(start_at_once(&night, "2026-11-01T05:40:00Z"), "Sun 2026-11-01 01:40 -0400");
    assert_eq!(start_at_once(&night, "2026-11-01T06:15:59Z"), "Sun 2026-11-01 01:15 -0500");
    assert_eq!(start_at_once(&night, "2026-11-01T06:16:00Z"), "Mon 2026-11-02 00:30 -0500");
}

#[test]
fn a_window_in_the_hour_that_is_left_out_opens_for_a_minute_after_it() {
    let window = schedule("America/New_York", None, &["02:10 - 02:50"]);
    assert_eq!(start_at_once(&window, "2026-03-08T00:00:00Z"), "Sun 2026-03-08 03:00 -0400");
    assert_eq!(start_at_once(&window, "2026-03-08T07:01:00Z"), "Mon 2026-03-09 02:10 -0400");
    let both = schedule("America/New_York", Some("02:30"), &["01:00 - 02:45"]);
    assert_eq!(start(&both, "2026-03-07T12:00:00Z", "2026-03-08T06:30:00Z"), "Sun 2026-03-08 03:00 -0400");
}

#[test]
fn lateness_counts_days_and_not_hours() {
    let schedule = expecting("America/New_York", "02:30");
    let [saturday, sunday, monday] = ["2026-03-07T07:30:00Z", "2026-03-08T07:00:00Z", "2026-03-09T06:30:00Z"].map(time);
    assert_eq!(schedule.late_from(saturday), Some(sunday));
    assert_eq!(schedule.late(saturday, monday), Some(Late { since: sunday, newest: monday }));
    assert_eq!(schedule.late_from(sunday), Some(monday));
}
