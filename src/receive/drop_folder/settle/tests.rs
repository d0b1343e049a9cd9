//! Senders of every kind, as a sequence of looks at a clock that the test sets.

use super::super::look::Moment;
use super::*;

/// Five minutes.
const QUIET: TimeDelta = TimeDelta::minutes(5);

/// A folder without a disk: files, the disk's clock, and what the service remembers.
struct Desk {
    entries: Vec<Entry>,
    /// When a name last came or went.
    touched: i64,
    seconds: i64,
    next_inode: u64,
    settling: Settling,
    memory: FolderMemory,
    declared: Declared,
    asked: u32,
    /// A drive that knows no time but the one that the sender sets.
    has_no_ctime: bool,
}

impl Desk {
    fn new() -> Self {
        Self {
            entries: Vec::new(),
            touched: 0,
            seconds: 0,
            next_inode: 1,
            settling: Settling::default(),
            memory: FolderMemory::default(),
            declared: Declared::Nothing,
            asked: 0,
            has_no_ctime: false,
        }
    }

    fn now(&self) -> DateTime<Utc> {
        "2026-11-20T02:00:00Z".parse::<DateTime<Utc>>().expect("a time") + TimeDelta::seconds(self.seconds)
    }

    fn look(&mut self) -> Verdict {
        let touched = Moment { seconds: self.touched, nanoseconds: 0 };
        let mut look = Look { entries: self.entries.clone(), unfinished: Vec::new(), touched };
        look.entries.sort();
        look.unfinished = look.entries.extract_if(.., |entry| names::never_looked_at(&entry.name)).collect();
        let (declared, asked) = (self.declared, &mut self.asked);
        let now = "2026-11-20T02:00:00Z".parse::<DateTime<Utc>>().expect("a time") + TimeDelta::seconds(self.seconds);
        self.settling.observe(&look, &mut self.memory, QUIET, now, || {
            *asked += 1;
            declared
        })
    }

    /// Lets time pass, and looks.
    fn after(&mut self, seconds: i64) -> Verdict {
        self.seconds += seconds;
        self.look()
    }

    /// Looks every minute for this long; gives when something was taken.
    fn watch(&mut self, minutes: i64) -> Option<(i64, Why)> {
        (0..minutes).find_map(|_| match self.after(60) {
            Verdict::Take { why } => Some((self.seconds, why)),
            _ => None,
        })
    }

    /// Writes a file in place, or a new one; its own times are those of the disk.
    fn write(&mut self, name: &str, bytes: u64) {
        self.put(name, bytes, self.seconds);
    }

    /// The same with a time that the sender sets.
    fn put(&mut self, name: &str, bytes: u64, modified: i64) {
        let moment = |seconds| Moment { seconds, nanoseconds: 0 };
        let before = self.entries.iter().position(|entry| entry.name == name).map(|at| self.entries.remove(at));
        self.touched = if before.is_some() { self.touched } else { self.seconds };
        let inode = before.map_or(self.next_inode, |entry| entry.inode);
        self.next_inode += 1;
        let changed = moment(if self.has_no_ctime { modified } else { self.seconds });
        self.entries.push(Entry { name: name.into(), bytes, modified: moment(modified), changed, inode });
    }

    fn remove(&mut self, name: &str) {
        self.entries.retain(|entry| entry.name != name);
        self.touched = self.seconds;
    }

    fn take(&mut self) {
        self.entries.sort();
        self.memory.take(&Look { entries: self.entries.clone(), ..Look::default() });
    }

    fn restart(&mut self) {
        self.settling = Settling::default();
    }

    /// A set that was there, was watched and was taken.
    fn with_taken_set() -> Self {
        let mut desk = Self::new();
        desk.write("students.csv", 10);
        desk.write("teachers.csv", 10);
        desk.watch(10).expect("it is taken");
        desk.take();
        assert_eq!(desk.after(60), Verdict::Nothing);
        desk
    }
}

fn take(why: Why) -> Verdict {
    Verdict::Take { why }
}

#[test]
fn a_set_is_taken_when_nobody_touched_it_for_the_quiet_period() {
    let mut desk = Desk::new();
    desk.write("students.csv", 10);
    assert_eq!(desk.look(), Verdict::WaitUntil(desk.now() + TimeDelta::seconds(150)));
    assert_eq!(desk.after(150), Verdict::WaitUntil(desk.now() + TimeDelta::seconds(150)));
    assert_eq!(desk.after(149), Verdict::WaitUntil(desk.now() + TimeDelta::seconds(1)));
    assert_eq!(desk.after(1), take(Why::Quiet));
}

#[test]
fn every_touch_begins_the_quiet_period_anew() {
    type Touch = fn(&mut Desk);
    let touches: [Touch; 5] = [
        |desk| desk.write("students.csv", 11),
        |desk| desk.put("students.csv", 10, -1_000_000),
        |desk| desk.write("notes.pdf", 1),
        |desk| desk.remove("teachers.csv"),
        |desk| {
            desk.remove("teachers.csv");
            desk.write("staff.csv", 10);
        },
    ];
    for touch in touches {
        let mut desk = Desk::new();
        desk.write("students.csv", 10);
        desk.write("teachers.csv", 10);
        desk.look();
        assert_eq!(desk.watch(4), None);
        desk.seconds += 30;
        touch(&mut desk);
        assert_eq!(desk.watch(10).map(|(at, _)| at), Some(330 + 300), "seen half a minute after it happened");
    }
}

#[test]
fn what_was_taken_is_never_taken_again_not_even_after_a_restart() {
    let mut desk = Desk::with_taken_set();
    desk.restart();
    assert_eq!(desk.watch(10_000), None);
    desk.remove("teachers.csv");
    assert_eq!(desk.watch(100), None, "what a sender removes is no delivery");
    desk.write("notes.pdf", 5);
    assert_eq!(desk.watch(100), None, "nor is what holds no rows");
    desk.write("students.csv", 10);
    assert_eq!(desk.watch(10).map(|(_, why)| why), Some(Why::Quiet), "the same size is not the same file");
}

#[test]
fn after_a_restart_the_whole_quiet_period_is_watched() {
    let mut desk = Desk::new();
    desk.put("students.csv", 10, -1_000_000);
    desk.look();
    assert_eq!(desk.watch(4), None);
    desk.restart();
    assert_eq!(desk.watch(10).map(|(at, _)| at), Some(300 + 300));
}

#[test]
fn a_folder_that_was_out_of_sight_is_watched_from_the_beginning() {
    let mut desk = Desk::new();
    desk.write("students.csv", 10);
    desk.look();
    assert_eq!(desk.watch(4), None);
    desk.settling.lose_sight();
    assert_eq!(desk.watch(10).map(|(at, _)| at), Some(300 + 300));
}

#[test]
fn a_folder_without_rows_is_nothing() {
    let mut desk = Desk::new();
    assert_eq!(desk.watch(10), None);
    desk.write("all.done", 0);
    desk.write("notes.pdf", 9);
    assert_eq!(desk.watch(10), None);
    desk.write("manifest.csv", 9);
    desk.declared = Declared::Hashes;
    assert_eq!(desk.watch(10), None);
}

#[test]
fn a_clock_that_is_put_back_or_forward_takes_nothing_early() {
    let mut desk = Desk::new();
    desk.write("students.csv", 10);
    desk.look();
    desk.after(-86_400);
    assert_eq!(desk.watch(4), None);
    desk.after(7 * 86_400);
    assert_eq!(desk.after(30), take(Why::Quiet), "four minutes and a half, and half of the quiet period at most");
    let mut desk = Desk::new();
    desk.write("students.csv", 10);
    desk.look();
    assert!(matches!(desk.after(86_400), Verdict::WaitUntil(_)), "no two looks are enough");
}

#[test]
fn a_fresh_done_file_is_enough_once_two_looks_agree() {
    let mut desk = Desk::new();
    desk.write("students.csv", 10);
    desk.after(1);
    desk.write("upload.done", 0);
    assert_eq!(desk.after(1), Verdict::WaitUntil(desk.now() + TimeDelta::seconds(2)));
    assert_eq!(desk.after(1), Verdict::WaitUntil(desk.now() + TimeDelta::seconds(1)));
    assert_eq!(desk.after(1), take(Why::DoneFile));
}

#[test]
fn a_done_file_is_enough_after_a_restart_too() {
    let mut desk = Desk::new();
    desk.write("students.csv", 10);
    desk.write("upload.done", 0);
    desk.look();
    assert_eq!(desk.after(2), take(Why::DoneFile));
}

#[test]
fn a_done_file_that_is_older_than_a_file_of_the_set_says_nothing() {
    let mut desk = Desk::new();
    desk.write("upload.done", 0);
    desk.seconds += 10;
    desk.put("students.csv", 10, -1_000_000);
    desk.look();
    assert_eq!(desk.watch(10), Some((310, Why::Quiet)));
}

#[test]
fn a_done_file_is_used_once_and_counts_again_when_it_is_written_again() {
    let mut desk = Desk::new();
    desk.write("students.csv", 10);
    desk.write("upload.done", 0);
    desk.look();
    assert_eq!(desk.after(2), take(Why::DoneFile));
    desk.take();
    assert_eq!(desk.after(60), Verdict::Nothing);
    desk.write("teachers.csv", 10);
    desk.put("teachers.csv", 10, -1_000_000);
    assert_eq!(desk.watch(3), None, "yesterday's done-file");
    desk.write("upload.done", 0);
    desk.look();
    assert_eq!(desk.after(2), take(Why::DoneFile));
}

#[test]
fn a_done_file_that_comes_late_cannot_fire_tomorrow() {
    let mut desk = Desk::with_taken_set();
    desk.has_no_ctime = true;
    desk.write("upload.done", 0);
    assert_eq!(desk.after(60), Verdict::Nothing);
    desk.restart();
    desk.seconds += 86_400;
    // Written over in place with a time before that of the done-file, on a drive that shows no other time.
    desk.put("students.csv", 12, 0);
    assert_eq!(desk.watch(4), None);
    assert_eq!(desk.watch(4).map(|(_, why)| why), Some(Why::Quiet));
}

#[test]
fn a_done_file_says_nothing_of_what_changed_after_it_whatever_the_times_say() {
    let mut desk = Desk::new();
    desk.has_no_ctime = true;
    desk.put("students.csv", 10, -50);
    desk.look();
    desk.seconds += 10;
    desk.write("upload.done", 0);
    desk.look();
    desk.seconds += 1;
    desk.put("students.csv", 12, -40);
    assert_eq!(desk.watch(4), None);
    assert_eq!(desk.watch(4).map(|(_, why)| why), Some(Why::Quiet));
}

#[test]
fn a_done_file_says_nothing_where_a_file_was_removed_after_it() {
    for is_restarted in [false, true] {
        let mut desk = Desk::new();
        desk.write("students.csv", 10);
        desk.write("teachers.csv", 10);
        desk.look();
        desk.seconds += 10;
        desk.write("upload.done", 0);
        desk.seconds += 1;
        desk.remove("teachers.csv");
        if is_restarted {
            desk.restart();
        }
        desk.look();
        assert_eq!(desk.watch(4), None);
        assert_eq!(desk.watch(4).map(|(_, why)| why), Some(Why::Quiet));
    }
    let mut desk = Desk::new();
    desk.write("students_2026-11-19.csv", 10);
    desk.look();
    desk.seconds += 10;
    desk.remove("students_2026-11-19.csv");
    desk.write("students_2026-11-20.csv", 10);
    desk.write("upload.done", 0);
    desk.look();
    assert_eq!(desk.after(2), take(Why::DoneFile), "what was removed before it is all right");
}

#[test]
fn a_file_that_grows_under_another_name_is_activity_and_one_that_is_left_behind_is_not() {
    let mut desk = Desk::new();
    desk.write("students.csv", 10);
    desk.write("schools.csv.part", 1);
    desk.look();
    for bytes in 2..20 {
        desk.write("schools.csv.part", bytes);
        assert_eq!(desk.watch(4), None);
    }
    assert_eq!(desk.watch(4).map(|(_, why)| why), Some(Why::Quiet));
}

#[test]
fn a_done_file_named_after_a_file_speaks_for_that_one_alone() {
    for name in ["students.csv.done", "Students.done"] {
        let mut desk = Desk::new();
        desk.write("students.csv", 10);
        desk.write("teachers.csv", 10);
        desk.write(name, 0);
        desk.look();
        assert_eq!(desk.watch(10), Some((300, Why::Quiet)), "{name}");
    }
    let mut desk = Desk::new();
    desk.write("students.csv", 10);
    desk.write("students.csv.done", 0);
    desk.look();
    assert_eq!(desk.watch(10), Some((300, Why::Quiet)), "the first of many");
    let mut desk = Desk::new();
    desk.write("roster.zip", 10);
    desk.write("roster.zip.done", 0);
    desk.look();
    assert_eq!(desk.after(2), take(Why::DoneFile));
}

#[test]
fn files_that_are_as_the_manifest_declares_are_taken_at_once() {
    for (declared, is_first) in [(Declared::Sizes, false), (Declared::Hashes, false), (Declared::Hashes, true)] {
        let mut desk = Desk::new();
        desk.declared = declared;
        let order = if is_first { ["manifest.csv", "students.csv"] } else { ["students.csv", "manifest.csv"] };
        desk.write(order[0], 99);
        desk.after(1);
        desk.write(order[1], 10);
        desk.look();
        assert_eq!(desk.after(1), Verdict::WaitUntil(desk.now() + TimeDelta::seconds(1)));
        assert_eq!(desk.after(1), take(Why::Manifest), "{declared:?}");
    }
}

#[test]
fn a_manifest_is_asked_once_and_only_when_it_matters() {
    let mut desk = Desk::new();
    desk.write("students.csv", 10);
    desk.write("manifest.csv", 99);
    desk.look();
    desk.after(1);
    assert_eq!(desk.asked, 0);
    assert_eq!(desk.watch(10), Some((301, Why::Quiet)));
    assert_eq!(desk.asked, 1);
    desk.take();
    desk.restart();
    assert_eq!((desk.watch(10), desk.asked), (None, 1));
}

#[test]
fn sizes_say_nothing_of_a_file_that_may_be_written_over_in_place() {
    let mut desk = Desk::with_taken_set();
    desk.declared = Declared::Sizes;
    desk.write("manifest.csv", 99);
    assert_eq!(desk.watch(2), None, "nothing else is new yet");
    desk.write("students.csv", 10);
    assert_eq!(desk.watch(4), None);
    desk.write("manifest.csv", 99);
    desk.look();
    assert_eq!(desk.after(2), take(Why::Manifest), "the manifest came last");
}

#[test]
fn a_manifest_that_was_taken_says_nothing_of_what_came_since() {
    let mut desk = Desk::new();
    desk.declared = Declared::Hashes;
    desk.write("students.csv", 10);
    desk.write("manifest.csv", 99);
    desk.look();
    assert_eq!(desk.after(2), take(Why::Manifest));
    desk.take();
    desk.seconds += 100;
    desk.put("students.csv", 10, -5);
    assert_eq!(desk.watch(4), None, "nothing but yesterday's files agrees with it");
    desk.write("manifest.csv", 99);
    desk.seconds += 1;
    desk.put("students.csv", 10, -5);
    desk.look();
    assert_eq!(desk.after(2), take(Why::Manifest), "a hash is never that of a half-written file");
}

#[test]
fn a_done_file_that_goes_or_comes_is_no_delivery() {
    let mut desk = Desk::with_taken_set();
    for _ in 0..3 {
        desk.seconds += 10;
        desk.write("upload.done", 0);
        assert_eq!(desk.watch(10), None);
        desk.remove("upload.done");
        assert_eq!(desk.watch(10), None);
    }
}
