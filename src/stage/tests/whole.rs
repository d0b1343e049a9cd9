//! Whole sets: complete or not, zipped or not, moved or left in place.

use std::os::unix::fs::PermissionsExt;

use super::*;
use crate::roster::FileKind;
use crate::roster::set::Mode;
use crate::stage::fixture::{SET, complete, touch, tree, write, zip, zip_of_set};

#[test]
fn a_folder_and_a_zip_of_it_give_the_same_files_parents_first() {
    let (zipped, loose) = (folder(), complete());
    write(zipped.path(), "export.zip", &zip_of_set("nested/"));
    let (zipped, loose) = (ingested(zipped.path(), &settings()), ingested(loose.path(), &settings()));
    for (name, text) in SET {
        assert_eq!((zipped.text(name).as_str(), loose.text(name).as_str()), (text, text));
    }
    let kinds: Vec<FileKind> = loose.set.files.iter().map(|file| file.kind).collect();
    assert!(kinds.is_sorted() && zipped.set.files[0].name == "export.zip/schools.csv");
    let hashes = |staged: &Staged| staged.set.files.iter().map(|file| file.sha256.clone()).collect::<Vec<_>>();
    assert_eq!(hashes(&zipped), hashes(&loose));
}

#[test]
fn the_kept_copy_is_private_and_what_arrived_is_gone() {
    let staged = ingested(complete().path(), &settings());
    assert_eq!(
        tree(staged.home.path()),
        ["enrollments.csv", "schools.csv", "sections.csv", "students.csv", "teachers.csv"]
    );
    let mode = |path: &Path| path.metadata().expect("it is there").permissions().mode() & 0o777;
    assert_eq!(mode(&staged.kept()), 0o700);
    assert!(staged.set.files.iter().all(|file| mode(&file.path) == 0o600));
}

#[test]
fn a_check_leaves_everything_where_it_is_and_writes_nothing() {
    let folder = complete();
    let staged = checked(folder.path(), &settings());
    assert!(staged.set.files.iter().all(|file| file.path.starts_with(folder.path().canonicalize().expect("a folder"))));
    assert_eq!((tree(folder.path()).len(), tree(staged.home.path()).len()), (5, 0));
}

#[test]
fn a_full_set_without_required_kinds_names_them_all_at_once() {
    let folder = complete();
    for name in ["sections.csv", "teachers.csv"] {
        std::fs::remove_file(folder.path().join(name)).expect("it was there");
    }
    let staged = ingested(folder.path(), &settings());
    assert_eq!(staged.set.problems[0].message, "The set is incomplete: teachers.csv and sections.csv are missing.");
    assert_eq!((staged.codes(), staged.set.files.len()), (vec!["set_incomplete"], 3));
}

#[test]
fn a_delta_may_lack_kinds() {
    let (folder, home) = (complete(), folder());
    std::fs::remove_file(folder.path().join("teachers.csv")).expect("it was there");
    let mut delivery = chosen(folder.path());
    delivery.mode = Mode::Delta;
    let batch = borrow(&delivery).expect("it can be read");
    let set = staged(&batch, &delivery, home.path(), &settings(), Keep::InPlace);
    assert_eq!((set.mode, set.problems.len()), (Mode::Delta, 0));
}

#[test]
fn the_same_kind_inside_and_beside_a_zip_is_refused_with_both_names() {
    let folder = folder();
    write(folder.path(), "export.zip", &zip_of_set(""));
    write(folder.path(), "students.csv", SET[1].1.as_bytes());
    let staged = ingested(folder.path(), &settings());
    assert_eq!(staged.codes(), ["file_duplicate"]);
    let message = &staged.set.problems[0].message;
    assert!(message.contains("Both students.csv and export.zip/students.csv hold students"), "{message}");
    assert_eq!(tree(staged.home.path()).len(), 5, "the other copy is not kept");
}

#[test]
fn a_zip_with_a_delta_manifest_is_a_delta() {
    let folder = folder();
    let manifest = b"propertyName,value\r\nfile.students,delta\r\n";
    write(folder.path(), "export.zip", &zip(&[("manifest.csv", manifest), ("students.csv", SET[1].1.as_bytes())]));
    let staged = ingested(folder.path(), &settings());
    assert_eq!((staged.set.mode, staged.codes(), staged.set.files.len()), (Mode::Delta, vec![], 1));
}

#[test]
fn a_file_much_older_than_the_others_is_named() {
    let folder = complete();
    SET.iter().for_each(|(name, _)| touch(folder.path(), name, 400_000));
    touch(folder.path(), "teachers.csv", 0);
    let staged = ingested(folder.path(), &settings());
    assert_eq!(staged.codes(), ["file_stale"]);
    assert!(staged.set.problems[0].message.starts_with("teachers.csv is 111 hours older"));
    touch(folder.path(), "teachers.csv", 400_000 - 35 * 3600);
    assert_eq!(checked(folder.path(), &settings()).codes(), Vec::<&str>::new());
}

#[test]
fn a_folder_that_holds_something_is_not_staged_into() {
    let (folder, home) = (complete(), folder());
    write(home.path(), "staged/precious.txt", b"keep me");
    let delivery = chosen(folder.path());
    let batch = borrow(&delivery).expect("it can be read");
    let into = home.path().join("staged");
    stage(&batch, &delivery, &into, &settings(), &schemas(), Keep::InPlace).expect_err("it is not empty");
    assert_eq!(tree(home.path()), ["precious.txt"]);
}
