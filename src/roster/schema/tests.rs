//! What the loader accepts, and the sentence for everything that it does not.

use serde_json::{Value, json};

use super::*;

/// The shipped files of Clever's format as JSON, to be changed and loaded again.
fn clever(file: &str) -> Value {
    let path = format!("{}/schemas/clever-csv/{file}", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).expect("a shipped file")).expect("JSON")
}

fn load_with(file: &str, change: impl Fn(&mut Value)) -> Result<SchemaSet, SchemaError> {
    load(&|name| {
        let mut text = clever(name);
        if name == file {
            change(&mut text);
        }
        Ok(text.to_string())
    })
}

/// The complaint about the shipped format after `change`.
fn complaint(file: &str, change: impl Fn(&mut Value)) -> String {
    load_with(file, change).expect_err("the change makes it wrong").to_string()
}

fn field<'a>(schema: &'a mut Value, name: &str) -> &'a mut Value {
    let fields = schema["fields"].as_array_mut().expect("fields");
    fields.iter_mut().find(|field| field["name"] == name).expect("the column")
}

#[test]
fn every_shipped_format_loads_and_has_every_kind() {
    for name in shipped_names() {
        let set = shipped(name).expect("it is built in").expect("it is right");
        assert_eq!(set.name, name);
        for kind in FileKind::ALL {
            assert!(set.of(kind).is_some(), "{name} has no {kind}");
        }
    }
    assert!(shipped("oneroster").is_none());
}

#[test]
fn the_shipped_students_say_what_the_specification_says() {
    let set = shipped("clever-csv").expect("built in").expect("right");
    let students = set.of(FileKind::Students).expect("students");
    let required: Vec<&str> = students.columns.iter().filter(|c| c.required).map(|c| c.name.as_str()).collect();
    assert_eq!(required, ["School_id", "Student_id", "Last_name", "First_name"]);
    let column = |name: &str| students.columns.iter().find(|column| column.name == name).expect("a column");
    assert_eq!(column("Grade").allowed.as_ref().map(Vec::len), Some(20));
    assert_eq!(column("Home_language").allowed.as_ref().map(Vec::len), Some(47));
    assert_eq!(column("Contact_type").required_with, [students.feeding(Field::ContactName).expect("a column")]);
    assert!(column("Password").secret && column("Student_number").unique);
    assert!(students.fold && students.references[0].holds_person);
    let sections = set.of(FileKind::Sections).expect("sections");
    let teachers = sections.columns.iter().filter(|column| column.field == Some(Field::Teacher));
    assert_eq!(teachers.count(), 10);
    let staff: Vec<&Schema> = set.schemas.iter().filter(|schema| schema.kind == FileKind::Staff).collect();
    assert_eq!((staff[0].name.as_str(), staff[1].name.as_str()), ("staff", "admins"));
    assert_eq!(staff[0].references[0].always_known, ["DEFAULT_DISTRICT_OFFICE"]);
}

#[test]
fn the_hash_changes_with_every_byte_of_a_schema() {
    let as_shipped = load_with("", |_| ()).expect("right").hash;
    assert_eq!(load_with("", |_| ()).expect("right").hash, as_shipped);
    let changed =
        load_with("students.json", |schema| field(schema, "Grade")["description"] = json!("x")).expect("right");
    assert_ne!(changed.hash, as_shipped);
}

/// A change that makes a schema wrong, and what the complaint says.
type Slip = (fn(&mut Value), &'static str);

#[test]
fn a_slip_is_named_with_its_place_and_what_was_meant() {
    let cases: Vec<Slip> = vec![
        (
            |s| field(s, "DOB")["type"] = json!("dat"),
            "students.json, fields[10].type: \"dat\" is not a type that can be checked; did you mean \"date\"?",
        ),
        (|s| field(s, "DOB")["format"] = json!("%m/%Q/%Y"), "fields[10].format: \"%Q\" in the date format"),
        (|s| field(s, "DOB")["format"] = json!("any"), "leaves open what is day and what month"),
        (
            |s| field(s, "Last_name")["format"] = json!("e-mail"),
            "fields[4].format: \"e-mail\" is not a format of text that can be checked; did you mean \"email\"?",
        ),
        (
            |s| field(s, "Grade")["rosterd"]["normalise"] = json!("grades"),
            "fields[7].rosterd.normalise: \"grades\" is not a normaliser; did you mean \"grade\"?",
        ),
        (|s| field(s, "Grade")["rosterd"]["normalise"] = json!("date"), "need each other"),
        (
            |s| field(s, "Grade")["rosterd"]["field"] = json!("levell"),
            "\"levell\" is not a field of the roster; did you mean \"level\"?",
        ),
        (
            |s| field(s, "Grade")["rosterd"]["feild"] = json!("level"),
            "the key \"feild\" is not understood; did you mean \"field\"?",
        ),
        (
            |s| field(s, "Grade")["constraints"]["requird"] = json!(true),
            "the key \"requird\" is not understood; did you mean \"required\"?",
        ),
        (|s| field(s, "Grade")["trueValues"] = json!(["ja"]), "the key \"trueValues\" is not understood"),
        (|s| field(s, "Grade")["constraints"]["enum"] = json!([]), "an empty list allows nothing"),
        (|s| field(s, "Grade")["constraints"]["enum"] = json!([1, 2]), "1 is not a value of this column's type"),
        (
            |s| field(s, "Grade")["constraints"]["minimum"] = json!(1),
            "fields[7].constraints.minimum: \"minimum\" does not go with the type",
        ),
        (
            |s| field(s, "Grade")["constraints"]["required"] = json!("yes"),
            "students.json, fields[7].constraints.required: invalid type: string \"yes\", expected a boolean",
        ),
        (
            |s| field(s, "Student_zip")["constraints"]["pattern"] = json!("[0-9"),
            "constraints.pattern: the pattern cannot be read: unclosed character class",
        ),
        (|s| field(s, "Student_zip")["constraints"]["pattern"] = json!("(?=a)b"), "look-around"),
        (
            |s| field(s, "Contact_type")["rosterd"]["required_with"] = json!(["Contact_nam"]),
            "rosterd.required_with[0]: \"Contact_nam\" is not a column of this file; did you mean \"Contact_name\"?",
        ),
        (
            |s| s["primaryKey"] = json!(["Studentid"]),
            "primaryKey[0]: \"Studentid\" is not a column of this file; did you mean \"Student_id\"?",
        ),
        (
            |s| s["primaryKey"] = json!(["School_id", "Student_id"]),
            "students.json, primaryKey: students are known by \"Student_id\", which feeds \"id\"; make that the key",
        ),
        (
            |s| field(s, "Student_id")["constraints"]["required"] = json!(false),
            "fields[1].constraints.required: \"Student_id\" is the key, and must be required",
        ),
        (
            |s| s["foreignKeys"][0]["reference"]["fields"] = json!(["School_number"]),
            "foreignKeys[0].reference.fields: rows of \"schools\" are known by \"School_id\"; refer to that",
        ),
        (|s| s["primaryKey"] = json!([]), "primaryKey: the columns that make a row unique are missing"),
        (
            |s| s["foreignKeys"][0]["fields"] = json!(["Schol_id"]),
            "foreignKeys[0].fields[0]: \"Schol_id\" is not a column",
        ),
        (
            |s| s["foreignKeys"][0]["reference"]["resource"] = json!("school"),
            "\"school\" is not a resource of this package; did you mean \"schools\"?",
        ),
        (|s| s["foreignKeys"][0]["reference"]["resource"] = json!(""), "a file cannot refer to itself"),
        (
            |s| s["foreignKeys"][0]["reference"]["fields"] = json!(["School_nr"]),
            "\"School_nr\" is not a column of the resource",
        ),
        (|s| s["foreignKeys"][0]["reference"]["fields"] = json!([]), "as many columns"),
        (
            |s| field(s, "Student_city")["name"] = json!("STUDENT STREET"),
            "fields[23].name: the header \"STUDENT STREET\" already means the column \"Student_street\"",
        ),
        (
            |s| field(s, "Student_city")["rosterd"]["aliases"] = json!(["first name"]),
            "fields[23].rosterd.aliases[0]: the header \"first name\" already means the column \"First_name\"",
        ),
        (
            |s| field(s, "Student_id")["rosterd"] = json!({}),
            "students.json, fields: no column feeds \"id\", without which students cannot be read",
        ),
        (|s| field(s, "Student_city")["rosterd"]["field"] = json!("state"), "two columns feed \"state\""),
        (|s| field(s, "Password")["rosterd"]["field"] = json!("notes"), "a secret column is never kept"),
        (|s| s["rosterd"]["kind"] = json!("pupils"), "students.json, rosterd.kind: \"pupils\" is not a file kind"),
        (|s| s["rosterd"]["kind"] = json!("student"), "did you mean \"students\"?"),
        (|s| s["rosterd"] = json!({"fold": true}), "missing key `kind`"),
        (
            |s| s["rosterd"]["file_names"] = json!(["staff"]),
            "the file name \"staff\" already means the resource \"staff\"",
        ),
    ];
    for (change, expected) in cases {
        let message = complaint("students.json", change);
        assert!(message.contains(expected), "{message}\ndoes not say\n{expected}");
    }
}

#[test]
fn a_wrong_package_is_refused_before_any_file_outside_is_asked_for() {
    let schema_name = |name: &'static str| move |package: &mut Value| package["resources"][0]["schema"] = json!(name);
    for name in ["../secret.json", "/etc/passwd", "", "a\\b.json", "http://example.org/x.json"] {
        let message = complaint("datapackage.json", schema_name(name));
        assert!(
            message.starts_with("datapackage.json, resources[0].schema: ") && message.contains("in this folder"),
            "{message}"
        );
    }
    let message = complaint("datapackage.json", |package| package["rosterd"]["version"] = json!(2));
    assert!(message.contains("edition 2 of these properties is newer"), "{message}");
}

#[test]
fn only_people_can_be_held() {
    let message =
        complaint("sections.json", |schema| schema["foreignKeys"][0]["rosterd"] = json!({"holds_person": true}));
    assert!(message.contains("sections are not people"), "{message}");
}

#[test]
fn a_file_that_cannot_be_read_or_is_no_json_is_named() {
    let missing = load(&|name| Err(format!("no such file as {name}"))).expect_err("nothing is there").to_string();
    assert_eq!(missing, "datapackage.json: no such file as datapackage.json");
    let broken = load(&|_| Ok("{\"name\": ".into())).expect_err("no JSON").to_string();
    assert!(broken.starts_with("datapackage.json") && broken.contains("line 1 column"), "{broken}");
}

#[test]
fn the_first_edition_of_the_standard_is_read_too() {
    let set = load_with("schools.json", |schema| {
        schema["primaryKey"] = json!("School_id");
        schema["missingValues"] = json!(["", "NULL", {"value": "n/a", "label": "not known"}]);
    });
    let schools = set.expect("right").of(FileKind::Schools).cloned().expect("schools");
    assert_eq!((schools.primary_key, schools.missing_values), (vec![0], vec!["NULL".to_owned(), "n/a".to_owned()]));
}
