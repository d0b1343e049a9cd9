//! From a drop folder to patrons and back: good sets, bad sets, folders that go away.

use std::os::unix::fs::PermissionsExt;

use super::daemon::{Daemon, good};
use crate::support::{mode, names_in};

#[test]
fn a_set_becomes_patrons_and_its_report_lies_beside_it() {
    let daemon = Daemon::for_districts(&["springfield"], "");
    daemon.upload("sample-csv/good", "springfield");
    daemon.until("the sender finds a report", |daemon| daemon.latest("springfield")["outcome"] == "applied");
    assert_eq!(daemon.patrons("springfield"), 64);
    assert_eq!(daemon.latest("springfield")["source"], "drop_folder");
    let results = daemon.folder("springfield").join("results");
    assert_eq!((mode(&results), mode(&results.join("latest.txt"))), (0o700, 0o600));
    assert_eq!(names_in(&daemon.folder("springfield")).len(), 7, "files stay where they are");

    daemon.upload("sample-csv/next-night", "springfield");
    daemon.until("the next night is applied", |daemon| daemon.outcomes("springfield").len() == 2);
    assert_eq!(daemon.outcomes("springfield"), ["applied", "applied"]);
}

#[test]
fn an_incomplete_set_is_refused_where_it_was_put_and_other_districts_go_on() {
    let daemon = Daemon::for_districts(&["shelby", "springfield"], "");
    daemon.put("shelby", "students.csv", good("students.csv"));
    daemon.upload("sample-csv/good", "springfield");
    daemon.until("shelby hears of it", |daemon| daemon.latest("shelby")["outcome"] == "rejected");
    daemon.until("springfield is done", |daemon| daemon.latest("springfield")["outcome"] == "applied");
    daemon.until("an alarm is on", |daemon| daemon.alarms("shelby") == ["set_rejected"]);
    assert_eq!(daemon.latest("shelby")["problem_counts"]["set_incomplete"], 1);
    assert_eq!((daemon.patrons("shelby"), daemon.alarms("springfield")), (0, Vec::new()));

    daemon.upload("sample-csv/good", "shelby");
    daemon.until("the correction is applied", |daemon| daemon.latest("shelby")["outcome"] == "applied");
    daemon.until("the alarm is over", |daemon| daemon.alarms("shelby").is_empty());
    assert_eq!((daemon.outcomes("shelby"), daemon.patrons("shelby")), (vec!["rejected".into(), "applied".into()], 64));
}

#[test]
fn refused_rows_come_back_and_corrected_ones_are_taken_as_a_delta() {
    let daemon = Daemon::for_districts(&["springfield"], "");
    let students = String::from_utf8(good("students.csv")).unwrap();
    let broken = students.lines().enumerate().map(|(at, line)| match at {
        1 => line.replacen(line.split(',').next().unwrap(), "", 1) + "\n",
        _ => line.to_owned() + "\n",
    });
    daemon.upload("sample-csv/good", "springfield");
    daemon.put("springfield", "students.csv", broken.collect::<String>());
    daemon.until("the row comes back", |daemon| {
        daemon.folder("springfield").join("results/students.rejected.csv").exists()
    });
    daemon.until("the run is told", |daemon| daemon.reports("springfield") == 1);
    let whole = daemon.patrons("springfield");
    let rejected = std::fs::read_to_string(daemon.folder("springfield").join("results/students.rejected.csv")).unwrap();
    assert_eq!(rejected.lines().count(), 2, "{rejected}");
    // The columns that say what is wrong may stay, and be blank.
    let corrected = format!("{}\n{},,,\n", rejected.lines().next().unwrap(), students.lines().nth(1).unwrap());
    daemon.put("springfield", "students.rejected.csv", corrected);
    daemon.until("the correction is applied", |daemon| daemon.reports("springfield") == 2);
    let latest = daemon.latest("springfield");
    assert_eq!((&latest["mode"], &latest["outcome"]), (&"delta".into(), &"applied".into()), "{latest:#}");
    assert_eq!(daemon.patrons("springfield"), whole + 1);
}

#[test]
fn a_folder_that_goes_away_is_an_alarm_and_heals_when_it_is_back() {
    let daemon = Daemon::for_districts(&["springfield", "shelby"], "");
    let (folder, away) = (daemon.folder("springfield"), daemon.desk.path("away"));
    std::fs::rename(&folder, &away).unwrap();
    daemon.until("the folder is missed", |daemon| daemon.alarms("springfield") == ["folder_missing"]);
    daemon.upload("sample-csv/good", "shelby");
    daemon.until("shelby is done", |daemon| daemon.latest("shelby")["outcome"] == "applied");
    std::fs::rename(&away, &folder).unwrap();
    daemon.upload("sample-csv/good", "springfield");
    daemon.until("the set is taken", |daemon| daemon.latest("springfield")["outcome"] == "applied");
    daemon.until("the alarm is over", |daemon| daemon.alarms("springfield").is_empty());
}

#[test]
fn results_that_cannot_be_written_are_an_alarm_and_come_later() {
    let daemon = Daemon::for_districts(&["springfield"], "");
    daemon.put("springfield", "results", "a file is in the way");
    daemon.upload("sample-csv/good", "springfield");
    daemon.until("an alarm is on", |daemon| daemon.alarms("springfield") == ["results_unwritable"]);
    assert_eq!(daemon.outcomes("springfield"), ["applied"]);
    std::fs::remove_file(daemon.folder("springfield").join("results")).unwrap();
    // Whoever has mended it need not wait for the next attempt.
    daemon.desk.line("take --district springfield").well();
    daemon.until("the report is there", |daemon| daemon.latest("springfield")["outcome"] == "applied");
    daemon.until("the alarm is over", |daemon| daemon.alarms("springfield").is_empty());
    assert_eq!(daemon.outcomes("springfield"), ["applied"], "it ran once");
}

#[test]
fn taken_files_are_moved_away_where_the_district_wants_it() {
    let daemon = Daemon::for_districts(&["springfield"], "[intake]\nquiet_period = \"1s\"\nafter = \"move\"");
    daemon.upload("sample-csv/good", "springfield");
    daemon.until("it is applied", |daemon| daemon.latest("springfield")["outcome"] == "applied");
    daemon
        .until("nothing lies there any more", |daemon| names_in(&daemon.folder("springfield")) == ["results", "taken"]);
    let taken = daemon.folder("springfield").join("taken");
    assert_eq!(names_in(&taken.join(&names_in(&taken)[0])).len(), 6);
    daemon.upload("sample-csv/next-night", "springfield");
    daemon.until("the next night is applied", |daemon| daemon.outcomes("springfield").len() == 2);
}

#[test]
fn a_folder_shared_by_its_group_has_results_that_the_group_can_read() {
    let daemon = Daemon::for_districts(&["springfield"], "");
    std::fs::set_permissions(daemon.folder("springfield"), std::fs::Permissions::from_mode(0o2770)).unwrap();
    daemon.upload("sample-csv/good", "springfield");
    daemon.until("the sender finds a report", |daemon| daemon.reports("springfield") == 1);
    let results = daemon.folder("springfield").join("results");
    assert_eq!((mode(&results) & 0o750, mode(&results.join("latest.txt"))), (0o750, 0o640));
}

#[test]
fn no_cell_of_a_file_is_in_the_log_at_any_level() {
    let daemon = Daemon::for_districts(&["springfield", "shelby"], "");
    daemon.upload("sample-csv/good", "springfield");
    daemon.upload("sample-csv/bad/students-last-name-blank", "shelby");
    daemon.until("both are told", |daemon| daemon.reports("springfield") == 1 && daemon.reports("shelby") == 1);
    let students = good("students.csv");
    let mut rows = csv::Reader::from_reader(students.as_slice());
    // Short cells, such as a grade, stand in every log by chance.
    let cells: Vec<String> =
        rows.records().flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()).collect();
    let log = daemon.log();
    assert!(log.contains("springfield") && log.contains("the run has ended"), "{log}");
    for cell in cells.iter().filter(|cell| cell.len() > 4) {
        assert!(!log.contains(cell.as_str()), "{cell:?} is in the log");
    }
}

#[test]
fn a_folder_that_is_not_there_is_told_to_whoever_takes_by_hand() {
    let daemon = Daemon::prepared(&["springfield"], "[intake]\nfolder = \"nowhere\"");
    let ended = daemon.desk.line("take --district springfield");
    ended.refused(1, &["nothing can be taken: there is no folder nowhere"]);
    assert_eq!(daemon.alarms("springfield"), ["folder_missing"]);
}
