//! Schemas are data: a copy of a shipped one, changed in one place, changes the verdict or the patron; a broken one is refused
//! with file and place.

use serde_json::{Value, json};

use crate::support::{Desk, Ended, repository};

/// A small district without a mistake.
const GOOD: &str = "sample-csv/bad/staff-file-absent";

/// What an edit does to a schema file.
type Edit = fn(&mut Value);

/// A desk with `set`, a delivery, and `schemas`, a copy of the shipped ones in which `edit` changed `file`.
fn desk(sample: &str, file: &str, edit: Edit) -> Desk {
    let desk = Desk::new();
    desk.copy(sample, "set");
    desk.copy("schemas/clever-csv", "schemas");
    change(&desk, file, edit);
    desk
}

fn change(desk: &Desk, file: &str, edit: Edit) {
    let path = desk.path("schemas").join(file);
    let mut schema: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    edit(&mut schema);
    std::fs::write(path, serde_json::to_vec_pretty(&schema).unwrap()).unwrap();
}

/// The column `name` of a schema.
fn column<'s>(schema: &'s mut Value, name: &str) -> &'s mut Value {
    let fields = schema["fields"].as_array_mut().unwrap();
    fields.iter_mut().find(|field| field["name"] == name).unwrap()
}

/// Replaces `old` in a file of the delivery.
fn replace(desk: &Desk, file: &str, old: &str, new: &str) {
    let path = desk.path("set").join(file);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(text.contains(old), "{file} has no {old:?}");
    std::fs::write(path, text.replace(old, new)).unwrap();
}

/// Code and column of every problem that `check` finds, each once.
fn verdict(ended: &Ended) -> Vec<String> {
    let report = ended.json();
    let problems = report["problems"].as_array().unwrap().clone();
    let mut found: Vec<String> = problems
        .iter()
        .map(|problem| format!("{} {}", problem["code"].as_str().unwrap(), problem["column"].as_str().unwrap_or("-")))
        .collect();
    found.dedup();
    found
}

/// What the shipped schemas find in the delivery, and what the changed ones do.
fn verdicts(desk: &Desk) -> (Vec<String>, Vec<String>) {
    let shipped = desk.line("check set --format json");
    let changed = desk.line("check set --format json --schemas schemas");
    (verdict(&shipped), verdict(&changed))
}

#[track_caller]
fn becomes(desk: &Desk, shipped: &[&str], changed: &[&str]) {
    let (got_shipped, got_changed) = verdicts(desk);
    assert_eq!(got_shipped, shipped, "with the shipped schemas");
    assert_eq!(got_changed, changed, "with the changed schemas");
}

/// Ingests the delivery with the changed schemas; gives `field` of the patron `number`.
fn patron(desk: &Desk, field: &str, number: &str) -> String {
    desk.line("ingest set --schemas schemas").well();
    let sql = format!("SELECT {field} FROM patrons WHERE student_number = ?");
    desk.database().query_row(&sql, [number], |row| row.get(0)).unwrap()
}

#[test]
fn an_unchanged_copy_says_what_the_shipped_one_says() {
    becomes(&desk(GOOD, "students.json", |_| ()), &[], &[]);
    let misspelled = desk("sample-csv/bad/gender-unknown", "students.json", |_| ());
    becomes(&misspelled, &["value_not_allowed Gender"], &["value_not_allowed Gender"]);
}

#[test]
fn an_enumeration_that_loses_a_word_refuses_it() {
    let without_k = |schema: &mut Value| {
        let words = column(schema, "Grade")["constraints"]["enum"].as_array_mut().unwrap();
        words.retain(|word| word != "3");
    };
    becomes(&desk(GOOD, "students.json", without_k), &[], &["value_not_allowed Grade"]);
}

#[test]
fn an_enumeration_that_gains_a_word_takes_it() {
    let desk = desk(GOOD, "students.json", |schema| {
        column(schema, "Gender")["constraints"]["enum"] = json!(["M", "F", "X", "D"]);
    });
    replace(&desk, "students.csv", ",4,M,", ",4,D,");
    becomes(&desk, &["value_not_allowed Gender"], &[]);
    assert_eq!(patron(&desk, "sex", "70003"), "D");
}

#[test]
fn a_column_that_becomes_required_refuses_blanks() {
    let desk = desk(GOOD, "teachers.json", |schema| column(schema, "Title")["constraints"] = json!({"required": true}));
    replace(&desk, "teachers.csv", "Vera,Ash,Teacher", "Vera,Ash,");
    becomes(&desk, &[], &["required_cell_blank Title"]);
    assert_eq!(desk.line("check set --schemas schemas").code, 4);
}

#[test]
fn a_column_that_becomes_required_must_be_in_the_file() {
    let edit = |schema: &mut Value| column(schema, "Username")["constraints"] = json!({"required": true});
    becomes(&desk(GOOD, "students.json", edit), &[], &["column_missing Username"]);
}

#[test]
fn a_requirement_that_is_lifted_accepts_the_row() {
    let edit = |schema: &mut Value| column(schema, "Last_name")["constraints"] = json!({"required": false});
    let desk = desk("sample-csv/bad/students-last-name-blank", "students.json", edit);
    becomes(&desk, &["required_cell_blank Last_name"], &[]);
}

#[test]
fn an_alias_makes_a_header_known() {
    let desk =
        desk(GOOD, "students.json", |schema| column(schema, "Last_name")["rosterd"]["aliases"] = json!(["Surname"]));
    replace(&desk, "students.csv", "Last_name", "SURNAME");
    let shipped = ["column_missing Last_name", "column_unknown -"];
    let (got, changed) = verdicts(&desk);
    assert!(got.iter().all(|found| shipped.contains(&found.as_str())) && got.len() == 2, "{got:?}");
    assert!(!changed.iter().any(|found| found.starts_with("column_")), "{changed:?}");
    assert_eq!(patron(&desk, "last_name", "70003"), "Núñez");
}

#[test]
fn a_pattern_is_believed() {
    let edit = |schema: &mut Value| column(schema, "Student_number")["constraints"] = json!({"pattern": "7[0-9]{5}"});
    becomes(&desk(GOOD, "students.json", edit), &[], &["value_format Student_number"]);
}

#[test]
fn what_need_not_be_unique_may_stand_twice() {
    let edit = |schema: &mut Value| column(schema, "Student_number")["constraints"] = json!({});
    let desk = desk("sample-csv/bad/student-number-twice", "students.json", edit);
    becomes(&desk, &["id_duplicate Student_number"], &[]);
}

#[test]
fn rows_of_one_key_are_folded_only_where_the_schema_says_so() {
    let edit = |schema: &mut Value| schema["rosterd"]["fold"] = json!(false);
    let desk = desk("sample-csv/bad/students-in-several-rows", "students.json", edit);
    let (shipped, changed) = verdicts(&desk);
    assert_eq!(shipped, [] as [&str; 0]);
    assert!(changed.contains(&"id_duplicate Student_id".to_owned()), "{changed:?}");
}

/// Staff known by their address instead of an id: two rows of one address are then one person.
fn known_by_email(schema: &mut Value) {
    column(schema, "Staff_id")["rosterd"] = json!({});
    column(schema, "Staff_email")["rosterd"]["field"] = json!("id");
    schema["primaryKey"] = json!(["Staff_email"]);
}

#[test]
fn another_key_is_another_identity() {
    let desk = desk("sample-csv/bad/staff-email-twice", "staff.json", known_by_email);
    let (shipped, changed) = verdicts(&desk);
    assert_eq!(shipped, ["id_duplicate Staff_email"]);
    assert!(!changed.iter().any(|found| found.starts_with("id_duplicate")), "{changed:?}");
    let report = desk.line("ingest set --schemas schemas --format json").json();
    assert_eq!(report["people"]["staff"]["created"], 2, "the two rows are one person, beside another: {report}");
}

#[test]
fn a_reference_that_is_dropped_is_not_looked_up() {
    let edit = |schema: &mut Value| {
        let keys = schema["foreignKeys"].as_array_mut().unwrap();
        keys.retain(|key| key["fields"] != json!(["School_id"]));
    };
    let desk = desk("sample-csv/bad/enrollment-at-unknown-school", "enrollments.json", edit);
    becomes(&desk, &["reference_unknown School_id"], &[]);
}

/// Adds an optional column "House" that feeds `field`.
fn house(schema: &mut Value, field: &str) {
    let fields = schema["fields"].as_array_mut().unwrap();
    fields.retain(|column| column["rosterd"]["field"] != field);
    let rosterd = json!({"aliases": ["House_name"], "field": field, "normalise": "word"});
    let constraints = json!({"enum": ["North", "South"]});
    fields.push(json!({"name": "House", "type": "string", "constraints": constraints, "rosterd": rosterd}));
}

#[test]
fn a_new_optional_column_reaches_the_patron() {
    let cases: [(&str, Edit); 2] =
        [("middle_name", |schema| house(schema, "middle_name")), ("username", |schema| house(schema, "username"))];
    for (field, edit) in cases {
        let desk = desk(GOOD, "students.json", edit);
        assert_eq!(
            verdict(&desk.line("check set --format json --schemas schemas"))
                .iter()
                .filter(|found| !found.starts_with("column_unknown"))
                .count(),
            0,
            "absent, the column is not missed"
        );
        replace(&desk, "students.csv", "School_id,", "house name,School_id,");
        let path = desk.path("set/students.csv");
        let text = std::fs::read_to_string(&path).unwrap().replace("\n1", "\nsouth,1");
        std::fs::write(path, text).unwrap();
        assert_eq!(patron(&desk, field, "70001"), "South", "{field}");
    }
}

#[test]
fn a_changed_schema_looks_at_unchanged_rows_again() {
    let desk = desk(GOOD, "students.json", |_| ());
    desk.line("ingest set --schemas schemas").well();
    assert_eq!(desk.line("ingest set --schemas schemas --format json").json()["outcome"], "no_change");
    change(&desk, "students.json", |schema| column(schema, "Middle_name")["rosterd"] = json!({"field": "notes"}));
    change(&desk, "students.json", |schema| column(schema, "Student_zip")["rosterd"]["field"] = json!("address"));
    change(&desk, "students.json", |schema| column(schema, "Student_street")["rosterd"] = json!({}));
    let report = desk.line("ingest set --schemas schemas --format json").json();
    assert_eq!(report["outcome"], "applied", "the same files mean something else now");
    let sql = "SELECT address FROM patrons WHERE student_number = '70002'";
    assert_eq!(desk.database().query_row(sql, [], |row| row.get::<_, String>(0)).unwrap(), "00512");
}

#[test]
fn what_is_shown_is_the_changed_schema() {
    let desk = desk(GOOD, "students.json", |schema| house(schema, "middle_name"));
    let table = desk.line("schema show students --schemas schemas").well();
    assert!(table.contains("House") && table.contains("North"), "{table}");
    assert!(!desk.line("schema show students").well().contains("House"));
}

#[test]
fn a_broken_schema_is_refused_with_file_and_place() {
    let cases: [(&str, Edit, &[&str]); 6] = [
        (
            "students.json",
            |schema| schema["fields"][7]["rosterd"]["normalise"] = json!("grades"),
            &["students.json, fields[7].rosterd.normalise", "\"grades\"", "did you mean \"grade\"?"],
        ),
        (
            "sections.json",
            |schema| schema["fields"][0]["constraints"]["requird"] = json!(true),
            &["sections.json, fields[0].constraints", "\"requird\"", "did you mean \"required\"?"],
        ),
        (
            "teachers.json",
            |schema| schema["primaryKey"] = json!(["Teacher_number"]),
            &["teachers.json, primaryKey", "teachers are known by \"Teacher_id\""],
        ),
        (
            "enrollments.json",
            |schema| schema["foreignKeys"][2]["reference"]["resource"] = json!("pupils"),
            &["enrollments.json, foreignKeys[2].reference.resource", "\"pupils\" is not a resource"],
        ),
        (
            "datapackage.json",
            |package| package["resources"][4]["schema"] = json!("../students.json"),
            &["datapackage.json, resources[4].schema", "is not the name of a file in this folder"],
        ),
        (
            "datapackage.json",
            |package| package["resources"][4]["schema"] = json!("pupils.json"),
            &["pupils.json", "No such file"],
        ),
    ];
    for (file, edit, words) in cases {
        let desk = desk(GOOD, file, edit);
        for line in ["check set", "ingest set", "preview set", "schema list", "schema show students", "config check"] {
            desk.line(&format!("{line} --schemas schemas")).refused(2, words);
        }
        assert_eq!(desk.files(), ["schemas", "set"], "no database for a schema that cannot be used");
    }
}

#[test]
fn what_is_no_json_is_refused_with_its_line() {
    let desk = desk(GOOD, "students.json", |_| ());
    let path = desk.path("schemas/students.json");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(path, &text[..text.len() / 2]).unwrap();
    desk.line("check set --schemas schemas").refused(2, &["students.json", "line", "schemas"]);
    desk.line("check set --schemas nowhere").refused(2, &["no folder nowhere", "clever-csv"]);
    desk.run(&["check", "set", "--schemas", repository("Cargo.toml").to_str().unwrap()])
        .refused(2, &["no folder", "Cargo.toml"]);
}
