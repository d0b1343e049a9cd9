//! How the service begins, ends, is killed, and reads its settings anew.

use rustix::process::Signal;

use super::daemon::Daemon;

#[test]
fn it_ends_in_order_and_one_store_has_one_service() {
    let mut daemon = Daemon::for_districts(&["springfield"], "");
    daemon.desk.line("serve --config rosterd.toml").refused(2, &["another rosterd serves rosterd.db already"]);
    daemon.upload("sample-csv/good", "springfield");
    daemon.until("it is taken", |daemon| !daemon.outcomes("springfield").is_empty());
    assert_eq!(daemon.end(), Some(0));
    assert_eq!((daemon.outcomes("springfield"), daemon.reports("springfield")), (vec!["applied".to_owned()], 1));
    assert!(!daemon.desk.path("rosterd.db-wal").exists(), "the database is closed");
}

#[test]
fn killed_at_any_moment_nothing_is_lost_and_nothing_runs_twice() {
    let districts: Vec<String> = (0..6).map(|number| format!("district-{number}")).collect();
    let ids: Vec<&str> = districts.iter().map(String::as_str).collect();
    let mut daemon = Daemon::prepared(&ids, "");
    for night in ["sample-csv/good", "sample-csv/next-night", "sample-csv/good"] {
        daemon.start();
        ids.iter().for_each(|id| daemon.upload(night, id));
        let before = daemon.outcomes(ids[0]).len();
        // Whichever is first: some have run, others have not, and one is under way.
        daemon.until("some have run", |daemon| ids.iter().any(|id| daemon.outcomes(id).len() > before));
        daemon.kill();
        daemon.start();
        daemon.until("all have run", |daemon| ids.iter().all(|id| daemon.outcomes(id).len() > before));
        daemon.until("all were told", |daemon| ids.iter().all(|id| daemon.reports(id) == before + 1));
        assert_eq!(daemon.end(), Some(0));
        let runs: Vec<usize> = ids.iter().map(|id| daemon.outcomes(id).len()).collect();
        assert_eq!(runs, [before + 1; 6], "each ran once");
    }
    assert!(ids.iter().all(|id| daemon.outcomes(id) == ["applied"; 3]));
    assert_eq!(daemon.desk.incoming(), Vec::<std::path::PathBuf>::new());
}

#[test]
fn wrong_settings_are_refused_as_a_whole_and_those_of_before_stay() {
    let daemon = Daemon::for_districts(&["springfield"], "");
    let alarms = |daemon: &Daemon| {
        let rows = daemon.desk.store().alarms().unwrap();
        rows.into_iter().filter(|row| row.cleared_at.is_empty()).map(|row| row.code).collect::<Vec<_>>()
    };
    daemon.desk.write("rosterd.toml", "[serve]\ndrop_folders = \"elsewhere\"\nscan_intervall = \"1s\"\n");
    daemon.send(Signal::HUP);
    daemon.until("an alarm is on", |daemon| alarms(daemon) == ["config_refused"]);
    daemon.upload("sample-csv/good", "springfield");
    daemon.until("the old folder is served", |daemon| daemon.latest("springfield")["outcome"] == "applied");

    std::fs::create_dir_all(daemon.desk.path("elsewhere")).unwrap();
    std::fs::rename(daemon.folder("springfield"), daemon.desk.path("elsewhere/springfield")).unwrap();
    daemon.desk.write("rosterd.toml", "[serve]\nlisten = \"\"\ndrop_folders = \"elsewhere\"\nscan_interval = \"1s\"\n");
    daemon.send(Signal::HUP);
    daemon.desk.copy("sample-csv/next-night", "elsewhere/springfield");
    daemon.until("the new folder is served", |daemon| daemon.outcomes("springfield").len() == 2);
    daemon.until("the alarms are over", |daemon| alarms(daemon).is_empty());
}

#[test]
fn a_store_that_cannot_be_used_ends_it_with_a_sentence() {
    let daemon = Daemon::prepared(&[], "");
    daemon.desk.write("notes.txt", "This is a letter, and no database at all. ".repeat(40));
    daemon.desk.line("serve --store notes.txt").refused(1, &["notes.txt is not a rosterd database"]);
    daemon.desk.write("rosterd.toml", "[serve]\nworkers = 0\n");
    daemon.desk.line("serve --config rosterd.toml").refused(2, &["serve.workers"]);
    daemon.desk.line("take --district nobody").refused(2, &["there is no d"]);
}
