//! What happens at the door: private copies, the same set again, files that change under our hands.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::{Acceptance, ReceiveError, accept, borrow};
use crate::roster::set::{Batch, Delivery, KnownFile};
use crate::roster::settings::{LimitSettings, Size};
use crate::stage::choose;
use crate::stage::fixture::{SET, complete, folder, schemas, settings, touch, tree, write};

fn delivery(path: &Path) -> Delivery {
    choose(path, &settings(), &schemas()).expect("the folder can be read")
}

fn accepted(delivery: &Delivery, private: &Path) -> Batch {
    match accept(delivery, private, &LimitSettings::default(), None, || {}).expect("it can be copied") {
        Acceptance::New(batch) => batch,
        Acceptance::Same => panic!("nothing is known yet"),
    }
}

fn known(batch: &Batch) -> Vec<KnownFile> {
    batch.files.iter().map(|file| file.known()).collect()
}

#[test]
fn the_copy_is_private_whole_and_does_not_change_with_the_original() {
    let (folder, home) = (complete(), folder());
    let batch = accepted(&delivery(folder.path()), &home.path().join("inbox/batch"));
    write(folder.path(), "students.csv", b"overwritten");
    for file in &batch.files {
        let expected = SET.iter().find(|(name, _)| *name == file.name).expect("it was delivered").1;
        assert_eq!(std::fs::read_to_string(&file.path).expect("the copy"), expected);
        assert_eq!(file.path.metadata().expect("the copy").permissions().mode() & 0o777, 0o600);
        assert_eq!(file.sha256, crate::files::hash::text(expected));
    }
    for part in ["inbox", "inbox/batch"] {
        assert_eq!(home.path().join(part).metadata().expect("a folder").permissions().mode() & 0o777, 0o700, "{part}");
    }
}

#[test]
fn the_hash_of_a_batch_depends_on_content_alone() {
    let (one, other) = (complete(), complete());
    std::fs::rename(other.path().join("students.csv"), other.path().join("STUDENTS_2026-11-20.csv"))
        .expect("a new name");
    let hash = |path: &Path| borrow(&delivery(path)).expect("it can be read").sha256;
    assert_eq!(hash(one.path()), hash(other.path()));
    assert!(hash(one.path()).starts_with("sha256:"));
    write(other.path(), "STUDENTS_2026-11-20.csv", b"School_id,Student_id,First_name,Last_name\n");
    assert_ne!(hash(one.path()), hash(other.path()));
}

#[test]
fn the_same_bytes_again_are_recognised_and_nothing_is_copied() {
    let (folder, home) = (complete(), folder());
    let last = known(&accepted(&delivery(folder.path()), &home.path().join("first")));
    touch(folder.path(), "students.csv", 5);
    let again = home.path().join("second");
    let accept = |delivery: &Delivery| accept(delivery, &again, &LimitSettings::default(), Some(&last), || {});
    assert_eq!(accept(&delivery(folder.path())).expect("it can be read"), Acceptance::Same);
    assert!(!again.exists());
    write(folder.path(), "students.csv", SET[1].1.replace("Ada", "Ida").as_bytes());
    assert!(matches!(accept(&delivery(folder.path())).expect("it can be read"), Acceptance::New(_)));
}

#[test]
fn a_file_that_changes_while_it_is_copied_is_refused_and_nothing_is_left() {
    let (folder, home) = (complete(), folder());
    let delivery = delivery(folder.path());
    write(folder.path(), "students.csv", format!("{}S1,A2,Bo,Baker,3,\n", SET[1].1).as_bytes());
    let refused =
        accept(&delivery, &home.path().join("batch"), &LimitSettings::default(), None, || {}).expect_err("it changed");
    assert!(matches!(&refused, ReceiveError::Changed(name) if name == "students.csv"));
    assert!(refused.to_string().contains("wait until the upload has finished"));
    assert_eq!(home.path().read_dir().expect("a folder").count(), 0);
    touch(folder.path(), "teachers.csv", 7);
    assert!(borrow(&delivery).is_err());
}

#[test]
fn a_file_that_is_overwritten_and_given_its_old_time_is_noticed_as_changed() {
    let (folder, home) = (complete(), folder());
    touch(folder.path(), "students.csv", 5);
    let delivery = delivery(folder.path());
    write(folder.path(), "students.csv", SET[1].1.replace("Ada", "Ida").as_bytes());
    touch(folder.path(), "students.csv", 5);
    let now = self::delivery(folder.path());
    let unseen =
        |delivery: &Delivery| delivery.files.iter().map(|file| (file.bytes, file.modified)).collect::<Vec<_>>();
    assert_eq!(unseen(&now), unseen(&delivery), "size and time do not show it");
    let refused =
        accept(&delivery, &home.path().join("batch"), &LimitSettings::default(), None, || {}).expect_err("it changed");
    assert!(matches!(&refused, ReceiveError::Changed(name) if name == "students.csv"));
    assert_eq!(tree(home.path()), [""; 0]);
    assert!(matches!(
        accept(&now, &home.path().join("batch"), &LimitSettings::default(), None, || {}),
        Ok(Acceptance::New(_))
    ));
}

#[test]
fn a_set_over_the_limit_is_refused_and_nothing_is_left() {
    let (folder, home) = (complete(), folder());
    let limits = LimitSettings { unpacked_bytes: Size(100), ..LimitSettings::default() };
    let refused = accept(&delivery(folder.path()), &home.path().join("batch"), &limits, None, || {})
        .expect_err("it is too large");
    assert!(refused.to_string().ends_with("at most 100 are allowed (limits.unpacked_bytes)"));
    assert!(tree(home.path()).is_empty());
}

#[test]
fn a_place_that_cannot_be_written_is_our_failure() {
    let (folder, home) = (complete(), folder());
    write(home.path(), "file", b"in the way");
    let failed =
        accept(&delivery(folder.path()), &home.path().join("file/batch"), &LimitSettings::default(), None, || {});
    assert!(matches!(failed, Err(ReceiveError::Io { .. })));
    write(home.path(), "batch/precious.txt", b"keep me");
    accept(&delivery(folder.path()), &home.path().join("batch"), &LimitSettings::default(), None, || {})
        .expect_err("it is not empty");
    assert_eq!(tree(home.path()), ["file", "precious.txt"]);
}
