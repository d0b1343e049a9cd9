//! Store: our own records in one SQLite file: batches, runs, the roster, holds, snapshots.
//!
//! It knows SQL and no rule. The library's patrons lie in the same file and are `write`'s business. Called by `pipeline`
//! and the commands.

mod districts;
mod history;
mod open;
mod people;
mod roster;
mod runs;
mod save;
mod snapshots;

pub use districts::{District, SiteRow};
pub use history::SeenThen;
pub use open::{Store, StoreError};
pub use people::PersonRow;
pub use runs::RunRow;
pub use save::{EntityRow, RunRecord};
pub use snapshots::SnapshotFiles;
