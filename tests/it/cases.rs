//! Runs `tests/cases`: what two deliveries do to the patrons. How a case is written stands in the README there.
//!
//! Beside what a case itself expects, every one must show that a preview plans the same and writes nothing, and that the
//! same delivery again changes nobody.

use std::path::PathBuf;

use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::{Map, Value, json};

use crate::dump::Dump;
use crate::support::{Desk, Ended, names_in, repository, tree};

/// Enrollments by what people call their section and student.
const ENROLLMENTS: &str = "(SELECT s.sis_id AS section, p.student_number, e.role FROM enrollments e
    JOIN sections s USING (section_id) JOIN patrons p USING (patron_id))";

/// One case, and everything that is not as it should be.
struct Case {
    name: String,
    folder: PathBuf,
    desk: Desk,
    differences: Vec<String>,
}

impl Case {
    fn new(name: &str) -> Self {
        let folder = repository("tests/cases").join(name);
        Self { name: name.to_owned(), folder, desk: Desk::new(), differences: Vec::new() }
    }

    fn differ(&mut self, what: impl Into<String>) {
        self.differences.push(what.into());
    }

    fn equal(&mut self, what: &str, got: &Value, wanted: &Value) {
        if got != wanted {
            self.differ(format!("{what}: {got}, expected {wanted}"));
        }
    }

    fn has(&self, name: &str) -> bool {
        self.folder.join(name).exists()
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.join(name)).unwrap_or_default()
    }

    /// A step that must end well before the delivery of which the case tells.
    fn step(&mut self, words: &[&str]) -> Ended {
        let ended = self.desk.run(words);
        if ended.code != 0 {
            self.differ(format!("{words:?} failed: {ended:?}"));
        }
        ended
    }

    fn prepare(&mut self) {
        if self.has("settings.toml") || self.has("before.sql") || self.has("site-map") {
            let settings =
                if self.has("settings.toml") { self.text("settings.toml") } else { "id = \"default\"\n".into() };
            self.desk.write("settings.toml", settings);
            self.step(&["district", "apply", "settings.toml"]);
        }
        self.sql("before.sql");
        for line in self.text("site-map").lines().filter(|line| !line.trim().is_empty()) {
            let words: Vec<&str> = ["district", "site-map"].into_iter().chain(line.split_whitespace()).collect();
            self.step(&words);
        }
        self.earlier("previous");
        self.earlier("between");
        self.sql("patrons.sql");
    }

    fn earlier(&mut self, name: &str) {
        if self.has(name) {
            let path = self.folder.join(name);
            let report = self.step(&["ingest", path.to_str().unwrap(), "--format", "json"]).json();
            self.equal(&format!("outcome of {name}"), &report["outcome"], &json!("applied"));
        }
    }

    fn sql(&mut self, name: &str) {
        if self.has(name) {
            self.desk.database().execute_batch(&self.text(name)).unwrap();
        }
    }

    /// Runs `command` on the delivery of which the case tells.
    fn deliver(&mut self, command: &str, upload: &str) -> (i32, Value) {
        let args = self.text("args");
        let words: Vec<&str> =
            [command, upload, "--format", "json"].into_iter().chain(args.split_whitespace()).collect();
        let ended = self.desk.run(&words);
        let report = serde_json::from_str(&ended.out).unwrap_or_else(|_| {
            self.differ(format!("{command} gives no report: {ended:?}"));
            Value::Null
        });
        (ended.code, report)
    }

    fn run(mut self) -> Option<String> {
        self.prepare();
        let upload = self.folder.join("upload").to_str().unwrap().to_owned();
        let before = self.desk.dump();
        let preview = self.preview(&upload, &before);
        let ingest = self.deliver("ingest", &upload);
        let after = self.desk.dump();
        self.expected(&ingest);
        self.preview_told(&preview, &ingest);
        self.kept_out(&ingest.1, &before, &after);
        self.again(&upload, &ingest, &after);
        let list = self.differences.join("\n    ");
        (!list.is_empty()).then(|| format!("{}:\n    {list}", self.name))
    }

    /// A preview writes nothing, neither into the database nor beside it.
    fn preview(&mut self, upload: &str, before: &Dump) -> (i32, Value) {
        let files: Vec<_> = tree(&self.desk.path(".")).into_keys().filter(|path| !is_log(path)).collect();
        let preview = self.deliver("preview", upload);
        for change in before.changes(&self.desk.dump()) {
            self.differ(format!("preview wrote: {change}"));
        }
        if tree(&self.desk.path(".")).into_keys().filter(|path| !is_log(path)).ne(files) {
            self.differ("preview left or took files");
        }
        preview
    }

    /// What a preview says is what ingest does.
    fn preview_told(&mut self, preview: &(i32, Value), ingest: &(i32, Value)) {
        self.equal("exit code of the preview", &json!(preview.0), &json!(ingest.0));
        for key in ["plan", "people", "sections", "enrollments", "problem_counts", "holds"] {
            let is_told = key != "plan" || !ingest.1[key].is_null();
            if is_told {
                self.equal(&format!("{key} of the preview"), &preview.1[key], &ingest.1[key]);
            }
        }
    }

    /// Who is refused, or waits altogether, changes no patron.
    fn kept_out(&mut self, report: &Value, before: &Dump, after: &Dump) {
        let changes = match report["outcome"].as_str() {
            Some("rejected") if *before != Dump::default() => {
                before.without_history().changes(&after.without_history())
            }
            Some("rejected" | "held" | "no_change") => before.library().changes(&after.library()),
            _ => Vec::new(),
        };
        let outcome = report["outcome"].clone();
        changes.iter().for_each(|change| self.differ(format!("{outcome}, and yet {change}")));
        if !self.desk.incoming().is_empty() {
            self.differ(format!("left behind: {:?}", self.desk.incoming()));
        }
    }

    /// The same delivery again: the same bytes, and the same rows in other bytes.
    fn again(&mut self, upload: &str, first: &(i32, Value), before: &Dump) {
        let outcome = match first.1["outcome"].as_str() {
            Some("applied") => "no_change",
            Some("applied_in_part") => "held",
            Some(other) => other,
            None => return,
        };
        let other_bytes = self.with_blank_lines();
        for (again, upload) in [("again", upload), ("again with a blank line", &other_bytes)] {
            let report = self.deliver("ingest", upload);
            self.equal(&format!("outcome {again}"), &report.1["outcome"], &json!(outcome));
            self.equal(&format!("exit code {again}"), &json!(report.0), &json!(first.0));
            for change in before.library().changes(&self.desk.dump().library()) {
                self.differ(format!("{again}: {change}"));
            }
        }
    }

    /// The upload once more, each file that ends with a line break with a blank line after it; as it is where a manifest gives sizes
    /// or hashes, which such a line would belie.
    fn with_blank_lines(&self) -> String {
        let copy = self.desk.path("again");
        std::fs::create_dir(&copy).unwrap();
        let manifest = std::fs::read_to_string(self.folder.join("upload/manifest.csv")).unwrap_or_default();
        let is_declared = ["\nsize.", "\nsha256."].iter().any(|property| manifest.contains(property));
        for name in names_in(&self.folder.join("upload")) {
            let mut bytes = std::fs::read(self.folder.join("upload").join(&name)).unwrap();
            if !is_declared && bytes.ends_with(b"\n") {
                bytes.push(b'\n');
            }
            std::fs::write(copy.join(name), bytes).unwrap();
        }
        copy.to_str().unwrap().to_owned()
    }

    /// What `expected.json` says.
    fn expected(&mut self, (code, report): &(i32, Value)) {
        let expected: Map<String, Value> = serde_json::from_str(&self.text("expected.json")).unwrap();
        for (key, wanted) in &expected {
            match key.as_str() {
                "why" => {}
                "exit" => self.equal("exit", &json!(code), wanted),
                "outcome" | "problem_counts" => self.equal(key, &report[key], wanted),
                "people" => self.people(report, wanted),
                "sections" | "enrollments" => self.counts(key, &report[key], wanted),
                "holds" => self.holds(&report["holds"], wanted),
                "patrons" => self.rows("patrons", wanted, true),
                "absent" => self.rows("patrons", wanted, false),
                "section_rows" => self.rows("sections", wanted, true),
                "absent_sections" => self.rows("sections", wanted, false),
                "enrollment_rows" => self.rows(ENROLLMENTS, wanted, true),
                _ => self.differ(format!("expected.json has a key {key:?} that nobody reads")),
            }
        }
    }

    fn people(&mut self, report: &Value, wanted: &Value) {
        for (kind, counts) in wanted.as_object().unwrap() {
            let got = report["people"][kind].as_object().cloned().unwrap_or_default();
            let got = Value::Object(got.into_iter().filter(|(_, count)| *count != 0).collect());
            self.equal(kind, &got, counts);
        }
    }

    fn counts(&mut self, what: &str, got: &Value, wanted: &Value) {
        for (key, count) in wanted.as_object().unwrap() {
            self.equal(&format!("{what} {key}"), &got[key], count);
        }
    }

    fn holds(&mut self, got: &Value, wanted: &Value) {
        let (list, expected) = (got.as_array().unwrap_or(const { &Vec::new() }), wanted.as_array().unwrap());
        let has = |hold: &Value| {
            list.iter().any(|got| hold.as_object().unwrap().iter().all(|(key, value)| got[key] == *value))
        };
        if list.len() != expected.len() || !expected.iter().all(has) {
            self.differ(format!("holds: {got}, expected {wanted}"));
        }
    }

    /// For each of `wanted`, whether `table` has a row with all these values.
    fn rows(&mut self, table: &str, wanted: &Value, is_there: bool) {
        let database = self.desk.database();
        for wanted in wanted.as_array().unwrap() {
            let wanted = wanted.as_object().unwrap();
            let rows = rows(&database, table, wanted);
            if rows.iter().any(|row| row == &row_of(wanted)) != is_there {
                let fault = if is_there { "no row" } else { "a row" };
                self.differ(format!(
                    "{fault} of {} has {wanted:?}; there are {rows:?}",
                    table.split(' ').next_back().unwrap_or(table)
                ));
            }
        }
    }
}

/// SQLite's own files beside a database come and go.
fn is_log(path: &std::path::Path) -> bool {
    path.extension().is_some_and(|extension| extension == "db-wal" || extension == "db-shm")
}

/// The values as text; `null` means blank.
fn row_of(wanted: &Map<String, Value>) -> Vec<String> {
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    wanted.values().map(text).collect()
}

/// Every row of `table`, but only the columns that are asked for.
fn rows(database: &Connection, table: &str, wanted: &Map<String, Value>) -> Vec<Vec<String>> {
    let columns = wanted.keys().cloned().collect::<Vec<_>>().join(", ");
    let mut select = database.prepare(&format!("SELECT {columns} FROM {table}")).unwrap();
    let text = |value: ValueRef<'_>| match value {
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        _ => String::new(),
    };
    let row = |row: &rusqlite::Row<'_>| Ok((0..wanted.len()).map(|index| text(row.get_ref(index).unwrap())).collect());
    select.query_map([], row).unwrap().map(Result::unwrap).collect()
}

/// Runs every case whose name begins with one of `rules`.
fn cases_of(rules: &[&str]) {
    let names = names_in(&repository("tests/cases"));
    let names: Vec<_> = names.iter().filter(|name| rules.iter().any(|rule| name.starts_with(rule))).collect();
    assert!(!names.is_empty(), "no case begins with any of {rules:?}");
    let wrong: Vec<String> = names.into_iter().filter_map(|name| Case::new(name).run()).collect();
    assert!(wrong.is_empty(), "{} differ\n{}", wrong.len(), wrong.join("\n"));
}

/// The tests below, so that no folder is forgotten.
const RULES: [&[&str]; 6] =
    [&["A"], &["C"], &["D1", "D2", "D3"], &["D4", "D5", "D6", "D7", "D8", "D9"], &["E"], &["F"]];

#[test]
fn taking_a_set() {
    cases_of(RULES[0]);
}

#[test]
fn checking() {
    cases_of(RULES[1]);
}

#[test]
fn matching_by_evidence() {
    cases_of(RULES[2]);
}

#[test]
fn guarding_identity() {
    cases_of(RULES[3]);
}

#[test]
fn writing() {
    cases_of(RULES[4]);
}

#[test]
fn holding() {
    cases_of(RULES[5]);
}

#[test]
fn every_case_belongs_to_a_rule_that_is_run() {
    let is_run = |name: &String| RULES.concat().iter().any(|rule| name.starts_with(rule));
    let forgotten: Vec<_> = names_in(&repository("tests/cases")).into_iter().filter(|name| !is_run(name)).collect();
    assert_eq!(forgotten, ["README.md"]);
}
