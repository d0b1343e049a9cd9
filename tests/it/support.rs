//! A folder of its own for each test, and `rosterd` run in it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use rosterd::store::Store;
use rusqlite::Connection;
use serde_json::Value;
use tempfile::TempDir;

use crate::dump::Dump;

/// A file or folder of this repository.
pub fn repository(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The names in a folder, in order.
pub fn names_in(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Every file below a folder, with its bytes; empty if it is not there.
pub fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(tree(&path));
        } else {
            files.insert(path.clone(), std::fs::read(&path).unwrap());
        }
    }
    files
}

/// A folder in which `rosterd` runs, with a database that is not there yet.
pub struct Desk(TempDir);

/// How a command ended.
#[derive(Debug)]
pub struct Ended {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ended {
    /// Standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("not JSON: {error}\n{self:?}"))
    }

    /// It ended with `code`, printed no result, and said all of `words`.
    #[track_caller]
    pub fn refused(&self, code: i32, words: &[&str]) {
        assert_eq!((self.code, self.out.as_str()), (code, ""), "{self:?}");
        for word in words {
            assert!(self.err.contains(word), "{word:?} is missing in {:?}", self.err);
        }
    }

    /// It ended well; gives standard output.
    #[track_caller]
    pub fn well(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }
}

impl Desk {
    /// In memory where the machine has such a place: a store waits for the disk after every run, and that adds up.
    pub fn new() -> Self {
        let memory = Path::new("/dev/shm");
        Self(TempDir::new_in(memory).or_else(|_| TempDir::new()).unwrap())
    }

    /// Runs `rosterd` with these words.
    pub fn run(&self, words: &[&str]) -> Ended {
        let output = self.command(words).output().unwrap();
        Ended {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Runs `rosterd` with the words of `line`, which hold no blanks themselves.
    pub fn line(&self, line: &str) -> Ended {
        self.run(&line.split_whitespace().collect::<Vec<_>>())
    }

    /// The command before it runs.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = assert_cmd::cargo::cargo_bin_cmd!("rosterd");
        command.current_dir(self.0.path()).args(words);
        for name in ["ROSTERD_STORE", "ROSTERD_LOG", "ROSTERD_BUSY_MS", "NO_COLOR"] {
            command.env_remove(name);
        }
        command
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), text).unwrap();
    }

    /// Everything that lies in the folder.
    pub fn files(&self) -> Vec<String> {
        names_in(self.0.path())
    }

    /// Copies the files of a folder of this repository to a folder here; those of bad samples without what belongs to the
    /// test. Gives the copy.
    pub fn copy(&self, from: &str, to: &str) -> PathBuf {
        let (from, to) = (repository(from), self.path(to));
        std::fs::create_dir_all(&to).unwrap();
        for name in names_in(&from).iter().filter(|name| *name != "expected.json") {
            std::fs::copy(from.join(name), to.join(name)).unwrap();
        }
        to
    }

    /// Everything that the store holds.
    pub fn dump(&self) -> Dump {
        Dump::of(&self.path("rosterd.db"))
    }

    /// Copies of deliveries that a run has not taken away.
    pub fn incoming(&self) -> Vec<PathBuf> {
        tree(&self.path("rosterd.db.d/incoming")).into_keys().collect()
    }

    /// What a run leaves beside the database: kept deliveries and fingerprints.
    pub fn kept(&self) -> Vec<PathBuf> {
        tree(&self.path("rosterd.db.d")).into_keys().collect()
    }

    /// The database as the library's program opens it.
    pub fn database(&self) -> Connection {
        Connection::open(self.path("rosterd.db")).unwrap()
    }

    /// The database as `rosterd` opens it.
    pub fn store(&self) -> Store {
        Store::open(self.path("rosterd.db").to_str().unwrap()).unwrap()
    }

    /// Creates the district `id` with default settings.
    pub fn with_district(self, id: &str) -> Self {
        self.write("settings.toml", format!("id = \"{id}\"\n"));
        self.line("district apply settings.toml").well();
        self
    }

    /// The number that stands for `district` in the tables.
    pub fn seq(&self, district: &str) -> i64 {
        self.store().district(district).unwrap().unwrap().seq
    }
}

/// The permissions of a file, as `ls` counts them.
pub fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}
