//! Times of the year in which nothing is applied, or nobody is removed; and terms that end.

use serde_json::json;

use super::school::{Office, guards, students, word};

const BLACKOUT: &str = "[windows]\nblackout = [{ from = \"2026-09-02\", to = \"2026-09-03\" }]\n";

#[test]
fn in_a_blackout_nothing_is_applied_and_afterwards_everything_is() {
    let mut office = Office::new(BLACKOUT);
    office.deliver(&students(20));
    office.days_pass(1);
    let before = office.desk.dump().library();
    let mut next = students(21);
    next[0].grade = "5";
    let (code, report) = office.deliver(&next);
    assert_eq!((code, word(&report, "outcome"), guards(&report)), (3, "held", vec!["blackout"]));
    let mut delta = [students(1)[0].clone()];
    delta[0].grade = "6";
    assert_eq!(office.delta(&delta).0, 3);
    office.days_pass(1);
    delta[0].id = "S0500".into();
    (delta[0].number, delta[0].email) = ("70500".into(), String::new());
    assert_eq!(office.delta(&delta).0, 3, "the last day belongs to it");
    assert_eq!(before.changes(&office.desk.dump().library()), Vec::<String>::new());
    office.days_pass(1);
    let mut last = [students(2)[1].clone()];
    last[0].grade = "7";
    assert_eq!(office.delta(&last).0, 0);
    let levels = ["70001", "70002", "70021", "70500"].map(|number| office.value("level", number));
    assert_eq!(levels, ["6", "7", "4", "6"]);
    assert_eq!(office.desk.line("runs holds").well(), "Nothing waits.\n");
}

#[test]
fn a_full_set_after_a_blackout_takes_the_place_of_those_that_waited() {
    let mut office = Office::new(BLACKOUT);
    office.deliver(&students(20));
    office.days_pass(1);
    office.deliver(&students(30));
    office.days_pass(2);
    let (code, report) = office.deliver(&students(22));
    assert_eq!((code, &report["people"]["students"]["created"]), (0, &json!(2)));
    assert_eq!((office.one("SELECT count(*) FROM patrons"), office.with_status(4)), (23, 0));
}

#[test]
fn a_blackout_ends_when_its_last_day_ends_in_the_district() {
    let mut office = Office::new(&format!("timezone = \"America/Chicago\"\n{BLACKOUT}"));
    office.deliver(&students(20));
    office.days_pass(3);
    let (code, report) = office.deliver(&students(21));
    assert_eq!((code, word(&report, "as_of"), guards(&report)), (3, "2026-09-03", vec!["blackout"]));
    office.days_pass(1);
    assert_eq!(office.deliver(&students(21)).0, 0);
}

#[test]
fn nothing_is_approved_in_a_blackout() {
    let mut office = Office::new(BLACKOUT);
    office.deliver(&students(100));
    let (_, report) = office.deliver(&students(80));
    office.days_pass(1);
    let words = ["runs", "approve", word(&report, "run"), "--plan", word(&report, "plan"), "--by", "A"];
    office.run(&words).refused(2, &["windows.blackout"]);
    assert_eq!(office.with_status(4), 0);
}

#[test]
fn what_only_waits_for_the_end_of_a_blackout_says_so_and_is_neither_approved_nor_discarded() {
    let mut office = Office::new(BLACKOUT);
    office.deliver(&students(20));
    office.days_pass(1);
    office.write("upload", &students(21));
    let text = office.run(&["ingest", "upload"]).out;
    assert!(text.starts_with("Held: nothing was written; nothing is applied in these days"), "{text}");
    assert!(!text.contains("must be approved") && !text.contains("rosterd runs approve"), "{text}");
    let (_, report) = office.json(&["ingest", "upload"]);
    let before = office.desk.dump();
    let run = word(&report, "run");
    office.run(&["runs", "discard", run, "--by", "A"]).refused(2, &["waits for the end of windows.blackout"]);
    let words = ["runs", "approve", run, "--plan", word(&report, "plan"), "--by", "A"];
    office.run(&words).refused(2, &["waits for the end of windows.blackout"]);
    assert_eq!(before.changes(&office.desk.dump()), Vec::<String>::new());
}

#[test]
fn in_an_additive_window_people_come_and_nobody_goes() {
    let mut office = Office::new("[windows]\nadditive = [{ from = \"2026-09-02\", to = \"2026-09-02\" }]\n");
    office.deliver(&students(40));
    office.days_pass(1);
    let next: Vec<_> = students(45).into_iter().skip(2).collect();
    let (code, report) = office.deliver(&next);
    let counts = &report["people"]["students"];
    assert_eq!(
        (code, &counts["created"], &counts["missing"], &counts["removed"]),
        (0, &json!(5), &json!(2), &json!(0))
    );
    assert_eq!(office.with_status(4), 0);
    office.days_pass(1);
    assert_eq!((office.deliver(&next).0, office.with_status(4)), (0, 2));
}

/// Writes the set `upload` with so many sections, which end on the last of September.
fn with_sections(office: &Office, count: usize) -> (i32, serde_json::Value) {
    office.write("upload", &students(5));
    let header = "School_id,Section_id,Teacher_id,Name,Course_name,Period,Term_name,Term_start,Term_end\n".to_owned();
    let section = |text: String, at: usize| format!("{text}11,B{at},T1,,Reading,1,Fall,08/24/2026,09/30/2026\n");
    office.desk.write("upload/sections.csv", (0..count).fold(header, section));
    let enrolled = |text: String, at: usize| format!("{text}11,B{at},S0001\n");
    office
        .desk
        .write("upload/enrollments.csv", (0..count).fold("School_id,Section_id,Student_id\n".to_owned(), enrolled));
    office.json(&["ingest", "upload"])
}

#[test]
fn sections_may_go_when_their_term_is_over_and_not_before() {
    let mut office = Office::new("");
    with_sections(&office, 150);
    office.days_pass(29);
    let (code, report) = with_sections(&office, 40);
    assert_eq!((code, guards(&report)), (3, vec!["removals", "removals"]), "the last day of the term");
    assert_eq!(office.one("SELECT count(*) FROM sections"), 150);
    office.days_pass(1);
    let (code, report) = with_sections(&office, 40);
    assert_eq!(
        (code, &report["sections"]["removed"], &report["enrollments"]["removed"]),
        (0, &json!(110), &json!(110))
    );
}

#[test]
fn sections_that_are_held_go_when_somebody_approves() {
    let office = Office::new("");
    with_sections(&office, 150);
    let (_, report) = with_sections(&office, 40);
    let (code, _) = office.approve(&report);
    assert_eq!((code, office.one("SELECT count(*) FROM sections")), (0, 40));
    let office = Office::new("");
    with_sections(&office, 150);
    let (_, report) = with_sections(&office, 40);
    office.run(&["runs", "discard", word(&report, "run"), "--by", "A"]).well();
    assert_eq!((with_sections(&office, 40).0, office.one("SELECT count(*) FROM sections")), (0, 150));
}
