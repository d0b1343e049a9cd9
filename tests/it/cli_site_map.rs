//! `district site-map`.

use rosterd::roster::FileKind;
use rosterd::roster::entities::{Known, State};
use rosterd::roster::record::Packer;
use rosterd::roster::schema::Field;
use rosterd::store::EntityRow;
use serde_json::json;

use crate::support::Desk;

/// Puts schools into the roster of `default`, as a run would.
fn with_schools(desk: &Desk, schools: &[(&str, &str)]) {
    let (seq, store) = (desk.seq("default"), desk.store());
    for ((id, name), number) in schools.iter().zip(0..) {
        let known = Known { state: State::Present, ..Known::default() };
        let kind = FileKind::Schools;
        let row = EntityRow { kind, number, id, known, evidence: "", line: 2, left: false };
        store.put_entity(seq, 1, "2026-11-20", &row).unwrap();
        let mut packer = Packer::default();
        packer.push(Field::Id, id);
        packer.push(Field::Name, name);
        store.put_record(seq, kind, number, packer.bytes(), None).unwrap();
    }
}

fn site_map(desk: &Desk) -> Vec<(String, String)> {
    let json = desk.line("district site-map --format json").json();
    let pair = |row: &serde_json::Value| {
        let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
        (text("school"), if text("state") == "mapped" { text("site") } else { text("state") })
    };
    json.as_array().unwrap().iter().map(pair).collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    expected.iter().map(|(school, site)| ((*school).to_owned(), (*site).to_owned())).collect()
}

#[test]
fn a_new_district_can_begin_with_its_sites() {
    let desk = Desk::new();
    let ended = desk.line("district site-map 1042 MAIN --district springfield");
    assert!(ended.err.contains("district springfield is new and was created with default settings"), "{ended:?}");
    assert_eq!(ended.well(), "School 1042: unmapped -> site MAIN\n");
    assert!(desk.line("district list").well().contains("springfield"));
    let json = desk.line("district site-map --district springfield --format json").json();
    assert_eq!(json, json!([{"school": "1042", "name": null, "site": "MAIN", "state": "mapped"}]));
}

#[test]
fn schools_are_mapped_ignored_and_cleared() {
    let desk = Desk::new().with_district("default");
    with_schools(&desk, &[("1042", "North"), ("1043", "South"), ("1044", "West")]);
    desk.line("district site-map 1042 MAIN").well();
    desk.line("district site-map 1043 --ignore").well();
    assert_eq!(site_map(&desk), pairs(&[("1042", "MAIN"), ("1043", "ignored"), ("1044", "unmapped")]));
    let text = desk.line("district site-map").well();
    assert!(text.contains("North") && text.contains("site MAIN") && text.contains("unmapped"), "{text}");

    assert_eq!(desk.line("district site-map 1042 EAST").well(), "School 1042: site MAIN -> site EAST\n");
    assert_eq!(desk.line("district site-map 1042 --clear").well(), "School 1042: site EAST -> unmapped\n");
    desk.line("district site-map 1042 --clear").refused(2, &["nothing was decided about school \"1042\""]);
    assert_eq!(site_map(&desk), pairs(&[("1042", "unmapped"), ("1043", "ignored"), ("1044", "unmapped")]));
}

#[test]
fn one_school_can_be_asked_for() {
    let desk = Desk::new().with_district("default");
    with_schools(&desk, &[("1042", "North"), ("1043", "South")]);
    let text = desk.line("district site-map 1042").well();
    assert!(text.contains("North") && !text.contains("South"), "{text}");
    desk.line("district site-map 1045").refused(2, &["no school \"1045\" is known here; did you mean"]);
}

#[test]
fn a_school_that_the_roster_lacks_is_remembered_with_a_note() {
    let desk = Desk::new().with_district("default");
    with_schools(&desk, &[("1042", "North")]);
    let ended = desk.line("district site-map 1050 NEW");
    assert!(ended.err.contains("the roster has no school 1050"), "{ended:?}");
    assert_eq!(site_map(&desk), pairs(&[("1042", "unmapped"), ("1050", "NEW")]));
}

#[test]
fn many_come_from_a_spreadsheet_and_a_wrong_one_changes_nothing() {
    let desk = Desk::new();
    desk.write("sites.csv", "\u{FEFF}School_id,School name,Site\r\n1042,North,MAIN\r\n1043,South,\r\n");
    desk.line("district site-map --from sites.csv").well();
    let expected = pairs(&[("1042", "MAIN"), ("1043", "ignored")]);
    assert_eq!(site_map(&desk), expected);

    desk.write("bad.csv", "school,site\n1042,EAST\n,X\n1043\n");
    desk.line("district site-map --from bad.csv").refused(2, &["bad.csv line 3: ", "bad.csv line 4: "]);
    desk.write("latin.csv", b"school,site\n1042,\xC9cole\n");
    desk.line("district site-map --from latin.csv").refused(2, &["latin.csv is not UTF-8"]);
    desk.line("district site-map --from absent.csv").refused(2, &["failed to read absent.csv"]);
    assert_eq!(site_map(&desk), expected);
}

#[test]
fn a_blank_site_is_asked_about() {
    let desk = Desk::new();
    desk.run(&["district", "site-map", "1042", " "]).refused(2, &["--ignore", "--clear"]);
    assert_eq!(desk.files(), Vec::<String>::new());
}
