//! What every command may ask for: the store, the time, the schemas, the district.
//!
//! Made once by `main`. The only place that looks at the clock. Knows no single command.

use std::path::Path;

use chrono::{DateTime, SecondsFormat, Utc};

use super::args::{Common, Format};
use super::failure::Failure;
use super::output::Output;
use crate::roster::nearest::nearest;
use crate::roster::schema::{SchemaSet, load, shipped, shipped_names};
use crate::store::{District, Store};

/// Options and standard streams of this process.
#[derive(Debug)]
pub struct Context {
    /// Options that every command knows.
    pub common: Common,
    /// Where results go.
    pub output: Output,
}

impl Context {
    /// The store, created if it is not there.
    pub fn store(&self) -> Result<Store, Failure> {
        Ok(Store::open(&self.common.store)?)
    }

    /// The store for looking: an empty one if there is none yet, and a note that says so. Nothing is created.
    pub fn store_to_look(&self) -> Result<Store, Failure> {
        let store = Store::open_to_look(&self.common.store)?;
        if !store.is_on_disk() {
            self.output.note(&format!("note: {}", self.no_store()));
        }
        Ok(store)
    }

    /// The store for changing what is in it already.
    pub fn store_to_change(&self) -> Result<Store, Failure> {
        let store = Store::open_to_look(&self.common.store)?;
        if store.is_on_disk() { Ok(store) } else { Err(Failure::usage(self.no_store())) }
    }

    /// That there is no store yet, and how it comes about.
    pub fn no_store(&self) -> String {
        format!(
            "there is no database {} yet; `rosterd ingest PATH` creates it, --store names another one",
            self.common.store
        )
    }

    /// The district of `--district`.
    pub fn district(&self, store: &Store) -> Result<District, Failure> {
        self.district_called(store, &self.common.district)
    }

    /// The district with this id.
    pub fn district_called(&self, store: &Store, id: &str) -> Result<District, Failure> {
        store.district(id)?.ok_or_else(|| Failure::usage(self.no_district(store, id)))
    }

    /// That there is such a district, unless there is not even a store: then everything is empty, and a note said so.
    pub fn require_district(&self, store: &Store) -> Result<(), Failure> {
        if store.is_on_disk() { self.district(store).map(|_| ()) } else { Ok(()) }
    }

    fn no_district(&self, store: &Store, id: &str) -> String {
        let ids = store.district_ids().unwrap_or_default();
        let hint = match nearest(id, ids.iter().map(String::as_str)) {
            Some(meant) => format!(" (perhaps you mean {meant:?})"),
            None if (1..=5).contains(&ids.len()) => format!(" (it has {})", ids.join(", ")),
            None => String::new(),
        };
        format!(
            "there is no district {id:?} in {}{hint}; --district names another, `rosterd district apply FILE.toml` or \
             `rosterd ingest PATH` creates it",
            self.common.store
        )
    }

    /// The time of this command: `--now`, or the clock.
    #[expect(clippy::disallowed_methods, reason = "the one place that asks the clock; everybody else is told the time")]
    pub fn now(&self) -> DateTime<Utc> {
        self.common.now.unwrap_or_else(Utc::now)
    }

    /// The time of this command as tables store it.
    pub fn now_text(&self) -> String {
        self.now().to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// The schemas of `--schemas`, or the default ones.
    pub fn schemas(&self) -> Result<SchemaSet, Failure> {
        match &self.common.schemas {
            Some(folder) if folder.is_dir() => schemas_in(folder),
            Some(name) => built_in(name),
            None => default_schemas(),
        }
    }

    /// How results are printed.
    pub fn format(&self) -> Format {
        self.common.format
    }

    /// Whether results are printed for programs.
    pub fn is_json(&self) -> bool {
        self.common.format == Format::Json
    }
}

fn default_schemas() -> Result<SchemaSet, Failure> {
    let built_in = shipped_names().next().and_then(shipped);
    built_in.unwrap_or_else(|| unreachable!("a format is built in")).map_err(|error| Failure::ours(&error))
}

/// What is no folder may be the name of a built-in format.
fn built_in(name: &Path) -> Result<SchemaSet, Failure> {
    match name.to_str().and_then(shipped) {
        Some(schemas) => schemas.map_err(|error| Failure::ours(&error)),
        None => Err(Failure::usage(format!(
            "there is no folder {} with schemas; built in are {}",
            name.display(),
            shipped_names().collect::<Vec<_>>().join(", ")
        ))),
    }
}

fn schemas_in(folder: &Path) -> Result<SchemaSet, Failure> {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).map_err(|error| error.to_string());
    load(&read).map_err(|error| Failure::usage(format!("the schemas in {} cannot be used: {error}", folder.display())))
}
