//! Store: our own records in one SQLite file: batches, runs, the roster, holds, snapshots.
//!
//! It knows SQL and no rule. The library's patrons lie in the same file and are `write`'s business. Called by `pipeline`
//! and the commands.

mod ahead;
mod answers;
mod audit;
mod batches;
mod before;
mod districts;
mod erase;
mod explain;
mod history;
mod holds;
mod open;
mod people;
mod refused_again;
mod retention;
mod roster;
mod runs;
mod save;
mod snapshots;
mod undo;

pub use ahead::RosterAhead;
pub use answers::{DecisionRow, QuestionRow, RefusedRow};
pub use audit::AuditRow;
pub use batches::KeptBatch;
pub use districts::{District, SiteRow};
pub use explain::{HistoryRow, KnownPerson, RosterRow, RunPlace};
pub use history::SeenThen;
pub use holds::{HeldActionRow, HoldRow};
pub use open::{Store, StoreError};
pub use people::PersonRow;
pub use runs::RunRow;
pub use save::{EntityRow, RunRecord};
pub use snapshots::SnapshotFiles;
pub use undo::{ChangeRow, RunToUndo, TouchedSince, pair_blocks, read_pairs};
