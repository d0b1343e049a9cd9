//! `runs undo`: what a run wrote goes back, what somebody changed since stays and is listed, and a refusal changes nothing.

use serde_json::{Value, json};

use crate::dump::Dump;
use crate::support::{Desk, Ended};

/// The sample district after its first night and the next one; gives the run of the next.
fn two_nights() -> (Desk, Dump, String) {
    let desk = Desk::new();
    desk.copy("sample-csv/good", "good");
    desk.copy("sample-csv/next-night", "next-night");
    desk.line("ingest good --now 2026-11-20T02:00:00Z").well();
    let before = library(&desk);
    let report = desk.line("ingest next-night --now 2026-11-21T02:00:00Z --format json").json();
    assert_eq!(report["outcome"], "applied");
    (desk, before, report["run"].as_str().unwrap().to_owned())
}

/// What the library's programs see, but for the time of the last change, which is that of the undo.
fn library(desk: &Desk) -> Dump {
    desk.dump().library().without_last_cell("patrons")
}

fn undo(desk: &Desk, run: &str, more: &str) -> Ended {
    desk.line(&format!("runs undo {run} --by Ito --now 2026-11-21T09:00:00Z {more}"))
}

fn patron_of(desk: &Desk, person: &str) -> i64 {
    let (_, id) = person.split_once(':').unwrap();
    let sql = "SELECT patron FROM entities WHERE id = ?";
    desk.database().query_row(sql, [id], |row| row.get(0)).unwrap()
}

#[test]
fn everything_that_a_run_wrote_goes_back() {
    let (desk, before, run) = two_nights();
    let report = undo(&desk, &run, "--delete-created --format json").json();
    assert_eq!(before.changes(&library(&desk)), [""; 0]);
    assert_eq!(
        (&report["outcome"], &report["undo"]["run"], &report["undo"]["by"]),
        (&json!("applied"), &json!(run), &json!("Ito"))
    );
    assert_eq!((&report["undo"]["kept"], &report["undo"]["patrons_deleted"]), (&json!([]), &json!(2)));
    let shown = desk.line(&format!("runs show {} --format json", report["run"].as_str().unwrap())).json();
    assert_eq!(shown, report, "an undo is a run like any other");
}

#[test]
fn created_patrons_get_status_4_unless_they_are_to_be_deleted() {
    let (desk, before, run) = two_nights();
    let text = undo(&desk, &run, "--why wrong-file").well();
    assert!(text.contains("Undone: ") && text.contains("2 created patrons kept with status 4"), "{text}");
    let changes = before.changes(&library(&desk));
    assert_eq!(changes.len(), 2, "{changes:?}");
    assert!(
        changes.iter().all(|change| change.starts_with("patrons got ") && change.contains(" | 4 | ")),
        "{changes:?}"
    );
}

#[test]
fn an_undone_first_night_leaves_an_empty_library() {
    let desk = Desk::new();
    desk.copy("sample-csv/good", "good");
    let run = desk.line("ingest good --format json").json()["run"].as_str().unwrap().to_owned();
    assert_ne!(desk.dump().library().rows("patrons"), 0);
    undo(&desk, &run, "--delete-created").well();
    for table in ["patrons", "sections", "enrollments", "contacts", "sites"] {
        assert_eq!(desk.dump().rows(table), 0, "{table}");
    }
}

#[test]
fn what_people_changed_since_stays_and_is_listed() {
    let (desk, before, run) = two_nights();
    let (edited, untouched) = (patron_of(&desk, "students:S2018"), patron_of(&desk, "students:S2029"));
    desk.run(&["patrons", "set", &edited.to_string(), "level=6", "notes=two books"]).well();
    let report = undo(&desk, &run, "--delete-created --format json").json();
    let kept = json!([{"kind": "students", "id": "S2018", "patron": edited, "field": "level", "wrote": "5", "now": "6",
                       "reason": "It was changed after that run."}]);
    assert_eq!(report["undo"]["kept"], kept);
    let now = |id: i64| desk.line(&format!("patrons show {id} --format json")).json();
    assert_eq!((&now(edited)["level"], &now(edited)["notes"]), (&json!("6"), &json!("two books")));
    assert_eq!(now(untouched)["last_name"], "Vargas");
    assert_eq!(before.changes(&library(&desk)).len(), 2, "one patron is another than before");
    let text = desk.line(&format!("runs show {}", report["run"].as_str().unwrap())).well();
    assert!(text.contains("level: the run wrote 5, now it is 6"), "{text}");
}

#[test]
fn a_created_patron_to_whom_something_refers_is_not_deleted() {
    let (desk, _, run) = two_nights();
    let created: Vec<i64> = {
        let database = desk.database();
        let mut statement = database.prepare("SELECT patron_id FROM patrons ORDER BY patron_id DESC LIMIT 2").unwrap();
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
    };
    let loans =
        "CREATE TABLE loans (book TEXT, patron_id INTEGER REFERENCES patrons); INSERT INTO loans VALUES ('Momo', ?1);";
    desk.database().execute_batch(&loans.replace("?1", &created[0].to_string())).unwrap();
    desk.run(&["patrons", "set", &created[1].to_string(), "notes=asked for a card"]).well();
    let report = undo(&desk, &run, "--delete-created --format json").json();
    assert_eq!(report["undo"]["patrons_deleted"], 0);
    assert_eq!(report["undo"]["kept"].as_array().unwrap().len(), 2);
    for id in created {
        assert_eq!(desk.line(&format!("patrons show {id} --format json")).json()["status"], 4);
    }
}

#[test]
fn undone_runs_and_runs_that_wrote_nothing_are_refused_and_nothing_changes() {
    let (desk, _, run) = two_nights();
    let quiet = desk.line("ingest next-night --format json").json();
    assert_eq!(quiet["outcome"], "no_change");
    let undone = undo(&desk, &run, "--format json").json();
    let before = desk.dump();
    undo(&desk, &run, "").refused(2, &["was undone already, by Ito", undone["run"].as_str().unwrap()]);
    undo(&desk, quiet["run"].as_str().unwrap(), "").refused(2, &["no_change", "nothing to undo"]);
    undo(&desk, undone["run"].as_str().unwrap(), "").refused(2, &["is itself an undo"]);
    undo(&desk, "777", "").refused(2, &["there is no run"]);
    desk.line(&format!("runs undo {run}")).refused(2, &["--by"]);
    desk.run(&["runs", "undo", &run, "--by", ""]).refused(2, &["--by"]);
    assert_eq!(before.changes(&desk.dump()), [""; 0]);
}

#[test]
fn a_run_of_another_district_is_refused() {
    let (desk, _, run) = two_nights();
    let before = desk.dump();
    undo(&desk, &run, "--district elsewhere").refused(2, &["is of district default, not of elsewhere"]);
    assert_eq!(before.changes(&desk.dump()), [""; 0]);
}

#[test]
fn an_undo_that_fails_half_way_changes_nothing() {
    let (desk, _, run) = two_nights();
    let before = desk.dump();
    let stop = "CREATE TRIGGER stop BEFORE INSERT ON undone_runs BEGIN SELECT RAISE(ABORT, 'no space'); END";
    desk.database().execute_batch(stop).unwrap();
    undo(&desk, &run, "").refused(1, &["failed to undo the run; nothing was changed"]);
    assert_eq!(before.changes(&desk.dump()), [""; 0]);
    desk.database().execute_batch("DROP TRIGGER stop").unwrap();
    undo(&desk, &run, "").well();
}

#[test]
fn the_same_files_again_are_held_and_nothing_changes_until_somebody_approves() {
    let (desk, before, run) = two_nights();
    let after = library(&desk);
    undo(&desk, &run, "--delete-created").well();
    for format in ["", "--format json"] {
        let again = desk.line(&format!("ingest next-night --now 2026-11-22T02:00:00Z {format}"));
        assert_eq!(again.code, 3, "{again:?}");
        assert_eq!(before.changes(&library(&desk)), [""; 0]);
    }
    let held = desk.line("ingest next-night --now 2026-11-23T02:00:00Z --format json").json();
    let holds = held["holds"].as_array().unwrap();
    assert!(holds.iter().all(|hold| hold["guard"] == "undone"), "{holds:?}");
    let kinds: Vec<_> = holds.iter().map(|hold| hold["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["students", "teachers", "sections", "enrollments"]);
    let words =
        ["runs", "approve", held["run"].as_str().unwrap(), "--plan", held["plan"].as_str().unwrap(), "--by", "Lee"];
    desk.run(&[&words[..], &["--now", "2026-11-23T03:00:00Z"]].concat()).well();
    let differs = |dump: &Dump| {
        dump.rows("patrons") == after.rows("patrons") && dump.rows("enrollments") == after.rows("enrollments")
    };
    assert!(differs(&library(&desk)), "{:?}", after.changes(&library(&desk)));
    desk.line("ingest next-night --now 2026-11-24T02:00:00Z").well();
    let text = desk.line("patrons explain students:S2018").well();
    assert!(text.contains("approved by Lee"), "{text}");
}

#[test]
fn a_corrected_set_after_an_undo_is_applied() {
    let (desk, before, run) = two_nights();
    undo(&desk, &run, "--delete-created").well();
    desk.line("ingest good --now 2026-11-22T02:00:00Z").well();
    assert_eq!(before.changes(&library(&desk)), [""; 0]);
    let text = std::fs::read_to_string(desk.path("good/students.csv")).unwrap();
    desk.write("good/students.csv", text.replace(",Deniz,4,", ",Deniz,6,"));
    desk.line("ingest good --now 2026-11-23T02:00:00Z").well();
    let patron = patron_of(&desk, "students:S2018");
    assert_eq!(desk.line(&format!("patrons show {patron} --format json")).json()["level"], "6");
}

#[test]
fn a_first_night_that_was_undone_is_held_as_a_whole() {
    let desk = Desk::new();
    desk.copy("sample-csv/good", "good");
    let run = desk.line("ingest good --format json").json()["run"].as_str().unwrap().to_owned();
    undo(&desk, &run, "--delete-created").well();
    assert_eq!(desk.line("ingest good").code, 3);
    for table in ["patrons", "sections", "enrollments", "contacts"] {
        assert_eq!(desk.dump().rows(table), 0, "{table}");
    }
}

#[test]
fn runs_are_undone_from_the_newest_back_to_the_first() {
    let desk = Desk::new();
    desk.copy("sample-csv/good", "good");
    desk.copy("sample-csv/next-night", "next-night");
    let mut runs: Vec<(Dump, String)> = Vec::new();
    for set in ["good", "next-night", "good"] {
        let before = library(&desk);
        let report: Value = desk.line(&format!("ingest {set} --format json")).json();
        runs.push((before, report["run"].as_str().unwrap().to_owned()));
    }
    for (before, run) in runs.into_iter().rev() {
        undo(&desk, &run, "--delete-created").well();
        assert_eq!(before.changes(&library(&desk)), [""; 0]);
    }
}
