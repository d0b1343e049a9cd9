//! `patrons erase`: nothing of the person is left in any file of the store, nobody else is touched, and no later file brings it back.

use serde_json::json;

use crate::support::{Desk, tree};

/// What names Canarina, in the forms in which the files and tables have it.
const CANARIES: [&str; 9] =
    ["Canarina", "canarina", "Zwitscher", "CANARYID1", "7700771", "2011-09-23", "Käfigstr", "Piepmatz", "piep@"];

fn set(desk: &Desk, name: &str, grade: &str, level: &str) {
    std::fs::create_dir_all(desk.path(name)).unwrap();
    let write = |file: &str, text: &str| desk.write(&format!("{name}/{file}.csv"), text);
    write("schools", "School_id,School_name,School_number\nH1,Hollyhock,1\n");
    write(
        "students",
        &format!(
            "School_id,Student_id,Student_number,First_name,Last_name,DOB,Grade,Student_street,Student_email,Contact_name,\
             Contact_type,Contact_email,Username\n\
             H1,CANARYID1,7700771,Canarina,Zwitscher,09/23/2011,{grade},Käfigstr. 1,canarina7@example.org,Ida Piepmatz,guardian,\
             piep@example.org,canarina\nH1,S2,22,Bo,Li,03/14/2012,{level},,bo@example.org,Eva Li,guardian,eva@example.org,bo\n"
        ),
    );
    write(
        "teachers",
        "School_id,Teacher_id,Teacher_number,Teacher_email,First_name,Last_name\nH1,T1,91,gil@example.org,Gil,Amsel\n",
    );
    write("sections", "School_id,Section_id,Teacher_id,Name,Course_name\nH1,C1,T1,Reading,Reading\n");
    write("enrollments", "School_id,Section_id,Student_id\nH1,C1,CANARYID1\nH1,C1,S2\n");
}

fn two_nights() -> Desk {
    let desk = Desk::new();
    set(&desk, "night-1", "5", "4");
    // A value that is no grade is told in the report, with the person's line.
    set(&desk, "night-2", "Zwitscher", "5");
    desk.line("ingest night-1 --now 2026-11-20T02:00:00Z").well();
    desk.line("ingest night-2 --now 2026-11-21T02:00:00Z").well();
    let patron = id_of(&desk, "CANARYID1").to_string();
    desk.run(&["patrons", "set", &patron, "notes=Canarina lost a book"]).well();
    desk
}

fn id_of(desk: &Desk, id: &str) -> i64 {
    desk.database().query_row("SELECT patron FROM entities WHERE id = ?", [id], |row| row.get(0)).unwrap()
}

/// Every canary in any file of the store: database, log, copies, fingerprints.
fn found(desk: &Desk, with_copies: bool) -> Vec<String> {
    let mut files = tree(&desk.path("rosterd.db.d"));
    files.retain(|path, _| with_copies || !path.to_string_lossy().contains("/batches/"));
    for name in desk.files().iter().filter(|name| name.starts_with("rosterd.db") && desk.path(name).is_file()) {
        files.insert(desk.path(name), std::fs::read(desk.path(name)).unwrap());
    }
    assert!(!files.is_empty());
    let holds = |bytes: &[u8], word: &str| bytes.windows(word.len()).any(|window| window == word.as_bytes());
    let hits = files.iter().flat_map(|(path, bytes)| {
        CANARIES.iter().filter(|word| holds(bytes, word)).map(move |word| format!("{word} in {}", path.display()))
    });
    hits.collect()
}

#[test]
fn no_byte_of_the_person_is_left_in_the_store() {
    for subject in ["students:CANARYID1", "patron"] {
        let desk = two_nights();
        assert!(found(&desk, true).len() > CANARIES.len(), "the test sees what is there");
        let subject = if subject == "patron" { id_of(&desk, "CANARYID1").to_string() } else { subject.to_owned() };
        let ended = desk.line(&format!("patrons erase {subject} --by Ito --why asked-for"));
        assert_eq!(ended.code, 0, "{ended:?}");
        assert_eq!(found(&desk, true), [""; 0]);
        assert!(CANARIES.iter().all(|word| !ended.out.contains(word) && !ended.err.contains(word)), "{ended:?}");
    }
}

#[test]
fn a_run_that_was_undone_leaves_nothing_to_find_either() {
    let desk = two_nights();
    let runs = desk.line("runs list --format json").json();
    desk.line(&format!("runs undo {} --by Ito --why Canarina", runs[0]["run"].as_str().unwrap())).well();
    desk.line("ingest night-2 --now 2026-11-22T02:00:00Z");
    desk.line("patrons erase students:CANARYID1 --by Ito").well();
    assert_eq!(found(&desk, true), [""; 0]);
}

#[test]
fn the_row_stays_blank_with_status_4_and_nobody_else_is_touched() {
    let desk = two_nights();
    let (patron, other) = (id_of(&desk, "CANARYID1"), id_of(&desk, "S2"));
    let before = desk.line(&format!("patrons show {other} --format json")).json();
    let proof = desk.line(&format!("patrons erase {patron} --by Ito --format json")).json();
    assert_eq!((&proof["patron"], &proof["is_log_emptied"]), (&json!(patron), &json!(true)));
    assert!(
        proof["removed"].as_array().unwrap().iter().any(|one| one["what"] == "records" && one["count"] == 1),
        "{proof}"
    );
    let row = desk.line(&format!("patrons show {patron} --format json")).json();
    assert_eq!((&row["status"], &row["last_name"], &row["notes"]), (&json!(4), &json!(""), &json!("")));
    assert_eq!(desk.line(&format!("patrons show {other} --format json")).json(), before);
    let enrolled: i64 = desk
        .database()
        .query_row("SELECT count(*) FROM enrollments WHERE role = 'student'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(enrolled, 1);
    for run in desk.line("runs list --format json").json().as_array().unwrap() {
        desk.line(&format!("runs show {}", run["run"].as_str().unwrap())).well();
    }
}

#[test]
fn later_files_do_not_bring_the_person_back() {
    let desk = two_nights();
    desk.line("patrons erase students:CANARYID1 --by Ito").well();
    let patrons = desk.dump().rows("patrons");
    set(&desk, "night-3", "6", "6");
    for night in 3..6 {
        let report = desk.line(&format!("ingest night-3 --now 2026-11-2{night}T02:00:00Z --format json")).json();
        let students = &report["people"]["students"];
        assert_eq!(
            (&students["skipped"], &students["created"], &students["removed"]),
            (&json!(1), &json!(0), &json!(0)),
            "{report:#}"
        );
    }
    assert_eq!(desk.dump().rows("patrons"), patrons);
    assert_eq!(found(&desk, false), [""; 0], "only the copy of the new delivery names the person");
    desk.line("patrons explain students:CANARYID1").refused(2, &["never had students:CANARYID1"]);
}

/// An old set of a backfill, in which Canarina had the last name that stands nowhere else.
fn two_old_sets(desk: &Desk) {
    set(desk, "2025-09-01", "4", "3");
    let students = std::fs::read_to_string(desk.path("2025-09-01/students.csv")).unwrap();
    desk.write("2025-09-01/students.csv", students.replace("Zwitscher", "Zwitscher-Piepmatz"));
    set(desk, "2025-10-01", "4", "3");
}

#[test]
fn what_old_sets_called_the_person_goes_too_and_old_sets_do_not_bring_it_back() {
    let desk = two_nights();
    two_old_sets(&desk);
    desk.line("backfill 2025-09-01 2025-10-01").well();
    assert!(found(&desk, false).iter().any(|hit| hit.contains("Zwitscher")));
    let proof = desk.line("patrons erase students:CANARYID1 --by Ito --format json").json();
    let old = json!({"what": "names and schools of old sets", "count": 2});
    assert!(proof["removed"].as_array().unwrap().contains(&old), "{proof:#}");
    assert_eq!(found(&desk, true), [""; 0]);

    set(&desk, "2025-11-01", "4", "3");
    let before = desk.dump();
    let report = desk.line("backfill 2025-11-01 --format json").json();
    assert_eq!((&report["taken"], &report["people_added"]), (&json!(1), &json!(0)), "{report:#}");
    assert_eq!(found(&desk, true), [""; 0]);
    assert_eq!(before.library().changes(&desk.dump().library()), [""; 0]);
    let sql = "SELECT count(*) FROM history JOIN erased_people USING (district, kind, number)";
    assert_eq!(desk.database().query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    let sql = "SELECT count(*) FROM entities JOIN erased_people USING (district, kind, number) WHERE state <> 0 OR first_seen <> ''";
    assert_eq!(desk.database().query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
}

#[test]
fn whom_only_old_sets_know_is_erased_and_stays_away() {
    let desk = Desk::new();
    set(&desk, "today", "5", "4");
    let students = std::fs::read_to_string(desk.path("today/students.csv")).unwrap();
    desk.write(
        "today/students.csv",
        students.lines().filter(|row| !row.contains("CANARY")).collect::<Vec<_>>().join("\n") + "\n",
    );
    desk.write("today/enrollments.csv", "School_id,Section_id,Student_id\nH1,C1,S2\n");
    desk.line("ingest today --now 2026-11-20T02:00:00Z").well();
    two_old_sets(&desk);
    desk.line("backfill 2025-09-01").well();
    assert!(!found(&desk, false).is_empty());
    desk.line("patrons erase students:CANARYID1 --by Ito").well();
    assert_eq!(found(&desk, true), [""; 0]);
    desk.line("backfill 2025-10-01").well();
    assert_eq!(found(&desk, true), [""; 0]);
}

#[test]
fn a_delivery_that_a_killed_run_was_taking_in_goes() {
    let desk = two_nights();
    let killed = desk.command(&["ingest", "night-1"]).env("ROSTERD_KILL_AT", "the set is staged:1").output().unwrap();
    assert!(killed.status.code().is_none());
    assert!(!desk.incoming().is_empty());
    desk.line("patrons erase students:CANARYID1 --by Ito").well();
    assert_eq!((desk.incoming().len(), found(&desk, true)), (0, Vec::new()));
}

#[test]
fn what_a_later_file_does_is_told_as_it_is() {
    let desk = two_nights();
    let known = desk.line("patrons erase students:CANARYID1 --by Ito").well();
    assert!(known.contains("later files will not bring the person back"), "{known}");
    desk.database()
        .execute_batch(
            "INSERT INTO patrons (patron_id, district, last_name, status) VALUES (900, 'default', 'Moss', 1)",
        )
        .unwrap();
    let unknown = desk.line("patrons erase 900 --by Ito").well();
    assert!(
        unknown.contains("Nobody in the roster was linked to it, so a later file can bring the person"),
        "{unknown}"
    );
}

#[test]
fn the_last_name_of_an_erased_teacher_leaves_the_names_of_sections() {
    let desk = two_nights();
    desk.line("patrons erase teachers:T1 --by Ito").well();
    let name: String = desk.database().query_row("SELECT name FROM sections", [], |row| row.get(0)).unwrap();
    assert_eq!(name, "Reading - (erased)");
    assert_eq!(desk.line("ingest night-2 --now 2026-11-23T02:00:00Z").code, 0);
    let name: String = desk.database().query_row("SELECT name FROM sections", [], |row| row.get(0)).unwrap();
    assert_eq!(name, "Reading");
}

#[test]
fn nobody_of_that_name_is_refused_and_nothing_changes() {
    let desk = two_nights();
    let before = desk.dump();
    desk.line("patrons erase students:NOBODY --by Ito").refused(2, &["never had students:NOBODY"]);
    desk.line("patrons erase 4711 --by Ito").refused(2, &["there is no patron 4711"]);
    desk.line("patrons erase 1").refused(2, &["--by"]);
    assert_eq!(before.changes(&desk.dump()), [""; 0]);
}

#[test]
fn an_erasure_that_was_cut_short_is_finished_by_erasing_once_more() {
    let desk = two_nights();
    let erase = "patrons erase students:CANARYID1 --by Ito --format json";
    let words: Vec<&str> = erase.split_whitespace().collect();
    let killed = desk.command(&words).env("ROSTERD_KILL_AT", "after the commit:1").output().unwrap();
    assert!(killed.status.code().is_none());
    assert!(!found(&desk, true).is_empty(), "old bytes are left");
    let proof = desk.line(erase).json();
    assert_eq!((&proof["is_log_emptied"], proof["tombstones"].as_array().unwrap().len()), (&json!(true), 1));
    assert_eq!(found(&desk, true), [""; 0]);
    let before = desk.dump();
    desk.line(erase).well();
    assert_eq!(before.changes(&desk.dump()), [""; 0]);
}

#[test]
fn an_erasure_that_fails_half_way_changes_nothing() {
    let desk = two_nights();
    desk.database()
        .execute_batch("CREATE TRIGGER stop BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no space'); END")
        .unwrap();
    let before = desk.dump();
    desk.line("patrons erase students:CANARYID1 --by Ito").refused(1, &["failed to erase; nothing was changed"]);
    assert_eq!(before.changes(&desk.dump()), [""; 0]);
}
