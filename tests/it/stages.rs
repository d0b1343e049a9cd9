//! Keeps the stages apart: reads the sources, and says in a sentence which module names one that it may not.
//!
//! What counts is the code of the program: comments, and modules that are compiled for tests only, may name anything.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::support::{names_in, repository};

/// Who may know whom. A module always knows itself.
const MAY_KNOW: [(&str, &[&str]); 12] = [
    ("roster", &[]),
    // Values that do not fit into memory lie in a file; what they are is said by `roster`.
    ("files", &["roster"]),
    ("receive", &["files", "roster", "store"]),
    ("stage", &["files", "roster"]),
    ("read", &["roster"]),
    ("diff", &["read", "roster"]),
    ("check", &["diff", "read", "roster"]),
    ("matching", &["check", "roster"]),
    ("write", &["roster"]),
    ("report", &["roster"]),
    // The snapshot is `diff`'s value; where it lies is the store's business.
    ("store", &["diff", "files", "roster"]),
    (
        "pipeline",
        &["check", "diff", "files", "matching", "read", "receive", "report", "roster", "stage", "store", "write"],
    ),
];

/// May know everybody: `operate` runs it all; the other two are the map and the door.
const KNOW_ALL: [&str; 3] = ["lib", "main", "operate"];

/// Modules that take values and give values.
const PURE: [&str; 6] = ["roster", "read", "diff", "check", "matching", "report"];

/// The one file among them that writes: it leaves the report where the upload was made.
const WRITES_RESULTS: &str = "report/results.rs";

/// What a pure module does not touch: disk, network, surroundings, database.
const OUTSIDE: [&str; 11] = [
    "rusqlite",
    "rustix",
    "std::env",
    "std::fs",
    "std::net",
    "std::os",
    "std::process",
    "std::time",
    "tempfile",
    "tokio",
    "zip",
];

/// What asks the clock or opens a file, wherever it was imported from.
const ASKS: [&str; 5] = ["File::open", "Instant::now", "Local::now", "SystemTime::now", "Utc::now"];

/// One file under `src`.
struct Source {
    /// Below `src`.
    name: String,
    /// As it is.
    text: String,
    /// Without comments and tests.
    code: String,
}

impl Source {
    /// The module that it belongs to.
    fn module(&self) -> &str {
        self.name.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// Whether the code names `what`, or something in it.
    fn names(&self, what: &str) -> bool {
        let is_it = |path: &String| {
            path == what
                || path.starts_with(&format!("{what}::"))
                || (ASKS.contains(&what) && path.ends_with(&format!("::{what}")))
        };
        paths(&self.code).iter().any(is_it)
    }

    /// `path` as it reads from the root of the crate, if it leads into the crate.
    fn rooted(&self, path: &str) -> Option<String> {
        if let Some(rest) = path.strip_prefix("crate::") {
            return Some(rest.to_owned());
        }
        let mut here: Vec<&str> = self.name.trim_end_matches(".rs").split('/').filter(|part| *part != "mod").collect();
        let mut rest = path;
        while let Some(further) = rest.strip_prefix("super::") {
            here.pop();
            rest = further;
        }
        (rest != path).then(|| here.into_iter().chain([rest]).collect::<Vec<_>>().join("::"))
    }
}

fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for name in names_in(folder) {
        let path = folder.join(&name);
        if path.is_dir() {
            files.extend(files_below(&path));
        } else if name.ends_with(".rs") {
            files.push(path);
        }
    }
    files
}

/// Every file under `src`, but those of modules that are compiled for tests only.
fn sources() -> Vec<Source> {
    let src = repository("src");
    let all: Vec<Source> = files_below(&src)
        .into_iter()
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let name = path.strip_prefix(&src).unwrap().to_str().unwrap().to_owned();
            Source { name, code: without_tests(&without_comments(&text)), text }
        })
        .collect();
    let for_tests: Vec<String> = all.iter().flat_map(modules_for_tests).collect();
    let is_for_tests = |name: &str| {
        for_tests.iter().any(|module| name == format!("{module}.rs") || name.starts_with(&format!("{module}/")))
    };
    all.into_iter().filter(|source| !is_for_tests(&source.name)).collect()
}

/// The paths, without `.rs`, of modules that `source` declares for tests only and that are files of their own.
fn modules_for_tests(source: &Source) -> Vec<String> {
    let folder = source.name.trim_end_matches("mod.rs").trim_end_matches(".rs").trim_end_matches('/');
    let after = source.text.split("#[cfg(test)]").skip(1);
    let declared = after.filter_map(|text| text.trim_start().trim_start_matches("pub ").strip_prefix("mod "));
    let named =
        declared.filter_map(|text| text.split_once([';', '{']).filter(|(name, _)| text.as_bytes()[name.len()] == b';'));
    named.map(|(name, _)| format!("{folder}/{name}")).collect()
}

/// Without what follows `//` outside of text in quotes.
fn without_comments(text: &str) -> String {
    text.lines().map(|line| before_comment(line).to_owned() + "\n").collect()
}

fn before_comment(line: &str) -> &str {
    let mut in_quotes = false;
    let mut last = ' ';
    for (at, char) in line.char_indices() {
        match char {
            '"' if last != '\\' && last != '\'' => in_quotes = !in_quotes,
            '/' if last == '/' && !in_quotes => return &line[..at - 1],
            _ => {}
        }
        last = if last == '\\' && char == '\\' { ' ' } else { char };
    }
    line
}

/// Without the module of tests, which ends a file here.
fn without_tests(code: &str) -> String {
    let ends = |at: &usize| code[*at..].trim_start_matches("#[cfg(test)]").trim_start().starts_with("mod tests {");
    let end = code.match_indices("#[cfg(test)]").map(|(at, _)| at).find(ends);
    code[..end.unwrap_or(code.len())].to_owned()
}

/// Every path with `::` in `code`; of `a::{b, c::d}` both `a::b` and `a::c::d`.
fn paths(code: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut open: Vec<String> = Vec::new();
    let mut path = String::new();
    let mut chars = code.chars().peekable();
    while let Some(char) = chars.next() {
        match char {
            char if char.is_alphanumeric() || char == '_' => path.push(char),
            ':' if chars.peek() == Some(&':') => {
                chars.next();
                path.push_str("::");
            }
            '{' if path.ends_with("::") => {
                open.push(std::mem::take(&mut path));
            }
            char if char.is_whitespace() && open.is_empty() && path.ends_with("::") => {}
            '}' if !open.is_empty() => {
                note(&mut found, &open, &path);
                path.clear();
                open.pop();
            }
            _ => {
                note(&mut found, &open, &path);
                path.clear();
            }
        }
    }
    note(&mut found, &open, &path);
    found
}

fn note(found: &mut BTreeSet<String>, open: &[String], path: &str) {
    let whole = open.concat() + path;
    if !path.is_empty() && whole.contains("::") {
        found.insert(whole);
    }
}

/// The modules of this crate that `source` names.
fn known_to(source: &Source) -> BTreeSet<String> {
    let whole = paths(&source.code).into_iter().filter_map(|path| source.rooted(&path));
    let modules = whole.map(|path| path.split("::").next().unwrap_or_default().to_owned());
    modules.filter(|name| name != source.module()).collect()
}

fn none(sentences: Vec<String>) {
    assert!(sentences.is_empty(), "\n{}", sentences.join("\n"));
}

#[test]
fn a_module_names_only_those_that_it_may_know() {
    let mut sentences = Vec::new();
    for source in sources().iter().filter(|source| !KNOW_ALL.contains(&source.module())) {
        let may = MAY_KNOW.iter().find(|(module, _)| *module == source.module());
        let Some((module, may)) = may else {
            sentences
                .push(format!("src/{}: nobody has said whom this module may know; say it in MAY_KNOW", source.name));
            continue;
        };
        let wrong = known_to(source).into_iter().filter(|known| !may.contains(&known.as_str()));
        sentences.extend(
            wrong.map(|known| format!("src/{} names {known}, but {module} may know only {may:?}", source.name)),
        );
    }
    none(sentences);
}

#[test]
fn the_middle_touches_nothing_outside() {
    let mut sentences = Vec::new();
    for source in sources().iter().filter(|source| PURE.contains(&source.module()) && source.name != WRITES_RESULTS) {
        let wrong = OUTSIDE.into_iter().chain(ASKS).filter(|outside| source.names(outside));
        sentences.extend(wrong.map(|outside| {
            format!(
                "src/{} names {outside}, but {} takes values and gives values; let pipeline fetch it",
                source.name,
                source.module()
            )
        }));
    }
    none(sentences);
}

#[test]
fn sql_stays_with_those_who_own_tables_and_the_clock_with_operate() {
    let mut sentences = Vec::new();
    for source in &sources() {
        let module = source.module();
        if source.names("rusqlite") && !["store", "write"].contains(&module) {
            sentences.push(format!("src/{} names rusqlite, but only store and write know SQL", source.name));
        }
        if source.names("Utc::now") && module != "operate" {
            sentences
                .push(format!("src/{} asks what time it is, but is told it: only operate asks the clock", source.name));
        }
    }
    none(sentences);
}

#[test]
fn every_file_introduces_itself() {
    let silent = sources().into_iter().filter(|source| !source.text.starts_with("//! "));
    none(silent.map(|source| format!("src/{} does not begin with //! and what it is", source.name)).collect());
}

/// Every column of every shipped schema whose name is no plain word.
fn columns() -> BTreeSet<String> {
    let mut columns = BTreeSet::new();
    for format in ["clever-csv", "sds-create", "sds-existing"] {
        let folder = repository("schemas").join(format);
        for file in names_in(&folder) {
            let schema: Value = serde_json::from_slice(&std::fs::read(folder.join(file)).unwrap()).unwrap();
            let fields = schema["fields"].as_array().cloned().unwrap_or_default();
            columns.extend(fields.iter().map(|field| field["name"].as_str().unwrap().to_owned()));
        }
    }
    columns.into_iter().filter(|name| name.contains('_')).collect()
}

#[test]
fn no_column_is_known_to_the_check_by_name() {
    let columns = columns();
    assert!(columns.contains("Student_id") && columns.contains("Term_end"), "{columns:?}");
    let mut sentences = Vec::new();
    for source in sources().iter().filter(|source| source.module() == "check") {
        let words: BTreeSet<&str> = source.code.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        // In quotes the case says nothing; elsewhere a field of ours may be called as a column is, in small letters.
        let quoted: BTreeSet<String> = source.code.split('"').skip(1).step_by(2).map(str::to_lowercase).collect();
        let wrong =
            columns.iter().filter(|name| words.contains(name.as_str()) || quoted.contains(&name.to_lowercase()));
        sentences.extend(wrong.map(|name| {
            format!("src/{} names the column {name}; columns and what they mean stand in schemas/", source.name)
        }));
    }
    none(sentences);
}

#[test]
fn the_reader_of_sources_sees_what_it_must_see() {
    let found = paths("use crate::{store::Store, write};\nuse std::{fs::File, io};\nlet x = crate::stage::run(a::b);");
    for path in ["crate::store::Store", "crate::write", "std::fs::File", "std::io", "crate::stage::run", "a::b"] {
        assert!(found.contains(path), "{path} is missing in {found:?}");
    }
    assert_eq!(without_comments("let a = \"http://x\"; // crate::store"), "let a = \"http://x\"; \n");
    let source = |name: &str, text: &str| Source { name: name.into(), code: text.into(), text: text.into() };
    assert!(known_to(&source("check/a.rs", "use crate::{check::row, store};")).into_iter().eq(["store".to_owned()]));
    for (name, code) in [("check/a.rs", "super::super::store::x()"), ("check/mod.rs", "use super::store::x;")] {
        assert!(known_to(&source(name, code)).contains("store"), "{name}: {code}");
    }
    assert!(known_to(&source("check/rules/a.rs", "use super::super::row;")).is_empty());
    assert!(source("check/a.rs", "let t = std::time::SystemTime::now();").names("SystemTime::now"));
    assert!(source("check/a.rs", "use std::{fs, io};").names("std::fs"));
    assert_eq!(modules_for_tests(&source("a/mod.rs", "#[cfg(test)]\npub mod testing;\n")), ["a/testing"]);
    assert!(modules_for_tests(&source("a/mod.rs", "#[cfg(test)]\nmod tests {\n  let a;\n}")).is_empty());
}
