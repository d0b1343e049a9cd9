//! Opening the file: created private, migrated, refused in a sentence when it is newer, locked or no database.

use std::cell::Cell;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use crate::files::fail_point;

mod embedded {
    refinery::embed_migrations!("src/store/migrations");
}

/// Why the store cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another program writes to it.
    #[error("the database {0} is locked by another program; wait until it has finished, then try again")]
    Locked(String),
    /// The file is something else.
    #[error("{0} is not a rosterd database; name another file with --store")]
    NotADatabase(String),
    /// A newer rosterd has changed it.
    #[error(
        "the database {file} has version {found}, and this rosterd knows only versions up to {known}; use the newer rosterd"
    )]
    Newer {
        /// The file.
        file: String,
        /// Its version.
        found: i64,
        /// Ours.
        known: i64,
    },
    /// A kind of store that this program does not have.
    #[error("{0} is not a store that this rosterd can use; name a file, such as --store rosterd.db")]
    Unsupported(String),
    /// What was copied does not hold together.
    #[error(
        "the copy of the database {file} is damaged ({damage}); restore the last good backup, and look after the disk"
    )]
    Damaged {
        /// The file.
        file: String,
        /// What SQLite says of it.
        damage: String,
    },
    /// The disk or the database failed.
    #[error("failed to {doing} the database {file}")]
    Failed {
        /// What was being done.
        doing: &'static str,
        /// The file.
        file: String,
        /// Why not.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

/// An open store.
#[derive(Debug)]
pub struct Store {
    pub(crate) connection: Connection,
    pub(super) path: Option<PathBuf>,
    /// The version of the data that was seen last.
    pub(super) seen: Cell<i64>,
}

impl Store {
    /// Opens the store that `url` names (a path, or `sqlite:PATH`), creating it if it is not there.
    pub fn open(url: &str) -> Result<Self, StoreError> {
        let path = path_of(url)?;
        create_private(&path).map_err(|source| failed("create", &path, source))?;
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags).map_err(|error| explain("open", &path, error))?;
        let mut store = Self { connection, path: Some(path), seen: Cell::new(0) };
        store.prepare()?;
        Ok(store)
    }

    /// Opens the store if it is there; one in memory, and empty, if not. For looking only.
    pub fn open_to_look(url: &str) -> Result<Self, StoreError> {
        if path_of(url)?.exists() {
            return Self::open(url);
        }
        let connection = Connection::open_in_memory().map_err(|error| explain("open", Path::new(":memory:"), error))?;
        let mut store = Self { connection, path: None, seen: Cell::new(0) };
        store.prepare()?;
        Ok(store)
    }

    /// Opens the store that is there, to copy it. Nothing is brought up to date, so that an older one can be saved before a newer
    /// rosterd changes it. `None`: there is none.
    pub fn open_to_copy(url: &str) -> Result<Option<Self>, StoreError> {
        let path = path_of(url)?;
        if !path.exists() {
            return Ok(None);
        }
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&path, flags).map_err(|error| explain("open", &path, error))?;
        connection.busy_timeout(wait_for_lock()).map_err(|error| explain("open", &path, error))?;
        let store = Self { connection, path: Some(path.clone()), seen: Cell::new(0) };
        store.refuse_strangers(&path)?;
        Ok(Some(store))
    }

    /// Opens once more a store that is open, for reading only.
    pub(super) fn open_to_read(path: &Path) -> Result<Self, StoreError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags).map_err(|error| explain("open", path, error))?;
        connection.busy_timeout(wait_for_lock()).map_err(|error| explain("open", path, error))?;
        Ok(Self { connection, path: Some(path.to_owned()), seen: Cell::new(0) })
    }

    /// Whether there is a file; not so where one was to be looked at and is not there.
    pub fn is_on_disk(&self) -> bool {
        self.path.is_some()
    }

    /// The folder beside the database where kept copies and fingerprints lie.
    pub fn folder(&self) -> Option<PathBuf> {
        let path = self.path.as_ref()?;
        let mut name = path.file_name()?.to_owned();
        name.push(".d");
        Some(path.with_file_name(name))
    }

    /// The file's name for messages.
    pub fn name(&self) -> String {
        self.path.as_ref().map_or_else(|| ":memory:".into(), |path| path.display().to_string())
    }

    fn prepare(&mut self) -> Result<(), StoreError> {
        let path = self.path.clone().unwrap_or_else(|| ":memory:".into());
        let explained = |error| explain("open", &path, error);
        let settings = "PRAGMA page_size = 16384; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY; PRAGMA foreign_keys = ON;";
        self.connection.busy_timeout(wait_for_lock()).map_err(explained)?;
        self.connection.execute_batch(settings).map_err(explained)?;
        self.refuse_strangers(&path)?;
        let mode = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;";
        self.connection.execute_batch(mode).map_err(explained)?;
        self.connection.set_prepared_statement_cache_capacity(256);
        self.migrate(&path)
    }

    /// A database of somebody else's is not touched, nor one of a newer rosterd.
    fn refuse_strangers(&self, path: &Path) -> Result<(), StoreError> {
        let count = |sql: &str| self.connection.query_row(sql, [], |row| row.get::<_, i64>(0));
        let tables = count("SELECT count(*) FROM sqlite_schema").map_err(|error| explain("read", path, error))?;
        let history = count("SELECT count(*) FROM sqlite_schema WHERE name = 'refinery_schema_history'")
            .map_err(|error| explain("read", path, error))?;
        if tables > 0 && history == 0 {
            return Err(StoreError::NotADatabase(path.display().to_string()));
        }
        if history == 0 {
            return Ok(());
        }
        let found = count("SELECT coalesce(max(version), 0) FROM refinery_schema_history")
            .map_err(|error| explain("read", path, error))?;
        let known = known_version();
        if found > known { Err(StoreError::Newer { file: path.display().to_string(), found, known }) } else { Ok(()) }
    }

    fn migrate(&mut self, path: &Path) -> Result<(), StoreError> {
        let current = self
            .connection
            .query_row("SELECT max(version) FROM refinery_schema_history", [], |row| row.get::<_, i64>(0))
            .is_ok_and(|version| version == known_version());
        if current {
            return Ok(());
        }
        fail_point::reach("before the tables are made");
        // In one transaction with the note that they were made; otherwise a kill between the two would leave a store that nobody can open.
        let done = embedded::migrations::runner().set_grouped(true).run(&mut self.connection);
        done.map(|_| ()).map_err(|source| failed("migrate", path, source))
    }
}

/// How long another program's lock is waited for. `ROSTERD_BUSY_MS` says otherwise, for tests and for stores on slow disks.
fn wait_for_lock() -> Duration {
    let asked_for = std::env::var("ROSTERD_BUSY_MS").ok().and_then(|text| text.parse().ok());
    Duration::from_millis(asked_for.unwrap_or(10_000))
}

fn known_version() -> i64 {
    let migrations = embedded::migrations::runner();
    migrations.get_migrations().iter().map(|migration| i64::from(migration.version())).max().unwrap_or(0)
}

fn path_of(url: &str) -> Result<PathBuf, StoreError> {
    if let Some(path) = url.strip_prefix("sqlite:") {
        return Ok(path.into());
    }
    if url.contains("://") || url.is_empty() {
        return Err(StoreError::Unsupported(url.to_owned()));
    }
    Ok(url.into())
}

/// Creates the file readable by its owner only, before SQLite would create it for everybody.
fn create_private(path: &Path) -> std::io::Result<()> {
    match std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path) {
        Ok(file) => file.set_permissions(std::fs::Permissions::from_mode(0o600)),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error),
    }
}

pub(super) fn failed(
    doing: &'static str,
    path: &Path,
    source: impl std::error::Error + Send + Sync + 'static,
) -> StoreError {
    StoreError::Failed { doing, file: path.display().to_string(), source: Box::new(source) }
}

fn explain(doing: &'static str, path: &Path, error: rusqlite::Error) -> StoreError {
    let file = path.display().to_string();
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => StoreError::Locked(file),
        Some(ErrorCode::NotADatabase) => StoreError::NotADatabase(file),
        Some(ErrorCode::DatabaseCorrupt) => StoreError::Damaged { file, damage: error.to_string() },
        _ => failed(doing, path, error),
    }
}

/// Whether this is the database's word that there is no room for more.
pub fn is_full(error: &(dyn std::error::Error + 'static)) -> bool {
    let code = error.downcast_ref().and_then(rusqlite::Error::sqlite_error_code);
    code == Some(ErrorCode::DiskFull)
}

impl Store {
    /// Starts the one transaction of a run. Nobody else can write until it ends, so that what was planned is what is there.
    pub fn begin(&self) -> Result<(), StoreError> {
        self.execute("begin a run in", "BEGIN IMMEDIATE")?;
        fail_point::reach("the run has begun");
        Ok(())
    }

    /// Starts a transaction that only reads.
    pub fn begin_to_look(&self) -> Result<(), StoreError> {
        self.execute("read", "BEGIN")
    }

    /// Makes everything since `begin` durable.
    pub fn commit(&self) -> Result<(), StoreError> {
        fail_point::reach("before the commit");
        self.execute("write", "COMMIT")?;
        fail_point::reach("after the commit");
        Ok(())
    }

    /// Lets this connection wait so long while another one writes.
    pub fn wait_for_others(&self, patience: Duration) -> Result<(), StoreError> {
        self.connection.busy_timeout(patience).map_err(|error| self.explain("open", error))
    }

    /// Takes everything since `begin` back.
    pub fn roll_back(&self) -> Result<(), StoreError> {
        if self.connection.is_autocommit() { Ok(()) } else { self.execute("roll back", "ROLLBACK") }
    }

    fn execute(&self, doing: &'static str, sql: &str) -> Result<(), StoreError> {
        self.connection.execute_batch(sql).map_err(|error| self.explain(doing, error))
    }

    /// Says what went wrong with which database.
    pub(crate) fn explain(&self, doing: &'static str, error: rusqlite::Error) -> StoreError {
        explain(doing, Path::new(&self.name()), error)
    }
}
