//! What a run is asked to do, and what it gives back.

use std::path::Path;
use std::time::Instant;

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};

use crate::files::zones::Zones;
use crate::report::{RejectedFile, RunReport, Source};
use crate::roster::schema::SchemaSet;
use crate::roster::settings::Settings;

/// One delivery to check, preview or ingest.
#[derive(Debug, Clone)]
pub struct Job<'a> {
    /// A folder, a zip, or one file.
    pub path: &'a Path,
    /// Where it came from.
    pub source: Source,
    /// The district's settings.
    pub settings: &'a Settings,
    /// The schemas.
    pub schemas: &'a SchemaSet,
    /// The time of the run.
    pub now: DateTime<Utc>,
    /// The day for which the set speaks; else what its names say; else today.
    pub as_of: Option<NaiveDate>,
    /// Take it as a delta.
    pub delta: bool,
    /// Do everything but the writing.
    pub is_preview: bool,
    /// Whether the refused rows are wanted back.
    pub wants_rejected: bool,
    /// When the work began, for the duration that is reported.
    pub begun: Instant,
    /// The delivery that it is, where it was recorded when it came.
    pub recorded: Option<Recorded<'a>>,
}

/// A delivery that was recorded when it came, and whose sender is told of the run afterwards.
#[derive(Debug, Clone, Copy)]
pub struct Recorded<'a> {
    /// Its number.
    pub delivery: i64,
    /// Where the refused rows are put before the run is committed; whoever tells the sender finds them there, even after a crash.
    pub outbox: &'a Path,
}

impl Job<'_> {
    /// The day of the run: the one that was asked for, else today where the district is.
    pub fn today(&self) -> NaiveDate {
        self.as_of.unwrap_or_else(|| local_day(self.now, &self.settings.timezone))
    }

    /// The time of the run as it is stored.
    pub fn time(&self) -> String {
        self.now.to_rfc3339_opts(SecondsFormat::Secs, true)
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Done {
    /// What happened.
    pub report: RunReport,
    /// Refused rows, if they were wanted.
    pub rejected: Vec<RejectedFile>,
}

/// The day that the calendar shows at `time` in an IANA zone. Settings with an unknown zone are refused before they get here.
fn local_day(time: DateTime<Utc>, zone: &str) -> NaiveDate {
    let local = || {
        let zone = Zones::newest().get(zone)?;
        let day = zone.to_datetime(jiff::Timestamp::from_second(time.timestamp()).ok()?).date();
        NaiveDate::from_ymd_opt(
            i32::from(day.year()),
            day.month().unsigned_abs().into(),
            day.day().unsigned_abs().into(),
        )
    };
    local().unwrap_or_else(|| time.date_naive())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_begins_when_it_begins_in_the_district() {
        let time: DateTime<Utc> = "2026-09-04T02:00:00Z".parse().unwrap();
        let days = ["UTC", "America/Chicago", "Pacific/Auckland"].map(|zone| local_day(time, zone).to_string());
        assert_eq!(days, ["2026-09-04", "2026-09-03", "2026-09-04"]);
    }
}
