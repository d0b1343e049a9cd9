//! Which files are the set.

use super::*;
use crate::roster::FileKind;
use crate::roster::set::{Content, Mode};
use crate::roster::settings::Presence;
use crate::stage::StageError;
use crate::stage::fixture::{SET, complete, touch, write, zip, zip_of_set};

const STUDENTS: &[u8] = b"School_id,Student_id,First_name,Last_name,Grade\nS1,A1,Ada,Able,3\n";

#[test]
fn a_folder_with_the_five_files_is_a_set_without_problems() {
    let delivery = chosen(complete().path());
    assert_eq!(names(&delivery), ["enrollments.csv", "schools.csv", "sections.csv", "students.csv", "teachers.csv"]);
    assert_eq!((delivery.mode, delivery.problems.as_slice(), delivery.dated), (Mode::Full, [].as_slice(), None));
}

#[test]
fn unfinished_hidden_and_own_files_are_never_looked_at() {
    let folder = complete();
    for name in [
        "students.csv.filepart",
        ".students.csv",
        "~$students.csv",
        "Thumbs.db",
        "results/students.csv",
        "__MACOSX/students.csv",
    ] {
        write(folder.path(), name, STUDENTS);
    }
    let delivery = chosen(folder.path());
    assert_eq!((delivery.files.len(), delivery.problems.len()), (5, 0));
}

#[test]
fn of_several_dated_files_the_newest_date_counts_whatever_the_times() {
    let folder = folder();
    write(folder.path(), "clever_students_2026-11-20.csv", STUDENTS);
    write(folder.path(), "clever_students_2026-11-19.csv", STUDENTS);
    touch(folder.path(), "clever_students_2026-11-20.csv", 0);
    touch(folder.path(), "clever_students_2026-11-19.csv", 9_000);
    let delivery = chosen(folder.path());
    assert_eq!(names(&delivery), ["clever_students_2026-11-20.csv"]);
    assert_eq!(delivery.dated.map(|day| day.to_string()).as_deref(), Some("2026-11-20"));
    assert!(delivery.problems.is_empty());
}

#[test]
fn of_two_undated_files_the_newer_counts_and_of_equally_old_ones_both_are_named() {
    let folder = folder();
    for name in ["Students.csv", "students (1).csv"] {
        write(folder.path(), name, STUDENTS);
        touch(folder.path(), name, 0);
    }
    let problem = &chosen(folder.path()).problems[0];
    assert_eq!((problem.code.word(), problem.is_error()), ("file_duplicate", true));
    assert!(problem.message.contains("Students.csv") && problem.message.contains("students (1).csv"));
    touch(folder.path(), "students (1).csv", 60);
    let delivery = chosen(folder.path());
    assert_eq!((names(&delivery), delivery.problems.len()), (vec!["students (1).csv"], 0));
}

#[test]
fn staff_beats_admins_even_when_older() {
    let folder = folder();
    write(folder.path(), "staff.csv", b"School_id,Staff_id,Staff_email,First_name,Last_name\n");
    write(folder.path(), "admins.csv", b"School_id,Staff_id,Admin_email,First_name,Last_name\n");
    touch(folder.path(), "staff.csv", 0);
    let delivery = chosen(folder.path());
    assert_eq!((names(&delivery), codes(&delivery.problems)), (vec!["staff.csv"], vec!["file_unknown"]));
}

#[test]
fn a_name_that_says_nothing_leaves_it_to_the_header() {
    let folder = folder();
    write(folder.path(), "export.csv", b"last name;FIRST_NAME;student-id;School_id;Grade\n");
    let kind = chosen(folder.path()).files[0].content;
    assert!(matches!(kind, Content::Csv { kind: FileKind::Students, .. }));
}

#[test]
fn a_name_that_lies_is_found_out_by_the_header() {
    let folder = complete();
    write(
        folder.path(),
        "sections.csv",
        b"School_name,Section_id,User_id,Teacher_id,School_number\nEvergreen,1,2,3,4\n",
    );
    write(folder.path(), "students.csv", b"date,sis_id,clever_user_id,num_logins\n2026-11-20,1,2,3\n");
    let delivery = chosen(folder.path());
    assert_eq!(names(&delivery), ["enrollments.csv", "schools.csv", "teachers.csv"]);
    assert!(delivery.problems[0].message.contains("AnySchool") && delivery.problems[1].message.contains("report"));
    assert!(delivery.problems.iter().all(|problem| problem.code.word() == "file_unknown" && !problem.is_error()));
}

#[test]
fn other_uploads_of_clever_are_named_and_ignored() {
    let folder = complete();
    let attendance = b"Student_id,School_id,Section_id,Attendance_date,Attendance_type\nA1,S1,C1,2026-11-20,daily\n";
    write(folder.path(), "attendance.csv", attendance);
    write(folder.path(), "customcontacts/contacts.csv", b"contact_id,student_id\n");
    write(folder.path(), "students_ext.csv", b"sis_id,ext.locker\nA1,7\n");
    write(folder.path(), "shopping.csv", b"item,price\n");
    write(folder.path(), "README.md", b"not a table");
    let delivery = chosen(folder.path());
    assert_eq!((delivery.files.len(), codes(&delivery.problems)), (5, vec!["file_unknown"; 4]));
    assert!(!delivery.problems.iter().any(Problem::is_error));
}

#[test]
fn a_workbook_renamed_to_csv_is_an_error_that_says_what_to_do() {
    let folder = complete();
    let workbook = zip(&[("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<x/>")]);
    for bytes in [workbook.as_slice(), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1rest"] {
        write(folder.path(), "students.csv", bytes);
        let staged = checked(folder.path(), &settings());
        assert_eq!(staged.codes(), ["file_unknown"], "the kind is not called missing as well");
        assert!(staged.set.refused());
        assert!(staged.set.problems[0].proposal.as_deref().is_some_and(|text| text.contains("CSV UTF-8")));
    }
}

#[test]
fn a_manifest_with_a_delta_makes_the_set_a_delta() {
    let folder = folder();
    write(folder.path(), "students.csv", STUDENTS);
    write(folder.path(), "manifest.csv", b"propertyName,value\nfile.students,delta\nfile.teachers,absent\n");
    let staged = checked(folder.path(), &settings());
    assert_eq!((staged.set.mode, staged.codes()), (Mode::Delta, vec![]));
}

#[test]
fn what_a_manifest_promises_must_be_there() {
    let folder = folder();
    write(folder.path(), "students.csv", STUDENTS);
    write(folder.path(), "manifest.csv", b"propertyName,value\nfile.students,delta\nfile.teachers,delta\n");
    let staged = checked(folder.path(), &settings());
    assert_eq!(staged.codes(), ["set_incomplete"]);
    assert!(staged.set.problems[0].message.contains("teachers.csv is missing"));
}

#[test]
fn corrected_rows_are_a_delta_and_never_replace_the_file_they_came_from() {
    let folder = complete();
    write(folder.path(), "students.rejected.csv", STUDENTS);
    touch(folder.path(), "students.csv", 0);
    let delivery = chosen(folder.path());
    assert!(names(&delivery).contains(&"students.csv") && delivery.mode == Mode::Full);
    assert_eq!(codes(&delivery.problems), ["file_unknown"]);
    std::fs::remove_file(folder.path().join("students.csv")).expect("it was there");
    assert_eq!(chosen(folder.path()).mode, Mode::Delta);
}

#[test]
fn ignored_kinds_are_not_taken() {
    let mut settings = settings();
    settings.set.teachers = Presence::Ignored;
    let staged = checked(complete().path(), &settings);
    assert_eq!((staged.set.files.len(), staged.codes()), (4, vec![]));
}

#[test]
fn a_folder_with_none_of_the_files_is_incomplete_once() {
    let folder = folder();
    write(folder.path(), "README.md", b"nothing here");
    let staged = checked(folder.path(), &settings());
    assert_eq!(staged.codes(), ["set_incomplete"]);
    assert!(staged.set.problems[0].message.starts_with("There is no roster file in "));
}

#[test]
fn no_such_path_is_a_sentence() {
    let error = choose(Path::new("/no/such/folder"), &settings(), &schemas()).expect_err("it is not there");
    assert!(matches!(error, StageError::NotThere(_)));
    assert_eq!(error.to_string(), "there is no file or folder /no/such/folder");
}

#[test]
fn links_are_named_and_not_followed() {
    let (folder, elsewhere) = (folder(), complete());
    std::os::unix::fs::symlink(elsewhere.path().join("students.csv"), folder.path().join("students.csv"))
        .expect("a link");
    let delivery = chosen(folder.path());
    assert!(delivery.files.is_empty() && delivery.problems.iter().any(|problem| problem.message.contains("is a link")));
}

#[test]
fn a_zip_is_known_by_content_and_of_dated_zips_the_newest_counts() {
    let folder = folder();
    write(folder.path(), "2026-11-19.zip", &zip_of_set(""));
    write(folder.path(), "2026-11-20.dat", &zip_of_set(""));
    let delivery = chosen(folder.path());
    assert_eq!((names(&delivery), delivery.files[0].content), (vec!["2026-11-20.dat"], Content::Zip));
    assert_eq!(chosen(&folder.path().join("2026-11-19.zip")).files.len(), 1);
}

#[test]
fn one_file_is_a_set_that_lacks_the_others() {
    let folder = complete();
    let staged = checked(&folder.path().join(SET[1].0), &settings());
    assert_eq!(staged.codes(), ["set_incomplete"]);
    let expected = "The set is incomplete: schools.csv, teachers.csv, sections.csv and enrollments.csv are missing.";
    assert_eq!(staged.set.problems[0].message, expected);
}
