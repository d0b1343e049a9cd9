//! `district list`, `show` and `apply`.

use crate::support::{Desk, mode};

#[test]
fn applying_creates_a_private_database_and_says_what_it_did() {
    let desk = Desk::new();
    desk.write("springfield.toml", "id = \"springfield\"\nname = \"Springfield Public Schools\"\n");
    let text = desk.line("district apply springfield.toml").well();
    assert!(text.starts_with("District springfield: created."), "{text}");
    assert!(text.contains("name: \"\" -> \"Springfield Public Schools\""), "{text}");
    assert_eq!(mode(&desk.path("rosterd.db")), 0o600);

    let again = desk.line("district apply springfield.toml --format json").json();
    assert_eq!(again, serde_json::json!({"district": "springfield", "action": "unchanged", "changes": {}}));
}

#[test]
fn applying_again_tells_the_keys_that_changed() {
    let desk = Desk::new().with_district("springfield");
    desk.write(
        "settings.toml",
        "id = \"springfield\"\n[guard.removals]\npercent = 20\n[map.students]\nbarcode = \"sis_id\"\n",
    );
    let json = desk.line("district apply settings.toml --format json").json();
    assert_eq!(json["action"], "updated");
    assert_eq!(json["changes"]["guard.removals.percent"], serde_json::json!(["10.0", "20.0"]));
    assert_eq!(json["changes"]["map.students.barcode"], serde_json::json!([null, "\"sis_id\""]));
    assert_eq!(json["changes"].as_object().unwrap().len(), 2);
}

#[test]
fn wrong_settings_change_nothing() {
    let desk = Desk::new();
    desk.write("bad.toml", "[sync]\nstudnts = true\n");
    desk.line("district apply bad.toml").refused(2, &["bad.toml line 2", "did you mean \"students\"?"]);
    desk.line("district apply absent.toml").refused(2, &["failed to read absent.toml"]);
    assert_eq!(desk.files(), ["bad.toml"], "no database was created");
}

#[test]
fn the_option_names_the_district_where_the_file_does_not() {
    let desk = Desk::new();
    desk.write("any.toml", "name = \"Any\"\n");
    desk.line("district apply any.toml --district shelbyville").well();
    desk.write("springfield.toml", "id = \"springfield\"\n");
    desk.line("district apply springfield.toml --district shelbyville")
        .refused(2, &["\"springfield\"", "\"shelbyville\""]);
    let json = desk.line("district list --format json").json();
    assert_eq!(json.as_array().unwrap().len(), 1);
    assert_eq!((&json[0]["district"], &json[0]["name"]), (&"shelbyville".into(), &"Any".into()));
    assert!(desk.line("district list").well().contains("shelbyville"));
}

#[test]
fn what_is_shown_as_toml_can_be_applied_again() {
    let desk = Desk::new();
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/deploy/example-district.toml");
    desk.run(&["district", "apply", example]).well();
    desk.write("shown.toml", desk.line("district show springfield --format toml").well());
    let json = desk.line("district apply shown.toml --format json").json();
    assert_eq!(json["action"], "unchanged", "{json}");
}

#[test]
fn showing_gives_settings_and_the_roster() {
    let desk = Desk::new().with_district("springfield");
    let text = desk.line("district show springfield").well();
    assert!(
        text.starts_with("District springfield\n  no run yet\n") && text.contains("max_age_spread = \"36h\""),
        "{text}"
    );
    let json = desk.line("district show --district springfield --format json").json();
    assert_eq!(json["guard"]["removals"]["at_least"], 10);
    assert_eq!((&json["id"], &json["last_run"]), (&"springfield".into(), &serde_json::Value::Null));
}

#[test]
fn an_unknown_district_gets_the_nearest_one_and_the_way_to_create_it() {
    let desk = Desk::new().with_district("springfield");
    let words =
        ["\"springfeld\"", "perhaps you mean \"springfield\"", "rosterd district apply FILE.toml", "rosterd ingest"];
    desk.line("district show springfeld").refused(2, &words);
    for line in ["runs list", "runs holds", "patrons list", "patrons export", "district site-map"] {
        desk.line(&format!("{line} --district springfeld")).refused(2, &words);
    }
}
