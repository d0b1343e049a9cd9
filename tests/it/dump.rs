//! What a store holds, table by table, so that a test can say that nothing changed.

use std::collections::BTreeMap;
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags};

/// What the library's programs see.
const LIBRARY: [&str; 4] = ["contacts", "enrollments", "patrons", "sections"];
/// Where it is written down that a delivery came and what was said of it: the one thing that a refusal may add to.
const HISTORY: [&str; 4] = ["batch_files", "batches", "refinery_schema_history", "runs"];

/// Rows of tables and views, each row as text, in an order of their own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Dump(BTreeMap<String, Vec<String>>);

impl Dump {
    /// Everything in the database `file`; nothing if it is not there.
    pub fn of(file: &Path) -> Self {
        if !file.exists() {
            return Self::default();
        }
        let connection = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
        let tables = "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%'";
        let mut tables = connection.prepare(tables).unwrap();
        let names = tables.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap);
        Self(names.map(|name| (name.clone(), rows(&connection, &name))).collect())
    }

    /// Only what the library's programs see.
    pub fn library(&self) -> Self {
        self.only(|name| LIBRARY.contains(&name))
    }

    /// All but what says that a delivery came.
    pub fn without_history(&self) -> Self {
        self.only(|name| !HISTORY.contains(&name))
    }

    /// The rows of `table` without their last cell.
    pub fn without_last_cell(mut self, table: &str) -> Self {
        for row in self.0.get_mut(table).into_iter().flatten() {
            row.truncate(row.rfind(" | ").unwrap_or(row.len()));
        }
        self
    }

    /// How many rows a table or view has.
    pub fn rows(&self, table: &str) -> usize {
        self.0.get(table).map_or(0, Vec::len)
    }

    /// The same with `…` for what is another each time: ids of runs, and how long they took.
    pub fn without_ids(&self) -> Self {
        let rows = |rows: &Vec<String>| {
            let mut rows: Vec<String> = rows.iter().map(|row| without_ids(row)).collect();
            rows.sort();
            rows
        };
        let same = self.only(|name| name != "refinery_schema_history");
        Self(same.0.iter().map(|(name, of)| (name.clone(), rows(of))).collect())
    }

    /// Without runs by hand that had nothing to do.
    pub fn without_idle_runs(&self) -> Self {
        let is_idle = |row: &String| row.contains(" | no_change | ") && row.contains("\"source\":\"command_line\"");
        let rows = |name: &str, rows: &Vec<String>| match name {
            "runs" => rows.iter().filter(|row| !is_idle(row)).cloned().collect(),
            _ => rows.clone(),
        };
        Self(self.0.iter().map(|(name, of)| (name.clone(), rows(name, of))).collect())
    }

    /// Without where files lay on their disk, which is another after each copy.
    pub fn without_places(&self) -> Self {
        self.only(|name| name != "drop_folders")
    }

    fn only(&self, wanted: impl Fn(&str) -> bool) -> Self {
        let kept = self.0.iter().filter(|(name, _)| wanted(name));
        Self(kept.map(|(name, rows)| (name.clone(), rows.clone())).collect())
    }

    /// What is another in `later`: for each table the rows that went and came. Tables without rows are as good as none.
    pub fn changes(&self, later: &Self) -> Vec<String> {
        let names = self.0.keys().chain(later.0.keys()).collect::<std::collections::BTreeSet<_>>();
        let none = Vec::new();
        let mut changes = Vec::new();
        for name in names {
            let (old, new) = (self.0.get(name).unwrap_or(&none), later.0.get(name).unwrap_or(&none));
            changes.extend(old.iter().filter(|row| !new.contains(row)).map(|row| format!("{name} lost {row}")));
            changes.extend(new.iter().filter(|row| !old.contains(row)).map(|row| format!("{name} got {row}")));
        }
        changes
    }
}

/// `019ac2f0-5d6e-7c11-9a52-0c6d3f6b8a10` and `"duration_ms":412` become dots.
fn without_ids(row: &str) -> String {
    let mut text = String::new();
    for part in row.split_inclusive(|c: char| !c.is_ascii_hexdigit() && c != '-') {
        let word = part.trim_end_matches(|c: char| !c.is_ascii_hexdigit());
        let is_id = word.len() >= 36 && word.is_char_boundary(word.len() - 36) && is_run_id(&word[word.len() - 36..]);
        let before = if is_id { word.len() - 36 } else { word.len() };
        text += &word[..before];
        text += if is_id { "…" } else { "" };
        text += &part[word.len()..];
    }
    match text.split_once("\"duration_ms\":") {
        Some((before, after)) => {
            format!("{before}\"duration_ms\":…{}", after.trim_start_matches(|c: char| c.is_ascii_digit()))
        }
        None => text,
    }
}

fn is_run_id(word: &str) -> bool {
    let dashes: Vec<usize> = word.match_indices('-').map(|(at, _)| at).collect();
    dashes == [8, 13, 18, 23] && word.as_bytes()[14] == b'7'
}

fn rows(connection: &Connection, table: &str) -> Vec<String> {
    let mut all = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let columns = all.column_count();
    let text = |row: &rusqlite::Row<'_>| {
        let cells = (0..columns).map(|index| cell(row.get_ref(index).unwrap()));
        Ok(cells.collect::<Vec<_>>().join(" | "))
    };
    let mut rows: Vec<String> = all.query_map([], text).unwrap().map(Result::unwrap).collect();
    rows.sort();
    rows
}

fn cell(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Blob(bytes) => format!("{bytes:02x?}"),
    }
}
