//! No child in a log: what stands in the files stands in the district's own reports and nowhere else, at no level, in no error.

use std::io::{Read, Write};

use serde_json::Value;

use crate::service::daemon::Daemon;
use crate::support::{Desk, Ended};

/// Values that stand in the files, in accepted and in refused rows.
const CANARIES: [&str; 16] = [
    "Canarina",
    "Zwitscher",
    "canary77",
    "c4n4ry",
    "7700771",
    "2011-09-23",
    "09/23/2011",
    "Käfigstr",
    "Piepmatz",
    "piep@",
    "CANARYID",
    "Refusina",
    "Gimpel",
    "8811881",
    "REFUSEDID",
    "refused88",
];

fn set(desk: &Desk, name: &str) {
    std::fs::create_dir(desk.path(name)).unwrap();
    let write = |file: &str, text: &str| desk.write(&format!("{name}/{file}.csv"), text);
    write("schools", "School_id,School_name,School_number\nH1,Hollyhock,1\n");
    write(
        "students",
        "School_id,Student_id,Student_number,First_name,Last_name,DOB,Grade,Student_street,Student_email,Contact_name,\
         Contact_type,Contact_email,Username\n\
         H1,CANARYID1,7700771,Canarina,Zwitscher,09/23/2011,5,Käfigstr. 1,canary77@example.org,Ida Piepmatz,guardian,\
         piep@example.org,c4n4ry\n\
         H1,CANARYID2,7700771,Canarina,Gimpel,09/23/2011,CANARYID,,canary77@example.org,,,,\n\
         H1,REFUSEDID,8811881,Refusina,,09/23/2011,5,,refused88@example.org,,,,\n\
         H1,REFUSEDID,8811881,Refusina,Gimpel,one cell too many,5,,refused88@example.org,,,,,Piepmatz\n\
         H1,CANARYID3,,Canarina,Zwitscher,09/23/2011,5,,,,,,\nH1,CANARYID4,,Bo,Li,,5,,,,,,\nH1,CANARYID5,,Cy,Li,,5,,,,,,\n\
         H1,CANARYID6,,Di,Li,,5,,,,,,\nH1,CANARYID7,,Eva,Li,,5,,,,,,\n",
    );
    write(
        "teachers",
        "School_id,Teacher_id,Teacher_number,Teacher_email,First_name,Last_name\nH1,CANARYID8,8811881,canary77@example.org,Refusina,Gimpel\n",
    );
    write("sections", "School_id,Section_id,Teacher_id,Name\nH1,C1,CANARYID8,Zwitscher\nH1,C2,REFUSEDID,Gimpel\n");
    write("enrollments", "School_id,Section_id,Student_id\nH1,C1,CANARYID1\nH1,C1,REFUSEDID\nH1,C9,CANARYID2\n");
}

/// Runs a command with everything logged; nothing of the files is on standard error.
#[track_caller]
fn quiet(desk: &Desk, line: &str) -> Ended {
    let mut command = desk.command(&line.split_whitespace().collect::<Vec<_>>());
    let output = command.args(["-v", "-v", "-v"]).env("ROSTERD_LOG", "trace").output().unwrap();
    let err = String::from_utf8(output.stderr).unwrap();
    for canary in CANARIES {
        assert!(!err.contains(canary), "{line} says {canary:?} on standard error:\n{err}");
    }
    Ended { code: output.status.code().unwrap(), out: String::from_utf8(output.stdout).unwrap(), err }
}

#[test]
fn nothing_of_the_files_is_logged_at_any_level() {
    let desk = Desk::new();
    set(&desk, "set");
    let check = quiet(&desk, "check set --results out");
    assert_eq!(check.code, 4, "{check:?}");
    assert!(check.out.contains("students.csv") && check.err.contains("the command has ended"), "{check:?}");
    quiet(&desk, "preview set --format json");
    let first = quiet(&desk, "ingest set --results out");
    assert!([0, 3].contains(&first.code) && first.err.contains("run.id"), "{first:?}");
    quiet(&desk, "ingest set");
    for other in
        ["runs list", "runs holds", "patrons list", "district show default", "district site-map", "patrons export"]
    {
        quiet(&desk, other);
    }
    let patrons = quiet(&desk, "patrons list");
    assert!(patrons.out.contains("Zwitscher"), "reports may name people, and this one does: {patrons:?}");
}

#[test]
fn nothing_of_the_files_is_in_the_text_of_a_failure() {
    let desk = Desk::new();
    set(&desk, "set");
    assert!([0, 3].contains(&quiet(&desk, "ingest set").code));
    let text = std::fs::read_to_string(desk.path("set/students.csv")).unwrap();
    desk.write("set/students.csv", text.replace("Li,", "Gimpel,").replace("H1,CANARYID7,,Eva,Gimpel,,5,,,,,,\n", ""));
    desk.write("set/enrollments.csv", "School_id,Section_id,Student_id\nH1,C1,CANARYID4\n");
    let tables = ["patrons", "entities", "records", "enrolled", "changes", "runs"];
    for table in tables {
        let stop = |event: &str| {
            format!("CREATE TRIGGER stop_{event} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, 'no space'); END;")
        };
        desk.database().execute_batch(&["INSERT", "UPDATE", "DELETE"].map(stop).concat()).unwrap();
        let ended = quiet(&desk, "ingest set");
        assert!(ended.code == 1 && ended.err.contains("no space"), "{table}: {ended:?}");
        let go_on = |event: &str| format!("DROP TRIGGER stop_{event};");
        desk.database().execute_batch(&["INSERT", "UPDATE", "DELETE"].map(go_on).concat()).unwrap();
    }
    let twin = "INSERT INTO patrons (first_name, last_name) VALUES ('Bo', 'Gimpel');
        CREATE UNIQUE INDEX one_of_each ON patrons (first_name, last_name) WHERE last_name = 'Gimpel'";
    desk.database().execute_batch(twin).unwrap();
    let ended = quiet(&desk, "ingest set");
    assert!(ended.code == 1 && ended.err.contains("UNIQUE"), "{ended:?}");
}

#[test]
fn nothing_of_the_files_is_said_of_a_set_or_a_database_that_cannot_be_read() {
    let desk = Desk::new();
    set(&desk, "set");
    desk.write("set/students.zip", "Canarina Zwitscher, 7700771");
    quiet(&desk, "check set");
    std::fs::remove_file(desk.path("set/students.zip")).unwrap();
    let cut = std::fs::read(desk.path("set/students.csv")).unwrap();
    desk.write("set/students.csv", &cut[..cut.len() / 2]);
    assert_eq!(quiet(&desk, "ingest set").code, 4);
    desk.write("set/students.csv", [cut.as_slice(), b"\xFF\xFE\x81"].concat());
    quiet(&desk, "ingest set");
    desk.write("rosterd.db", "Canarina Zwitscher 7700771, which is no database at all".repeat(400));
    assert_eq!(quiet(&desk, "ingest set").code, 1);
    assert_eq!(quiet(&desk, "patrons list").code, 1);
    std::fs::remove_dir_all(desk.path("set")).unwrap();
    assert_eq!(quiet(&desk, "check set").code, 2);
}

/// Nothing of the files is in `text`, which comes from `whence`.
#[track_caller]
fn silent(whence: &str, text: &str) {
    for canary in CANARIES {
        assert!(!text.contains(canary), "{whence} says {canary:?}:\n{text}");
    }
}

/// What a running service answers to a scrape.
fn scraped(port: u16) -> String {
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

#[test]
fn nothing_of_the_files_is_in_what_the_service_logs_shows_counts_and_writes_to_people() {
    let port = free_port();
    let settings = "[notify]\nemail = [\"it@springfield.example\"]\n[set]\nstaff = \"ignored\"\n";
    let mut daemon = Daemon::prepared(&["springfield"], settings);
    // Nobody listens there, so that letters stay where they can be read.
    let config = format!(
        "[serve]\nlisten = \"127.0.0.1:{port}\"\nscan_interval = \"1s\"\nlog = \"json\"\n[serve.mail]\nserver = \"smtp://127.0.0.1:{}\"\n\
         from = \"rosterd@vendor.example\"\nto = [\"ops@vendor.example\"]\n",
        free_port()
    );
    daemon.desk.write("rosterd.toml", config);
    daemon.start();
    set(&daemon.desk, "set");
    for name in crate::support::names_in(&daemon.desk.path("set")) {
        let bytes = std::fs::read(daemon.desk.path("set").join(&name)).unwrap();
        daemon.put("springfield", &name, bytes);
    }
    daemon.until("it has run", |daemon| daemon.reports("springfield") == 1);
    let students = std::fs::read_to_string(daemon.desk.path("set/students.csv")).unwrap();
    daemon.put("springfield", "students.csv", format!("{students}H1,REFUSEDID,,\"Canarina"));
    daemon.until("the cut file is rejected and people are told", |daemon| {
        !daemon.desk.store().letters().unwrap().is_empty()
    });
    daemon.until("the run is counted", |_| scraped(port).contains("rosterd_runs_total{"));

    let letters = daemon.desk.store().letters().unwrap();
    for letter in &letters {
        silent("a letter", &format!("{} {}", letter.subject, letter.body));
    }
    assert!(letters[0].body.contains("Newest run: ") && letters[0].body.contains(" rows read, "), "{letters:?}");
    silent("/metrics", &scraped(port));
    for line in ["status", "status --format json"] {
        silent(line, &daemon.desk.line(line).out);
    }
    assert_eq!(daemon.end(), Some(0));
    let log = std::fs::read_to_string(daemon.desk.path("serve.log")).unwrap();
    silent("the log", &log);
    let events = log.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let ended: Vec<Value> = events.filter(|event| event["message"] == "the run has ended").collect();
    assert_eq!((ended.len(), &ended[1]["district.id"]), (2, &"springfield".into()), "{log}");
    assert!(ended[0]["row.count"].as_u64().unwrap() > 10, "{log}");
}
