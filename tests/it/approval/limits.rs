//! Both sides of the limits at which people are held, and what happens together in August.

use serde_json::json;

use super::school::{Office, Student, guards, students, word};

/// The first `count` students changed by `change`.
fn changed(count: usize, of: usize, change: impl Fn(&mut Student)) -> Vec<Student> {
    let mut all = students(of);
    all.iter_mut().take(count).for_each(change);
    all
}

fn new_mail(student: &mut Student) {
    student.email = format!("new.{}", student.email);
}

fn new_id(student: &mut Student) {
    student.id = format!("N{}", student.id);
}

#[test]
fn three_quarters_of_a_kind_may_change_and_one_more_is_held() {
    let office = Office::new("");
    office.deliver(&students(20));
    assert_eq!(office.deliver(&changed(15, 20, new_mail)).0, 0);
    let office = Office::new("");
    office.deliver(&students(20));
    let (code, report) = office.deliver(&changed(16, 20, new_mail));
    assert_eq!((code, guards(&report)), (3, vec!["mass_change"]));
    assert_eq!((&report["holds"][0]["count"], &report["holds"][0]["of"]), (&json!(16), &json!(20)));
    assert_eq!(office.value("email", "70001"), "s1@example.org");
    assert_eq!((office.approve(&report).0, office.value("email", "70001")), (0, "new.s1@example.org".into()));
}

#[test]
fn a_new_grade_for_everyone_is_no_mass_change() {
    let office = Office::new("");
    office.deliver(&students(40));
    assert_eq!(office.deliver(&changed(40, 40, |student| student.grade = "5")).0, 0);
}

#[test]
fn nine_of_nine_may_change() {
    let office = Office::new("");
    office.deliver(&students(9));
    assert_eq!(office.deliver(&changed(9, 9, new_mail)).0, 0);
}

#[test]
fn nine_new_ids_move_at_once_and_ten_wait_for_one_approval() {
    let office = Office::new("");
    office.deliver(&students(100));
    let (code, report) = office.deliver(&changed(9, 100, new_id));
    assert_eq!((code, guards(&report)), (0, vec![]));
    assert_eq!(
        (office.with_status(4), office.one("SELECT count(*) FROM patrons")),
        (0, 101),
        "a hundred and a teacher"
    );
    let office = Office::new("");
    office.deliver(&students(100));
    let before = office.desk.dump().library();
    let (code, report) = office.deliver(&changed(10, 100, new_id));
    assert_eq!((code, guards(&report)), (3, vec!["renumbering"]));
    assert_eq!(report["holds"][0]["people"][0], json!("students:S0001 -> students:NS0001"));
    assert_eq!(before.changes(&office.desk.dump().library()), Vec::<String>::new());
    assert_eq!(office.approve(&report).0, 0);
    assert_eq!((office.with_status(4), office.one("SELECT count(*) FROM patrons")), (0, 101));
    assert_eq!(office.deliver(&changed(10, 100, new_id)).0, 0);
}

#[test]
fn five_per_cent_of_new_ids_wait_and_less_moves() {
    let office = Office::new("");
    office.deliver(&students(220));
    assert_eq!(guards(&office.deliver(&changed(10, 220, new_id)).1), Vec::<&str>::new());
    let office = Office::new("");
    office.deliver(&students(220));
    assert_eq!(guards(&office.deliver(&changed(11, 220, new_id)).1), ["renumbering"]);
}

#[test]
fn a_new_id_is_found_by_name_and_birth_date_alone() {
    let office = Office::new("");
    office.deliver(&students(12));
    let renumbered = changed(1, 12, |student| {
        new_id(student);
        student.number = "99999".into();
        student.email = String::new();
    });
    let (code, report) = office.deliver(&renumbered);
    assert_eq!((code, &report["people"]["students"]["updated"]), (0, &json!(1)));
    assert_eq!((office.with_status(4), office.value("first_name", "99999")), (0, "Faab".into()));
    let other = changed(1, 12, |student| {
        (student.id, student.number, student.born) = ("X1".into(), "88888".into(), "2011-01-01".into());
        student.email = String::new();
    });
    let (_, report) = office.deliver(&other);
    assert_eq!(report["people"]["students"]["removed"], json!(1), "another birth date is another person");
}

#[test]
fn lost_zeros_of_less_than_a_fifth_are_ignored_and_of_a_fifth_hold_the_set() {
    let zeros = |student: &mut Student| student.number = format!("00{}", student.number);
    let lost = |count: usize| {
        let office = Office::new("");
        office.deliver(&changed(100, 100, zeros));
        let mut next = changed(100, 100, zeros);
        next.iter_mut().take(count).for_each(|student| student.number = student.number[2..].to_owned());
        next[99].grade = "7";
        let (code, report) = office.deliver(&next);
        (office, code, report)
    };
    let (office, code, report) = lost(19);
    assert_eq!((code, guards(&report), office.value("level", "0070100")), (0, vec![], "7".into()));
    let (office, code, report) = lost(20);
    assert_eq!((code, word(&report, "outcome"), guards(&report)), (3, "held", vec!["leading_zeros_lost"]));
    assert_eq!(office.value("level", "0070100"), "4");
    assert_eq!((office.approve(&report).0, office.value("level", "0070100")), (0, "7".into()));
    assert_eq!(office.value("level", "0070001"), "4", "the stored zeros stay");
}

#[test]
fn ids_that_lost_their_zeros_hold_the_set_as_well() {
    let zeros = |student: &mut Student| student.id = student.id.replace('S', "00");
    let office = Office::new("");
    office.deliver(&changed(50, 50, zeros));
    let mut next = changed(50, 50, zeros);
    next.iter_mut().take(10).for_each(|student| student.id = student.id.trim_start_matches('0').to_owned());
    let (code, report) = office.deliver(&next);
    assert_eq!((code, guards(&report), office.with_status(4)), (3, vec!["leading_zeros_lost"], 0));
    assert_eq!((office.approve(&report).0, office.with_status(4)), (0, 0));
}

/// New grades for all, a new school that is not mapped yet, new ids for some, and a third who left.
#[test]
fn august_brings_everything_at_once_and_each_part_waits_by_itself() {
    let office = Office::new("");
    office.deliver(&students(120));
    let mut august: Vec<Student> = students(120).into_iter().skip(40).collect();
    august.iter_mut().for_each(|student| student.grade = "5");
    august.iter_mut().take(12).for_each(new_id);
    august.extend(students(125).into_iter().skip(120).map(|student| Student { school: "12", ..student }));
    let (code, report) = office.deliver(&august);
    assert_eq!((code, word(&report, "outcome")), (3, "applied_in_part"));
    assert_eq!(guards(&report), ["removals", "renumbering", "school_unmapped"]);
    assert_eq!((office.value("level", "70060"), office.value("level", "70041")), ("5".into(), "4".into()));
    assert_eq!(office.with_status(4), 0);
    let (code, after) = office.approve(&report);
    assert_eq!((code, guards(&after)), (3, vec!["school_unmapped"]));
    assert_eq!((office.with_status(4), office.value("level", "70041")), (40, "5".into()));
    office.run(&["district", "site-map", "12", "OAK"]).well();
    assert_eq!(office.deliver(&august).0, 0);
    assert_eq!(office.value("site", "70121"), "OAK");
}
