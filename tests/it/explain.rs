//! `patrons explain`: from the first file to the last change, with file, line, evidence and values.

use serde_json::{Value, json};

use crate::support::Desk;

fn two_nights() -> Desk {
    let desk = Desk::new();
    desk.copy("sample-csv/good", "good");
    desk.copy("sample-csv/next-night", "next-night");
    desk.line("ingest good --now 2026-11-20T02:00:00Z").well();
    desk.line("ingest next-night --now 2026-11-21T02:00:00Z").well();
    desk
}

fn explained(desk: &Desk, subject: &str) -> Value {
    desk.line(&format!("patrons explain {subject} --format json")).json()
}

/// The line of a file that begins a person's rows, as a spreadsheet counts.
fn line_of(desk: &Desk, file: &str, id: &str) -> usize {
    let text = std::fs::read_to_string(desk.path(file)).unwrap();
    1 + text.lines().position(|line| line.contains(id)).unwrap()
}

#[test]
fn a_person_is_explained_run_by_run_with_file_and_line() {
    let desk = two_nights();
    let told = explained(&desk, "students:S2018");
    let events = told["events"].as_array().unwrap();
    let words: Vec<_> = events.iter().map(|event| event["action"].as_str().unwrap()).collect();
    assert_eq!(words, ["create", "update"]);
    for (event, folder) in events.iter().zip(["good", "next-night"]) {
        let line = line_of(&desk, &format!("{folder}/students.csv"), "S2018");
        assert_eq!((&event["file"], &event["line"]), (&json!("students.csv"), &json!(line)));
    }
    assert_eq!(events[1]["fields"], json!({"level": ["4", "5"]}));
    assert_eq!((&events[0]["evidence"], &events[1]["evidence"]), (&json!("no candidate"), &json!("link")));
    let person = &told["people"][0];
    assert_eq!((&person["state"], &person["first_seen"]), (&json!("present"), &json!("2026-11-20")));
}

#[test]
fn a_patron_is_explained_by_its_number_as_its_person_is_by_id() {
    let desk = two_nights();
    let by_person = explained(&desk, "students:S2018");
    let by_number = explained(&desk, &by_person["patron"].to_string());
    assert_eq!(by_number["events"], by_person["events"]);
    assert_eq!(by_number["people"], by_person["people"]);
}

#[test]
fn who_left_and_who_undid_it_is_told() {
    let desk = two_nights();
    let told = explained(&desk, "students:S2009");
    assert_eq!((&told["people"][0]["state"], &told["people"][0]["last_seen"]), (&json!("gone"), &json!("2026-11-21")));
    let removal = &told["events"][1];
    assert_eq!(
        (&removal["action"], &removal["evidence"], &removal["line"]),
        (&json!("remove"), &json!("absent from a full set"), &Value::Null)
    );
    desk.line(&format!("runs undo {} --by Ito", removal["run"].as_str().unwrap())).well();
    let told = explained(&desk, "students:S2009");
    assert_eq!(told["people"][0]["state"], "present");
    assert_eq!(told["events"][1]["undone"]["by"], "Ito");
    assert_eq!(
        (&told["events"][2]["action"], &told["events"][2]["fields"]),
        (&json!("undo"), &json!({"status": ["4", "1"]}))
    );
    let text = desk.line("patrons explain students:S2009").well();
    assert!(text.contains("set to transferred (4), because of students:S2009 (absent from a full set)"), "{text}");
    assert!(text.contains("undone by Ito at ") && text.contains("status: 4 -> 1"), "{text}");
}

#[test]
fn an_edit_by_people_is_told_beside_what_a_run_wrote() {
    let desk = two_nights();
    let patron = explained(&desk, "students:S2018")["patron"].to_string();
    desk.run(&["patrons", "set", &patron, "level=9"]).well();
    assert_eq!(explained(&desk, &patron)["edited"], json!([{"field": "level", "wrote": "5", "now": "9"}]));
    let text = desk.line(&format!("patrons explain {patron}")).well();
    assert!(text.contains("level: a run wrote 5, and somebody made it 9"), "{text}");
}

#[test]
fn a_patron_of_the_librarys_own_is_explained_too() {
    let desk = two_nights();
    desk.database().execute_batch("INSERT INTO patrons (patron_id, last_name) VALUES (900, 'Own')").unwrap();
    let told = explained(&desk, "900");
    assert_eq!((&told["patron"], &told["people"], &told["events"]), (&json!(900), &json!([]), &json!([])));
    assert!(desk.line("patrons explain 900").well().contains("linked to nobody"));
}

#[test]
fn nobody_of_that_name_is_refused_in_a_sentence() {
    let desk = two_nights();
    let before = desk.dump();
    desk.line("patrons explain students:NOBODY").refused(2, &["never had students:NOBODY"]);
    desk.line("patrons explain 4711").refused(2, &["there is no patron 4711"]);
    desk.line("patrons explain schools:0101").refused(2, &["such as students:S004"]);
    assert_eq!(before.changes(&desk.dump()), [""; 0]);
}
