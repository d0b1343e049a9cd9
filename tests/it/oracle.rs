//! A second opinion: the Python package frictionless reads the same schema files and the same data, and must come to the same
//! verdicts, row by row and field by field. Differences that are meant are listed in [`why_meant`], each with its reason.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use rosterd::check::{cell, value};
use rosterd::roster::schema::{Schema, SchemaSet, load};
use rosterd::roster::settings::DateOrder;
use serde_json::Value;

use crate::support::{Desk, names_in, repository};

/// How many sets with seeded mistakes are made.
const SETS: usize = 200;

/// What is wrong at one place: file, line, column, and which sort of thing.
type Verdict = (String, u64, String, &'static str);

#[test]
fn frictionless_comes_to_the_same_verdicts() {
    let desk = Desk::new();
    let out = desk.path("sets");
    python(&["tests/oracle/generate.py", "schemas/clever-csv", out.to_str().unwrap(), &SETS.to_string(), "7"]);
    for sample in ["good", "next-night"] {
        desk.copy(&format!("sample-csv/{sample}"), &format!("sets/{sample}"));
    }
    let sets: Vec<PathBuf> = names_in(&out).into_iter().map(|name| out.join(name)).collect();
    assert!(sets.len() >= SETS + 2);
    let mut words = vec!["tests/oracle/validate.py", "schemas/clever-csv"];
    words.extend(sets.iter().map(|set| set.to_str().unwrap()));
    let theirs: Value = serde_json::from_str(&python(&words)).unwrap();
    let schemas = schemas();
    let (mut differences, mut agreed) = (Vec::new(), 0);
    for set in &sets {
        let other = &theirs[set.to_str().unwrap()];
        let pair = Pair { set, schemas: &schemas, ours: ours(&desk, set), theirs: of_frictionless(other) };
        agreed += pair.ours.intersection(&pair.theirs).count();
        differences.extend(pair.unexplained());
    }
    assert!(agreed > 300, "only {agreed} verdicts were the same: the sets have too few mistakes to tell anything");
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
}

/// The verdicts on one set.
struct Pair<'a> {
    set: &'a Path,
    schemas: &'a SchemaSet,
    ours: BTreeSet<Verdict>,
    theirs: BTreeSet<Verdict>,
}

impl Pair<'_> {
    fn unexplained(&self) -> Vec<String> {
        let missing = self.theirs.difference(&self.ours).filter(|verdict| self.why_meant(verdict, false).is_none());
        let more = self.ours.difference(&self.theirs).filter(|verdict| self.why_meant(verdict, true).is_none());
        let name = self.set.file_name().unwrap().to_string_lossy();
        let tell =
            |who: &str, verdict: &Verdict| format!("{name}: only {who} says {verdict:?}: {:?}", self.cell(verdict));
        missing.map(|one| tell("frictionless", one)).chain(more.map(|one| tell("rosterd", one))).collect()
    }

    /// The reason for a difference that is meant.
    fn why_meant(&self, verdict: &Verdict, is_ours: bool) -> Option<&'static str> {
        let (file, line, column, sort) = verdict;
        let has = |sort: &str, all: &BTreeSet<Verdict>| all.iter().any(|one| one.3 == sort);
        let of_row = |sort: &str| self.ours.iter().any(|one| one.0 == *file && one.1 == *line && one.3 == sort);
        let schema = self.schema(file);
        if has("column", &self.ours) || has("column", &self.theirs) {
            let reason =
                "a file whose header cannot be used is refused as a whole, and references into it are not judged";
            return (*sort != "column").then_some(reason);
        }
        if of_row("row") && *sort != "row" {
            return Some("a row with too few or too many cells is refused whole; cells are never shifted");
        }
        if *sort == "value" && !is_ours {
            let raw = self.cell(verdict);
            let column = schema.columns.iter().find(|one| one.name == *column)?;
            let is_mended = cell::cell(column, raw.trim(), DateOrder::Mdy).is_ok();
            let blank = raw.trim().is_empty();
            let agrees = value::is_valid(column, &raw).is_err() || raw.trim() != raw;
            return (blank || (is_mended && agrees))
                .then_some("a normaliser knows the form, or blanks around it were taken off");
        }
        if *sort == "value" && is_ours {
            let raw = self.cell(verdict);
            let year = raw.split(['/', '-']).find_map(|part| part.parse::<u32>().ok().filter(|year| *year > 999));
            let is_odd = year.is_some_and(|year| !(1900..=2100).contains(&year)) || raw.contains('\u{fffd}');
            return is_odd.then_some("a year far from any pupil's is no date, and a letter that was lost is no name");
        }
        if *sort == "unique" && !is_ours {
            return self.why_not_unique(verdict, schema);
        }
        if *sort == "unique" && is_ours {
            let others = self.theirs.iter().any(|one| one.0 == *file && one.3 == "unique" && one.1 > *line);
            return others.then_some("every row that shares a value is told, not only the later ones");
        }
        if *sort == "reference" && !is_ours {
            let known = self.cell(verdict) == "DEFAULT_DISTRICT_OFFICE";
            return known.then_some("the district office needs no row in the schools");
        }
        None
    }

    /// Why a value that stands twice is no problem of ours.
    fn why_not_unique(&self, verdict: &Verdict, schema: &Schema) -> Option<&'static str> {
        let (file, line, column, _) = verdict;
        if self.cell(verdict).trim().is_empty() {
            let told = self.ours.contains(&(file.clone(), *line, column.clone(), "required"));
            return told.then_some("a key that is blank is a required cell that is blank");
        }
        let records = self.records(file);
        let own = &records[*line as usize - 1];
        let is_same = |other: u64| self.cell(&(file.clone(), other, column.clone(), "unique")) == self.cell(verdict);
        let twins: Vec<u64> = (2..=records.len() as u64).filter(|other| other != line && is_same(*other)).collect();
        let is_refused = |line: &u64| {
            let of_row = self.ours.iter().filter(|one| one.0 == *file && one.1 == *line);
            of_row.into_iter().any(|one| one.3 != "unique")
        };
        if twins.iter().any(|twin| records[*twin as usize - 1] == *own) {
            return Some("rows that are alike in every cell are one row");
        }
        if schema.fold && self.rows_alike(file, *line, schema) {
            return Some("rows of one id are folded into one record");
        }
        (is_refused(line) || twins.iter().all(is_refused))
            .then_some("a row that is refused already takes nobody's value")
    }

    fn schema(&self, file: &str) -> &Schema {
        let name = file.trim_end_matches(".csv");
        self.schemas.schemas.iter().find(|schema| schema.name == name).unwrap()
    }

    fn records(&self, file: &str) -> Vec<csv::StringRecord> {
        let mut reader =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).from_path(self.set.join(file)).unwrap();
        reader.records().map(Result::unwrap).collect()
    }

    /// The raw cell that a verdict is about; blank where it is about a row or file.
    fn cell(&self, (file, line, column, _): &Verdict) -> String {
        let records = self.records(file);
        let index = records[0].iter().position(|name| name == column);
        let row = (*line as usize).checked_sub(1).and_then(|at| records.get(at));
        row.zip(index).and_then(|(row, index)| row.get(index)).unwrap_or("").to_owned()
    }

    /// Whether another row has the same key as this one.
    fn rows_alike(&self, file: &str, line: u64, schema: &Schema) -> bool {
        let records = self.records(file);
        let names: Vec<&str> = schema.primary_key.iter().map(|key| schema.columns[*key].name.as_str()).collect();
        let key = |row: &csv::StringRecord| -> Vec<String> {
            let cell = |name: &&str| records[0].iter().position(|one| one == *name).and_then(|at| row.get(at));
            names.iter().map(|name| cell(name).unwrap_or("").trim().to_owned()).collect()
        };
        let own = key(&records[line as usize - 1]);
        records.iter().skip(1).filter(|row| key(row) == own).count() > 1
    }
}

fn ours(desk: &Desk, set: &Path) -> BTreeSet<Verdict> {
    let report = desk.run(&["check", set.to_str().unwrap(), "--format", "json"]).json();
    let problems = report["problems"].as_array().unwrap().clone();
    problems.iter().filter_map(of_problem).collect()
}

/// A problem of ours as a verdict; `None` for what Table Schema cannot express.
fn of_problem(problem: &Value) -> Option<Verdict> {
    let sort = match problem["code"].as_str()? {
        "required_cell_blank" if problem["severity"] == "error" => "required",
        "value_not_allowed" | "value_format" | "date_format" | "email_format" | "encoding_invalid" => "value",
        "id_duplicate" => "unique",
        "reference_unknown" | "optional_reference_unknown" | "school_missing" => "reference",
        "row_too_short" | "row_too_long" | "file_truncated" => "row",
        "column_missing" | "column_duplicate" => "column",
        _ => return None,
    };
    verdict(problem, sort)
}

fn of_frictionless(set: &Value) -> BTreeSet<Verdict> {
    let of_error = |error: &Value| {
        let sort = match error["kind"].as_str().unwrap() {
            "required" => "required",
            "type" | "enum" | "pattern" | "length" | "range" => "value",
            "unique" | "primary_key" => "unique",
            "foreign_key" => "reference",
            "row" => "row",
            "column_missing" | "column_duplicate" => "column",
            other => panic!("frictionless says {other}: {error}"),
        };
        // A blank key is a required cell that is blank, which is told as such.
        let is_blank_key = error["note"].as_str().unwrap_or("").contains("blank");
        (!is_blank_key || sort != "unique").then(|| verdict(error, sort).unwrap())
    };
    set["errors"].as_array().unwrap().iter().filter_map(of_error).collect()
}

/// Rows and headers have no column, and a key may have several: the first stands for it.
fn verdict(from: &Value, sort: &'static str) -> Option<Verdict> {
    let column = from["column"].as_str().unwrap_or("").split('+').next().unwrap_or("");
    let column = if matches!(sort, "row" | "column") { "" } else { column };
    let line = if sort == "column" { 0 } else { from["line"].as_u64().unwrap_or(0) };
    let file = from["file"].as_str()?.rsplit('/').next()?.to_owned();
    Some((file, line, column.to_owned(), sort))
}

fn schemas() -> SchemaSet {
    let read = |name: &str| {
        std::fs::read_to_string(repository("schemas/clever-csv").join(name)).map_err(|error| error.to_string())
    };
    load(&read).unwrap()
}

/// Runs one of the oracle's programs with a Python that has frictionless.
fn python(words: &[&str]) -> String {
    let own = repository("tests/.venv/bin/python");
    let python = if own.exists() { own } else { PathBuf::from("python3") };
    let ended = Command::new(python).args(words).current_dir(repository("")).output().unwrap();
    let said = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{said}\nrun tests/run, which prepares a Python with frictionless in tests/.venv");
    String::from_utf8(ended.stdout).unwrap()
}
