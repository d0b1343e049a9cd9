//! Single questions: which patron a person is, answered once and for later runs.

use serde_json::json;

use super::school::{Office, students, word};

/// Two patrons who could be the first student: one by number, one by e-mail. Gives the report and their ids.
fn two_candidates() -> (Office, serde_json::Value) {
    let office = Office::new("[guard]\nfirst_run = \"apply\"\n");
    office.sql(
        "INSERT INTO patrons (patron_id, student_number, first_name, last_name, birthdate, roles) VALUES (17, '70001', 'Faab', 'Laab', '2012-02-02', 'student');
         INSERT INTO patrons (patron_id, email, first_name, last_name, birthdate, roles) VALUES (18, 's1@example.org', 'Faab', 'Laab', '2012-02-02', 'student');
         INSERT INTO patrons (patron_id, first_name, last_name, roles) VALUES (19, 'Nobody', 'Else', 'student');",
    );
    office.run(&["district", "site-map", "11", "ELM"]).well();
    let (code, report) = office.deliver(&students(10));
    assert_eq!((code, &report["people"]["students"]["conflicting"]), (0, &json!(1)));
    (office, report)
}

fn decide(office: &Office, run: &str, answer: &[&str]) -> crate::support::Ended {
    let words: Vec<&str> =
        ["runs", "decide", run, "students:S0001"].iter().chain(answer).copied().chain(["--by", "Ms Lee"]).collect();
    office.run(&words)
}

#[test]
fn questions_are_listed_with_their_candidates() {
    let (office, report) = two_candidates();
    let listed = office.json(&["runs", "holds"]).1;
    assert_eq!(
        listed,
        json!([{"run": report["run"], "district": "default", "guard": "undecided", "person": "students:S0001",
            "candidates": [{"patron": 17, "evidence": "student_number"}, {"patron": 18, "evidence": "email"}]}])
    );
    let text = office.run(&["runs", "holds"]).well();
    assert!(text.contains("students:S0001: patron 17 (student_number), patron 18 (email)"), "{text}");
}

#[test]
fn a_link_is_made_at_once_and_stays() {
    let (mut office, report) = two_candidates();
    decide(&office, word(&report, "run"), &["link", "18"]).well();
    assert_eq!(office.one("SELECT student_number = '70001' FROM patrons WHERE patron_id = 18"), 1);
    assert_eq!(office.desk.line("runs holds").well(), "Nothing waits.\n");
    assert_eq!(office.one("SELECT count(*) FROM audit WHERE action = 'decide' AND who = 'Ms Lee'"), 1);
    let before = office.desk.dump();
    decide(&office, word(&report, "run"), &["create"])
        .refused(2, &["students:S0001 was answered already: link 18, by Ms Lee"]);
    assert_eq!(before.changes(&office.desk.dump()), Vec::<String>::new());
    office.days_pass(1);
    let mut next = students(10);
    next[0].grade = "5";
    let (code, report) = office.deliver(&next);
    assert_eq!((code, &report["people"]["students"]["conflicting"]), (0, &json!(0)));
    assert_eq!(office.one("SELECT level = '5' FROM patrons WHERE patron_id = 18"), 1);
}

#[test]
fn a_new_patron_is_made_or_nothing_is_done_as_somebody_says() {
    let (office, report) = two_candidates();
    decide(&office, word(&report, "run"), &["create"]).well();
    assert_eq!(office.one("SELECT count(*) FROM patrons WHERE last_name = 'Laab'"), 3);
    let (office, report) = two_candidates();
    decide(&office, word(&report, "run"), &["skip"]).well();
    assert_eq!(office.one("SELECT count(*) FROM patrons WHERE last_name = 'Laab'"), 2);
    let (code, report) = office.deliver(&students(10));
    assert_eq!((code, word(&report, "outcome"), &report["people"]["students"]["skipped"]), (0, "no_change", &json!(1)));
    assert_eq!(office.desk.line("runs holds").well(), "Nothing waits.\n");
}

#[test]
fn an_answer_counts_only_while_the_candidates_are_the_same() {
    let (office, report) = two_candidates();
    decide(&office, word(&report, "run"), &["skip"]).well();
    office.sql("DELETE FROM patrons WHERE patron_id = 18; UPDATE patrons SET birthdate = '', last_name = 'X' WHERE patron_id = 17");
    let (_, report) = office.deliver(&students(10));
    assert_eq!(report["people"]["students"]["conflicting"], json!(1));
}

#[test]
fn an_answer_that_cannot_be_given_changes_nothing() {
    let (office, report) = two_candidates();
    let run = word(&report, "run");
    let before = office.desk.dump();
    decide(&office, run, &["link", "19"]).refused(2, &["patron 19 is no candidate", "17, 18"]);
    decide(&office, run, &["link"]).refused(2, &["PATRON_ID"]);
    decide(&office, run, &["create", "17"]).refused(2, &["without one"]);
    office
        .run(&["runs", "decide", run, "students:S0002", "skip", "--by", "A"])
        .refused(2, &["nobody has asked about students:S0002", "runs holds"]);
    office.run(&["runs", "decide", run, "S0001", "skip", "--by", "A"]).refused(2, &["nobody has asked"]);
    assert_eq!(before.changes(&office.desk.dump()), Vec::<String>::new());
}

#[test]
fn an_answer_is_kept_while_the_first_run_waits_and_somebody_says_so() {
    let office = Office::new("");
    office.sql(
        "INSERT INTO patrons (patron_id, student_number, first_name, last_name, birthdate, roles) VALUES (17, '70001', 'Other', 'Name', '', 'student');
         INSERT INTO patrons (patron_id, student_number, first_name, last_name, birthdate, roles) VALUES (18, '70002', 'Faac', 'Laac', '', 'student');",
    );
    office.run(&["district", "site-map", "11", "ELM"]).well();
    let (code, report) = office.deliver(&students(10));
    assert_eq!((code, word(&report, "outcome")), (3, "held"));
    let ended = decide(&office, word(&report, "run"), &["link", "17"]);
    assert_eq!(ended.code, 3, "{ended:?}");
    assert!(ended.err.contains("the answer is kept") && ended.out.contains("Held: first_run"), "{ended:?}");
    assert_eq!(office.one("SELECT first_name = 'Other' FROM patrons WHERE patron_id = 17"), 1);
    let (_, report) = office.json(&["preview", "upload"]);
    let waits = report["actions"].as_array().unwrap().iter().find(|action| action["id"] == "S0001").unwrap();
    assert_eq!((word(waits, "action"), &waits["patron"]), ("hold", &json!(17)));
}

/// One student comes under another name and birth date.
fn stranger() -> (Office, serde_json::Value) {
    let office = Office::new("");
    office.deliver(&students(10));
    let mut next = students(10);
    (next[0].first, next[0].last, next[0].born) = ("Other".into(), "Person".into(), "2011-05-05".into());
    let (code, report) = office.deliver(&next);
    assert_eq!((code, super::school::guards(&report)), (3, vec!["identity_changed"]));
    (office, report)
}

#[test]
fn a_stranger_is_the_same_person_another_or_left_alone() {
    let (office, report) = stranger();
    let patron = office.one("SELECT patron_id FROM patrons WHERE student_number = '70001'").to_string();
    decide(&office, word(&report, "run"), &["link", &patron]).well();
    assert_eq!(office.value("last_name", "70001"), "Person");
    let (office, report) = stranger();
    decide(&office, word(&report, "run"), &["create"]).well();
    assert_eq!(office.one("SELECT count(*) FROM patrons WHERE student_number = '70001'"), 2);
    let (office, report) = stranger();
    decide(&office, word(&report, "run"), &["skip"]).well();
    assert_eq!(office.value("last_name", "70001"), "Laab");
    let (office, report) = stranger();
    assert_eq!((office.approve(&report).0, office.value("last_name", "70001")), (0, "Person".into()));
}
