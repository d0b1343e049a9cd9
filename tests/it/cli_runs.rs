//! `runs list`, `show` and `holds`.

use rosterd::report::{HoldReport, Outcome, RunReport};
use rosterd::roster::FileKind;
use rosterd::store::{HoldRow, RunRecord};
use serde_json::{Value, json};

use crate::support::Desk;

const FIRST: &str = "019ac2f0-5d6e-7c11-9a52-0c6d3f6b8a10";
const SECOND: &str = "019ac2f1-0000-7c11-9a52-0c6d3f6b8a10";

fn hold() -> HoldReport {
    HoldReport {
        guard: "removals".into(),
        kind: Some(FileKind::Students),
        school: None,
        count: 21,
        of: Some(200),
        limit: Some("10 %".into()),
        reason: "21 of 200 students would be removed.".into(),
        hash: None,
        people: Vec::new(),
    }
}

/// Records a run of `default` as the pipeline does; gives its report as it is stored.
fn record(desk: &Desk, seq: i64, run: &str, outcome: Outcome) -> String {
    let mut report = RunReport::new(outcome);
    report.run = Some(run.into());
    report.district = "default".into();
    report.holds = if outcome == Outcome::Held { vec![hold()] } else { Vec::new() };
    let text = serde_json::to_string_pretty(&report).unwrap();
    let (store, district) = (desk.store(), desk.seq("default"));
    let row = RunRecord {
        seq,
        run,
        district,
        batch: "sha256:00",
        outcome: outcome.word(),
        started_at: "2026-11-20T02:00:00Z",
        as_of: "2026-11-20",
        settings: "",
        schemas: 0,
        report: &text,
    };
    store.put_run(&row).unwrap();
    for hold in &report.holds {
        let held = HoldRow {
            run_seq: seq,
            hold: serde_json::to_string(hold).unwrap(),
            people: "[]".into(),
            opened_at: "2026-11-20T02:00:00Z".into(),
            ..HoldRow::default()
        };
        store.put_hold(district, &held).unwrap();
    }
    text
}

fn two_runs() -> (Desk, String) {
    let desk = Desk::new().with_district("default");
    record(&desk, 1, FIRST, Outcome::Applied);
    let held = record(&desk, 2, SECOND, Outcome::Held);
    (desk, held)
}

#[test]
fn runs_are_listed_newest_first() {
    let (desk, _) = two_runs();
    let json = desk.line("runs list --format json").json();
    let row = |run: &str, outcome: &str| json!({"run": run, "district": "default", "started_at": "2026-11-20T02:00:00Z", "outcome": outcome});
    assert_eq!(json, json!([row(SECOND, "held"), row(FIRST, "applied")]));
    assert_eq!(desk.line("runs list --limit 1 --format json").json().as_array().unwrap().len(), 1);
    let text = desk.line("runs list").well();
    assert!(text.find(SECOND).unwrap() < text.find(FIRST).unwrap(), "{text}");
}

#[test]
fn a_report_is_shown_as_it_was_stored() {
    let (desk, held) = two_runs();
    assert_eq!(desk.line("runs show 019ac2f1 --format json").well().trim_end(), held);
    let text = desk.line(&format!("runs show {SECOND}")).well();
    assert!(text.contains("Held: removals") && text.contains("21 of 200 students would be removed."), "{text}");
    assert!(desk.line("runs show 019AC2F0").well().contains(FIRST));
}

#[test]
fn an_ambiguous_or_unknown_run_is_refused() {
    let (desk, _) = two_runs();
    desk.line("runs show 019ac2").refused(2, &["more than one run", FIRST, SECOND]);
    desk.line("runs show 777").refused(2, &["there is no run \"777\"", "rosterd runs list"]);
    desk.line("runs show 019ac2% --format json").refused(2, &["there is no run"]);
}

#[test]
fn holds_are_shown_with_their_run() {
    let (desk, _) = two_runs();
    let json = desk.line("runs holds --format json").json();
    let mut expected = json!({"run": SECOND, "district": "default", "opened_at": "2026-11-20T02:00:00Z"});
    for (key, value) in serde_json::to_value(hold()).unwrap().as_object().unwrap() {
        expected[key] = value.clone();
    }
    assert_eq!(json, Value::Array(vec![expected]));
    let text = desk.line("runs holds").well();
    assert!(text.contains("Held: removals: 21 of 200 students (limit 10 %)") && text.contains(SECOND), "{text}");
}

#[test]
fn nothing_done_and_nothing_waiting_is_said() {
    let desk = Desk::new().with_district("default");
    assert_eq!(desk.line("runs list").well(), "No runs yet.\n");
    assert_eq!(desk.line("runs holds").well(), "Nothing waits.\n");
    assert_eq!(desk.line("runs holds --format json").json(), json!([]));
}

#[test]
fn no_report_is_coloured_without_a_terminal() {
    let (desk, _) = two_runs();
    for no_color in ["", "1"] {
        let output = desk.command(&["runs", "show", FIRST]).env("NO_COLOR", no_color).output().unwrap();
        assert!(!output.stdout.contains(&0x1b));
    }
}
