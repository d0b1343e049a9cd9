//! Whose turn it is, and which delivery takes the place of which: deliveries are recorded one by one, and run by `rosterd take`.

use std::path::Path;

use chrono::{DateTime, Utc};
use rosterd::operate::service::clock::Clock;
use rosterd::operate::service::config::ServeSettings;
use rosterd::operate::service::serve::Service;
use rosterd::pipeline::{self, Job, Origin};
use rosterd::report::Source;
use rosterd::roster::schema::shipped;
use serde_json::Value;

use crate::support::{Desk, repository};

/// Records what lies in `folder` as a delivery of `district` that came at `time`.
fn deliver(desk: &Desk, district: &str, folder: &Path, time: &str) {
    let (store, schemas) = (desk.store(), shipped("clever-csv").unwrap().unwrap());
    let settings = store.district(district).unwrap().unwrap().settings;
    let now: DateTime<Utc> = time.parse().unwrap();
    let job = Job {
        path: folder,
        source: Source::DropFolder,
        settings: &settings,
        schemas: &schemas,
        now,
        as_of: None,
        delta: false,
        is_preview: false,
        wants_rejected: false,
        begun: std::time::Instant::now(),
        recorded: None,
    };
    let results = desk.path("results").join(district);
    std::fs::create_dir_all(desk.path("results")).unwrap();
    pipeline::take_in(&store, &job, Origin { results: Some(&results), ..Origin::default() }).unwrap();
}

/// A service with one worker that lives at `time`.
fn service_on(desk: &Desk, time: &str) -> Service {
    let store = desk.path("rosterd.db").to_str().unwrap().to_owned();
    let settings = ServeSettings { workers: 1, ..ServeSettings::default() };
    Service::new(store, shipped("clever-csv").unwrap().unwrap(), Clock::Standing(time.parse().unwrap()), settings, None)
}

fn sample(name: &str) -> std::path::PathBuf {
    repository("sample-csv").join(name)
}

/// Outcomes of a district's runs, oldest first.
fn outcomes(desk: &Desk, district: &str) -> Vec<String> {
    desk.store().runs(Some(district), 100).unwrap().into_iter().rev().map(|run| run.outcome).collect()
}

fn take(desk: &Desk, district: &str) -> Value {
    desk.line(&format!("take --district {district} --now 2026-11-22T03:00:00Z --format json")).json()
}

#[test]
fn a_newer_full_set_that_passes_takes_the_place_of_one_that_waits() {
    let desk = Desk::new().with_district("springfield");
    deliver(&desk, "springfield", &sample("good"), "2026-11-22T01:00:00Z");
    deliver(&desk, "springfield", &sample("next-night"), "2026-11-22T02:00:00Z");
    let runs = take(&desk, "springfield");
    assert_eq!(outcomes(&desk, "springfield"), ["superseded", "applied"], "{runs:#}");
    let only_second = Desk::new().with_district("springfield");
    deliver(&only_second, "springfield", &sample("next-night"), "2026-11-22T02:00:00Z");
    take(&only_second, "springfield");
    assert_eq!(desk.dump().library(), only_second.dump().library(), "the first left no trace");
}

#[test]
fn a_newer_full_set_that_does_not_pass_leaves_the_older_one_its_turn() {
    let desk = Desk::new().with_district("springfield");
    deliver(&desk, "springfield", &sample("good"), "2026-11-22T01:00:00Z");
    let broken = desk.copy("sample-csv/next-night", "broken");
    std::fs::remove_file(broken.join("teachers.csv")).unwrap();
    deliver(&desk, "springfield", &broken, "2026-11-22T02:00:00Z");
    take(&desk, "springfield");
    assert_eq!(outcomes(&desk, "springfield"), ["applied", "rejected"]);
}

#[test]
fn deltas_are_never_replaced_and_run_in_order() {
    let desk = Desk::new().with_district("springfield");
    deliver(&desk, "springfield", &sample("good"), "2026-11-22T01:00:00Z");
    take(&desk, "springfield");
    let delta = desk.path("delta");
    std::fs::create_dir(&delta).unwrap();
    let students = std::fs::read_to_string(sample("good").join("students.csv")).unwrap();
    std::fs::write(delta.join("students.csv"), students).unwrap();
    std::fs::write(delta.join("manifest.csv"), "propertyName,value\nfile.students,delta\n").unwrap();
    deliver(&desk, "springfield", &delta, "2026-11-22T01:10:00Z");
    deliver(&desk, "springfield", &sample("good"), "2026-11-22T01:20:00Z");
    deliver(&desk, "springfield", &sample("next-night"), "2026-11-22T01:30:00Z");
    take(&desk, "springfield");
    assert_eq!(outcomes(&desk, "springfield"), ["applied", "no_change", "superseded", "applied"]);
    let modes = desk
        .store()
        .runs(Some("springfield"), 100)
        .unwrap()
        .into_iter()
        .rev()
        .map(|run| serde_json::from_str::<Value>(&run.report).unwrap()["mode"].as_str().unwrap().to_owned());
    assert_eq!(modes.collect::<Vec<_>>(), ["full", "delta", "full", "full"]);
}

#[test]
fn what_a_sender_is_told_is_what_runs_show_tells() {
    let desk = Desk::new().with_district("springfield");
    deliver(&desk, "springfield", &sample("bad/students-last-name-blank"), "2026-11-22T01:00:00Z");
    let runs = take(&desk, "springfield");
    let run = runs["runs"][0]["run"].as_str().unwrap();
    let told = std::fs::read_to_string(desk.path("results/springfield/latest.json")).unwrap();
    let shown = desk.line(&format!("runs show {run} --format json")).json();
    assert_eq!(serde_json::from_str::<Value>(&told).unwrap(), shown);
    assert!(desk.path("results/springfield/students.rejected.csv").exists());
    assert_eq!(desk.kept().iter().filter(|path| path.to_str().unwrap().contains("inbox")).count(), 0);
}

#[test]
fn a_set_that_is_too_large_is_refused_at_the_door_and_its_sender_hears_of_it() {
    let desk = Desk::new();
    desk.write("settings.toml", "id = \"springfield\"\n[limits]\nunpacked_bytes = \"1KiB\"\n");
    desk.line("district apply settings.toml").well();
    let before = desk.dump().library();
    deliver(&desk, "springfield", &sample("good"), "2026-11-22T01:00:00Z");
    take(&desk, "springfield");
    assert_eq!((outcomes(&desk, "springfield"), desk.dump().library()), (vec!["rejected".into()], before));
    let told = std::fs::read_to_string(desk.path("results/springfield/latest.txt")).unwrap();
    assert!(told.contains("limits.unpacked_bytes"), "{told}");
    assert_eq!(desk.incoming(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn the_small_ones_are_not_kept_waiting_by_one_that_sends_much() {
    let desk = Desk::new();
    let small: Vec<String> = (0..20).map(|number| format!("small-{number:02}")).collect();
    for id in small.iter().map(String::as_str).chain(["large"]) {
        desk.write("settings.toml", format!("id = \"{id}\"\n"));
        desk.line("district apply settings.toml").well();
    }
    for night in 0..5 {
        let set = if night % 2 == 0 { "sample-csv/good" } else { "sample-csv/next-night" };
        let folder = desk.copy(set, &format!("large-{night}"));
        // A delta is never replaced, so that each of them is a run.
        std::fs::write(folder.join("manifest.csv"), "propertyName,value\nfile.students,delta\n").unwrap();
        deliver(&desk, "large", &folder, "2026-11-22T01:00:00Z");
    }
    for id in &small {
        deliver(&desk, id, &sample("good"), "2026-11-22T02:00:00Z");
    }
    let service = service_on(&desk, "2026-11-22T03:00:00Z");
    let store = desk.store();
    let mut order = Vec::new();
    while let Some((row, _)) = service.run_next(&store, |_| true).unwrap() {
        order.push(row.district);
    }
    assert_eq!(order.len(), 25);
    assert_eq!(order[0], "large", "it came first");
    assert!(order[1..21].iter().all(|id| id.starts_with("small")), "{order:?}");
    assert!(order[21..].iter().all(|id| id == "large"));
}

#[test]
fn a_delivery_waits_for_its_time_and_is_caught_up_with_once() {
    let desk = Desk::new();
    desk.write(
        "settings.toml",
        "id = \"springfield\"\ntimezone = \"America/Chicago\"\n[schedule]\nrun_at = \"02:00\"\n",
    );
    desk.line("district apply settings.toml").well();
    deliver(&desk, "springfield", &sample("good"), "2026-11-22T03:00:00Z");
    let store = desk.store();
    let ran_at = |time: &str| service_on(&desk, time).run_next(&store, |_| true).unwrap().is_some();
    assert!(!ran_at("2026-11-22T07:59:59Z"), "it is not two o'clock in Chicago");
    assert!(ran_at("2026-11-23T15:00:00Z"), "nobody ran at two; it is caught up with");
    assert!(!ran_at("2026-11-24T09:00:00Z"), "once");
}

#[test]
fn by_hand_it_runs_whatever_the_schedule_says() {
    let desk = Desk::new();
    desk.write(
        "settings.toml",
        "id = \"springfield\"\n[schedule]\nwindow = [{ from = \"Sat 00:01\", to = \"Sun 23:59\" }]\n",
    );
    desk.line("district apply settings.toml").well();
    deliver(&desk, "springfield", &sample("good"), "2026-11-24T03:00:00Z");
    let store = desk.store();
    assert!(service_on(&desk, "2026-11-25T03:00:00Z").run_next(&store, |_| true).unwrap().is_none());
    desk.line("take --district springfield --now 2026-11-25T03:00:00Z").well();
    assert_eq!(outcomes(&desk, "springfield"), ["applied"]);
}

#[test]
fn a_run_that_fails_waits_and_is_tried_again_and_nothing_is_half_done() {
    let desk = Desk::new().with_district("springfield");
    deliver(&desk, "springfield", &sample("good"), "2026-11-22T01:00:00Z");
    let before = desk.dump().library();
    let failing = desk
        .command(&["take", "--district", "springfield", "--now", "2026-11-22T03:00:00Z"])
        .env("ROSTERD_FAIL_AT", "write:30")
        .output()
        .unwrap();
    assert_eq!((failing.status.code(), desk.dump().library()), (Some(1), before));
    assert_eq!(outcomes(&desk, "springfield"), Vec::<String>::new());
    take(&desk, "springfield");
    assert_eq!(outcomes(&desk, "springfield"), ["applied"]);
}

#[test]
fn a_folder_that_went_away_is_not_made_anew_for_the_results() {
    let desk = Desk::new().with_district("springfield");
    deliver(&desk, "springfield", &sample("good"), "2026-11-22T01:00:00Z");
    std::fs::remove_dir(desk.path("results")).unwrap();
    desk.line("take --district springfield --now 2026-11-22T03:00:00Z")
        .refused(1, &["the folder of the upload is not there"]);
    assert_eq!((outcomes(&desk, "springfield"), desk.path("results").exists()), (vec!["applied".into()], false));
    std::fs::create_dir(desk.path("results")).unwrap();
    desk.line("take --district springfield --now 2026-11-22T03:00:00Z").well();
    assert!(desk.path("results/springfield/latest.txt").exists());
    assert_eq!(outcomes(&desk, "springfield"), ["applied"]);
}
