//! The screen as it is printed, and how it is judged.

use super::*;

fn status(running: bool) -> Status {
    Status {
        now: "2026-11-20T12:00:00Z".parse().unwrap(),
        service: ServiceState {
            is_running: running,
            started_at: "2026-11-18T02:00:00Z".into(),
            looked_at: "2026-11-20T11:59:48Z".into(),
            version: "1.2.3".into(),
            config_error: String::new(),
            longest_round_s: 300,
        },
        picture: Picture::default(),
        disk: Disk { store: "rosterd.db".into(), store_bytes: Some(47 << 20), free_bytes: Some(123 << 30) },
        versions: Versions { rosterd: "1.2.3".into(), sqlite: "3.51.0".into(), time_zones: "2026c".into() },
    }
}

fn district(seq: i64, id: &str) -> DistrictState {
    DistrictState { seq, id: id.into(), ..DistrictState::default() }
}

fn alarm(district: i64, code: Code, detail: &str) -> AlarmRow {
    let since = "2026-11-20T05:00:00Z".into();
    AlarmRow { district, code: code.word().into(), since, detail: detail.into(), ..AlarmRow::default() }
}

#[test]
fn a_healthy_service_is_one_short_screen() {
    let expected = "\
Healthy: the service runs, and nothing needs anybody.

Service   runs since 2026-11-18 02:00 UTC, last look 12 s ago
Waiting   nothing
Late      nobody
Disk      123 GiB free; rosterd.db takes 47 MiB
Versions  rosterd 1.2.3, SQLite 3.51.0, time zones 2026c
";
    assert_eq!(status(true).text(Style::Plain), expected);
    assert_eq!(status(true).verdict().0, Verdict::Healthy);
}

#[test]
fn what_waits_and_what_is_wrong_is_said_with_what_to_do() {
    let mut status = status(true);
    status.picture.districts = vec![
        DistrictState { waiting: 2, oldest: "2026-11-20T11:00:00Z".into(), ..district(1, "shelby\u{1b}[2J") },
        DistrictState { holds: 1, questions: 3, ..district(2, "springfield") },
    ];
    status.picture.alarms = vec![
        alarm(1, Code::NothingReceived, "The last delivery came on 2026-11-19 02:00 UTC."),
        alarm(2, Code::WaitsForDecision, "There is 1 hold and 3 questions about single people."),
    ];
    let expected = "\
Needs a person: somebody should look at 2 alarms, 1 hold and 3 questions.

Service   runs since 2026-11-18 02:00 UTC, last look 12 s ago
Waiting   2 deliveries, 1 hold and 3 questions
Late      shelby\\u{1b}[2J
Disk      123 GiB free; rosterd.db takes 47 MiB
Versions  rosterd 1.2.3, SQLite 3.51.0, time zones 2026c

Alarms
  shelby\\u{1b}[2J: nothing_received, since 2026-11-20 05:00 UTC
      Nothing new has come by the time at which a delivery is expected (schedule.expect_by). The last delivery came on 2026-11-19 02:00 UTC.
      -> See whether the export ran, and whether its upload reaches the drop folder.
         rosterd runs list --district 'shelby\\u{1b}[2J'
  springfield: waits_for_decision, since 2026-11-20 05:00 UTC
      Changes wait for a person to let them pass or to discard them. There is 1 hold and 3 questions about single people.
      -> Look at what waits and why, and decide; each is listed with the lines to copy.
         rosterd runs holds --district springfield

What waits
  shelby\\u{1b}[2J: 2 deliveries (the oldest for 60 min)
  springfield: 1 hold and 3 questions
";
    assert_eq!(status.text(Style::Plain), expected);
    let json = status.json();
    assert_eq!((&json["verdict"], &json["late"][0]), (&"needs_person".into(), &"shelby\u{1b}[2J".into()));
    assert_eq!((&json["waiting"]["deliveries"], &json["alarms"][1]["code"]), (&2.into(), &"waits_for_decision".into()));
    assert_eq!(json["alarms"][1]["command"], "rosterd runs holds --district springfield");
}

#[test]
fn it_is_not_healthy_when_nobody_does_the_work() {
    let mut stopped = status(false);
    assert_eq!(stopped.verdict().0, Verdict::Healthy, "nothing waits for a service");
    stopped.picture.districts = vec![DistrictState { holds: 1, ..district(1, "a") }];
    assert_eq!(stopped.verdict().0, Verdict::NeedsPerson);
    stopped.picture.districts = vec![DistrictState { waiting: 1, ..district(1, "a") }];
    let (verdict, sentence) = stopped.verdict();
    assert_eq!(verdict, Verdict::NotHealthy);
    assert_eq!(sentence, "1 delivery waits, and no service runs; start it with `rosterd serve`.");
    assert!(stopped.text(Style::Plain).contains("Service   does not run; last look 12 s ago"));
}

#[test]
fn it_is_not_healthy_when_it_is_stuck_or_fails() {
    let mut stuck = status(true);
    stuck.service.looked_at = "2026-11-20T11:50:00Z".into();
    assert_eq!(
        stuck.verdict(),
        (Verdict::NotHealthy, "the service has not looked at anything for 10 min; restart it.".into())
    );
    stuck.service.longest_round_s = 0;
    assert_eq!(stuck.verdict().0, Verdict::Healthy, "nobody said how long a round may take");
    for code in Code::ALL {
        let mut status = status(true);
        status.picture.alarms = vec![alarm(SERVICE, *code, "")];
        let of_people = ["nothing_received", "set_rejected", "waits_for_decision", "unchanged_feed"];
        let expected = if of_people.contains(&code.word()) { Verdict::NeedsPerson } else { Verdict::NotHealthy };
        assert_eq!(status.verdict().0, expected, "{}", code.word());
    }
}

#[test]
fn an_older_service_and_refused_settings_are_told() {
    let mut status = status(true);
    (status.service.version, status.service.config_error) = ("1.2.2".into(), "line 3".into());
    let text = status.text(Style::Plain);
    assert!(text.contains("; it is version 1.2.2, restart it; its changed settings were refused\n"), "{text}");
}

#[test]
fn a_thousand_districts_still_fit_on_a_screen() {
    let mut status = status(true);
    status.picture.districts =
        (0..1000).map(|seq| DistrictState { waiting: 1, ..district(seq, &format!("d{seq}")) }).collect();
    status.picture.alarms = (0..1000).map(|seq| alarm(seq, Code::NothingReceived, "")).collect();
    let text = status.text(Style::Plain);
    assert!(text.lines().count() < 70 && text.contains("  and 990 more; --format json has all\n"), "{text}");
    assert_eq!(status.json()["alarms"].as_array().map(Vec::len), Some(1000));
}
