//! Store: our own records in one SQLite file: batches, runs, the roster, holds, snapshots.
//!
//! It knows SQL and no rule. The library's patrons lie in the same file and are `write`'s business. Called by `pipeline`
//! and the commands.

mod before;
mod districts;
mod explain;
mod open;
mod people;
mod roster;
mod runs;
mod save;
mod snapshots;
mod undo;

pub use districts::{District, SiteRow};
pub use explain::{HistoryRow, KnownPerson, RosterRow, RunPlace};
pub use open::{Store, StoreError};
pub use people::PersonRow;
pub use runs::RunRow;
pub use save::{EntityRow, RunRecord};
pub use snapshots::SnapshotFiles;
pub use undo::{ChangeRow, RunToUndo, TouchedSince, read_pairs};
