//! A second opinion on the shipped schemas: the Python package frictionless reads the same schema files and the same data, and
//! says the same of every cell, but for the differences listed here, each with its reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use rosterd::pipeline::{self, Job};
use rosterd::report::Source;
use rosterd::roster::schema::shipped;
use rosterd::roster::settings::Settings;
use serde_json::Value;
use tempfile::TempDir;

const KINDS: [&str; 6] = ["schools", "teachers", "staff", "students", "sections", "enrollments"];
const GENERATED: usize = 220;

/// Invented sets that frictionless cannot read as they are, or that are not the six files under their names.
const UNREADABLE: &[(&str, &str)] = &[
    ("attendance-file-beside", "a file of another kind; frictionless looks at what the package names"),
    ("lunch-menu-beside", "the same"),
    ("students-inside-and-beside-zip", "a zip"),
    ("two-students-files-in-zip", "a zip"),
    ("zip-entry-climbs-out", "a zip"),
    ("zip-entry-is-a-link", "a zip"),
    ("zip-of-a-good-set", "a zip"),
    ("students-is-an-excel-workbook", "no text"),
    ("utf-16", "frictionless is told that files are UTF-8"),
    ("windows-1252", "the same"),
    ("nul-byte-in-name", "Python's csv module does not read a NUL"),
    ("old-mac-line-ends", "Python's csv module asks for other line ends"),
    ("semicolons", "the package says that the separator is a comma"),
    ("tabs", "the same"),
    ("students-open-quote", "where a quote that is never closed ends is a matter of the reader"),
    ("students-cut-inside-quotes", "the same"),
    ("students-cut-in-mid-row", "a file that was cut off is no matter of Table Schema"),
    ("students-without-last-line-break", "the same"),
    ("cell-too-large", "a limit of ours"),
    ("letter-lost-in-name", "a lost letter is no matter of Table Schema"),
    ("header-repeated-in-mid-file", "frictionless takes it for a row; we skip it (B3)"),
    ("blank-lines-and-comma-lines", "frictionless takes lines of separators for rows; we skip them (B3)"),
    ("header-in-other-case-and-blanks", "headers match without regard to case and blanks (B1)"),
    ("header-with-invisible-characters", "headers match without characters that nobody sees (B1)"),
    ("enrollments-zero-bytes", "an empty file keeps what is there (A7)"),
    ("students-header-only", "the same"),
    ("students-file-alone", "whether a set is complete is no matter of Table Schema"),
    ("teachers-file-missing", "the same"),
];

/// A place and what is wrong there.
type Finding = (String, Option<u64>, Option<String>, String);

/// One data set with both verdicts.
struct Case {
    name: String,
    folder: PathBuf,
    ours: BTreeSet<Finding>,
    theirs: BTreeSet<Finding>,
}

#[test]
fn verdicts_are_those_of_frictionless() {
    let data = TempDir::new().unwrap();
    generate(data.path());
    copy_samples(data.path());
    let theirs = verdicts_of_frictionless(data.path());
    assert!(theirs.len() >= GENERATED + 30, "only {} sets were judged", theirs.len());
    let mut unexplained = Vec::new();
    let mut agreed = BTreeMap::new();
    for (folder, theirs) in theirs {
        let name = folder.file_name().unwrap().to_str().unwrap().to_owned();
        let case = Case { name, ours: our_verdict(&folder), theirs, folder };
        case.ours.intersection(&case.theirs).for_each(|found| *agreed.entry(found.3.clone()).or_insert(0) += 1);
        unexplained.extend(case.differences());
    }
    for kind in
        ["required", "type", "enum", "pattern", "unique", "foreign_key", "row", "column_missing", "column_duplicate"]
    {
        assert!(agreed.get(kind).is_some_and(|count| *count >= 5), "{kind} was hardly tried: {agreed:?}");
    }
    assert!(unexplained.is_empty(), "{} differences:\n{}", unexplained.len(), unexplained.join("\n"));
}

impl Case {
    fn differences(&self) -> Vec<String> {
        let only_theirs = self.theirs.difference(&self.ours).filter(|found| self.why_only_theirs(found).is_none());
        let only_ours = self.ours.difference(&self.theirs).filter(|found| self.why_only_ours(found).is_none());
        let line = |who: &str, found: &Finding| format!("{} only {who}: {found:?} {:?}", self.name, self.cell(found));
        only_theirs
            .map(|found| line("frictionless", found))
            .chain(only_ours.map(|found| line("rosterd", found)))
            .collect()
    }

    /// Why frictionless may complain where we do not.
    fn why_only_theirs(&self, found: &Finding) -> Option<&'static str> {
        let (file, line, column, kind) = found;
        let column = column.as_deref().unwrap_or("");
        let at_line = |kind: &str| self.ours.iter().any(|ours| ours.0 == *file && ours.1 == *line && ours.3 == kind);
        if self.refuses_file(file) {
            return Some("a file whose header is wrong is refused, and its rows are not judged (B1)");
        }
        if at_line("row") {
            return Some("a row that does not fit the header is refused as a whole, and its cells are not judged (B4)");
        }
        match kind.as_str() {
            "primary_key" if self.cell(found).is_empty() => Some("a blank key is told as a blank required cell"),
            "primary_key" if file != "schools.csv" => Some("rows of one id are folded (C4)"),
            "primary_key" if at_line("unique") => Some("told as a value that must be unique, at its column"),
            "primary_key" if self.is_a_copy(found) => Some("rows that are alike say the same thing twice"),
            "primary_key" if self.has_refused_twin(found) => {
                Some("the other row of the id is refused for something else")
            }
            "unique" if self.is_of_one_id(found) => {
                Some("rows of one id share their values (C4), and refused rows share none")
            }
            "foreign_key" if self.cell(found) == "DEFAULT_DISTRICT_OFFICE" => Some("needs no row in schools.csv (C5)"),
            "foreign_key" if self.parent_is_refused_file(column) => {
                Some("not checked where the parents' file is refused")
            }
            "enum" | "pattern" | "type" if is_understood(column, &self.cell(found)) => {
                Some("a normaliser knows it (C3)")
            }
            "column_missing" if !is_required(file, column) => Some("an optional column may be absent (E2)"),
            _ => None,
        }
    }

    /// Why we may complain where frictionless does not.
    fn why_only_ours(&self, found: &Finding) -> Option<&'static str> {
        let (file, _, column, kind) = found;
        let theirs =
            |kind: &'static str| self.theirs.iter().filter(move |theirs| theirs.0 == *file && theirs.3 == kind);
        match kind.as_str() {
            "unique" if theirs("unique").any(|other| other.2 == *column && self.cell(other) == self.cell(found)) => {
                Some("frictionless tells the second row, we tell both (C5)")
            }
            "unique" if theirs("primary_key").any(|other| self.cell(other) == self.cell(found)) => {
                Some("a school's id that stands twice is one mistake, told at its column")
            }
            "required_with" => Some("a cell that is needed because another is filled is no matter of Table Schema"),
            "rows_disagree" | "person_contradictory" => Some("rows of one id are folded (C4)"),
            "column_missing" if theirs("column_duplicate").next().is_some() => {
                Some("frictionless stops at a doubled column")
            }
            "required" if self.holds_blanks(found) => Some("cells are trimmed (B5)"),
            _ => None,
        }
    }

    fn refuses_file(&self, file: &str) -> bool {
        self.ours.iter().any(|ours| ours.0 == file && matches!(ours.3.as_str(), "column_missing" | "column_duplicate"))
    }

    fn parent_is_refused_file(&self, column: &str) -> bool {
        let parent = match column {
            "School_id" => "schools.csv",
            "Section_id" => "sections.csv",
            "Student_id" => "students.csv",
            _ => "teachers.csv",
        };
        self.refuses_file(parent)
    }

    /// Whether everybody else who has the value is the same entity, or stands in a row that is refused for something else.
    fn is_of_one_id(&self, found: &Finding) -> bool {
        let (id, value) = (self.id(found), self.cell(found));
        let rows = self.rows(&found.0);
        let (column, key) = (place(&rows, found.2.as_deref().unwrap_or("")), place(&rows, id_column(&found.0)));
        let stands = |at: usize| !self.is_refused(&found.0, at as u64 + 1);
        let other =
            |(at, row): (usize, &csv::StringRecord)| stands(at) && cell(row, column) == value && cell(row, key) != id;
        found.1.is_some_and(|line| self.is_refused(&found.0, line)) || !rows.iter().enumerate().any(other)
    }

    /// Whether a row is refused for what it is itself.
    fn is_refused(&self, file: &str, line: u64) -> bool {
        let refuses = |ours: &&Finding| matches!(ours.3.as_str(), "row" | "required");
        self.ours.iter().filter(refuses).any(|ours| ours.0 == file && ours.1 == Some(line))
    }

    /// Whether another line of the file is the same.
    fn is_a_copy(&self, found: &Finding) -> bool {
        let rows = self.rows(&found.0);
        let row = found.1.and_then(|line| rows.get(line as usize - 1));
        rows.iter().filter(|other| Some(*other) == row).count() > 1
    }

    fn has_refused_twin(&self, found: &Finding) -> bool {
        let (rows, id) = (self.rows(&found.0), self.id(found));
        let key = place(&rows, id_column(&found.0));
        let twins = (1..).zip(&rows).filter(|(line, row)| Some(*line) != found.1 && cell(row, key) == id);
        twins.map(|(line, _)| line).all(|line| self.is_refused(&found.0, line))
    }

    /// Whether a cell that counts as blank holds blanks.
    fn holds_blanks(&self, found: &Finding) -> bool {
        let rows = self.rows(&found.0);
        let column = place(&rows, found.2.as_deref().unwrap_or(""));
        let row = found.1.and_then(|line| rows.get(line as usize - 1));
        row.and_then(|row| row.get(column?)).is_some_and(|cell| !cell.is_empty() && cell.trim().is_empty())
    }

    fn id(&self, found: &Finding) -> String {
        let rows = self.rows(&found.0);
        found
            .1
            .and_then(|line| rows.get(line as usize - 1))
            .map(|row| cell(row, place(&rows, id_column(&found.0))))
            .unwrap_or_default()
    }

    /// The cell that a finding is about.
    fn cell(&self, found: &Finding) -> String {
        let rows = self.rows(&found.0);
        let column = found.2.as_deref().unwrap_or("").split('+').next().unwrap_or("");
        found
            .1
            .and_then(|line| rows.get(line as usize - 1))
            .map(|row| cell(row, place(&rows, column)))
            .unwrap_or_default()
    }

    /// The lines of a file, the header first, as the csv crate reads them.
    fn rows(&self, file: &str) -> Vec<csv::StringRecord> {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(self.folder.join(file)).unwrap();
        reader.records().map(Result::unwrap).collect()
    }
}

fn place(rows: &[csv::StringRecord], column: &str) -> Option<usize> {
    rows.first()?.iter().position(|name| name.trim_start_matches('\u{feff}') == column)
}

fn cell(row: &csv::StringRecord, column: Option<usize>) -> String {
    column.and_then(|column| row.get(column)).unwrap_or("").trim().to_owned()
}

fn id_column(file: &str) -> &'static str {
    match file {
        "schools.csv" => "School_id",
        "teachers.csv" => "Teacher_id",
        "staff.csv" => "Staff_id",
        "students.csv" => "Student_id",
        _ => "Section_id",
    }
}

/// What normalisers read although it is not written as the specification says.
fn is_understood(column: &str, raw: &str) -> bool {
    [("DOB", "2016-04-08"), ("Grade", "2-3"), ("Grade", "6-8")].contains(&(column, raw))
}

fn is_required(file: &str, column: &str) -> bool {
    let schema = std::fs::read_to_string(schemas().join(file.replace(".csv", ".json"))).unwrap();
    let schema: Value = serde_json::from_str(&schema).unwrap();
    let field = schema["fields"].as_array().unwrap().iter().find(|field| field["name"] == column);
    field.is_some_and(|field| field["constraints"]["required"] == true)
}

fn our_verdict(folder: &Path) -> BTreeSet<Finding> {
    let (settings, schemas) = (Settings::new("default"), shipped("clever-csv").unwrap().unwrap());
    let job = Job {
        path: folder,
        source: Source::CommandLine,
        settings: &settings,
        schemas: &schemas,
        now: chrono::DateTime::UNIX_EPOCH,
        as_of: None,
        delta: false,
        is_preview: false,
        wants_rejected: false,
        begun: Instant::now(),
        recorded: None,
    };
    let report = serde_json::to_value(pipeline::check(&job).unwrap().report).unwrap();
    report["problems"].as_array().unwrap().iter().filter_map(our_finding).collect()
}

/// A problem of ours in the words of Table Schema; `None` where they do not exist there.
fn our_finding(problem: &Value) -> Option<Finding> {
    let kind = match (problem["code"].as_str().unwrap(), problem["severity"].as_str().unwrap()) {
        ("required_cell_blank", "warning") => "required_with",
        ("required_cell_blank", _) => "required",
        ("value_not_allowed", _) => "enum",
        ("value_format" | "email_format", _) => "pattern",
        ("date_format", _) => "type",
        ("id_duplicate", _) => "unique",
        ("reference_unknown" | "optional_reference_unknown" | "school_missing", _) => "foreign_key",
        ("row_too_short" | "row_too_long" | "file_truncated", _) => "row",
        // Told of the whole set, of names of columns, or of files: no matter of Table Schema.
        ("error_rate_exceeded" | "column_unknown" | "header_repaired" | "file_empty", _) => return None,
        (code, _) => code,
    };
    let whole_file = matches!(kind, "column_missing" | "column_duplicate");
    let line = problem["line"].as_u64().filter(|_| !whole_file);
    let column = problem["column"].as_str().filter(|_| kind != "column_duplicate").map(str::to_owned);
    Some((problem["file"].as_str().unwrap_or("").to_owned(), line, column, kind.to_owned()))
}

fn their_finding(error: &Value) -> Finding {
    let text = |key: &str| error[key].as_str().map(str::to_owned);
    let kind = text("kind").unwrap();
    let line = error["line"].as_u64().filter(|_| !matches!(kind.as_str(), "column_missing" | "column_duplicate"));
    (text("file").unwrap(), line, text("column"), kind)
}

fn schemas() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/clever-csv")
}

fn oracle(script: &str) -> Command {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let candidates = [root.join("tests/.venv/bin/python"), "python3".into()];
    let has_it = |python: &&PathBuf| {
        let words = ["-c", "import frictionless; assert frictionless.__version__.startswith('5.21')"];
        Command::new(python).args(words).output().is_ok_and(|output| output.status.success())
    };
    let python = candidates.iter().find(has_it);
    let python =
        python.expect("frictionless 5.21 is not installed; run tests/run once, which prepares tests/.venv with it");
    let mut command = Command::new(python);
    command.arg(root.join("tests/oracle").join(script)).arg(schemas());
    command
}

fn generate(folder: &Path) {
    let status = oracle("generate.py").arg(folder).arg(GENERATED.to_string()).status().unwrap();
    assert!(status.success());
}

/// Copies the six files of every sample that frictionless can read.
fn copy_samples(folder: &Path) {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("sample-csv");
    let bad = std::fs::read_dir(samples.join("bad")).unwrap().map(|entry| entry.unwrap().path());
    let readable = bad.filter(|path| !UNREADABLE.iter().any(|(name, _)| path.ends_with(name)));
    for sample in [samples.join("good"), samples.join("next-night")].into_iter().chain(readable) {
        let copy = folder.join(sample.file_name().unwrap());
        std::fs::create_dir(&copy).unwrap();
        for file in KINDS.map(|kind| format!("{kind}.csv")) {
            if sample.join(&file).exists() {
                std::fs::copy(sample.join(&file), copy.join(&file)).unwrap();
            }
        }
    }
}

/// What frictionless says of every set in `folder`, all in one process.
fn verdicts_of_frictionless(folder: &Path) -> BTreeMap<PathBuf, BTreeSet<Finding>> {
    let mut folders: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    let output = oracle("validate.py").args(&folders).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let verdicts: BTreeMap<PathBuf, Value> = serde_json::from_slice(&output.stdout).unwrap();
    let findings = |verdict: Value| verdict["errors"].as_array().unwrap().iter().map(their_finding).collect();
    verdicts.into_iter().map(|(folder, verdict)| (folder, findings(verdict))).collect()
}
