//! The service: it runs unattended, for many districts, and tells people and machines how it goes.

pub mod alarms;
pub mod bell;
pub mod clock;
pub mod config;
pub mod facts;
pub mod folder;
pub mod health;
pub mod http;
pub mod letters;
mod local_time;
pub mod lock;
pub mod metrics;
pub mod process;
pub mod queue;
pub mod round;
pub mod schedule;
pub mod serve;
pub mod systemd;
pub mod worker;

pub use local_time::local_time;

/// Whether something failed because the disk, or the database on it, is full.
pub fn is_disk_full(error: &anyhow::Error) -> bool {
    use std::io::ErrorKind::{QuotaExceeded, StorageFull};
    let is_io = |error: &std::io::Error| matches!(error.kind(), StorageFull | QuotaExceeded);
    error.chain().any(|cause| cause.downcast_ref().is_some_and(is_io) || crate::store::is_full(cause))
}
