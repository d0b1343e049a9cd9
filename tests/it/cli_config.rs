//! `schema`, `config check`, and what holds for every command.

use crate::support::Desk;

const SAMPLE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/clever-csv");

#[test]
fn looking_creates_no_database() {
    let desk = Desk::new();
    for line in [
        "runs list",
        "runs holds",
        "patrons list",
        "patrons export",
        "district list",
        "district site-map",
        "config check",
    ] {
        for format in ["text", "json"] {
            let ended = desk.line(&format!("{line} --format {format}"));
            assert_eq!(ended.code, 0, "{line}: {ended:?}");
            assert!(ended.err.contains("there is no database rosterd.db yet"), "{line}: {ended:?}");
            assert!(format == "text" || ended.json().is_array() || line == "config check", "{line}: {ended:?}");
        }
    }
    desk.line("runs show 019").refused(2, &["there is no run \"019\" in rosterd.db"]);
    desk.line("patrons show 1").refused(2, &["there is no patron 1"]);
    desk.line("patrons set 1 notes=x").refused(2, &["there is no database rosterd.db yet"]);
    desk.line("district show").refused(2, &["there is no district \"default\" in rosterd.db"]);
    assert_eq!(desk.files(), Vec::<String>::new());
}

#[test]
fn quiet_leaves_the_note_out_and_keeps_the_error() {
    let desk = Desk::new();
    assert_eq!(desk.line("patrons list -q").err, "");
    desk.line("district show -q").refused(2, &["error: there is no district"]);
}

#[test]
fn a_store_that_cannot_be_used_says_so() {
    let desk = Desk::new();
    desk.line("runs list --store postgres://db/rosterd").refused(2, &["not a store", "--store rosterd.db"]);
    desk.write("notes.txt", "This is a letter, and no database at all. ".repeat(40));
    desk.line("runs list --store notes.txt").refused(1, &["notes.txt is not a rosterd database"]);
    desk.write("settings.toml", "");
    desk.line("district apply settings.toml --store nowhere/rosterd.db")
        .refused(1, &["failed to create the database nowhere/rosterd.db: No such file or directory"]);
    assert_eq!(desk.files(), ["notes.txt", "settings.toml"]);
}

#[test]
fn looking_goes_on_while_somebody_writes() {
    let desk = Desk::new().with_district("default");
    let database = desk.database();
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    desk.line("runs list").well();
}

#[test]
fn wrong_usage_ends_with_2_and_help_with_0() {
    let desk = Desk::new();
    desk.line("patrons sing").refused(2, &["sing"]);
    desk.line("runs list --format csv").refused(2, &["text, json"]);
    assert!(desk.line("--help").well().contains("Example:"));
}

#[test]
fn schemas_are_shown_as_tables_and_as_json() {
    let desk = Desk::new();
    assert!(desk.line("schema list").well().contains("students.csv"));
    assert!(desk.line("schema show students").well().contains("Student_id"));
    let json = desk.line("schema show students --format json").json();
    assert_eq!((&json["schema"], &json["columns"][0]["name"]), (&"students".into(), &"School_id".into()));
    assert!(desk.line("schema list --format json").json()["schemas"].is_array());
}

#[test]
fn schemas_of_a_folder_replace_the_built_in_ones() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("mine")).unwrap();
    for entry in std::fs::read_dir(SAMPLE).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), desk.path("mine").join(entry.file_name())).unwrap();
    }
    let students = desk.path("mine/students.json");
    let text = std::fs::read_to_string(&students).unwrap();
    std::fs::write(&students, text.replace("\"Student_email\"", "\"Pupil_email\"")).unwrap();
    assert!(desk.line("schema show students --schemas mine").well().contains("Pupil_email"));

    std::fs::write(&students, text.replacen("\"required\"", "\"requird\"", 1)).unwrap();
    desk.line("schema show students --schemas mine")
        .refused(2, &["mine", "students.json", "did you mean \"required\"?"]);
    desk.line("config check --schemas mine").refused(2, &["students.json"]);
    desk.line("schema list --schemas nowhere").refused(2, &["no folder nowhere", "clever-csv"]);
}

#[test]
fn settings_files_are_tried_and_every_mistake_is_told() {
    let desk = Desk::new();
    desk.write("good.toml", "id = \"springfield\"\n");
    desk.write("bad.toml", "[guard.removals]\npercnt = 3\n");
    desk.write("worse.toml", "[reading]\nencoding = \"klingon\"\n");
    assert_eq!(desk.line("config check good.toml").well(), "good.toml: good, district springfield\n");
    let json = desk.line("config check good.toml --format json").json();
    assert_eq!(json["settings"][0]["district"], "springfield");
    let words = ["bad.toml line 2", "did you mean \"percent\"?", "worse.toml line 2", "klingon"];
    desk.line("config check good.toml bad.toml worse.toml").refused(2, &words);
    desk.line("config check absent.toml").refused(2, &["failed to read absent.toml"]);
    assert_eq!(desk.files(), ["bad.toml", "good.toml", "worse.toml"]);
}

#[test]
fn stored_settings_are_tried_without_files() {
    let desk = Desk::new().with_district("springfield");
    let text = desk.line("config check").well();
    assert!(text.contains("schemas clever-csv: good") && text.contains("district springfield"), "{text}");
    let json = desk.line("config check --format json").json();
    assert_eq!((&json["schemas"], &json["settings"][0]["district"]), (&"clever-csv".into(), &"springfield".into()));
}

#[test]
fn a_file_with_a_table_serve_is_tried_as_the_services() {
    let desk = Desk::new();
    desk.write("rosterd.toml", "[serve]\nworkers = 3\n");
    desk.write("district.toml", "id = \"springfield\"\n");
    let said = "rosterd.toml: good, the service\ndistrict.toml: good, district springfield\n";
    assert_eq!(desk.line("config check rosterd.toml district.toml").well(), said);
    assert_eq!(desk.line("config check rosterd.toml --format json").json()["settings"][0]["service"], true);
    desk.write("rosterd.toml", "[serve]\nscan_intervall = \"9s\"\n");
    let ended = desk.line("config check rosterd.toml district.toml");
    ended.refused(2, &["rosterd.toml line 2: [serve] has no key \"scan_intervall\"; did you mean \"scan_interval\"?"]);
    desk.write("rosterd.toml", "[serve.mail]\nserver = \"smtps://a:geheim@b\"\n");
    let ended = desk.line("config check rosterd.toml");
    ended.refused(2, &["serve.mail.server", "password_file"]);
    assert!(!ended.err.contains("geheim"), "{ended:?}");
}
