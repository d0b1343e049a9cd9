//! Kept copies go after `retention.raw_days`; name, size and hash stay, and so does what may still be read again.

use crate::support::{Desk, names_in};

fn night(desk: &Desk, day: u32, grade: u32) {
    desk.copy("sample-csv/good", "good");
    let text = std::fs::read_to_string(desk.path("good/students.csv")).unwrap();
    desk.write("good/students.csv", text.replace(",Deniz,4,", &format!(",Deniz,{grade},")));
    desk.line(&format!("ingest good --now 2026-11-{day:02}T02:00:00Z")).well();
}

fn copies(desk: &Desk) -> usize {
    names_in(&desk.path("rosterd.db.d/batches")).len()
}

fn with_days(days: u32) -> Desk {
    let desk = Desk::new();
    desk.write("settings.toml", format!("id = \"default\"\n[retention]\nraw_days = {days}\n"));
    desk.line("district apply settings.toml").well();
    desk
}

#[test]
fn a_copy_goes_when_it_is_older_than_its_days_and_not_before() {
    let desk = with_days(3);
    night(&desk, 1, 5);
    night(&desk, 4, 6);
    assert_eq!(copies(&desk), 2, "three days are not more than three days");
    night(&desk, 5, 7);
    assert_eq!(copies(&desk), 2, "the first has gone");
    let database = desk.database();
    let count = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(count("SELECT count(*) FROM batches"), 3);
    assert_eq!(count("SELECT count(*) FROM batches WHERE kept = ''"), 1);
    assert_eq!(count("SELECT count(DISTINCT batch) FROM batch_files WHERE bytes > 0 AND sha256 <> ''"), 3);
}

#[test]
fn the_newest_full_delivery_stays_however_old_it_is() {
    let desk = with_days(1);
    night(&desk, 1, 5);
    desk.line("ingest good --now 2026-11-28T02:00:00Z").well();
    assert_eq!(copies(&desk), 1);
}

#[test]
fn what_a_crash_left_behind_goes_with_the_next_old_copy() {
    let desk = with_days(1);
    night(&desk, 1, 5);
    std::fs::create_dir(desk.path("rosterd.db.d/batches/0-left-behind")).unwrap();
    night(&desk, 5, 6);
    assert_eq!(copies(&desk), 1);
}

#[test]
fn a_copy_that_is_gone_although_the_tables_name_it_harms_nobody() {
    let desk = with_days(1);
    night(&desk, 1, 5);
    std::fs::remove_dir_all(desk.path("rosterd.db.d/batches")).unwrap();
    night(&desk, 5, 6);
    night(&desk, 9, 7);
    assert_eq!(copies(&desk), 1);
}
