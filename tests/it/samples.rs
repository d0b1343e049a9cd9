//! The samples of this repository: what `sample-csv/README.md` and every `expected.json` say, and what a store keeps of it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Desk, names_in, repository, tree};

/// Samples that no store takes: the set is refused as a whole. Of all others single rows or values are refused.
const REFUSED: [&str; 18] = [
    "header-doubled",
    "last-name-column-misspelled",
    "students-cut-in-mid-row",
    "students-cut-inside-quotes",
    "students-file-alone",
    "students-header-only",
    "students-inside-and-beside-zip",
    "students-is-an-excel-workbook",
    "students-open-quote",
    "students-smaller-than-manifest-says",
    "students-without-last-line-break",
    "students-without-last-name-column",
    "teachers-file-missing",
    "teachers-other-than-manifest-says",
    "too-many-refused-rows",
    "two-students-files-in-zip",
    "zip-entry-climbs-out",
    "zip-entry-is-a-link",
];

/// A desk whose store holds `sample`.
fn holding(sample: &str) -> Desk {
    let desk = Desk::new();
    desk.copy(sample, "first");
    desk.line("ingest first --as-of 2026-11-20").well();
    desk
}

/// The counts of `kind` that are not zero.
fn people(report: &Value, kind: &str) -> Value {
    let counts = report["people"][kind].as_object().unwrap().clone();
    Value::Object(counts.into_iter().filter(|(_, count)| count != 0).collect())
}

/// Code, severity, file, line and column of every problem; in the order of their texts.
fn places(problems: &Value) -> Vec<String> {
    let keys = ["code", "severity", "file", "line", "column"];
    let place = |problem: &Value| keys.map(|key| problem[key].to_string()).join(" ");
    let mut places: Vec<_> = problems.as_array().unwrap().iter().map(place).collect();
    places.sort();
    places
}

#[test]
fn the_good_sample_is_clean() {
    let desk = Desk::new();
    let report = desk.run(&["check", repository("sample-csv/good").to_str().unwrap(), "--format", "json"]);
    assert_eq!(report.code, 0, "{report:?}");
    let report = report.json();
    assert_eq!(
        (&report["outcome"], &report["problems"], &report["problem_counts"]),
        (&json!("clean"), &json!([]), &json!({}))
    );
    assert!(desk.files().is_empty(), "check opens no database");
}

#[test]
fn the_good_sample_gives_the_counts_of_its_readme() {
    let desk = Desk::new();
    desk.copy("sample-csv/good", "good");
    let report = desk.line("ingest good --format json").json();
    assert_eq!(report["outcome"], "applied");
    for (kind, count) in [("students", 48), ("teachers", 12), ("staff", 5)] {
        assert_eq!(people(&report, kind), json!({ "created": count }), "{kind}");
    }
    assert_eq!(report["sections"], json!({"created": 20, "updated": 0, "removed": 0, "unchanged": 0}));
    assert_eq!(report["enrollments"], json!({"created": 92, "removed": 0, "unchanged": 0}));
    assert_eq!((&report["holds"], &report["problem_counts"]), (&json!([]), &json!({})));
    let rows = |file: &Value| (file["name"].as_str().unwrap().to_owned(), file["rows"].as_u64().unwrap());
    let files: BTreeSet<_> = report["files"].as_array().unwrap().iter().map(rows).collect();
    let expected =
        [("enrollments", 92), ("schools", 4), ("sections", 20), ("staff", 6), ("students", 54), ("teachers", 14)];
    assert_eq!(files, expected.map(|(name, rows)| (format!("{name}.csv"), rows)).into());
    assert_eq!(desk.line("ingest good --format json").json()["outcome"], "no_change");
}

#[test]
fn the_good_sample_becomes_patrons() {
    let desk = holding("sample-csv/good");
    let database = desk.database();
    let count = |sql: &str| database.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    let roles = |roles: &str| count(&format!("SELECT count(*) FROM patrons WHERE status = 1 AND roles = '{roles}'"));
    assert_eq!(["student", "teacher", "staff", "teacher,staff"].map(roles), [48, 11, 4, 1]);
    let enrolled = |role: &str| count(&format!("SELECT count(*) FROM enrollments WHERE role = '{role}'"));
    assert_eq!(["student", "teacher"].map(enrolled), [92, 20]);
    for (first, last) in [("Łukasz", "Wójcik"), ("Tuấn", "Nguyễn"), ("Zoë", "Brightwater")] {
        let sql = format!("SELECT count(*) FROM patrons WHERE first_name = '{first}' AND last_name = '{last}'");
        assert_eq!(count(&sql), 1, "{first} {last}");
    }
}

/// The cells of a column of one of the good sample's files that are not blank.
fn cells(file: &str, column: &str) -> Vec<String> {
    let mut rows = csv::Reader::from_path(repository("sample-csv/good").join(file)).unwrap();
    let index = rows.headers().unwrap().iter().position(|name| name == column).unwrap();
    let cells = rows.records().map(|row| row.unwrap()[index].to_owned());
    cells.filter(|cell| !cell.is_empty()).collect()
}

#[test]
fn invented_passwords_are_found_nowhere_after_a_run() {
    let passwords: Vec<_> = ["students.csv", "teachers.csv", "staff.csv"].map(|file| cells(file, "Password")).concat();
    assert_eq!(passwords.len(), 2, "the sample has two to look for");
    let desk = Desk::new();
    desk.copy("sample-csv/good", "good");
    let ended = desk.line("ingest good --results results -vv --format json");
    std::fs::remove_dir_all(desk.path("good")).unwrap();
    let mut places = tree(&desk.path("."));
    places.insert("standard output".into(), ended.out.into());
    places.insert("standard error".into(), ended.err.into());
    assert!(places.len() > 10, "there is something to look through");
    for password in passwords {
        let found = places.iter().find(|(_, bytes)| memchr::memmem::find(bytes, password.as_bytes()).is_some());
        assert!(found.is_none(), "{:?} holds a password", found.map(|(path, _)| path));
    }
}

#[test]
fn the_next_night_gives_the_counts_of_its_readme() {
    let desk = holding("sample-csv/good");
    desk.copy("sample-csv/next-night", "next-night");
    let report = desk.line("ingest next-night --as-of 2026-11-21 --format json").json();
    assert_eq!((&report["outcome"], &report["holds"]), (&json!("applied"), &json!([])));
    assert_eq!(people(&report, "students"), json!({"created": 2, "updated": 3, "unchanged": 44, "removed": 1}));
    assert_eq!(people(&report, "teachers"), json!({"updated": 1, "unchanged": 11}));
    assert_eq!(people(&report, "staff"), json!({"unchanged": 5}));
    assert_eq!(report["sections"], json!({"created": 0, "updated": 2, "removed": 1, "unchanged": 17}));
    assert_eq!(report["enrollments"], json!({"created": 4, "removed": 8, "unchanged": 84}));
}

/// What `check` says otherwise than `expected.json`.
fn differences(sample: &str) -> Vec<String> {
    let desk = Desk::new();
    desk.copy(&format!("sample-csv/bad/{sample}"), "set");
    let expected = std::fs::read(repository("sample-csv/bad").join(sample).join("expected.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    let ended = desk.line("check set --format json");
    let report = ended.json();
    let (got, wanted) = (places(&report["problems"]), places(&expected["problems"]));
    let mut differences = Vec::new();
    differences.extend(wanted.iter().filter(|place| !got.contains(place)).map(|place| format!("not said: {place}")));
    differences.extend(got.iter().filter(|place| !wanted.contains(place)).map(|place| format!("said: {place}")));
    for (what, got, wanted) in [
        ("exit code", &json!(ended.code), &expected["exit"]),
        ("outcome", &report["outcome"], &expected["outcome"]),
        ("number of problems", &json!(got.len()), &json!(wanted.len())),
    ] {
        if got != wanted {
            differences.push(format!("{what} {got}, expected {wanted}"));
        }
    }
    if desk.files() != ["set"] {
        differences.push(format!("check left {:?}", desk.files()));
    }
    differences
}

#[test]
fn every_bad_sample_gets_exactly_its_problems() {
    let wrong = names_in(&repository("sample-csv/bad")).into_iter().map(|sample| (differences(&sample), sample));
    let wrong: Vec<String> = wrong
        .filter(|(differences, _)| !differences.is_empty())
        .map(|(differences, sample)| format!("{sample}:\n    {}", differences.join("\n    ")))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn a_refused_sample_changes_nothing_in_a_store() {
    let desk = holding("sample-csv/good");
    let (before, kept) = (desk.dump(), desk.kept());
    for sample in REFUSED {
        let set = desk.copy(&format!("sample-csv/bad/{sample}"), sample);
        let ended = desk.run(&["ingest", set.to_str().unwrap(), "--format", "json"]);
        assert_eq!((ended.code, &ended.json()["outcome"]), (4, &json!("rejected")), "{sample}: {ended:?}");
        let changes = before.without_history().changes(&desk.dump().without_history());
        assert!(changes.is_empty(), "{sample}: {changes:#?}");
        assert_eq!(desk.kept(), kept, "{sample} leaves no copy behind");
    }
}

/// The bad samples are one small district with one mistake each. Over its roster none of them may cost anybody the place.
#[test]
fn no_bad_sample_removes_anybody_of_its_district() {
    let desk = holding("sample-csv/bad/columns-in-other-order");
    for sample in names_in(&repository("sample-csv/bad")) {
        let set = desk.copy(&format!("sample-csv/bad/{sample}"), &sample);
        let ended = desk.run(&["ingest", set.to_str().unwrap(), "--format", "json"]);
        let report = ended.json();
        let refused = REFUSED.contains(&sample.as_str());
        assert_eq!(report["outcome"] == "rejected", refused, "{sample}: {ended:?}");
        for kind in ["students", "teachers", "staff"] {
            assert_eq!(report["people"][kind]["removed"], 0, "{sample}: {kind}");
        }
        assert_eq!(
            (&report["sections"]["removed"], &report["enrollments"]["removed"]),
            (&json!(0), &json!(0)),
            "{sample}"
        );
    }
    let gone =
        desk.database().query_row("SELECT count(*) FROM patrons WHERE status <> 1", [], |row| row.get::<_, i64>(0));
    assert_eq!(gone.unwrap(), 0);
}
