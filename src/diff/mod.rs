//! Diff: which rows are as they were accepted last night, so that they need not be looked at again.
//!
//! Pure: takes rows and last night's snapshot. The snapshot holds rows that were accepted without a finding, in file
//! order, and is salted with everything that decides how a row is read (schema, settings, columns). It is never asked who is gone.

mod fingerprint;
mod index;
mod snapshot;
mod tonight;
mod walk;

pub use fingerprint::{Fingerprinter, salt};
pub use snapshot::{ROW_BYTES, Snapshot};
pub use tonight::Tonight;
pub use walk::{Same, Walk};
