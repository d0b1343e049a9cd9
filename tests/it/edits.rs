//! Edits by people and by plain SQL between runs: each is met once a run can look at it, and a question stays until it is
//! answered.

use serde_json::{Value, json};

use crate::support::{Desk, repository};

const CASE: &str = "tests/cases/E1-sis-restores-an-edit/upload";
const EDIT: &str = "UPDATE patrons SET first_name = 'Minnie' WHERE student_number = '7001'";

fn desk(settings: &str) -> Desk {
    let desk = Desk::new();
    settle(&desk, settings);
    ingest(&desk, repository(CASE).to_str().unwrap());
    desk
}

fn settle(desk: &Desk, settings: &str) {
    desk.write("settings.toml", format!("id = \"default\"\n{settings}"));
    desk.line("district apply settings.toml").well();
}

fn ingest(desk: &Desk, path: &str) -> Value {
    desk.line(&format!("ingest {path} --format json")).json()
}

fn name(desk: &Desk) -> String {
    let sql = "SELECT first_name FROM patrons WHERE student_number = '7001'";
    desk.database().query_row(sql, [], |row| row.get(0)).unwrap()
}

/// The outcome of the same delivery again, and how many edits it reports.
fn night(desk: &Desk) -> (Value, Value) {
    let report = ingest(desk, repository(CASE).to_str().unwrap());
    (report["outcome"].clone(), report["problem_counts"]["patron_edited"].clone())
}

const ASK: &str = "[fields.first_name]\nowner = \"ask\"\n";

#[test]
fn a_question_is_asked_every_night_until_the_value_answers_it() {
    let desk = desk(ASK);
    desk.database().execute_batch(EDIT).unwrap();
    for _ in 0..3 {
        assert_eq!((night(&desk), name(&desk)), ((json!("no_change"), json!(1)), "Minnie".into()));
    }
    desk.database().execute_batch("UPDATE patrons SET first_name = 'Mina' WHERE student_number = '7001'").unwrap();
    assert_eq!(night(&desk), (json!("no_change"), Value::Null));
}

#[test]
fn a_setting_answers_a_question_for_either_side() {
    for (owner, answer) in [("library", "Minnie"), ("sis", "Mina")] {
        let desk = desk(ASK);
        desk.database().execute_batch(EDIT).unwrap();
        assert_eq!(night(&desk).1, json!(1));
        settle(&desk, &ASK.replace("ask", owner));
        night(&desk);
        assert_eq!((night(&desk), name(&desk)), ((json!("no_change"), Value::Null), answer.into()), "{owner}");
    }
}

#[test]
fn what_the_library_owned_becomes_a_question_when_the_owner_becomes_ask() {
    let desk = desk("[fields.first_name]\nowner = \"library\"\n");
    desk.database().execute_batch(EDIT).unwrap();
    assert_eq!(night(&desk), (json!("no_change"), Value::Null));
    settle(&desk, ASK);
    assert_eq!((night(&desk), name(&desk)), ((json!("no_change"), json!(1)), "Minnie".into()));
    assert_eq!(night(&desk).1, json!(1), "and it is asked again");
}

#[test]
fn an_edit_of_somebody_whose_row_was_refused_is_met_once_the_row_is_right() {
    let desk = desk("");
    desk.database().execute_batch(EDIT).unwrap();
    let refused = repository("tests/cases/E1-an-edit-of-a-shielded-student-waits/upload");
    let report = ingest(&desk, refused.to_str().unwrap());
    assert_eq!((&report["people"]["students"]["shielded"], name(&desk)), (&json!(1), "Minnie".into()));
    assert_eq!((night(&desk), name(&desk)), ((json!("applied"), json!(1)), "Mina".into()));
    assert_eq!(night(&desk), (json!("no_change"), Value::Null));
}
