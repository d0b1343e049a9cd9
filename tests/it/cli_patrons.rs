//! `patrons list`, `show`, `set` and `export`.

use rosterd::roster::FileKind;
use rosterd::roster::entities::{Known, State};
use rosterd::store::EntityRow;
use rosterd::write::COLUMNS;
use serde_json::{Value, json};

use crate::support::{Desk, Ended};

/// A district with two patrons of the library's own.
fn library() -> Desk {
    let desk = Desk::new().with_district("default");
    desk.database()
        .execute_batch(
            "INSERT INTO patrons (patron_id, first_name, last_name, barcode, site, notes)
                VALUES (17, 'Zoë', 'Núñez', '000123', 'MAIN', '=1+1');
             INSERT INTO patrons (patron_id, first_name, last_name, email, status) VALUES (18, 'Ann', 'O''Brien', NULL, 3);
             INSERT INTO patrons (patron_id, district, last_name) VALUES (19, 'elsewhere', 'Hidden');
             DELETE FROM patron_edits;",
        )
        .unwrap();
    desk
}

fn edited(desk: &Desk) -> Vec<i64> {
    let database = desk.database();
    let mut statement = database.prepare("SELECT patron_id FROM patron_edits ORDER BY 1").unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

fn keys(value: &Value) -> Vec<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn a_list_shows_the_districts_own_patrons_only() {
    let text = library().line("patrons list").well();
    assert!(text.contains("Núñez") && text.contains("3 suspended") && text.ends_with("2 patrons.\n"), "{text}");
    assert!(!text.contains("Hidden") && !text.contains('\u{1b}'), "{text}");
}

#[test]
fn a_list_as_json_has_every_column_in_order() {
    let json = library().line("patrons list --format json").json();
    assert_eq!(json.as_array().unwrap().len(), 2);
    assert_eq!(keys(&json[0]), COLUMNS);
    assert_eq!(
        (&json[0]["patron_id"], &json[0]["status"], &json[0]["barcode"]),
        (&17.into(), &1.into(), &"000123".into())
    );
    assert_eq!(json[1]["email"], "", "NULL is blank");
}

#[test]
fn patrons_without_a_run_yet_are_listed_under_their_district() {
    let text = library().line("patrons list --district elsewhere").well();
    assert!(text.contains("Hidden"), "{text}");
}

#[test]
fn an_export_as_csv_has_the_columns_and_no_formula() {
    let desk = library();
    let text = desk.line("patrons export").well();
    assert_eq!(text, desk.line("patrons export --format csv").well());
    let mut csv = csv::Reader::from_reader(text.as_bytes());
    assert_eq!(csv.headers().unwrap(), &COLUMNS[..]);
    let rows: Vec<csv::StringRecord> = csv.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 2);
    let cell = |name: &str| &rows[0][COLUMNS.iter().position(|column| *column == name).unwrap()];
    assert_eq!((cell("barcode"), cell("notes"), cell("first_name")), ("000123", "'=1+1", "Zoë"));
}

#[test]
fn an_export_as_json_lines_and_as_json_say_the_same() {
    let desk = library();
    let lines = desk.line("patrons export --format ndjson").well();
    let objects: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(keys(&objects[0]), COLUMNS);
    assert_eq!(objects[0]["notes"], "=1+1", "programs get the value as it is");
    assert_eq!(Value::Array(objects), desk.line("patrons export --format json").json());
    assert_eq!(edited(&desk), Vec::<i64>::new(), "looking is no edit");
}

#[test]
fn showing_a_patron_tells_every_field_and_whom_it_is_linked_to() {
    let desk = library();
    let known = Known { state: State::Present, patron: 17, ..Known::default() };
    let evidence = "student_number, birthdate";
    let row = EntityRow { kind: FileKind::Students, number: 0, id: "S004", known, evidence, line: 2, left: false };
    desk.store().put_entity(desk.seq("default"), 1, "2026-11-20", &row).unwrap();

    let text = desk.line("patrons show 17").well();
    assert!(text.contains("linked to students:S004 (evidence: student_number, birthdate)"), "{text}");
    assert!(COLUMNS.iter().all(|column| text.contains(column)), "{text}");
    let json = desk.line("patrons show 17 --format json").json();
    assert_eq!(json["last_name"], "Núñez");
    let person =
        json!({"kind": "students", "id": "S004", "evidence": evidence, "first_seen": "2026-11-20", "last_seen": null});
    assert_eq!(json["people"], json!([person]));
    assert!(desk.line("patrons show 18").well().contains("linked to nobody"));
}

#[test]
fn an_unknown_patron_or_one_of_another_district_is_refused() {
    let desk = library();
    for patron in [99, 19] {
        desk.line(&format!("patrons show {patron}"))
            .refused(2, &[&format!("there is no patron {patron} in district \"default\"")]);
        desk.line(&format!("patrons set {patron} notes=x")).refused(2, &["there is no patron"]);
    }
    assert_eq!(edited(&desk), Vec::<i64>::new());
}

#[test]
fn setting_fields_is_an_edit_of_the_librarys_and_tells_before_and_after() {
    let desk = library();
    let words = ["patrons", "set", "17", "status=3", "notes=lost two books", "site=", "--now", "2026-11-20T02:00:00Z"];
    let text = desk.run(&words).well();
    assert_eq!(text, "Patron 17\n  status: 1 -> 3\n  notes: =1+1 -> lost two books\n  site: MAIN -> (blank)\n");
    assert_eq!(edited(&desk), [17]);
    let json = desk.line("patrons show 17 --format json").json();
    let values = ["status", "notes", "site", "updated_at"].map(|column| json[column].clone());
    assert_eq!(values, [json!(3), json!("lost two books"), json!(""), json!("2026-11-20T02:00:00Z")]);

    let json = desk.line("patrons set 18 email=ann@example.org --format json").json();
    assert_eq!(json, json!({"patron": 18, "fields": {"email": ["", "ann@example.org"]}}));
}

#[test]
fn setting_what_is_there_already_is_no_edit() {
    let desk = library();
    assert!(desk.line("patrons set 17 site=MAIN").well().contains("nothing was changed"));
    assert_eq!(edited(&desk), Vec::<i64>::new());
}

#[test]
fn wrong_fields_and_values_change_nothing() {
    let desk = library();
    let refused =
        |fields: &str, words: &[&str]| desk.line(&format!("patrons set 17 site=X {fields}")).refused(2, words);
    refused("barcod=1", &["no field \"barcod\"", "did you mean \"barcode\"?"]);
    refused("shoe=44", &["no field \"shoe\"", "first_name"]);
    refused("patron_id=3", &["patron_id cannot be set"]);
    refused("created_at=x", &["created_at cannot be set"]);
    refused("status=7", &["status cannot be \"7\"", "4 (transferred)"]);
    refused("birthdate=31.5.2012", &["write a day such as 2012-05-31"]);
    refused("notes=a notes=b", &["notes is given twice"]);
    assert_eq!(edited(&desk), Vec::<i64>::new());
    assert_eq!(desk.line("patrons show 17 --format json").json()["site"], "MAIN");
}

#[test]
fn text_of_a_patron_cannot_move_the_cursor() {
    let desk = library();
    desk.database().execute("UPDATE patrons SET last_name = ?", ["\u{1b}[2Jx\u{202e}"]).unwrap();
    for line in ["patrons list", "patrons show 17"] {
        let text = desk.line(line).well();
        assert!(!text.contains(['\u{1b}', '\u{202e}']), "{text:?}");
    }
}

#[test]
fn a_reader_who_leaves_early_is_no_failure() {
    let desk = library();
    let program = desk.command(&[]).get_program().to_owned();
    let script = format!("'{}' patrons export | true; exit ${{PIPESTATUS[0]}}", program.to_string_lossy());
    let mut shell = assert_cmd::Command::new("bash");
    let output = shell.current_dir(desk.path("")).args(["-c", &script]).output().unwrap();
    let ended = Ended {
        code: output.status.code().unwrap(),
        out: String::new(),
        err: String::from_utf8(output.stderr).unwrap(),
    };
    assert_eq!(ended.well(), "");
}
