//! What the generator promises, read back with the csv crate: counts, unique pairs, whole references, the same bytes.

use std::collections::{HashMap, HashSet};

use super::classes::{write_schools, write_sections, write_staff, write_teachers};
use super::district::{District, Fate, Known, Night};
use super::expected::Enrollments;
use super::patrons::write_patrons;
use super::shuffle::write_shuffled;
use super::students::{write_enrollments, write_students};

type Rows = Vec<HashMap<String, String>>;

fn district() -> District {
    District::new(4000, 6500, 7).unwrap()
}

fn file(write: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(&mut bytes);
    bytes
}

fn students(district: &District, night: Night) -> Vec<u8> {
    file(|out| assert!(write_students(district, night, out).is_ok()))
}

fn enrollments(district: &District, night: Night) -> Vec<u8> {
    file(|out| assert!(write_enrollments(district, night, out).is_ok()))
}

fn rows(bytes: &[u8]) -> Rows {
    csv::Reader::from_reader(bytes).deserialize().map(|row| row.unwrap()).collect()
}

fn column<'a>(rows: &'a Rows, name: &str) -> Vec<&'a str> {
    rows.iter().map(|row| row[name].as_str()).filter(|cell| !cell.is_empty()).collect()
}

fn assert_unique(rows: &Rows, name: &str) {
    let cells = column(rows, name);
    assert_eq!(cells.iter().collect::<HashSet<_>>().len(), cells.len(), "{name} repeats");
}

fn assert_within(rows: &Rows, name: &str, parents: &Rows, id: &str) {
    let ids: HashSet<_> = column(parents, id).into_iter().collect();
    assert!(column(rows, name).iter().all(|cell| ids.contains(cell)), "{name} names something unknown");
}

fn pairs(rows: &Rows) -> HashSet<(String, String)> {
    rows.iter().map(|row| (row["Section_id"].clone(), row["Student_id"].clone())).collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_does_not() {
    let other = District::new(4000, 6500, 8).unwrap();
    for night in [Night::First, Night::Second] {
        assert_eq!(students(&district(), night), students(&district(), night));
        assert_eq!(enrollments(&district(), night), enrollments(&district(), night));
        assert_ne!(students(&district(), night), students(&other, night));
    }
}

#[test]
fn ids_numbers_and_emails_are_unique_on_both_nights() {
    for night in [Night::First, Night::Second] {
        let rows = rows(&students(&district(), night));
        assert_eq!((rows.len(), rows[0].len()), (4000, 29));
        for name in ["Student_id", "Student_number", "State_id", "Student_email", "Contact_email", "Username"] {
            assert_unique(&rows, name);
        }
        assert!(column(&rows, "Password").is_empty());
    }
}

#[test]
fn all_references_are_whole() {
    let district = district();
    let schools = rows(&file(|out| assert!(write_schools(&district, out).is_ok())));
    let teachers = rows(&file(|out| assert!(write_teachers(&district, out).is_ok())));
    let staff = rows(&file(|out| assert!(write_staff(&district, out).is_ok())));
    let sections = rows(&file(|out| assert!(write_sections(&district, out).is_ok())));
    assert_eq!((schools.len(), teachers.len(), staff.len(), sections.len()), (8, 240, 24, 1200));
    for name in ["Teacher_id", "Teacher_2_id"] {
        assert_within(&sections, name, &teachers, "Teacher_id");
    }
    for night in [Night::First, Night::Second] {
        let (students, enrollments) = (rows(&students(&district, night)), rows(&enrollments(&district, night)));
        assert_within(&enrollments, "Section_id", &sections, "Section_id");
        assert_within(&enrollments, "Student_id", &students, "Student_id");
        for children in [&students, &enrollments, &teachers, &staff, &sections] {
            assert_within(children, "School_id", &schools, "School_id");
        }
    }
}

#[test]
fn no_student_is_in_a_section_twice_and_one_in_a_hundred_enrollments_moves() {
    let district = district();
    let (first, second) = (enrollments(&district, Night::First), enrollments(&district, Night::Second));
    let (first_rows, second_rows) = (rows(&first), rows(&second));
    let (before, after) = (pairs(&first_rows), pairs(&second_rows));
    assert_eq!((before.len(), after.len()), (first_rows.len(), second_rows.len()));
    let counts = Enrollments::count(&district);
    assert_eq!(before.len(), counts.first_night);
    assert_eq!(before.difference(&after).count(), counts.removed);
    assert_eq!(after.difference(&before).count(), counts.created);
    assert!((200..320).contains(&counts.moved), "{} of {} moved", counts.moved, counts.first_night);
}

#[test]
fn one_percent_changes_half_a_percent_goes_and_as_many_come() {
    let district = district();
    let by_id = |bytes: &[u8]| rows(bytes).into_iter().map(|row| (row["Student_id"].clone(), row)).collect();
    let before: HashMap<_, _> = by_id(&students(&district, Night::First));
    let after: HashMap<_, _> = by_id(&students(&district, Night::Second));
    let changed = after.iter().filter(|(id, row)| before.get(*id).is_some_and(|old| old != *row)).count();
    let gone = before.keys().filter(|id| !after.contains_key(*id)).count();
    let new = after.keys().filter(|id| !before.contains_key(*id)).count();
    assert_eq!((changed, gone, new), (40, 20, 20));
    assert_eq!((0..4000).filter(|student| district.fate(*student) == Fate::Changes).count(), 40);
}

#[test]
fn patrons_agree_with_the_students_whom_they_are() {
    let district = district();
    let patrons = rows(&file(|out| assert!(write_patrons(&district, out).is_ok())));
    let students = rows(&students(&district, Night::First));
    let by_email: HashMap<_, _> = students.iter().map(|row| (row["Student_email"].as_str(), row)).collect();
    let known: Vec<_> = patrons.iter().filter_map(|row| Some((row, *by_email.get(row["email"].as_str())?))).collect();
    assert_eq!((patrons.len(), patrons[0].len(), known.len()), (4360, 28, 3840));
    for (patron, student) in &known {
        let [year, month, day] = [&patron["birthdate"][..4], &patron["birthdate"][5..7], &patron["birthdate"][8..]];
        assert_eq!(student["DOB"], format!("{month}/{day}/{year}"));
        assert_eq!(student["Last_name"], patron["last_name"]);
        assert!(patron["student_number"].is_empty() || patron["student_number"] == student["Student_number"]);
    }
    assert_eq!(known.iter().filter(|(patron, _)| !patron["student_number"].is_empty()).count(), 3800);
    assert_eq!((0..4000).filter(|student| district.known(*student) == Known::ByEmailOnly).count(), 40);
    assert_unique(&patrons, "patron_id");
    assert_unique(&patrons, "barcode");
}

#[test]
fn shuffling_keeps_every_row_and_the_header() {
    let ordered = enrollments(&district(), Night::Second);
    let shuffled = file(|out| assert!(write_shuffled(&ordered, 7, out).is_ok()));
    let lines = |bytes: &[u8]| bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>();
    let (mut before, mut after) = (lines(&ordered), lines(&shuffled));
    assert_eq!(before[0], after[0]);
    assert_ne!(before, after);
    before.sort();
    after.sort();
    assert_eq!(before, after);
}

#[test]
fn sizes_that_cannot_be_made_are_refused() {
    assert!(District::new(100, 6500, 7).is_err());
    assert!(District::new(4000, 200_000, 7).is_err());
    let eight = District::new(4000, 8000, 7).unwrap();
    assert_eq!(rows(&enrollments(&eight, Night::First)).len(), 32_000);
}
