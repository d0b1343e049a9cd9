//! Store: our own records in one SQLite file: batches, runs, the roster, holds, snapshots.
//!
//! It knows SQL and no rule. The library's patrons lie in the same file and are `write`'s business. Called by `pipeline`
//! and the commands.

mod ahead;
mod alarms;
mod answers;
mod audit;
mod backup;
mod batches;
mod before;
mod deliveries;
mod districts;
mod erase;
mod explain;
mod folders;
mod history;
mod holds;
mod letters;
mod open;
mod people;
mod refused_again;
mod retention;
mod roster;
mod runs;
mod save;
mod service;
mod snapshots;
mod telling;
mod undo;

pub use ahead::RosterAhead;
pub use alarms::{AlarmRow, SERVICE};
pub use answers::{DecisionRow, QuestionRow, RefusedRow};
pub use audit::AuditRow;
pub use batches::KeptBatch;
pub use deliveries::DeliveryRow;
pub use districts::{District, SiteRow};
pub use explain::{HistoryRow, KnownPerson, RosterRow, RunPlace};
pub use folders::FolderRow;
pub use history::SeenThen;
pub use holds::{HeldActionRow, HoldRow};
pub use letters::LetterRow;
pub use open::{Store, StoreError, is_full};
pub use people::PersonRow;
pub use runs::RunRow;
pub use save::{EntityRow, RunRecord};
pub use service::WishRow;
pub use snapshots::SnapshotFiles;
pub use telling::{DistrictState, RunCount, sqlite_version};
pub use undo::{ChangeRow, RunToUndo, TouchedSince, pair_blocks, read_pairs};
