//! Exactly at a limit, and one more: days that count along, grace, refused rows, lost zeros, sections and enrollments.

use serde_json::{Value, json};

use super::school::{Office, Student, guards, students, word};

/// All of `all` but those from `from` on, `count` of them.
fn without(all: &[Student], from: usize, count: usize) -> Vec<Student> {
    all.iter().enumerate().filter(|(at, _)| !(from..from + count).contains(at)).map(|(_, one)| one.clone()).collect()
}

/// A hundred, of whom six leave, and so many days later six more.
fn six_and_six(days: u32) -> (i32, Value) {
    let mut office = Office::new("");
    office.deliver(&students(100));
    let fewer = without(&students(100), 0, 6);
    assert_eq!(office.deliver(&fewer).0, 0);
    office.days_pass(days);
    office.deliver(&without(&fewer, 0, 6))
}

#[test]
fn those_who_left_six_days_ago_count_along_and_those_of_seven_days_ago_do_not() {
    assert_eq!(guards(&six_and_six(6).1), ["removals"]);
    assert_eq!(guards(&six_and_six(7).1), Vec::<&str>::new());
}

#[test]
fn someone_is_removed_when_the_grace_days_are_over_and_not_a_day_before() {
    let mut office = Office::new("[sync]\ngrace_days = 3\n");
    office.deliver(&students(20));
    let fewer = without(&students(20), 0, 1);
    for day in 1..=3 {
        office.days_pass(1);
        let (code, report) = office.deliver(&fewer);
        assert_eq!((code, &report["people"]["students"]["missing"]), (0, &json!(1)), "day {day}");
        assert_eq!(office.with_status(4), 0);
    }
    office.days_pass(1);
    let (code, report) = office.deliver(&fewer);
    assert_eq!((code, &report["people"]["students"]["removed"], office.with_status(4)), (0, &json!(1), 1));
}

#[test]
fn who_is_missing_or_held_keeps_the_classes_until_somebody_goes() {
    let enrolled = "SELECT count(*) FROM enrollments WHERE role = 'student'";
    let mut office = Office::new("[sync]\ngrace_days = 2\n");
    office.deliver(&students(20));
    let fewer = without(&students(20), 0, 1);
    let without_class = |office: &Office| {
        office.write("upload", &fewer);
        office.desk.write("upload/enrollments.csv", "School_id,Section_id,Student_id\n11,A1,S0002\n");
        office.json(&["ingest", "upload"])
    };
    for _ in 0..2 {
        office.days_pass(1);
        assert_eq!(without_class(&office).0, 0);
        assert_eq!(office.one(enrolled), 2, "the missing one, and the one who came");
    }
    office.days_pass(1);
    assert_eq!((without_class(&office).0, office.with_status(4), office.one(enrolled)), (0, 1, 1));
}

/// Two sections: the first students are in the first one, as long as they come, and the last student is in the other.
fn two_sections(office: &Office, students: &[Student]) -> (i32, Value) {
    office.write("upload", students);
    let header = "School_id,Section_id,Teacher_id,Name,Course_name,Period,Term_name,Term_start,Term_end";
    let row = |id: &str| format!("11,{id},T1,,Reading,1,Year,08/24/2026,06/11/2027\n");
    office.desk.write("upload/sections.csv", format!("{header}\n{}{}", row("A1"), row("A2")));
    let early = students.iter().filter(|student| student.id.as_str() < "S0021");
    let rows: String = early.map(|student| format!("11,A1,{}\n", student.id)).collect();
    office.desk.write("upload/enrollments.csv", format!("School_id,Section_id,Student_id\n{rows}11,A2,S0040\n"));
    office.json(&["ingest", "upload"])
}

#[test]
fn a_section_stays_while_the_removal_of_all_its_students_is_held() {
    let office = Office::new("");
    assert_eq!(two_sections(&office, &students(40)).0, 0);
    let before = office.desk.dump().library();
    let (code, report) = two_sections(&office, &students(40)[20..]);
    assert_eq!((code, word(&report, "outcome"), &report["sections"]["removed"]), (3, "held", &json!(0)));
    assert_eq!(before.changes(&office.desk.dump().library()), Vec::<String>::new());
    assert_eq!((office.approve(&report).0, office.with_status(4)), (0, 20));
    let enrolled = office.one("SELECT count(*) FROM enrollments WHERE role = 'student'");
    assert_eq!((office.one("SELECT count(*) FROM sections"), enrolled), (1, 1));
}

#[test]
fn one_appearance_starts_the_grace_days_anew() {
    let mut office = Office::new("[sync]\ngrace_days = 3\n");
    office.deliver(&students(20));
    let fewer = without(&students(20), 0, 1);
    let nights = [&fewer, &fewer, &students(20), &fewer, &fewer, &fewer];
    for night in nights {
        office.days_pass(1);
        assert_eq!(office.deliver(night).0, 0);
        assert_eq!(office.with_status(4), 0);
    }
    office.days_pass(1);
    assert_eq!((office.deliver(&fewer).0, office.with_status(4)), (0, 1));
}

/// Forty of whom so many come without a last name.
fn nameless(count: usize) -> (Office, i32, Value) {
    let office = Office::new("");
    office.deliver(&students(40));
    let mut next = students(40);
    next.iter_mut().take(count).for_each(|student| student.last = String::new());
    next[39].grade = "7";
    let (code, report) = office.deliver(&next);
    (office, code, report)
}

#[test]
fn a_quarter_of_the_rows_may_be_refused_and_one_more_refuses_the_set() {
    let (office, code, report) = nameless(10);
    assert_eq!((code, word(&report, "outcome"), office.value("level", "70040")), (0, "applied", "7".into()));
    let (office, code, report) = nameless(11);
    assert_eq!((code, word(&report, "outcome"), office.value("level", "70040")), (4, "rejected", "4".into()));
    assert_eq!(report["problem_counts"]["error_rate_exceeded"], json!(1));
    assert_eq!(office.with_status(4), 0);
}

/// So many of whom all come with numbers that lost their zeros.
fn without_zeros(count: usize) -> (i32, Value) {
    let office = Office::new("");
    let mut zeros = students(count);
    zeros.iter_mut().for_each(|student| student.number = format!("00{}", student.number));
    office.deliver(&zeros);
    office.deliver(&students(count))
}

#[test]
fn nine_of_nine_may_lose_their_zeros_and_ten_of_ten_hold_the_set() {
    let (code, report) = without_zeros(9);
    assert_eq!((code, guards(&report)), (0, vec![]));
    let (code, report) = without_zeros(10);
    assert_eq!((code, guards(&report)), (3, vec!["leading_zeros_lost"]));
}

#[test]
fn lost_zeros_are_told_even_where_another_guard_holds_all_that_would_change() {
    let office = Office::new("");
    let mut zeros = students(40);
    zeros.iter_mut().for_each(|student| student.number = format!("00{}", student.number));
    office.deliver(&zeros);
    let mut next = students(40);
    next.iter_mut().take(12).for_each(|student| student.id = format!("N{}", student.id));
    let (code, report) = office.deliver(&next);
    assert_eq!((code, guards(&report)), (3, vec!["renumbering", "leading_zeros_lost"]));
    assert_eq!((office.approve(&report).0, office.with_status(4)), (0, 0));
    assert_eq!(office.one("SELECT count(*) FROM patrons"), 41, "forty and a teacher");
    assert_eq!(office.deliver(&next).0, 0);
}

/// A full set with so many sections, each with one student.
fn classes(office: &Office, count: usize) -> (i32, Value) {
    office.write("upload", &students(5));
    let header = "School_id,Section_id,Teacher_id,Name,Course_name,Period,Term_name,Term_start,Term_end\n".to_owned();
    let section = |text: String, at: usize| format!("{text}11,B{at},T1,,Reading,1,Year,08/24/2026,06/11/2027\n");
    office.desk.write("upload/sections.csv", (0..count).fold(header, section));
    let enrolled = |text: String, at: usize| format!("{text}11,B{at},S0001\n");
    let header = "School_id,Section_id,Student_id\n".to_owned();
    office.desk.write("upload/enrollments.csv", (0..count).fold(header, enrolled));
    office.json(&["ingest", "upload"])
}

/// How the second night ends when so many of so many sections are left, and what it holds.
fn left(before: usize, after: usize) -> (i32, Vec<String>) {
    let office = Office::new("");
    assert_eq!(classes(&office, before).0, 0);
    let (code, report) = classes(&office, after);
    let kinds = report["holds"].as_array().unwrap().iter().map(|hold| word(hold, "kind").to_owned());
    (code, kinds.collect())
}

#[test]
fn half_of_all_sections_may_go_and_one_more_waits() {
    assert_eq!(left(202, 101), (0, vec![]));
    assert_eq!(left(202, 100), (3, vec!["sections".into(), "enrollments".into()]));
}

#[test]
fn ninety_nine_sections_may_go_whatever_their_share_and_a_hundred_wait() {
    assert_eq!(left(120, 21), (0, vec![]));
    assert_eq!(left(120, 20), (3, vec!["sections".into(), "enrollments".into()]));
}

#[test]
fn a_hold_can_be_approved_to_the_minute_that_it_is_seven_days_old() {
    let mut office = Office::new("");
    office.deliver(&students(100));
    let (_, report) = office.deliver(&students(80));
    office.days_pass(7);
    assert_eq!((office.approve(&report).0, office.with_status(4)), (0, 20));
    let office = Office::new("");
    office.deliver(&students(100));
    let (_, report) = office.deliver(&students(80));
    let words = ["runs", "approve", word(&report, "run"), "--plan", word(&report, "plan"), "--by", "A"];
    let late: Vec<&str> = words.into_iter().chain(["--now", "2026-09-08T02:00:01Z"]).collect();
    office.desk.run(&late).refused(2, &["longer than 7 days ago", "ingest again"]);
    assert_eq!(office.with_status(4), 0);
}
