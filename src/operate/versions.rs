//! Which versions are at work: shown by `status` and in the metrics, so that nobody has to guess.

use serde::Serialize;

use crate::store::sqlite_version;

/// Versions of what decides how rosterd behaves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Versions {
    /// This program.
    pub rosterd: String,
    /// The database library that is built in.
    pub sqlite: String,
    /// The time zone data.
    pub time_zones: String,
}

impl Versions {
    /// Those of this process; `time_zones` is known to whoever chose the data.
    pub fn of_process(time_zones: &str) -> Self {
        Self {
            rosterd: env!("CARGO_PKG_VERSION").to_owned(),
            sqlite: sqlite_version().to_owned(),
            time_zones: time_zones.to_owned(),
        }
    }
}
