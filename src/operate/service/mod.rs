//! The service: it runs unattended, for many districts, and tells people and machines how it goes.

pub mod alarms;
pub mod bell;
pub mod clock;
pub mod config;
pub mod facts;
pub mod folder;
mod local_time;
pub mod lock;
pub mod queue;
pub mod round;
pub mod schedule;
pub mod serve;
pub mod worker;

pub use local_time::local_time;

/// Whether something failed because the disk, or the database on it, is full.
pub fn is_disk_full(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        let is_full = |error: &std::io::Error| {
            matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
        };
        cause.downcast_ref().is_some_and(is_full)
            || cause
                .downcast_ref::<rusqlite::Error>()
                .is_some_and(|error| error.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull))
    })
}
