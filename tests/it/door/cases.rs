//! What can go wrong on the way in. Each case says what the sender does, and what must come of it, whatever the source.

use std::fmt::Write as _;
use std::fs::{File, OpenOptions};
use std::io::{Cursor, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{FileExt, symlink};
use std::sync::atomic::{AtomicBool, Ordering};

use zip::write::SimpleFileOptions;

use super::way::{Door, Way};

pub fn a_half_written_set_is_refused_and_taken_once_it_is_whole(way: Way) {
    let door = Door::new(way, "").with_good_set();
    let unfinished = ["students.csv", "teachers.csv"].map(|name| (name, format!("{name}.filepart")));
    for (name, unfinished) in &unfinished {
        std::fs::rename(door.place(name), door.place(unfinished)).unwrap();
    }
    door.hand_over().is_refused("students");
    door.is_untouched();
    for (name, unfinished) in &unfinished {
        std::fs::rename(door.place(unfinished), door.place(name)).unwrap();
    }
    door.hand_over().ended("no_change");
    door.is_untouched();
}

pub fn a_file_that_is_cut_off_is_refused_and_nobody_is_removed(way: Way) {
    let door = Door::new(way, "").with_good_set();
    let whole = door.text("students.csv");
    let cuts = [whole.len() / 2, whole.trim_end().rfind('\n').unwrap() + 9, whole.len() - 1];
    for (number, cut) in cuts.into_iter().enumerate() {
        door.put("students.csv", &whole[..cut]);
        door.hand_over().is_refused("cut off");
        door.is_untouched();
        // The same beside other files, so that it is another delivery each time.
        door.put("notes.txt", format!("{number}"));
    }
    std::fs::remove_file(door.place("notes.txt")).unwrap();
    door.put("students.csv", &whole);
    door.hand_over().ended("no_change");
    door.is_untouched();
}

pub fn the_same_set_twice_changes_nothing(way: Way) {
    let mut door = Door::new(way, "");
    door.put_sample("next-night");
    door.hand_over().ended("applied");
    door.remember();
    door.put_sample("next-night");
    door.hand_over().ended("no_change");
    door.is_untouched();
}

pub fn a_set_that_is_too_large_is_refused_and_nothing_of_it_is_kept(way: Way) {
    let door = Door::new(way, "[limits]\nunpacked_bytes = \"2KiB\"\n");
    door.put_sample("next-night");
    door.hand_over().is_refused("at most 2048 are allowed (limits.unpacked_bytes)");
    door.is_untouched();
}

pub fn a_zip_with_too_many_files_is_refused(way: Way) {
    let door = Door::new(way, "[limits]\nzip_entries = 5\n").with_good_set();
    let names = ["schools.csv", "teachers.csv", "staff.csv", "students.csv", "sections.csv", "enrollments.csv"];
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for name in names {
        zip.start_file(name, SimpleFileOptions::default()).unwrap();
        zip.write_all(door.text(name).as_bytes()).unwrap();
        std::fs::remove_file(door.place(name)).unwrap();
    }
    door.put("roster.zip", zip.finish().unwrap().into_inner());
    door.hand_over().is_refused("roster.zip has 6 entries; at most 5 are allowed");
    door.is_untouched();
}

pub fn a_link_out_of_the_folder_is_not_followed(way: Way) {
    let door = Door::new(way, "").with_good_set();
    door.desk.write("elsewhere.csv", door.text("students.csv").replace("Student_id", "secret"));
    std::fs::remove_file(door.place("students.csv")).unwrap();
    symlink(door.desk.path("elsewhere.csv"), door.place("students.csv")).unwrap();
    door.hand_over().is_refused("students.csv");
    door.is_untouched();
}

pub fn names_that_mean_harm_are_harmless(way: Way) {
    let door = Door::new(way, "").with_good_set();
    for name in [&b"\x1b[2Jstudents.csv"[..], b"teachers\xff\xfe.csv", b"..csv", b"-rf", b"sections\n.csv", b"CON"] {
        std::fs::write(door.place("").join(std::ffi::OsStr::from_bytes(name)), "no,rows\n").unwrap();
    }
    std::fs::create_dir(door.place("schools.csv.d")).unwrap();
    std::fs::create_dir(door.place("enrollments_2026-11-30.csv")).unwrap();
    let came = door.hand_over();
    assert!(["no_change", "rejected"].contains(&came.outcome()), "{came:?}");
    came.is_plain_text();
    door.is_untouched();
}

/// A large file of which every version has the same size. The first and the last student have the version as last name.
fn version(number: u32) -> String {
    let mut text = format!("School_id,Student_id,First_name,Last_name\nS1,A1,Ada,V{number:06}\n");
    (0..400_000).for_each(|_| text.push('\n'));
    let _ = writeln!(text, "S1,A2,Bea,V{number:06}");
    text
}

/// Writes one version after the other over the file, in place and piece by piece.
fn overwrite(file: &File, is_over: &AtomicBool) {
    for number in 1.. {
        let text = version(number);
        for at in (0..text.len()).step_by(4096) {
            file.write_all_at(&text.as_bytes()[at..text.len().min(at + 4096)], at as u64).unwrap();
        }
        if is_over.load(Ordering::Relaxed) {
            break;
        }
    }
}

/// Whoever hands over a file says that it is whole, so that one whose writer happens to rest is taken. But it is taken as it lay there at
/// one moment, its beginning never older than its end; what changes under our hands is not taken at all.
pub fn a_file_that_is_overwritten_while_it_is_read_is_taken_as_it_was_at_one_moment_or_not_at_all(way: Way) {
    let door = Door::of_nobody(way);
    door.put("schools.csv", "School_id,School_name,School_number\nS1,Evergreen,1\n");
    door.put("teachers.csv", "School_id,Teacher_id,First_name,Last_name\nS1,T1,Tom,Tall\n");
    door.put("sections.csv", "School_id,Section_id,Teacher_id,Name\nS1,C1,T1,Reading\n");
    door.put("enrollments.csv", "School_id,Section_id,Student_id\nS1,C1,A1\nS1,C1,A2\n");
    door.put("students.csv", version(0));
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let file = OpenOptions::new().write(true).open(door.place("students.csv")).unwrap();
        scope.spawn(|| overwrite(&{ file }, &is_over));
        // Also when this thread fails, so that the other one ends.
        let _over = Over(&is_over);
        for _ in 0..5 {
            let came = door.hand_over();
            if let [first, last] = last_names(&door)[..] {
                assert!(first == last || first == last + 1, "{first} before {last}: {came:?}");
            }
        }
    });
    door.hand_over();
    let written: u32 = door.text("students.csv").trim_end().rsplit('V').next().unwrap().parse().unwrap();
    assert_eq!(last_names(&door), [written, written]);
    door.has_no_copies();
}

struct Over<'a>(&'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// The versions of which the first and the last student are; none before anything was taken.
fn last_names(door: &Door) -> Vec<u32> {
    let database = door.desk.database();
    let sql = "SELECT last_name FROM patrons WHERE first_name IN ('Ada', 'Bea') ORDER BY first_name";
    let mut statement = database.prepare(sql).unwrap();
    let names = statement.query_map([], |row| row.get::<_, String>(0)).unwrap();
    names.map(|name| name.unwrap().trim_start_matches('V').parse().unwrap()).collect()
}

pub fn the_same_set_handed_over_twice_at_once_is_applied_once(way: Way) {
    let door = Door::new(way, "");
    door.put_sample("next-night");
    let runs = door.runs();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let ended = door.command().output().unwrap();
                assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
            });
        }
    });
    // Whoever asked the other to do it has its answer already; what was asked for is done by now, or by the next.
    let after = door.hand_over();
    assert!(["", "no_change"].contains(&after.outcome()), "{after:?}");
    let applied = "SELECT count(*) FROM runs WHERE outcome = 'applied'";
    let applied: i64 = door.desk.database().query_row(applied, [], |row| row.get(0)).unwrap();
    assert_eq!(applied, 2, "the good sample, and the next night once");
    assert!(door.runs() > runs);
    door.has_no_copies();
}
