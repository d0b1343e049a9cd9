//! A library with its database in a folder of its own, into which sets are taken in this process.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Instant;

use chrono::{DateTime, Days, Utc};
use rosterd::pipeline::{self, Job};
use rosterd::report::{RunReport, Source};
use rosterd::roster::schema::{SchemaSet, shipped};
use rosterd::roster::settings::Settings;
use rosterd::store::Store;
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use serde_json::{Value, json};
use tempfile::TempDir;

/// Tables that tell of runs, not of what the library and the roster hold.
const OF_RUNS: [&str; 12] = [
    "runs",
    "batches",
    "batch_files",
    "holds",
    "held_actions",
    "questions",
    "audit",
    "snapshots",
    "changes",
    "own_write",
    "sqlite_sequence",
    "refinery_schema_history",
];

/// A database, its settings and its clock.
pub struct Library {
    folder: TempDir,
    store: Store,
    pub settings: Settings,
    pub schemas: &'static SchemaSet,
    now: DateTime<Utc>,
}

impl Library {
    /// An empty one.
    pub fn new(settings: Settings) -> Self {
        let folder = quick_folder();
        let store = Store::open(folder.path().join("library.db").to_str().unwrap()).unwrap();
        let now = "2026-11-20T02:00:00Z".parse().unwrap();
        let library = Self { folder, store, settings, schemas: schemas(), now };
        library.store.put_district(&library.settings).unwrap();
        library
    }

    /// Where the test may put sets.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The database as the library's own programs open it.
    pub fn database(&self) -> Connection {
        Connection::open(self.folder.path().join("library.db")).unwrap()
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Other settings from now on.
    pub fn apply(&mut self, settings: &Settings) {
        self.settings = settings.clone();
        self.store.put_district(settings).unwrap();
    }

    pub fn days_pass(&mut self, days: u64) {
        self.now = self.now + Days::new(days);
    }

    /// Loses what was remembered of last night's rows.
    pub fn forget_snapshots(&self) {
        let _ = std::fs::remove_dir_all(self.folder.path().join("library.db.d/snapshots"));
    }

    pub fn ingest(&self, set: &Path) -> RunReport {
        self.try_ingest(set).unwrap_or_else(|error| panic!("{error:?}"))
    }

    pub fn preview(&self, set: &Path) -> RunReport {
        self.run(set, true).unwrap_or_else(|error| panic!("{error:?}"))
    }

    pub fn try_ingest(&self, set: &Path) -> anyhow::Result<RunReport> {
        self.run(set, false)
    }

    fn run(&self, set: &Path, is_preview: bool) -> anyhow::Result<RunReport> {
        let job = Job {
            path: set,
            source: Source::CommandLine,
            settings: &self.settings,
            schemas: self.schemas,
            now: self.now,
            as_of: None,
            delta: false,
            is_preview,
            wants_rejected: false,
            begun: Instant::now(),
            recorded: None,
        };
        let done = pipeline::run(&self.store, &job)?;
        adds_up(&done.report);
        Ok(done.report)
    }

    /// Everything that the library and the roster hold, a line a row.
    pub fn dump(&self) -> Value {
        let database = self.database();
        let names = "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name";
        let mut names = database.prepare(names).unwrap();
        let names = names.query_map([], |row| row.get::<_, String>(0)).unwrap().map(Result::unwrap);
        let kept = names.filter(|name| !OF_RUNS.contains(&name.as_str()));
        json!(kept.flat_map(|name| rows_of(&database, &name)).collect::<Vec<_>>())
    }

    /// Ids of patrons by status: who was removed.
    pub fn people_with_status(&self, status: i64) -> Vec<(String, String)> {
        let sql = "SELECT e.kind, e.id FROM patrons p JOIN entities e ON e.patron = p.patron_id WHERE p.status = ? ORDER BY 1, 2";
        let database = self.database();
        let mut statement = database.prepare(sql).unwrap();
        let kind = |number: i64| super::town::KINDS[number as usize].to_owned();
        let rows = statement.query_map([status], |row| Ok((kind(row.get(0)?), row.get(1)?))).unwrap();
        rows.map(Result::unwrap).collect()
    }
}

/// The shipped schemas, read once.
pub fn schemas() -> &'static SchemaSet {
    static SCHEMAS: OnceLock<SchemaSet> = OnceLock::new();
    SCHEMAS.get_or_init(|| shipped("clever-csv").unwrap().unwrap())
}

/// What two runs must have in common however much each of them read.
pub fn essence(report: &RunReport) -> Value {
    let mut json = serde_json::to_value(report).unwrap();
    for key in ["run", "started_at", "duration_ms"] {
        json[key] = Value::Null;
    }
    for file in json["files"].as_array_mut().unwrap() {
        file["unchanged"] = Value::Null;
    }
    json
}

/// Fails with only the lines that differ.
#[track_caller]
pub fn same(left: &Value, right: &Value, what: &str) {
    if left != right {
        let [left, right] = [left, right].map(|value| serde_json::to_string_pretty(value).unwrap());
        let only = |these: &str, those: &str| {
            these.lines().filter(|line| !those.lines().any(|other| other == *line)).collect::<Vec<_>>().join("\n")
        };
        panic!("{what}: the first says\n{}\nthe second\n{}", only(&left, &right), only(&right, &left));
    }
}

/// The counts of a report once more, from its JSON alone.
fn adds_up(report: &RunReport) {
    let json = serde_json::to_value(report).unwrap();
    let number = |value: &Value| value.as_u64().unwrap_or_else(|| panic!("no number in {json:#}"));
    let is_whole = json["plan"].is_string();
    for file in json["files"].as_array().unwrap().iter().filter(|_| is_whole) {
        let parts = ["accepted", "refused", "blank", "folded"].map(|key| number(&file[key]));
        assert_eq!(number(&file["rows"]), parts.iter().sum::<u64>(), "{file:#}");
        assert!(number(&file["unchanged"]) <= number(&file["rows"]), "{file:#}");
    }
    let mut counted = std::collections::BTreeMap::new();
    let codes = json["problems"].as_array().unwrap().iter().map(|problem| problem["code"].as_str().unwrap());
    codes.for_each(|code| *counted.entry(code.to_owned()).or_insert(0_u64) += 1);
    assert_eq!(json["problem_counts"], json!(counted), "{json:#}");
}

/// A folder in memory where the machine has one: thousands of small databases are made durable there.
pub fn quick_folder() -> TempDir {
    let memory = PathBuf::from("/dev/shm");
    let made = tempfile::Builder::new().prefix("rosterd-").tempdir_in(&memory);
    made.unwrap_or_else(|_| TempDir::new().unwrap())
}

fn rows_of(database: &Connection, table: &str) -> Vec<String> {
    let columns = if table == "districts" { "seq, id, settings" } else { "*" };
    let mut statement = database.prepare(&format!("SELECT {columns} FROM {table}")).unwrap();
    let count = statement.column_count();
    let read =
        |row: &rusqlite::Row<'_>| Ok((0..count).map(|at| text(row.get_ref_unwrap(at))).collect::<Vec<_>>().join(" | "));
    let mut rows: Vec<String> =
        statement.query_map([], read).unwrap().map(|row| format!("{table}: {}", row.unwrap())).collect();
    rows.sort();
    rows
}

fn text(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "-".into(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => String::from_utf8_lossy(bytes).escape_debug().to_string(),
    }
}
