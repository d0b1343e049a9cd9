//! `backfill`: a year of old sets becomes history, in any order, whole or refused, and harms nothing newer.

use serde_json::{Value, json};

use crate::dump::Dump;
use crate::support::{Desk, Ended};

/// A student as the sets below write one: id, last name, school.
type Student = (&'static str, &'static str, &'static str);

const ADA: Student = ("A1", "Abara", "1");
const BEN: Student = ("B2", "Bruun", "1");
const CLEO: Student = ("C3", "Castro", "2");
const CLEO_MOVED: Student = ("C3", "Castro-Lind", "1");

/// Writes a set of these students, all of whom are in one section of their school, into the folder `name`.
fn night(desk: &Desk, name: &str, students: &[Student]) {
    std::fs::create_dir_all(desk.path(name)).unwrap();
    let rows = |row: &dyn Fn(&Student) -> String| students.iter().map(row).collect::<String>();
    let student = |(id, last, school): &Student| format!("{school},{id},{},{last},Kim,3,04/05/2015\n", &id[1..]);
    let enrollment = |(id, _, school): &Student| format!("{school},SEC{school},{id}\n");
    let students = "School_id,Student_id,Student_number,Last_name,First_name,Grade,DOB\n".to_owned() + &rows(&student);
    let enrollments = "School_id,Section_id,Student_id\n".to_owned() + &rows(&enrollment);
    let files = [
        ("schools.csv", "School_id,School_name,School_number\n1,North,1\n2,South,2\n"),
        ("teachers.csv", "School_id,Teacher_id,First_name,Last_name\n1,T1,Ines,Moreau\n2,T2,Ola,Berg\n"),
        ("sections.csv", "School_id,Section_id,Teacher_id,Name\n1,SEC1,T1,Reading\n2,SEC2,T2,Writing\n"),
        ("students.csv", &students),
        ("enrollments.csv", &enrollments),
    ];
    files.iter().for_each(|(file, text)| desk.write(&format!("{name}/{file}"), text));
}

/// Four nights, of which the last is today's.
fn year() -> Desk {
    let desk = Desk::new();
    night(&desk, "2025-09-01", &[ADA, BEN]);
    night(&desk, "2025-12-01", &[ADA, BEN, CLEO]);
    night(&desk, "2026-03-01", &[ADA, CLEO]);
    night(&desk, "2026-06-01", &[ADA, CLEO_MOVED]);
    desk
}

fn backfill(desk: &Desk, sets: &str) -> Ended {
    desk.line(&format!("backfill {sets} --format json --now 2026-06-01T02:00:00Z"))
}

/// `first_seen last_seen state` of a student.
fn seen(desk: &Desk, id: &str) -> String {
    let sql = "SELECT first_seen || ' ' || last_seen || ' ' || state FROM entities WHERE kind = 3 AND id = ?";
    desk.database().query_row(sql, [id], |row| row.get(0)).unwrap()
}

/// What history says of a student: `as_of school name`, the oldest first.
fn history(desk: &Desk, id: &str) -> Vec<String> {
    let sql =
        "SELECT as_of || ' ' || schools || ' ' || name FROM history h JOIN entities e USING (district, kind, number)
        WHERE kind = 3 AND id = ? ORDER BY as_of";
    let database = desk.database();
    let mut rows = database.prepare(sql).unwrap();
    rows.query_map([id], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

/// Everything but the ids of runs, which are new each time, and what a disk says of fingerprints.
fn logical(desk: &Desk) -> Dump {
    desk.dump().without_ids()
}

fn counts(report: &Value) -> [u64; 3] {
    ["taken", "skipped", "refused"].map(|key| report[key].as_u64().unwrap())
}

#[test]
fn any_order_of_the_sets_gives_the_same() {
    let (one, other, folder) = (year(), year(), year());
    let report = backfill(&one, "2025-09-01 2025-12-01 2026-03-01 2026-06-01").json();
    assert_eq!(
        (counts(&report), &report["first"], &report["last"]),
        ([4, 0, 0], &json!("2025-09-01"), &json!("2026-06-01"))
    );
    assert_eq!(backfill(&other, "2026-06-01 2025-12-01 2026-03-01 2025-09-01").code, 0);
    assert_eq!(logical(&one).changes(&logical(&other)), [""; 0]);
    assert_eq!(backfill(&folder, ".").code, 0);
    assert_eq!(logical(&one).changes(&logical(&folder)), [""; 0]);
}

#[test]
fn the_newest_is_an_ordinary_run_and_the_others_are_history() {
    let desk = year();
    let report = backfill(&desk, "2026-06-01 2025-09-01 2025-12-01 2026-03-01").json();
    assert_eq!((&report["newest"]["outcome"], &report["newest"]["source"]), (&json!("applied"), &json!("backfill")));
    assert_eq!(report["newest"]["people"]["students"]["created"], json!(2));
    assert_eq!(report["sets"][0]["taken"], json!("history"));
    assert_eq!(report["people_added"], json!(5), "three students and two teachers");
    assert_eq!([seen(&desk, "A1"), seen(&desk, "C3")], ["2025-09-01  1", "2025-12-01  1"]);
    assert_eq!(seen(&desk, "B2"), "2025-09-01 2025-12-01 3", "left before today, and never was a patron");
    assert_eq!(history(&desk, "C3"), ["2025-12-01 2 Kim Castro"], "a row only where something differs");
    let patrons = "SELECT count(*) FROM patrons WHERE last_name = 'Bruun'";
    assert_eq!(desk.database().query_row(patrons, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
}

#[test]
fn old_sets_after_the_newest_night_change_no_patron_and_no_section() {
    let desk = year();
    desk.line("ingest 2026-06-01 --now 2026-06-01T02:00:00Z").well();
    let before = desk.dump();
    assert_eq!(seen(&desk, "A1"), "2026-06-01  1");
    let report = backfill(&desk, "2026-03-01 2025-09-01 2025-12-01").json();
    assert_eq!((counts(&report), &report["newest"]), ([3, 0, 0], &Value::Null));
    assert_eq!(before.library().changes(&desk.dump().library()), [""; 0]);
    let touched = before.changes(&desk.dump());
    let may = ["entities ", "history ", "runs ", "batches ", "batch_files "];
    let others: Vec<_> = touched.iter().filter(|change| !may.iter().any(|table| change.starts_with(table))).collect();
    assert!(others.is_empty(), "{others:#?}");
    assert_eq!([seen(&desk, "A1"), seen(&desk, "B2")], ["2025-09-01  1", "2025-09-01 2025-12-01 3"]);
    assert_eq!(desk.line("ingest 2026-06-01 --format json").json()["outcome"], json!("no_change"));
}

#[test]
fn what_was_seen_is_never_narrowed() {
    let desk = year();
    backfill(&desk, "2025-09-01 2025-12-01 2026-03-01 2026-06-01");
    night(&desk, "2025-10-10", &[ADA, BEN, CLEO]);
    let report = backfill(&desk, "2025-10-10").json();
    assert_eq!(counts(&report), [1, 0, 0]);
    assert_eq!(seen(&desk, "B2"), "2025-09-01 2025-12-01 3");
    assert_eq!(seen(&desk, "C3"), "2025-10-10  1", "earlier than was known");
}

#[test]
fn a_set_taken_before_is_skipped_and_one_set_twice_counts_once() {
    let desk = year();
    let all = "2025-09-01 2025-12-01 2026-03-01 2026-06-01";
    backfill(&desk, all);
    let before = desk.dump();
    let again = backfill(&desk, &format!("{all} 2025-09-01"));
    assert_eq!((again.code, counts(&again.json())), (0, [0, 4, 0]));
    assert_eq!(before.changes(&desk.dump()), [""; 0]);
}

#[test]
fn a_refused_set_does_not_stop_the_others() {
    let desk = year();
    std::fs::remove_file(desk.path("2025-12-01/students.csv")).unwrap();
    let ended = backfill(&desk, "2025-09-01 2025-12-01 2026-03-01 2026-06-01");
    let report = ended.json();
    assert_eq!((ended.code, counts(&report)), (4, [3, 0, 1]));
    assert_eq!((&report["sets"][1]["taken"], &report["sets"][1]["outcome"]), (&json!("refused"), &json!("rejected")));
    assert!(report["sets"][1]["reason"].as_str().unwrap().contains("students"), "{report:#}");
    assert_eq!(seen(&desk, "C3"), "2026-03-01  1");
    let before = desk.dump();
    let again = backfill(&desk, "2025-09-01 2025-12-01 2026-03-01 2026-06-01");
    assert_eq!(
        (again.code, counts(&again.json())),
        (4, [0, 3, 1]),
        "it still was not taken, and is not reported twice"
    );
    assert_eq!(before.changes(&desk.dump()), [""; 0]);
    night(&desk, "2025-12-01", &[ADA, BEN, CLEO]);
    assert_eq!(counts(&backfill(&desk, "2025-12-01").json()), [1, 0, 0], "corrected, it is taken");
    assert_eq!(seen(&desk, "C3"), "2025-12-01  1");
}

#[test]
fn a_set_without_a_date_is_refused_by_name_before_anything_is_written() {
    let desk = year();
    night(&desk, "someday", &[ADA]);
    backfill(&desk, "2025-09-01 someday").refused(2, &["someday has no date", "--as-of 2026-01-12", "manifest.csv"]);
    backfill(&desk, "2025-09-01 2025-12-01 --as-of 2025-09-01").refused(2, &["there are 2"]);
    backfill(&desk, "2025-09-01 nowhere").refused(2, &["there is no file or folder nowhere"]);
    assert!(!desk.files().contains(&"rosterd.db".to_owned()));
    let report = backfill(&desk, "someday --as-of 2025-01-05").json();
    assert_eq!((&report["sets"][0]["as_of"], &report["newest"]["outcome"]), (&json!("2025-01-05"), &json!("applied")));
}

#[test]
fn the_end_report_is_for_people_too() {
    let desk = year();
    let text = desk.line("backfill . --now 2026-06-01T02:00:00Z").well();
    assert!(
        text.starts_with("Backfilled: 4 sets from 2025-09-01 to 2026-06-01: 4 taken. History knows 5 people more."),
        "{text}"
    );
    assert!(
        text.contains("2026-06-01  ./2026-06-01  run: applied") && text.contains("Applied: 4 people added."),
        "{text}"
    );
    assert!(
        desk.line("backfill .").well().starts_with("Backfilled: 4 sets from 2025-09-01 to 2026-06-01: 4 taken before.")
    );
}

#[test]
fn no_copy_of_old_sets_is_kept() {
    let desk = year();
    backfill(&desk, "2025-09-01 2025-12-01 2026-03-01 2026-06-01");
    assert_eq!(desk.incoming(), [""; 0].map(std::path::PathBuf::from));
    let kept = std::fs::read_dir(desk.path("rosterd.db.d/batches")).unwrap().count();
    assert_eq!(kept, 1, "that of the ordinary run alone");
}
