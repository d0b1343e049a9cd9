//! Disks and databases that fail: exit code 1 or 2, a sentence that says what to do, and the store as it was.

use std::path::{Path, PathBuf};
use std::process::Command;

use rusqlite::Connection;
use serde_json::json;

use crate::dump::Dump;
use crate::support::{Desk, Ended};

/// A desk that holds the good sample, and has the next night in `set`.
fn tonight() -> Desk {
    let desk = Desk::new();
    desk.copy("sample-csv/good", "good");
    desk.copy("sample-csv/next-night", "set");
    desk.line("ingest good --as-of 2026-11-20").well();
    desk
}

/// A file system of its own in memory, for tests that fill or close it. Taken away at the end.
struct Disk(PathBuf);

impl Disk {
    /// `None`, with a message, where this machine does not let us.
    fn new(desk: &Desk, size: &str) -> Option<Self> {
        let place = desk.path("disk");
        std::fs::create_dir(&place).unwrap();
        let options = format!("size={size},mode=0700");
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", &options, "tmpfs"]).arg(&place).output();
        let is_mounted = mount.is_ok_and(|output| output.status.success());
        if !is_mounted {
            skipped("only an administrator can mount a disk to fill");
        }
        is_mounted.then_some(Self(place))
    }

    fn store(&self) -> String {
        self.0.join("rosterd.db").to_str().unwrap().to_owned()
    }

    fn remount(&self, options: &str) {
        let mount = Command::new("mount").args(["-o", &format!("remount,{options}")]).arg(&self.0).status().unwrap();
        assert!(mount.success());
    }

    /// Fills the disk, but for `left` bytes.
    fn fill(&self, left: u64) {
        let filler = std::fs::File::create(self.0.join("filler")).unwrap();
        let space = rustix::fs::fstatvfs(&filler).unwrap();
        let bytes = (space.f_bavail * space.f_frsize).saturating_sub(left);
        std::io::copy(&mut std::io::Read::take(std::io::repeat(1), bytes), &mut &filler).unwrap();
    }

    fn empty(&self) {
        std::fs::remove_file(self.0.join("filler")).unwrap();
    }
}

/// Tells that a test could not be done here.
#[expect(clippy::disallowed_macros, reason = "tests talk to whoever runs them")]
fn skipped(why: &str) {
    eprintln!("skipped: {why}");
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).status();
    }
}

/// The command failed, and said all of `words`.
#[track_caller]
fn failed(ended: &Ended, words: &[&str]) {
    assert_eq!(ended.code, 1, "{ended:?}");
    for word in words {
        assert!(ended.err.contains(word), "{word:?} is missing in {:?}", ended.err);
    }
    assert_eq!(ended.err.trim().lines().count(), 1, "one sentence: {:?}", ended.err);
}

fn incoming(store: &str) -> usize {
    crate::support::tree(&Path::new(&format!("{store}.d")).join("incoming")).len()
}

#[test]
fn a_full_disk_fails_the_run_and_leaves_the_store_as_it_was() {
    let desk = Desk::new();
    let Some(disk) = Disk::new(&desk, "8m") else { return };
    desk.copy("sample-csv/good", "good");
    desk.copy("sample-csv/next-night", "set");
    let store = disk.store();
    desk.line(&format!("ingest good --store {store}")).well();
    let before = Dump::of(Path::new(&store));
    for left in [0, 8 << 10, 48 << 10, 96 << 10, 160 << 10] {
        disk.fill(left);
        let ended = desk.line(&format!("ingest set --store {store}"));
        disk.empty();
        let changes = before.changes(&Dump::of(Path::new(&store)));
        if ended.code == 0 {
            assert!(left > 0 && !changes.is_empty(), "{ended:?}");
            break;
        }
        failed(&ended, &[]);
        let sentence = ended.err.to_lowercase();
        assert!(sentence.contains("full") || sentence.contains("no space"), "{left} bytes left: {}", ended.err);
        assert!(changes.is_empty(), "{left} bytes left: {changes:#?}");
        assert_eq!(incoming(&store), 0, "{left} bytes left: a copy stays behind");
    }
    let ended = desk.line(&format!("ingest set --store {store} --format json"));
    let outcome = &ended.json()["outcome"];
    assert!(ended.code == 0 && (outcome == "applied" || outcome == "no_change"), "with space it goes on: {ended:?}");
}

#[test]
fn a_read_only_folder_fails_the_run() {
    let desk = Desk::new();
    let Some(disk) = Disk::new(&desk, "8m") else { return };
    desk.copy("sample-csv/good", "good");
    let store = disk.store();
    disk.remount("ro");
    failed(&desk.line(&format!("ingest good --store {store}")), &["failed to create the database", "rosterd.db"]);
    disk.remount("rw");
    desk.line(&format!("ingest good --store {store}")).well();
    let before = Dump::of(Path::new(&store));
    disk.remount("ro");
    failed(&desk.line(&format!("ingest good --store {store}")), &["rosterd.db", "Read-only file system"]);
    disk.remount("rw");
    assert!(before.changes(&Dump::of(Path::new(&store))).is_empty());
}

#[test]
fn a_locked_database_is_told_apart() {
    let desk = tonight();
    let before = desk.dump();
    let other = desk.database();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let output = desk.command(&["ingest", "set"]).env("ROSTERD_BUSY_MS", "50").output().unwrap();
    let sentence = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{sentence}");
    assert!(sentence.contains("rosterd.db is locked by another program; wait until it has finished"), "{sentence}");
    assert!(before.changes(&desk.dump()).is_empty());
    assert!(desk.incoming().is_empty(), "no copy stays behind");
    let preview = desk.command(&["preview", "set"]).env("ROSTERD_BUSY_MS", "50").output().unwrap();
    assert_eq!(preview.status.code(), Some(0), "who only looks need not wait");
    other.execute_batch("ROLLBACK").unwrap();
    desk.line("ingest set").well();
}

#[test]
fn a_database_that_another_program_keeps_to_itself_is_told_apart() {
    let desk = tonight();
    let other = desk.database();
    other
        .execute_batch("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; UPDATE own_write SET is_running = 0; COMMIT")
        .unwrap();
    for command in ["ingest", "preview"] {
        let output = desk.command(&[command, "set"]).env("ROSTERD_BUSY_MS", "50").output().unwrap();
        let sentence = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{command}: {sentence}");
        assert!(sentence.contains("is locked by another program"), "{command}: {sentence}");
    }
}

#[test]
fn a_file_that_is_no_database_is_left_alone() {
    let desk = tonight();
    let text = "Dear Ms Oakley,\n".repeat(200);
    desk.write("letter.txt", &text);
    let other = Connection::open(desk.path("other.db")).unwrap();
    other.execute_batch("CREATE TABLE loans (patron, book); INSERT INTO loans VALUES (1, 2)").unwrap();
    for store in ["letter.txt", "other.db"] {
        for command in ["ingest", "preview"] {
            let ended = desk.line(&format!("{command} set --store {store}"));
            failed(&ended, &[store, "is not a rosterd database; name another file with --store"]);
        }
    }
    assert_eq!(std::fs::read_to_string(desk.path("letter.txt")).unwrap(), text);
    let loans = other.query_row("SELECT count(*) FROM loans", [], |row| row.get::<_, i64>(0)).unwrap();
    let tables = other.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!((loans, tables), (1, 1), "another program's database stays as it is");
    assert!(!desk.path("letter.txt.d").exists() && !desk.path("other.db.d").exists());
}

#[test]
fn a_database_of_a_newer_version_is_left_alone() {
    let desk = tonight();
    desk.database()
        .execute(
            "INSERT INTO refinery_schema_history (version, name, applied_on, checksum) VALUES (99, 'later', '2030-01-01T00:00:00Z', '1')",
            [],
        )
        .unwrap();
    let before = desk.dump();
    for command in ["ingest set", "preview set", "patrons list", "runs list"] {
        failed(&desk.line(command), &["rosterd.db has version 99", "use the newer rosterd"]);
    }
    assert!(before.changes(&desk.dump()).is_empty());
}

#[test]
fn a_store_that_is_a_folder_or_lies_nowhere_is_a_sentence() {
    let desk = tonight();
    std::fs::create_dir(desk.path("folder")).unwrap();
    for command in ["ingest", "preview"] {
        failed(&desk.line(&format!("{command} set --store folder")), &["folder"]);
    }
    failed(
        &desk.line("ingest set --store nowhere/rosterd.db"),
        &["nowhere/rosterd.db", "failed to create the database"],
    );
    desk.line("ingest set --store postgres://localhost/x").refused(2, &["postgres://localhost/x is not a store"]);
    assert!(std::fs::read_dir(desk.path("folder")).unwrap().next().is_none());
    assert_eq!(desk.files(), ["folder", "good", "rosterd.db", "rosterd.db.d", "set"]);
}

#[test]
fn results_that_cannot_be_written_are_told_and_the_run_stands() {
    let desk = tonight();
    desk.write("results", "a file where a folder should be");
    let ended = desk.line("ingest set --results results --format json");
    failed(&ended, &["results"]);
    let runs = desk.line("runs list --format json").json();
    assert_eq!(runs[0]["outcome"], json!("applied"), "what was written is not undone for a report");
}
