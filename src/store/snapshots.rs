//! Fingerprints of last night's rows, in files beside the database, each named by the run that wrote it.
//!
//! A file that is missing or does not hash to what the database says is as good as none: everything is looked at.

use std::fs;
use std::io::{self, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rusqlite::{OptionalExtension, params};
use xxhash_rust::xxh3::Xxh3;

use super::{Store, StoreError};
use crate::diff::{ROW_BYTES, Snapshot, Tonight};
use crate::files::{fail_point, private};
use crate::roster::FileKind;
use crate::roster::record::Spill;

/// Where a district's fingerprints lie.
#[derive(Debug)]
pub struct SnapshotFiles {
    folder: PathBuf,
}

impl SnapshotFiles {
    /// In the folder beside the database.
    pub fn new(folder: &Path) -> Self {
        Self { folder: folder.join("snapshots") }
    }

    /// Writes a snapshot under a name of its own; gives the name and its hash.
    pub fn write(&self, seq: i64, kind: FileKind, run: &str, snapshot: &Tonight) -> io::Result<(String, i64)> {
        private::create_folder(&self.folder)?;
        let name = format!("{seq}-{kind}-{run}");
        match self.write_file(&name, snapshot) {
            Ok(hash) => Ok((name, hash)),
            Err(error) => {
                self.remove(&name);
                Err(error)
            }
        }
    }

    fn write_file(&self, name: &str, snapshot: &Tonight) -> io::Result<i64> {
        let mut file = Hashing { inner: private::create_file(&self.folder.join(name))?, hash: Xxh3::new() };
        file.write_all(&snapshot.salt.to_le_bytes())?;
        file.write_all(&(snapshot.len() as u64).to_le_bytes())?;
        fail_point::reach("writing fingerprints");
        let mut bytes = Vec::with_capacity(ROW_BYTES * ROWS_AT_ONCE);
        for (number, (print, owner)) in snapshot.rows().enumerate() {
            bytes.extend_from_slice(&print.to_le_bytes());
            bytes.extend_from_slice(&owner.to_le_bytes());
            if (number + 1).is_multiple_of(ROWS_AT_ONCE) {
                file.write_all(&bytes)?;
                bytes.clear();
            }
        }
        file.write_all(&bytes)?;
        file.inner.flush()?;
        Ok(file.hash.digest().cast_signed())
    }

    /// Last night's snapshot; `None` where the file is not what was written. Its rows are read when they are asked for.
    pub fn read(&self, name: &str, hash: i64) -> Option<Snapshot> {
        let file = private::open_regular(&self.folder.join(name)).ok()?;
        open_snapshot(file, hash).ok().flatten()
    }

    /// Removes a file that nobody names. One that cannot be removed now is removed by the next run.
    pub fn remove(&self, name: &str) {
        let _ = fs::remove_file(self.folder.join(name));
    }

    /// Removes every file of a district but those named.
    pub fn keep_only(&self, seq: i64, names: &[String]) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let prefix = format!("{seq}-");
        for entry in entries.flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(&prefix) && !names.contains(&name) {
                // A file that cannot be removed now is removed after a later run; it is never read again.
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

fn open_snapshot(file: fs::File, hash: i64) -> io::Result<Option<Snapshot>> {
    let (mut head, mut bytes) = ([0; HEAD_BYTES], vec![0; ROW_BYTES * ROWS_AT_ONCE]);
    file.read_exact_at(&mut head, 0)?;
    let (mut at, mut whole) = (0, Xxh3::new());
    loop {
        match file.read_at(&mut bytes, at)? {
            0 => break,
            count => {
                whole.update(&bytes[..count]);
                at += count as u64;
            }
        }
    }
    let [salt, length] = [0, 8].map(|at| head[at..at + 8].try_into().map_or(0, u64::from_le_bytes));
    let is_whole = at == HEAD_BYTES as u64 + length * ROW_BYTES as u64 && whole.digest().cast_signed() == hash;
    Ok(is_whole.then(|| Snapshot::stored(salt, length as usize, Box::new(Stored(file)), HEAD_BYTES as u64)))
}

/// A snapshot's file, from which rows are only read.
#[derive(Debug)]
struct Stored(fs::File);

impl Spill for Stored {
    fn put(&mut self, _at: u64, _block: &[u8]) -> io::Result<()> {
        Err(io::Error::other("last night's fingerprints do not change"))
    }

    fn get(&self, at: u64, bytes: &mut [u8]) -> io::Result<()> {
        self.0.read_exact_at(bytes, at)
    }
}

/// Salt and length.
const HEAD_BYTES: usize = 16;
/// So many rows are hashed, read and written together.
const ROWS_AT_ONCE: usize = 8 << 10;

struct Hashing<F> {
    inner: F,
    hash: Xxh3,
}

impl<F: Write> Write for Hashing<F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hash.update(&bytes[..count]);
        Ok(count)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

impl Store {
    /// The name and hash of a kind's snapshot, and how many enrollments the roster had then.
    pub fn snapshot(&self, seq: i64, kind: FileKind) -> Result<Option<(String, i64, i64)>, StoreError> {
        let sql = "SELECT file, hash, pairs FROM snapshots WHERE district = ? AND kind = ?";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let found = self.connection.query_row(sql, params![seq, kind.word()], read).optional();
        found.map_err(|error| self.explain("read", error))
    }

    /// Names the snapshot that belongs to the roster as it will be.
    pub fn put_snapshot(&self, seq: i64, kind: FileKind, name: &str, hash: i64, pairs: i64) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?, ?)";
        self.change("write", sql, params![seq, kind.word(), name, hash, pairs])
    }

    /// Forgets all snapshots of a district: the roster changed in a way that they do not know.
    pub fn clear_snapshots(&self, seq: i64) -> Result<(), StoreError> {
        self.change("write", "DELETE FROM snapshots WHERE district = ?", params![seq])
    }

    /// Names of the snapshots in use.
    pub fn snapshot_names(&self, seq: i64) -> Result<Vec<String>, StoreError> {
        self.rows("read", "SELECT file FROM snapshots WHERE district = ?", params![seq], |row| row.get(0))
    }
}
