//! What belongs to the librarian stays: every status that a person set; and people who come under a new id by their e-mail.

use serde_json::json;

use super::school::{Office, guards, students, word};

#[test]
fn whatever_status_a_person_set_survives_leaving_and_coming_back() {
    let mut office = Office::new("");
    office.deliver(&students(30));
    for (status, number) in [(2, "70001"), (3, "70002"), (5, "70003"), (6, "70004"), (4, "70005")] {
        office.sql(&format!("UPDATE patrons SET status = {status} WHERE student_number = '{number}'"));
    }
    let set_by_people = ["2", "3", "5", "6", "4"].map(str::to_owned);
    let now =
        |office: &Office| ["70001", "70002", "70003", "70004", "70005"].map(|number| office.value("status", number));
    for night in [students(30), students(30).split_off(6), students(30)] {
        office.days_pass(1);
        let (code, report) = office.deliver(&night);
        assert_eq!((code, guards(&report)), (0, vec![]));
        assert_eq!(now(&office), set_by_people, "{report:#}");
    }
    assert_eq!(office.value("status", "70006"), "1", "a removal by a run is taken back by a run");
}

#[test]
fn a_new_id_is_found_by_an_unshared_email_and_the_birth_date() {
    let office = Office::new("");
    office.deliver(&students(12));
    let mut next = students(12);
    (next[0].id, next[0].number, next[0].last) = ("X1".into(), "99999".into(), "Married".into());
    let (code, report) = office.deliver(&next);
    assert_eq!((code, &report["people"]["students"]["updated"], office.with_status(4)), (0, &json!(1), 0));
    assert_eq!(office.value("last_name", "99999"), "Married");
    assert_eq!(office.one("SELECT count(*) FROM patrons"), 13, "twelve and a teacher");
}

#[test]
fn a_new_id_with_a_shared_email_is_somebody_new() {
    let office = Office::new("");
    let family = |mut all: Vec<super::school::Student>| {
        all[1].email = "family@example.org".into();
        all[0].email = "family@example.org".into();
        all
    };
    office.deliver(&family(students(12)));
    let mut next = family(students(12));
    (next[0].id, next[0].number, next[0].last) = ("X1".into(), "99999".into(), "Married".into());
    let (_, report) = office.deliver(&next);
    let counts = &report["people"]["students"];
    assert_eq!((&counts["created"], &counts["removed"]), (&json!(1), &json!(1)), "{report:#}");
}

#[test]
fn a_school_that_is_gone_removes_nobody_by_itself() {
    let office = Office::new("");
    let mut all = students(30);
    all.iter_mut().take(4).for_each(|student| student.school = "12");
    office.deliver(&all);
    office.write("upload", &all);
    office.desk.write("upload/schools.csv", "School_id,School_name,School_number\n11,Elm School,11\n");
    let (code, report) = office.json(&["ingest", "upload"]);
    assert_eq!((code, guards(&report), office.with_status(4)), (3, vec!["school_missing"], 0));
    assert_eq!(word(&report["holds"][0], "school"), "12");
    all.iter_mut().for_each(|student| student.school = "11");
    office.write("upload", &all);
    office.desk.write("upload/schools.csv", "School_id,School_name,School_number\n11,Elm School,11\n");
    assert_eq!((office.json(&["ingest", "upload"]).0, office.with_status(4)), (0, 0));
    assert_eq!(office.value("site", "70001"), "11", "the school moved, the patron stayed");
}
