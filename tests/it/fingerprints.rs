//! Fingerprints beside the database: those that it names are there, and no others, whatever became of a run.

use serde_json::{Value, json};

use crate::support::{Desk, names_in};

/// The names in the database, and on disk; by kind, so that the ids of runs are left out.
fn named(desk: &Desk) -> Vec<String> {
    let database = desk.database();
    let mut names = database.prepare("SELECT file FROM snapshots ORDER BY file").unwrap();
    names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

fn on_disk(desk: &Desk) -> Vec<String> {
    names_in(&desk.path("rosterd.db.d/snapshots"))
}

fn of_kind(names: &[String], kind: &str) -> String {
    names.iter().find(|name| name.contains(kind)).unwrap_or_else(|| panic!("no {kind} in {names:?}")).clone()
}

/// Two nights, as the first gives schools their sites and is read in another way than all later ones; and the next one ready to be
/// taken in: one student has another grade, all other files say the same.
fn two_nights() -> Desk {
    let desk = Desk::new();
    desk.copy("sample-csv/good", "night");
    desk.line("ingest night --now 2026-11-19T02:00:00Z").well();
    let text = std::fs::read_to_string(desk.path("night/students.csv")).unwrap();
    desk.write("night/students.csv", format!("{text}\n"));
    desk.line("ingest night --now 2026-11-20T02:00:00Z").well();
    let changed = text.replace(",Deniz,4,", ",Deniz,6,");
    assert_ne!(text, changed);
    desk.write("night/students.csv", changed);
    desk
}

const NEXT: &str = "ingest night --now 2026-11-21T02:00:00Z --format json";

/// Rows of sections that were not looked at.
fn unchanged_sections(report: &Value) -> &Value {
    let files = report["files"].as_array().unwrap();
    &files.iter().find(|file| file["kind"] == "sections").unwrap()["unchanged"]
}

#[test]
fn files_that_say_the_same_stay_and_the_others_are_written_anew() {
    let desk = two_nights();
    let before = named(&desk);
    assert_eq!(on_disk(&desk), before);
    let report = desk.line(NEXT).json();
    let after = named(&desk);
    assert_eq!(on_disk(&desk), after);
    assert_eq!(of_kind(&before, "sections"), of_kind(&after, "sections"));
    assert_ne!(of_kind(&before, "students"), of_kind(&after, "students"));
    assert_ne!(*unchanged_sections(&report), json!(0));
}

#[test]
fn a_run_that_fails_or_is_killed_takes_none_away() {
    for (variable, point) in [
        ("ROSTERD_FAIL_AT", "write:1"),
        ("ROSTERD_KILL_AT", "the fingerprints are written:1"),
        ("ROSTERD_KILL_AT", "before the commit:1"),
    ] {
        let desk = two_nights();
        let before = named(&desk);
        let ended = desk.command(&NEXT.split(' ').collect::<Vec<_>>()).env(variable, point).output().unwrap();
        assert!(!ended.status.success(), "{point}");
        let there = on_disk(&desk);
        assert!(before.iter().all(|name| there.contains(name)), "{point}: {before:?} but {there:?}");
        let report = desk.line(NEXT).json();
        assert_ne!(*unchanged_sections(&report), json!(0), "{point}: the next run still knows the rows");
        assert_eq!(on_disk(&desk), named(&desk), "{point}: nothing else is left");
    }
}

#[test]
fn a_preview_and_a_rejected_set_leave_them_alone() {
    let desk = two_nights();
    let before = named(&desk);
    desk.line("preview night --now 2026-11-21T02:00:00Z").well();
    desk.write("night/students.csv", "");
    assert_eq!(desk.line(NEXT).code, 4);
    assert_eq!((named(&desk), on_disk(&desk)), (before.clone(), before));
}

#[test]
fn an_undo_and_an_erasure_drop_them_and_old_sets_keep_them() {
    let desk = two_nights();
    let run = desk.line(NEXT).json()["run"].as_str().unwrap().to_owned();
    let before = named(&desk);
    desk.copy("sample-csv/good", "old");
    desk.line("backfill old --as-of 2026-09-01 --now 2026-11-21T03:00:00Z").well();
    assert_eq!((named(&desk), on_disk(&desk)), (before.clone(), before));
    desk.line(&format!("runs undo {run} --by Lee")).well();
    assert_eq!((named(&desk), on_disk(&desk)), (Vec::new(), Vec::new()));

    let desk = two_nights();
    desk.line("patrons erase students:S2001 --by Lee").well();
    assert_eq!((named(&desk), on_disk(&desk)), (Vec::new(), Vec::new()));
}
