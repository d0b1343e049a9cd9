//! A backup is made while everything runs on, and what is restored from it goes on where it was.

use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use rusqlite::Connection;

use crate::support::{Desk, mode, names_in, tree};

/// A desk with last night's patrons, and tonight's files in `tonight`.
fn last_night() -> Desk {
    let desk = Desk::new();
    desk.copy("sample-csv/good", "good");
    desk.copy("sample-csv/next-night", "tonight");
    desk.line("ingest good --now 2026-11-20T02:00:00Z").well();
    desk
}

/// As deploy/README.md says: what lies there is moved away, and what was saved is put in its place.
fn restore(saved: &Path, desk: &Desk) {
    let script = "mkdir before-restore && (mv rosterd.db* before-restore/ || true) && cp -a \"$1\"/rosterd.db* .";
    let shell = Command::new("sh").current_dir(desk.path("")).args(["-c", script, "sh"]).arg(saved).output().unwrap();
    assert!(shell.status.success(), "{shell:?}");
}

/// Every file has the hash that stands in the list, and there are no others.
#[track_caller]
fn sums_agree(saved: &Path) {
    let check = Command::new("sha256sum").current_dir(saved).args(["-c", "--strict", "--quiet", "SHA256SUMS"]).output();
    let check = check.unwrap();
    assert!(check.status.success(), "{check:?}");
    let listed = std::fs::read_to_string(saved.join("SHA256SUMS")).unwrap().lines().count();
    assert_eq!(tree(saved).len(), listed + 1, "{:?}", tree(saved).keys());
}

/// Kept copies that the restored database names and that were not restored.
fn lost(desk: &Desk) -> Vec<String> {
    let database = desk.database();
    let sql = "SELECT kept FROM batches WHERE kept <> '' UNION ALL SELECT folder FROM deliveries WHERE folder <> ''";
    let mut names = database.prepare(sql).unwrap();
    let names = names.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap);
    names.filter(|name| tree(&desk.path("rosterd.db.d").join(name)).is_empty()).collect()
}

#[test]
fn what_is_restored_goes_on_with_the_next_night() {
    let desk = last_night();
    let before = (desk.dump(), desk.kept());
    let said = desk.line("backup saved/2026-11-20").well();
    assert!(said.starts_with("Saved rosterd.db and 1 kept deliveries in saved/2026-11-20"), "{said}");
    assert_eq!((desk.dump(), desk.kept()), before, "a backup changes nothing");
    assert_eq!(names_in(&desk.path("saved")), ["2026-11-20"]);
    sums_agree(&desk.path("saved/2026-11-20"));
    // The database went on meanwhile, and is damaged.
    desk.line("ingest tonight --now 2026-11-21T02:00:00Z").well();
    let expected = desk.dump().library();
    desk.write("rosterd.db", "not a database");
    restore(&desk.path("saved/2026-11-20"), &desk);
    assert_eq!(desk.dump(), before.0);
    let said = desk.line("ingest tonight --now 2026-11-21T02:00:00Z").well();
    assert!(said.starts_with("Applied: 2 people added, 4 updated and 1 gone"), "{said}");
    assert_eq!(desk.dump().library(), expected);
}

#[test]
fn a_kept_copy_is_restored_so_that_an_approval_can_be_carried_out() {
    let desk = last_night();
    let run = desk.line("ingest tonight --now 2026-11-21T02:00:00Z --format json").json()["run"].clone();
    desk.line(&format!("runs undo {} --by Lee", run.as_str().unwrap())).well();
    let held = desk.line("ingest tonight --now 2026-11-22T02:00:00Z --format json").json();
    desk.line("backup saved").well();
    let other = Desk::new();
    restore(&desk.path("saved"), &other);
    let [run, plan] = ["run", "plan"].map(|key| held[key].as_str().unwrap());
    let line = format!("runs approve {run} --plan {plan} --by Lee --now 2026-11-22T03:00:00Z");
    for desk in [&desk, &other] {
        desk.line(&line).well();
    }
    assert_eq!(other.dump().library(), desk.dump().library());
}

#[test]
fn a_backup_while_runs_come_and_go_is_of_one_moment() {
    let desk = last_night();
    let states = ["tonight", "good"].map(|set| {
        desk.line(&format!("ingest {set} --now 2026-12-01T02:00:00Z")).well();
        patrons(&desk)
    });
    assert_ne!(states[0], states[1]);
    let is_over = AtomicBool::new(false);
    let mut backups = Vec::new();
    std::thread::scope(|scope| {
        scope.spawn(|| come_and_go(&desk, &is_over));
        while !is_over.load(Ordering::Relaxed) {
            backups.push(format!("saved/{}", backups.len()));
            desk.run(&["backup", &backups[backups.len() - 1]]).well();
        }
    });
    for backup in &backups {
        sums_agree(&desk.path(backup));
        let other = Desk::new();
        restore(&desk.path(backup), &other);
        assert_eq!(lost(&other), [""; 0], "{backup} lacks what its database names");
        assert!(states.contains(&patrons(&other)), "{backup} is of no single moment");
        if backup == &backups[backups.len() / 2] {
            other.line(&format!("ingest {} --now 2028-01-01T02:00:00Z", desk.path("tonight").display())).well();
            assert_eq!(patrons(&other), states[0]);
        }
    }
    assert!(desk.incoming().is_empty());
}

/// Says so when it is dropped, also by a test that fails, so that nobody waits for ever.
struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// One set after the other, with another blank line each time so that its bytes are new, and a month later so that old copies go.
fn come_and_go(desk: &Desk, is_over: &AtomicBool) {
    let _over = Over(is_over);
    for month in 1..=8 {
        let set = ["good", "tonight"][month % 2];
        let schools = desk.path(&format!("{set}/schools.csv"));
        let text = std::fs::read_to_string(&schools).unwrap();
        std::fs::write(&schools, text + "\n").unwrap();
        desk.line(&format!("ingest {set} --now 2027-{month:02}-01T02:00:00Z")).well();
    }
}

/// Name and status of every patron.
fn patrons(desk: &Desk) -> Vec<String> {
    let database = desk.database();
    let sql = "SELECT guid || first_name || last_name || coalesce(level, '') || status FROM patrons ORDER BY 1";
    let mut rows = database.prepare(sql).unwrap();
    rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn deliveries_that_wait_to_be_run_are_saved() {
    let desk = last_night();
    let inbox = desk.path("rosterd.db.d/inbox/0199");
    std::fs::create_dir_all(&inbox).unwrap();
    std::fs::write(inbox.join("0-students"), "waiting").unwrap();
    let sql = "INSERT INTO deliveries (district, source, arrived_at, batch, mode, bytes, folder, received, results)
        VALUES (1, 'drop_folder', '', '', 'full', 7, 'inbox/0199', '{}', '')";
    desk.database().execute(sql, []).unwrap();
    assert_eq!(desk.line("backup saved --format json").json()["deliveries"], 2);
    assert_eq!(std::fs::read(desk.path("saved/rosterd.db.d/inbox/0199/0-students")).unwrap(), b"waiting");
    sums_agree(&desk.path("saved"));
}

#[test]
fn only_the_owner_can_read_a_backup() {
    let desk = last_night();
    desk.line("backup saved").well();
    for file in tree(&desk.path("saved")).keys() {
        assert_eq!((mode(file), mode(file.parent().unwrap())), (0o600, 0o700), "{}", file.display());
    }
}

#[test]
fn what_is_there_already_is_never_touched() {
    let desk = last_night();
    desk.write("file", "x");
    std::fs::create_dir(desk.path("blank")).unwrap();
    std::os::unix::fs::symlink("nowhere", desk.path("link")).unwrap();
    let (dump, files) = (desk.dump(), desk.files());
    for name in ["file", "blank", "link", "good"] {
        desk.run(&["backup", name]).refused(2, &[name, "is there already"]);
    }
    desk.line("backup other --store nothing.db").refused(2, &["there is no database nothing.db"]);
    desk.line("backup good/schools.csv/saved").refused(1, &["failed to create the folder"]);
    assert_eq!((desk.dump(), desk.files()), (dump, files));
}

#[test]
fn an_older_database_is_saved_as_it_is() {
    let desk = last_night();
    let older = "DROP TABLE deliveries; DELETE FROM refinery_schema_history WHERE version > 5";
    desk.database().execute_batch(older).unwrap();
    desk.line("backup saved").well();
    for file in ["rosterd.db", "saved/rosterd.db"] {
        let newest = "SELECT max(version) FROM refinery_schema_history";
        let newest: i64 = Connection::open(desk.path(file)).unwrap().query_row(newest, [], |row| row.get(0)).unwrap();
        assert_eq!(newest, 5, "{file} was brought up to date");
    }
}

#[test]
fn a_kept_copy_that_somebody_took_away_is_named() {
    let desk = last_night();
    let batches = desk.path("rosterd.db.d/batches");
    let kept = names_in(&batches).remove(0);
    std::fs::remove_dir_all(batches.join(&kept)).unwrap();
    let ended = desk.line("backup saved");
    assert!(ended.err.contains(&format!("the kept copy batches/{kept} is not there any more")), "{ended:?}");
    assert!(ended.well().contains("0 kept deliveries"));
    sums_agree(&desk.path("saved"));
}

#[test]
fn a_damaged_database_makes_no_backup() {
    let desk = last_night();
    desk.database().execute_batch("PRAGMA wal_checkpoint(TRUNCATE)").unwrap();
    let mut bytes = std::fs::read(desk.path("rosterd.db")).unwrap();
    let from = bytes.len() / 2;
    bytes[from..].fill(0x55);
    desk.write("rosterd.db", bytes);
    let ended = desk.line("backup saved");
    ended.refused(1, &["rosterd.db", "damaged"]);
    assert!(!desk.path("saved").exists() && !desk.path(".rosterd-unfinished").exists());
    assert!(desk.incoming().is_empty());
}
