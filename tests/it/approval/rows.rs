//! Sections and enrollments that are held: each hold is decided by itself, and what hangs together stays together.

use serde_json::{Value, json};

use super::school::{Office, guards, students, word};

const SECTIONS: &str = "School_id,Section_id,Teacher_id,Name,Course_name,Period\n";
const ENROLLMENTS: &str = "School_id,Section_id,Student_id\n";

/// Delivers so many sections, of which the first `filled` have the students S0001 to S000`each`.
fn deliver(office: &Office, count: usize, filled: usize, each: usize) -> (i32, Value) {
    deliver_named(office, count, filled, each, "Reading")
}

fn deliver_named(office: &Office, count: usize, filled: usize, each: usize, course: &str) -> (i32, Value) {
    office.write("upload", &students(5));
    let section = |text: String, at: usize| format!("{text}11,B{at},T1,,{course},1\n");
    office.desk.write("upload/sections.csv", (0..count).fold(SECTIONS.to_owned(), section));
    let pairs = (0..filled).flat_map(|at| (1..=each).map(move |student| format!("11,B{at},S000{student}\n")));
    office.desk.write("upload/enrollments.csv", ENROLLMENTS.to_owned() + &pairs.collect::<String>());
    office.json(&["ingest", "upload"])
}

/// Approves the hold of one kind.
fn approve(office: &Office, report: &Value, kind: &str) -> (i32, Value) {
    let holds = report["holds"].as_array().unwrap();
    let hold =
        holds.iter().find(|hold| hold["kind"] == kind).unwrap_or_else(|| panic!("no hold of {kind}: {report:#}"));
    office.json(&["runs", "approve", word(report, "run"), "--plan", word(hold, "hash"), "--by", "Ms Lee"])
}

/// How many sections the library sees, and how many enrollments of students.
fn seen(office: &Office) -> (i64, i64) {
    let enrollments = "SELECT count(*) FROM enrollments WHERE role = 'student'";
    (office.one("SELECT count(*) FROM sections"), office.one(enrollments))
}

fn kinds(report: &Value) -> Vec<&str> {
    report["holds"].as_array().unwrap().iter().map(|hold| word(hold, "kind")).collect()
}

#[test]
fn sections_that_are_approved_alone_take_their_enrollments_along() {
    let office = Office::new("");
    deliver(&office, 150, 150, 1);
    let (_, report) = deliver(&office, 40, 40, 1);
    assert_eq!((kinds(&report), seen(&office)), (vec!["sections", "enrollments"], (150, 150)));
    let (code, after) = approve(&office, &report, "sections");
    assert_eq!((code, word(&after, "outcome"), guards(&after)), (0, "applied", vec![]));
    assert_eq!((seen(&office), deliver(&office, 40, 40, 1).0), ((40, 40), 0));
}

#[test]
fn enrollments_that_are_approved_alone_leave_their_sections() {
    let office = Office::new("");
    deliver(&office, 150, 150, 1);
    let (_, report) = deliver(&office, 40, 40, 1);
    let (code, after) = approve(&office, &report, "enrollments");
    assert_eq!((code, word(&after, "outcome"), kinds(&after)), (3, "applied_in_part", vec!["sections"]));
    assert_eq!(seen(&office), (150, 40));
    let (code, after) = approve(&office, &after, "sections");
    assert_eq!((code, guards(&after), seen(&office)), (0, vec![], (40, 40)));
}

#[test]
fn approved_enrollments_that_are_others_by_now_are_asked_about_again() {
    let office = Office::new("");
    deliver(&office, 150, 150, 1);
    let (_, report) = deliver(&office, 40, 40, 1);
    deliver(&office, 40, 39, 1);
    let (code, after) = approve(&office, &report, "enrollments");
    assert_eq!((code, word(&after, "outcome"), seen(&office)), (3, "held", (150, 150)));
    let (code, after) = office.approve(&after);
    assert_eq!((code, guards(&after), seen(&office)), (0, vec![], (39, 39)));
}

#[test]
fn sections_that_lost_their_students_stay_as_they_are_while_they_are_held() {
    let office = Office::new("");
    deliver(&office, 150, 150, 1);
    let before = office.desk.dump().library();
    let states = || office.one("SELECT count(*) FROM entities WHERE kind = 4 AND state = 1");
    for _ in 0..2 {
        let (code, report) = deliver_named(&office, 150, 40, 1, "Lecture");
        assert_eq!((code, kinds(&report)), (3, vec!["sections", "enrollments"]));
        assert_eq!((seen(&office), states()), ((150, 150), 150));
    }
    assert_ne!(before.changes(&office.desk.dump().library()), [""; 0], "sections with students have their new name");
    let (code, report) = deliver_named(&office, 150, 150, 1, "Lecture");
    assert_eq!((code, guards(&report), seen(&office)), (0, vec![], (150, 150)));
    let named = "SELECT count(*) FROM sections WHERE name LIKE 'Lecture%'";
    assert_eq!(office.one(named), 150, "what the rows said meanwhile is not lost");
}

#[test]
fn too_few_sections_to_be_held_stay_while_their_enrollments_are() {
    let office = Office::new("");
    deliver(&office, 150, 150, 2);
    let (code, report) = deliver(&office, 70, 70, 2);
    assert_eq!((code, kinds(&report), seen(&office)), (3, vec!["enrollments"], (150, 300)));
    let (code, after) = office.approve(&report);
    assert_eq!((code, guards(&after), seen(&office)), (0, vec![], (70, 140)));
    let office = Office::new("");
    deliver(&office, 150, 150, 2);
    let (code, report) = deliver(&office, 75, 75, 2);
    assert_eq!((code, guards(&report), seen(&office)), (0, vec![], (75, 150)), "half of them may go");
}

#[test]
fn too_few_enrollments_to_be_held_stay_while_their_sections_are() {
    let office = Office::new("");
    deliver(&office, 150, 40, 5);
    office.desk.write("settings.toml", "id = \"default\"\n[sections]\nempty = \"keep\"\n");
    office.desk.line("district apply settings.toml").well();
    deliver(&office, 150, 40, 5);
    assert_eq!(seen(&office), (150, 200));
    let (code, report) = deliver(&office, 30, 30, 5);
    assert_eq!((code, kinds(&report), seen(&office)), (3, vec!["sections"], (150, 200)));
    let (code, after) = office.approve(&report);
    assert_eq!((code, guards(&after), seen(&office)), (0, vec![], (30, 150)));
}

#[test]
fn a_new_name_of_a_section_that_was_undone_comes_when_somebody_approves() {
    let office = Office::new("");
    deliver_named(&office, 3, 3, 1, "Reading");
    let (_, renamed) = deliver_named(&office, 3, 3, 1, "Lecture");
    office.run(&["runs", "undo", word(&renamed, "run"), "--by", "Ms Lee"]).well();
    let named = |word: &str| office.one(&format!("SELECT count(*) FROM sections WHERE name LIKE '{word}%'"));
    for _ in 0..2 {
        let (code, report) = deliver_named(&office, 3, 3, 1, "Lecture");
        assert_eq!((code, guards(&report), named("Reading")), (3, vec!["undone"], 3));
    }
    let (_, report) = deliver_named(&office, 3, 3, 1, "Lecture");
    assert_eq!((office.approve(&report).0, named("Lecture")), (0, 3));
}

#[test]
fn sections_of_held_students_go_when_somebody_approves() {
    let office = Office::new("");
    let enroll =
        |name: &str, rows: &str| office.desk.write(&format!("{name}/enrollments.csv"), ENROLLMENTS.to_owned() + rows);
    let sections =
        |name: &str, rows: &str| office.desk.write(&format!("{name}/sections.csv"), SECTIONS.to_owned() + rows);
    office.write("one", &students(20));
    sections("one", "11,A1,T1,,Reading,1\n11,B1,T1,,Writing,2\n");
    enroll("one", "11,A1,S0001\n11,B1,S0020\n");
    office.json(&["ingest", "one"]);
    office.write("two", &students(10));
    sections("two", "11,A1,T1,,Reading,1\n");
    enroll("two", "11,A1,S0001\n");
    let (code, report) = office.json(&["ingest", "two"]);
    assert_eq!((code, kinds(&report), seen(&office)), (3, vec!["students"], (2, 2)));
    assert_eq!(report["sections"]["removed"], json!(0));
    let (code, after) = office.approve(&report);
    assert_eq!((code, guards(&after), seen(&office)), (0, vec![], (1, 1)));
}
