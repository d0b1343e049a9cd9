//! The roster of a district, read while its delivery is copied and looked over: both take long, and neither needs the other.
//!
//! It is read over a connection of its own, before the run's transaction begins. The transaction then tells whether anybody wrote since; if
//! so, what was read does not count, and the roster is read once more. `pipeline` starts it and asks for what came of it.

use std::path::Path;
use std::thread::JoinHandle;

use super::{Store, StoreError};
use crate::roster::entities::Roster;

/// A roster that is being read. It is waited for even if nobody wants it any more, so that no connection outlives the run's.
#[derive(Debug)]
pub struct RosterAhead {
    reading: Option<JoinHandle<Result<Roster, StoreError>>>,
    version: i64,
}

impl Store {
    /// Begins to read a district's roster. Nothing where that is not possible; then it is read when it is needed.
    pub fn read_roster_ahead(&self, seq: i64) -> Option<RosterAhead> {
        let version = self.version().ok()?;
        let path = self.path.clone()?;
        let reading = std::thread::Builder::new().name("roster".into()).spawn(move || read(&path, seq)).ok()?;
        Some(RosterAhead { reading: Some(reading), version })
    }

    /// The roster as it stands in the transaction that has begun: what was read ahead, if that is still the same.
    pub fn roster_read_ahead(&self, seq: i64, ahead: Option<RosterAhead>) -> Result<Roster, StoreError> {
        let version = self.version()?;
        let read = ahead.filter(|ahead| ahead.version == version).and_then(RosterAhead::finish);
        read.map_or_else(|| self.roster(seq), Ok)
    }

    /// A number that is another one as soon as another connection has written.
    fn version(&self) -> Result<i64, StoreError> {
        let version = self.connection.query_row("PRAGMA data_version", [], |row| row.get(0));
        version.map_err(|error| self.explain("read", error))
    }
}

impl RosterAhead {
    /// What was read. Why it could not be read is of no use: whoever reads it again will hear of it.
    fn finish(mut self) -> Option<Roster> {
        self.reading.take()?.join().ok()?.ok()
    }
}

impl Drop for RosterAhead {
    fn drop(&mut self) {
        if let Some(reading) = self.reading.take() {
            drop(reading.join());
        }
    }
}

fn read(path: &Path, seq: i64) -> Result<Roster, StoreError> {
    let store = Store::open_to_read(path)?;
    store.begin_to_look()?;
    store.roster(seq)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roster::FileKind;

    fn store(home: &tempfile::TempDir) -> Store {
        Store::open(&home.path().join("store.db").display().to_string()).expect("a store")
    }

    fn add(store: &Store, number: u32) {
        let id = format!("S{number}");
        store.put_placeholder(1, 1, FileKind::Students, number, &id).expect("it can be written");
    }

    #[test]
    fn what_was_read_ahead_counts_only_while_nobody_else_has_written() {
        let home = tempfile::tempdir().expect("a folder");
        let (ours, theirs) = (store(&home), store(&home));
        add(&ours, 0);
        let ahead = ours.read_roster_ahead(1);
        assert!(ahead.is_some());
        ours.begin().expect("it can begin");
        let roster = ours.roster_read_ahead(1, ahead).expect("it can be read");
        assert_eq!(roster.of(FileKind::Students).find("S0"), Some(0));
        ours.roll_back().expect("it can be rolled back");

        let ahead = ours.read_roster_ahead(1);
        add(&theirs, 1);
        ours.begin().expect("it can begin");
        let roster = ours.roster_read_ahead(1, ahead).expect("it can be read");
        assert_eq!(roster.of(FileKind::Students).find("S1"), Some(1));
    }
}
