//! `rosterd status`: in one screen, as JSON, and as an exit code; with and without a service, and without a store.

use rosterd::store::{AlarmRow, DeliveryRow};

use crate::support::Desk;

fn delivery(district: &str) -> DeliveryRow {
    DeliveryRow {
        district: district.into(),
        source: "drop_folder".into(),
        arrived_at: "2026-11-20T11:00:00Z".into(),
        batch: "sha256:0".into(),
        mode: "full".into(),
        ..DeliveryRow::default()
    }
}

const AT_NOON: &str = "--now 2026-11-20T12:00:00Z";

#[test]
fn without_a_store_all_is_well_and_nothing_is_created() {
    let desk = Desk::new();
    let ended = desk.line("status");
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.err.contains("there is no database rosterd.db yet"), "{ended:?}");
    assert!(ended.out.starts_with("Healthy: there is no database yet, and nothing waits.\n"), "{ended:?}");
    assert_eq!(desk.line("status --format json").json()["verdict"], "healthy");
    assert_eq!(desk.files(), Vec::<String>::new());
}

#[test]
fn what_waits_without_a_service_is_not_healthy() {
    let desk = Desk::new().with_district("springfield");
    assert_eq!(desk.line("status").code, 0);
    desk.store().put_delivery(0, &delivery("springfield")).unwrap();
    let ended = desk.line(&format!("status {AT_NOON}"));
    assert_eq!(ended.code, 1, "{ended:?}");
    for words in [
        "Not healthy: 1 delivery waits, and no service runs; start it with `rosterd serve`.\n",
        "Service   does not run, and never did with this store\n",
        "Waiting   1 delivery\n",
        "  springfield: 1 delivery (the oldest for 60 min)\n",
        "rosterd.db takes ",
        ", SQLite 3.",
        ", time zones 20",
    ] {
        assert!(ended.out.contains(words), "{words:?} is missing in\n{}", ended.out);
    }
    let json = desk.line(&format!("status {AT_NOON} --format json")).json();
    assert_eq!((&json["waiting"]["deliveries"], &json["service"]["is_running"]), (&1.into(), &false.into()));
}

#[test]
fn a_service_that_holds_the_lock_runs() {
    let desk = Desk::new().with_district("springfield");
    let store = desk.store();
    store.put_delivery(0, &delivery("springfield")).unwrap();
    for (name, value) in [("started_at", "2026-11-18T02:00:00Z"), ("looked_at", "2026-11-20T11:59:58Z")] {
        store.put_service_note(name, value).unwrap();
    }
    std::fs::create_dir_all(desk.path("rosterd.db.d")).unwrap();
    let lock = std::fs::File::create(desk.path("rosterd.db.d/serve.lock")).unwrap();
    lock.lock().unwrap();
    let ended = desk.line(&format!("status {AT_NOON}"));
    assert_eq!(ended.code, 0, "{ended:?}");
    assert!(ended.out.contains("Service   runs since 2026-11-18 02:00 UTC, last look 2 s ago\n"), "{ended:?}");
    drop(lock);
    assert_eq!(desk.line(&format!("status {AT_NOON}")).code, 1);
}

#[test]
fn an_alarm_is_shown_with_what_to_do_and_changes_the_exit_code() {
    let desk = Desk::new().with_district("springfield");
    let store = desk.store();
    let alarm = |code: &str, cleared_at: &str| AlarmRow {
        code: code.into(),
        since: "2026-11-20T05:00:00Z".into(),
        cleared_at: cleared_at.into(),
        ..AlarmRow::default()
    };
    store.put_alarm(&alarm("disk_full", "2026-11-20T06:00:00Z")).unwrap();
    assert_eq!(desk.line("status").code, 0, "what is over is no alarm any more");
    store.put_alarm(&alarm("nothing_received", "")).unwrap();
    let ended = desk.line("status");
    assert_eq!(ended.code, 3, "{ended:?}");
    assert!(ended.out.contains("Late      springfield\n"), "{ended:?}");
    assert!(ended.out.contains("         rosterd runs list --district springfield\n"), "{ended:?}");
    store.put_alarm(&alarm("folder_missing", "")).unwrap();
    assert_eq!(desk.line("status").code, 1);
    let json = desk.line("status --format json").json();
    assert_eq!(json["alarms"][0]["code"], "folder_missing");
    assert_eq!(json["late"][0], "springfield");
}

#[test]
fn holds_and_questions_are_counted() {
    let desk = Desk::new().with_district("default");
    std::fs::create_dir(desk.path("set")).unwrap();
    let student = |number: usize| format!("H1,S{number:03},Ann,Li{number},5\n");
    let students = |count: usize| {
        let rows: String = (0..count).map(student).collect();
        desk.write("set/students.csv", format!("School_id,Student_id,First_name,Last_name,Grade\n{rows}"));
    };
    desk.write("set/schools.csv", "School_id,School_name,School_number\nH1,Hollyhock,1\n");
    desk.write("set/teachers.csv", "School_id,Teacher_id,First_name,Last_name\nH1,T1,Bo,Li\n");
    desk.write("set/sections.csv", "School_id,Section_id,Teacher_id,Name\nH1,C1,T1,Art\n");
    desk.write("set/enrollments.csv", "School_id,Section_id,Student_id\nH1,C1,S001\n");
    students(40);
    desk.line("ingest set").well();
    students(20);
    assert_eq!(desk.line("ingest set").code, 3);
    let ended = desk.line("status");
    assert_eq!(ended.code, 3, "{ended:?}");
    assert!(ended.out.starts_with("Needs a person: somebody should look at "), "{ended:?}");
    let json = desk.line("status --format json").json();
    assert!(json["waiting"]["holds"].as_u64().unwrap() > 0, "{json}");
    assert_eq!(json["districts"][0]["newest_outcome"], "held");
}
