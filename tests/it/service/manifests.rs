//! Drop folders whose sender declares what it sends: nothing is waited for, and nothing else is taken.

use rosterd::files::hash;

use super::daemon::{Daemon, good};
use crate::support::{names_in, repository};

/// A manifest that declares every file of the good sample, by `size` or by `sha256`.
fn manifest(by: &str) -> String {
    let declared = |name: &String| {
        let bytes = good(name);
        let hashed = hash::read(&mut &*bytes).unwrap();
        let value = if by == "size" { hashed.bytes.to_string() } else { hashed.sha256 };
        format!("{by}.{name},{value}\n")
    };
    let lines: String = names_in(&repository("sample-csv/good")).iter().map(declared).collect();
    format!("propertyName,value\n{lines}")
}

#[test]
fn a_declared_set_is_taken_once_all_of_it_has_come_however_long_the_quiet_period_is() {
    for by in ["size", "sha256"] {
        let daemon = Daemon::for_districts(&["springfield"], "[intake]\nquiet_period = \"30d\"");
        if by == "sha256" {
            daemon.put("springfield", "manifest.csv", manifest(by));
        }
        daemon.upload("sample-csv/good", "springfield");
        if by == "size" {
            // A file that is written over in place may have its final size all the time, so that sizes are believed only afterwards.
            daemon.put("springfield", "manifest.csv", manifest(by));
        }
        daemon.until("it is applied", |daemon| daemon.latest("springfield")["outcome"] == "applied");
        assert_eq!((daemon.outcomes("springfield").len(), daemon.patrons("springfield")), (1, 64), "{by}");
    }
}

#[test]
fn a_set_that_is_not_what_was_declared_is_refused_after_the_quiet_period() {
    let daemon = Daemon::for_districts(&["springfield"], "");
    daemon.put("springfield", "manifest.csv", manifest("size"));
    daemon.upload("sample-csv/good", "springfield");
    daemon.until("it is applied", |daemon| daemon.latest("springfield")["outcome"] == "applied");

    // The connection broke right after a row.
    let students = String::from_utf8(good("students.csv")).unwrap();
    let cut = students.trim_end().rfind('\n').unwrap() + 1;
    daemon.put("springfield", "students.csv", &students[..cut]);
    daemon.until("the sender hears of it", |daemon| daemon.latest("springfield")["outcome"] == "rejected");
    let latest = daemon.latest("springfield");
    assert_eq!(latest["problem_counts"], serde_json::json!({"file_truncated": 1}), "{latest:#}");
    assert_eq!(daemon.patrons("springfield"), 64);
    let gone = "SELECT count(*) FROM patrons WHERE status <> 1";
    assert_eq!(daemon.desk.database().query_row(gone, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
}
