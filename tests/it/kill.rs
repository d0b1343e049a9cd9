//! Killed anywhere and started again, a command leaves what it would have left without that: the same patrons, roster and
//! reports, no lock, and no litter. The same when the disk fails. A decision that was killed after its commit may say instead that
//! it was made already, and by whom: whoever made it knows then that nothing is left to do.
//!
//! The points are named in the source by `fail_point::reach`; a new one is tested without a word here. `KILLS=500` asks for
//! that many kills at random moments for each command (default 40).

use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use crate::dump::Dump;
use crate::support::{Desk, names_in, repository, tree};

/// What is killed: on which desk, and the command.
struct Scene {
    before: Desk,
    line: String,
    /// What an uninterrupted command leaves.
    whole: Left,
    took: Duration,
    kills: u32,
    /// What the second start may say instead of doing it, where the first was killed after its commit: that it is done.
    done: Option<&'static str>,
}

/// What a command leaves.
#[derive(Debug, Default)]
struct Left {
    store: Dump,
    /// Names beside the database, without the ids of runs.
    beside: Vec<String>,
    /// Names of results, and how often each outcome stands there.
    results: BTreeMap<String, usize>,
}

impl Left {
    fn on(desk: &Desk) -> Self {
        let home = desk.path("");
        let below = |path: &Path| path.strip_prefix(&home).unwrap().to_str().unwrap().to_owned();
        let mut beside: Vec<String> =
            tree(&desk.path("rosterd.db.d")).keys().map(|path| without_id(&below(path))).collect();
        beside.sort();
        let mut results = BTreeMap::new();
        for path in tree(&home).keys().map(|path| below(path)).filter(|path| path.contains("results/")) {
            *results.entry(path).or_default() += 1;
        }
        Self { store: desk.dump().without_ids().without_idle_runs().without_places(), beside, results }
    }
}

/// Fingerprints carry the id of the run that wrote them at the end of their names.
fn without_id(name: &str) -> String {
    match name.contains("/snapshots/") {
        true => name[..name.len() - 36].to_owned(),
        false => name.to_owned(),
    }
}

impl Scene {
    /// `line` on a desk that `prepare` made.
    fn new(prepare: impl Fn(&Desk), line: &str) -> Self {
        let before = Desk::new();
        prepare(&before);
        Self::on(before, line)
    }

    fn on(before: Desk, line: &str) -> Self {
        let uninterrupted = Desk::new();
        copy(&before, &uninterrupted);
        let results = if line.starts_with("ingest") { "--results results" } else { "" };
        let line = format!("{line} --now 2026-11-22T02:00:00Z {results}");
        let begun = Instant::now();
        let ended = uninterrupted.line(&line);
        let took = begun.elapsed();
        assert_eq!(ended.code, 0, "{ended:?}");
        let whole = Left::on(&uninterrupted);
        Self { before, line, whole, took, kills: 0, done: None }
    }

    /// Somebody who is told that it is done already need do nothing more: the same as an uninterrupted command left.
    fn or_done(self, sentence: &'static str) -> Self {
        Self { done: Some(sentence), ..self }
    }

    fn desk(&self) -> Desk {
        let desk = Desk::new();
        copy(&self.before, &desk);
        desk
    }

    fn command(&self, desk: &Desk) -> Command {
        let mut command = Command::new(assert_cmd::cargo::cargo_bin!("rosterd"));
        command.current_dir(desk.path("")).args(self.line.split_whitespace());
        for name in ["ROSTERD_STORE", "ROSTERD_LOG"] {
            command.env_remove(name);
        }
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command
    }

    /// Kills the command when it comes to `point` for the given time. False where it never came there.
    fn kill_at(&mut self, point: &str, time: u64) -> bool {
        let desk = self.desk();
        let status = self.command(&desk).env("ROSTERD_KILL_AT", format!("{point}:{time}")).status().unwrap();
        let was_killed = status.signal() == Some(9);
        if was_killed {
            self.goes_on(&desk, &format!("killed at {point:?}, time {time}"));
        }
        was_killed
    }

    /// Kills the command after `part` of the time that it takes.
    fn kill_after(&mut self, part: f64) {
        let desk = self.desk();
        let mut child = self.command(&desk).spawn().unwrap();
        let (_keep, nobody_sends) = channel::<()>();
        // The moment is as good as any other; nothing is expected to have happened by then.
        let _ = nobody_sends.recv_timeout(self.took.mul_f64(part));
        child.kill().unwrap();
        if child.wait().unwrap().signal() == Some(9) {
            self.goes_on(&desk, &format!("killed after {part:.3} of the time"));
        }
    }

    /// The same command again ends well, and leaves what it leaves without a kill.
    fn goes_on(&mut self, desk: &Desk, how: &str) {
        self.kills += 1;
        assert_eq!(missing(desk), [""; 0], "{how}: the database names what is not there");
        let ended = desk.line(&self.line);
        let is_done = self.done.is_some_and(|sentence| ended.code == 2 && ended.err.contains(sentence));
        assert!(ended.code == 0 || is_done, "{how}: {ended:?}");
        assert!(!desk.path("rosterd.db-wal").exists(), "{how}: a log of the database is left");
        self.is_whole(desk, how);
    }

    fn is_whole(&self, desk: &Desk, how: &str) {
        let left = Left::on(desk);
        let changes = self.whole.store.changes(&left.store);
        assert!(changes.is_empty(), "{how}: {changes:#?}");
        assert_eq!(self.whole.beside, left.beside, "{how}");
        if desk.path("rosterd.db.d/incoming").exists() {
            assert_eq!(names_in(&desk.path("rosterd.db.d/incoming")), [""; 0], "{how}");
        }
        desk.database().execute_batch("BEGIN IMMEDIATE; ROLLBACK").unwrap();
        let is_known = |name: &&String| self.whole.results.contains_key(*name) || name.contains("-no_change");
        let others: Vec<_> = left.results.keys().filter(|name| !is_known(name)).collect();
        assert!(others.is_empty(), "{how}: {others:?}");
        assert_eq!(left.results.is_empty(), self.whole.results.is_empty(), "{how}");
    }

    #[expect(clippy::disallowed_macros, reason = "the counts are shown where somebody asks for many kills")]
    fn everywhere(mut self, at_least: u32) {
        for point in points() {
            // Points in a loop are met often; the first and some in the middle stand for all.
            let _ = [1, 2, 5, 17, 60].into_iter().take_while(|time| self.kill_at(&point, *time)).count();
        }
        let named = self.kills;
        assert!(named >= at_least, "only {named} kills at points that have names");
        let wanted = random_kills();
        let mut chance = 0x9e37_79b9_7f4a_7c15_u64;
        // Now and then the command is quicker than its death.
        for _ in 0..wanted * 10 {
            if self.kills == named + wanted {
                break;
            }
            chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            self.kill_after((chance >> 11) as f64 / (1_u64 << 53) as f64);
        }
        assert_eq!(self.kills, named + wanted, "the command ends before it can be killed");
        println!("{}: {named} kills at points with names, {wanted} at random moments", self.line);
    }
}

fn random_kills() -> u32 {
    std::env::var("KILLS").ok().and_then(|text| text.parse().ok()).unwrap_or(40)
}

/// Every point that the source names.
fn points() -> Vec<String> {
    let mut points = Vec::new();
    for (path, bytes) in tree(&repository("src")) {
        if path.file_name().is_some_and(|name| name == "fail_point.rs") {
            continue;
        }
        let text = String::from_utf8(bytes).unwrap();
        let named = text.split("fail_point::reach(\"").skip(1).map(|rest| rest.split('"').next().unwrap().to_owned());
        points.extend(named);
    }
    points.sort();
    points.dedup();
    assert!(points.len() >= 20, "{points:?}");
    points
}

/// Fingerprints and kept copies that the database names and that are not there.
fn missing(desk: &Desk) -> Vec<String> {
    let database = desk.database();
    let sql = "SELECT 'snapshots/' || file FROM snapshots UNION ALL SELECT kept FROM batches WHERE kept <> ''";
    // A database that was killed in its first moments has no tables yet.
    let Ok(mut names) = database.prepare(sql) else { return Vec::new() };
    let names = names.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap);
    names.filter(|name| !desk.path("rosterd.db.d").join(name).exists()).collect()
}

/// Copies everything that lies on a desk, as it would be found after a restart.
fn copy(from: &Desk, to: &Desk) {
    let home = from.path("");
    for (path, bytes) in tree(&home) {
        let target = to.path(path.strip_prefix(&home).unwrap().to_str().unwrap());
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::write(target, bytes).unwrap();
    }
}

fn sample(name: &str) -> String {
    repository("sample-csv").join(name).to_str().unwrap().to_owned()
}

fn last_night(desk: &Desk) {
    desk.line(&format!("ingest {} --now 2026-11-21T02:00:00Z", sample("good"))).well();
}

fn next_night() -> Scene {
    Scene::new(last_night, &format!("ingest {}", sample("next-night")))
}

/// Two old sets, and today's.
fn archive(desk: &Desk) {
    desk.copy("sample-csv/good", "archive/2026-09-01");
    desk.copy("sample-csv/next-night", "archive/2026-10-01");
    desk.copy("sample-csv/good", "archive/2026-11-20");
}

#[test]
fn a_first_night_that_is_killed_anywhere_is_whole_the_second_time() {
    Scene::new(|_| (), &format!("ingest {}", sample("good"))).everywhere(30);
}

#[test]
fn a_next_night_that_is_killed_anywhere_is_whole_the_second_time() {
    next_night().everywhere(25);
}

#[test]
fn a_night_without_change_that_is_killed_anywhere_is_whole_the_second_time() {
    Scene::new(last_night, &format!("ingest {}", sample("good"))).everywhere(5);
}

/// What lies in the drop folder is taken, run, and told.
fn taking() -> Scene {
    let drop = |desk: &Desk| {
        last_night(desk);
        desk.copy("sample-csv/next-night", "drop/default");
        // A row that comes back to its sender.
        let students = std::fs::read_to_string(desk.path("drop/default/students.csv")).unwrap();
        let mut rows = csv::Reader::from_reader(students.as_bytes());
        let mut changed = csv::Writer::from_path(desk.path("drop/default/students.csv")).unwrap();
        let header = rows.headers().unwrap().clone();
        changed.write_record(&header).unwrap();
        for (at, row) in rows.records().map(Result::unwrap).enumerate() {
            let is_blank = |column: usize| at == 5 && &header[column] == "Last_name";
            let cells = row.iter().enumerate().map(|(column, cell)| if is_blank(column) { "" } else { cell });
            changed.write_record(cells).unwrap();
        }
    };
    Scene::new(drop, "take")
}

#[test]
fn a_delivery_that_is_killed_anywhere_is_taken_run_and_told_once() {
    taking().everywhere(30);
}

#[test]
fn a_disk_that_fails_while_a_delivery_is_taken_leaves_it_to_the_next_time() {
    let scene = taking();
    let (before, mut failures) = (scene.before.dump().library(), 0);
    for blocks in (0..).step_by(64) {
        let desk = scene.desk();
        let output = on_a_small_disk(&scene, &desk, blocks);
        let how = format!("with {blocks} blocks: {}", String::from_utf8_lossy(&output.stderr));
        if output.status.success() {
            break;
        }
        failures += 1;
        let has_run = how.contains("results");
        assert!(output.status.code() == Some(1) && (has_run || desk.dump().library() == before), "{how}");
        assert_eq!((desk.incoming(), missing(&desk)), (Vec::new(), Vec::new()), "{how}");
        assert_eq!(desk.line(&scene.line).code, 0, "{how}");
        scene.is_whole(&desk, &how);
    }
    assert!(failures >= 3, "only {failures} failures");
}

#[test]
fn a_backfill_that_is_killed_anywhere_goes_on_where_it_was() {
    Scene::new(archive, "backfill archive").everywhere(40);
}

/// A night that was undone, and comes again: its changes are held. Gives the run that holds them, and its plan.
fn undone_night(desk: &Desk) -> (String, String) {
    let run = two_nights(desk);
    desk.line(&format!("runs undo {run} --by Lee --now 2026-11-22T00:30:00Z")).well();
    let ended = desk.line(&format!("ingest {} --now 2026-11-22T01:00:00Z --format json", sample("next-night")));
    let report = ended.json();
    assert_eq!(ended.code, 3, "{report:#}");
    ["run", "plan"].map(|key| report[key].as_str().unwrap().to_owned()).into()
}

/// Two nights; gives the run of the second.
fn two_nights(desk: &Desk) -> String {
    last_night(desk);
    let ended = desk.line(&format!("ingest {} --now 2026-11-22T00:00:00Z --format json", sample("next-night")));
    ended.json()["run"].as_str().unwrap().to_owned()
}

fn approval() -> Scene {
    let desk = Desk::new();
    let (run, plan) = undone_night(&desk);
    Scene::on(desk, &format!("runs approve {run} --plan {plan} --by Lee")).or_done("approved already, by Lee")
}

fn undo() -> Scene {
    let desk = Desk::new();
    let run = two_nights(&desk);
    Scene::on(desk, &format!("runs undo {run} --by Lee")).or_done("undone already, by Lee")
}

#[test]
fn an_approval_that_is_killed_anywhere_is_carried_out_or_told_to_be_done() {
    approval().everywhere(15);
}

#[test]
fn a_discard_that_is_killed_anywhere_is_carried_out_or_told_to_be_done() {
    let desk = Desk::new();
    let (run, _) = undone_night(&desk);
    let scene = Scene::on(desk, &format!("runs discard {run} --by Lee"));
    scene.or_done("discarded already, by Lee").everywhere(6);
}

#[test]
fn an_undo_that_is_killed_anywhere_is_carried_out_or_told_to_be_done() {
    undo().everywhere(8);
}

#[test]
fn an_erasure_that_is_killed_anywhere_is_finished_by_erasing_once_more() {
    let desk = Desk::new();
    two_nights(&desk);
    Scene::on(desk, "patrons erase students:S2001 --by Lee").everywhere(5);
}

#[test]
fn a_backup_that_is_killed_anywhere_is_made_or_told_to_be_there() {
    let scene = Scene::new(last_night, "backup saved/tonight").or_done("saved/tonight is there already");
    scene.everywhere(4);
}

/// Runs the command with at most `blocks` of 512 bytes in any file; what is beyond fails as on a broken disk.
fn on_a_small_disk(scene: &Scene, desk: &Desk, blocks: u64) -> std::process::Output {
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
    let rosterd = assert_cmd::cargo::cargo_bin!("rosterd");
    let mut command = Command::new("sh");
    command.current_dir(desk.path("")).arg("-c").arg(script).arg(rosterd).args(scene.line.split_whitespace());
    command.output().unwrap()
}

/// With every size of a disk on which the command fails, it changes nothing, and succeeds when there is room again.
fn fails_on_any_disk(scene: &Scene, step: usize, at_least: u32) {
    let before = scene.before.dump();
    let mut failures = 0;
    for blocks in (0..).step_by(step) {
        let desk = scene.desk();
        let output = on_a_small_disk(scene, &desk, blocks);
        let how = format!("with {blocks} blocks: {}", String::from_utf8_lossy(&output.stderr));
        if output.status.success() {
            break;
        }
        failures += 1;
        assert_eq!(output.status.code(), Some(1), "{how}");
        let is_written = before.changes(&desk.dump()).is_empty();
        // Results are written when the run is over, and stay to be asked for with `runs show`.
        assert!(is_written || how.contains("results"), "{how}");
        assert_eq!((desk.incoming(), missing(&desk)), (Vec::new(), Vec::new()), "{how}");
        assert_eq!(desk.line(&scene.line).code, 0, "{how}");
        scene.is_whole(&desk, &how);
    }
    assert!(failures >= at_least, "only {failures} failures");
}

/// The same where the database fails at one write.
fn fails_at_any_write(scene: &Scene, at_least: u32) {
    let before = scene.before.dump();
    let mut time = 1;
    loop {
        let desk = scene.desk();
        let output = scene.command(&desk).env("ROSTERD_FAIL_AT", format!("write:{time}")).status().unwrap();
        if output.success() {
            break;
        }
        let how = format!("the write number {time} fails");
        assert_eq!((output.code(), before.changes(&desk.dump())), (Some(1), Vec::new()), "{how}");
        assert_eq!((desk.incoming(), missing(&desk)), (Vec::new(), Vec::new()), "{how}");
        assert_eq!(desk.line(&scene.line).code, 0, "{how}");
        scene.is_whole(&desk, &how);
        time += 1 + time / 4;
    }
    assert!(time > at_least, "there are more writes than {time}");
}

#[test]
fn a_disk_that_fails_anywhere_leaves_everything_as_it_was() {
    fails_on_any_disk(&next_night(), 64, 5);
}

#[test]
fn a_disk_that_fails_in_an_approval_or_an_undo_leaves_everything_as_it_was() {
    fails_on_any_disk(&approval(), 16, 3);
    fails_on_any_disk(&undo(), 16, 3);
}

#[test]
fn a_database_that_fails_at_any_write_leaves_everything_as_it_was() {
    fails_at_any_write(&next_night(), 20);
}

#[test]
fn a_database_that_fails_in_an_approval_or_an_undo_leaves_everything_as_it_was() {
    fails_at_any_write(&approval(), 20);
    fails_at_any_write(&undo(), 20);
}
