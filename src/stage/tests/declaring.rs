//! Manifests that give size or SHA-256 of the files, at every door: what disagrees is refused, whatever was taken before.

use super::{checked, codes, ingested, settings};
use crate::files::hash;
use crate::receive::{Acceptance, accept};
use crate::roster::settings::LimitSettings;
use crate::stage::fixture::{SET, complete, folder, write, zip};

fn manifest(lines: &[(&str, &str)]) -> String {
    let lines: String = lines.iter().map(|(property, value)| format!("{property},{value}\n")).collect();
    format!("propertyName,value\n{lines}")
}

#[test]
fn a_file_of_another_size_is_refused_as_truncated_with_both_numbers() {
    let home = complete();
    write(home.path(), "manifest.csv", manifest(&[("size.students", "1000")]).as_bytes());
    for staged in [ingested(home.path(), &settings()), checked(home.path(), &settings())] {
        assert_eq!(staged.codes(), ["file_truncated"]);
        let problem = &staged.set.problems[0];
        let bytes = SET[1].1.len();
        assert_eq!(problem.message, format!("students.csv has {bytes} bytes; manifest.csv says that it has 1000."));
        assert_eq!(problem.file.as_deref(), Some("students.csv"));
        assert!(staged.set.refused());
    }
}

#[test]
fn a_file_with_other_bytes_is_refused_as_truncated_and_one_with_the_right_ones_is_taken() {
    let home = complete();
    let (right, wrong) = (hash::text(SET[1].1), hash::text("something else"));
    write(home.path(), "manifest.csv", manifest(&[("sha256.students.csv", &right.to_uppercase())]).as_bytes());
    assert_eq!(checked(home.path(), &settings()).codes(), [""; 0]);
    write(home.path(), "manifest.csv", manifest(&[("sha256.students.csv", &wrong)]).as_bytes());
    for staged in [ingested(home.path(), &settings()), checked(home.path(), &settings())] {
        assert_eq!(staged.codes(), ["file_truncated"]);
        let expected =
            format!("students.csv has the SHA-256 {}…; manifest.csv says that it has {}….", &right[..16], &wrong[..16]);
        assert_eq!(staged.set.problems[0].message, expected);
    }
}

#[test]
fn one_file_is_told_of_once_though_size_and_hash_disagree() {
    let home = complete();
    let lines = [("size.students", "1"), ("sha256.students", &*hash::text("")), ("size.teachers.csv", "2")];
    write(home.path(), "manifest.csv", manifest(&lines).as_bytes());
    assert_eq!(checked(home.path(), &settings()).codes(), ["file_truncated", "file_truncated"]);
}

#[test]
fn last_nights_file_does_not_stand_for_one_that_the_manifest_names() {
    let home = complete();
    std::fs::rename(home.path().join("students.csv"), home.path().join("students_2026-11-19.csv")).expect("a name");
    write(home.path(), "manifest.csv", manifest(&[("size.students_2026-11-20.csv", "100")]).as_bytes());
    let staged = checked(home.path(), &settings());
    assert_eq!(staged.codes(), ["set_incomplete"]);
    let message = "students_2026-11-20.csv is not there; manifest.csv gives its size or SHA-256.";
    assert_eq!(staged.set.problems[0].message, message);
    // What is not read need not be there.
    write(home.path(), "manifest.csv", manifest(&[("size.attendance.csv", "100"), ("size.notes.pdf", "1")]).as_bytes());
    assert_eq!(checked(home.path(), &settings()).codes(), [""; 0]);
}

#[test]
fn a_kind_that_the_manifest_gives_the_size_of_is_promised() {
    let home = complete();
    write(home.path(), "manifest.csv", manifest(&[("size.staff", "100")]).as_bytes());
    assert_eq!(checked(home.path(), &settings()).codes(), ["set_incomplete"]);
    write(home.path(), "manifest.csv", manifest(&[("size.staff", "100"), ("file.staff", "absent")]).as_bytes());
    assert_eq!(checked(home.path(), &settings()).codes(), [""; 0]);
}

#[test]
fn a_manifest_in_a_zip_speaks_of_what_is_in_it() {
    let of_zip = |lines: &[(&str, &str)]| {
        let text = manifest(lines);
        let mut entries: Vec<(&str, &[u8])> = SET.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
        entries.push(("manifest.csv", text.as_bytes()));
        let home = folder();
        write(home.path(), "export.zip", &zip(&entries));
        let staged = ingested(home.path(), &settings());
        (
            codes(&staged.set.problems),
            staged.set.problems.first().map(|problem| problem.message.clone()).unwrap_or_default(),
        )
    };
    let bytes = SET[1].1.len();
    let (none, _) = of_zip(&[("size.students.csv", &bytes.to_string()), ("sha256.students", &hash::text(SET[1].1))]);
    assert_eq!(none, [""; 0]);
    let (codes, message) = of_zip(&[("size.students", "1000")]);
    assert_eq!(codes, ["file_truncated"]);
    let expected = format!("export.zip/students.csv has {bytes} bytes; export.zip/manifest.csv says that it has 1000.");
    assert_eq!(message, expected);
    assert_eq!(of_zip(&[("sha256.students", &hash::text("other"))]).0, ["file_truncated"]);
    assert_eq!(of_zip(&[("size.students_2026-11-20.csv", "100")]).0, ["set_incomplete"]);
}

#[test]
fn the_same_bytes_as_last_time_are_not_the_same_delivery_under_a_manifest_that_disagrees() {
    let (home, private) = (complete(), folder());
    let delivery = super::chosen(home.path());
    let place = private.path().join("batch");
    let Ok(Acceptance::New(batch)) = accept(&delivery, &place, &LimitSettings::default(), None, || {}) else {
        panic!("nothing is known yet")
    };
    let last: Vec<_> = batch.files.iter().map(|file| file.known()).collect();
    for (lines, is_same) in [
        (("size.students", SET[1].1.len().to_string()), true),
        (("size.students", "1000".into()), false),
        (("sha256.students", hash::text(SET[1].1)), true),
        (("sha256.students", hash::text("other")), false),
    ] {
        write(home.path(), "manifest.csv", manifest(&[(lines.0, &lines.1)]).as_bytes());
        let place = private.path().join(&lines.1);
        let accepted = accept(&super::chosen(home.path()), &place, &LimitSettings::default(), Some(&last), || {});
        assert_eq!(accepted.expect("it can be read") == Acceptance::Same, is_same, "{lines:?}");
    }
}
