//! The times of a file, by which `stage` and `receive` tell whether it is still the one that was looked at.

use std::fs::Metadata;
use std::os::unix::fs::MetadataExt;

use chrono::{DateTime, Utc};

/// When its content was last written, as far as its writer tells the truth.
pub fn modified(about: &Metadata) -> Option<DateTime<Utc>> {
    about.modified().ok().map(DateTime::from)
}

/// When its content, name, owner or times last changed (ctime). The system sets it, so that nobody can set it back.
pub fn changed(about: &Metadata) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp(about.ctime(), u32::try_from(about.ctime_nsec()).ok()?)
}
