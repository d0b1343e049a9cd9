//! One delivery from the queue to its end: superseded or run, and its sender told. A run that fails is tried again later.
//!
//! Called by the worker threads and by `rosterd take`. Whose turn it is, `queue` says; what a run does, `pipeline`.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use crate::files::fail_point;
use crate::pipeline::{self, Job, Recorded};
use crate::report::text::report_text;
use crate::report::{Outcome, RunReport, Source, Style, results};
use crate::roster::schema::SchemaSet;
use crate::roster::set::Mode;
use crate::roster::settings::Settings;
use crate::store::{DeliveryRow, Store};

/// The longest that a failed run waits until it is tried again.
const LONGEST_WAIT_MINUTES: i64 = 30;

/// How the work on a delivery ended.
#[derive(Debug)]
pub enum Ended {
    /// It ran, and the sender was told.
    Run(Box<RunReport>),
    /// It could not be run now, and waits.
    Failed(anyhow::Error),
    /// It ran; the sender could not be told yet.
    NotTold(anyhow::Error),
}

impl Ended {
    /// What happened, if it ran and its sender was told.
    pub fn report(&self) -> Option<&RunReport> {
        match self {
            Self::Run(report) => Some(report),
            Self::Failed(_) | Self::NotTold(_) => None,
        }
    }

    /// What failed.
    pub fn error(&self) -> Option<&anyhow::Error> {
        match self {
            Self::Run(_) => None,
            Self::Failed(error) | Self::NotTold(error) => Some(error),
        }
    }
}

/// What a worker needs to know.
#[derive(Debug, Clone, Copy)]
pub struct Worker<'a> {
    /// Its own connection.
    pub store: &'a Store,
    /// The schemas.
    pub schemas: &'a SchemaSet,
    /// The time.
    pub now: DateTime<Utc>,
}

impl Worker<'_> {
    /// Takes `row` a step further: to its run if it waits, and to its sender. `later`: what came after it.
    ///
    /// # Errors
    /// When not even the failure can be recorded.
    pub fn work(&self, row: &DeliveryRow, later: &[DeliveryRow]) -> Result<Ended> {
        let done = if row.waits() { self.run(row, later) } else { pipeline::tidy(self.store, &row.district) };
        if let Err(error) = done {
            self.put_off(row)?;
            return Ok(Ended::Failed(error));
        }
        fail_point::reach("before the sender is told");
        match self.tell(row.seq) {
            Ok(report) => Ok(Ended::Run(Box::new(report))),
            Err(error) => {
                self.put_off(row)?;
                Ok(Ended::NotTold(error))
            }
        }
    }

    fn run(&self, row: &DeliveryRow, later: &[DeliveryRow]) -> Result<()> {
        let settings = self.settings(row)?;
        let (_, outbox) = pipeline::folders_of(self.store, row);
        let received = pipeline::received(self.store, row, self.schemas)?;
        let job = self.job(row, &settings, &outbox);
        if received.delivery.mode == Mode::Full && self.is_superseded(row, later, &settings)? {
            pipeline::supersede(self.store, &job, &received)?;
        } else {
            pipeline::run_received(self.store, &job, &received)?;
        }
        Ok(())
    }

    /// Whether a newer full set that waits passes its check; one that does not leaves the older one its turn (rule G3).
    fn is_superseded(&self, row: &DeliveryRow, later: &[DeliveryRow], settings: &Settings) -> Result<bool> {
        let newer =
            later.iter().rev().filter(|other| other.district == row.district && other.seq > row.seq && other.waits());
        let mut full = newer.filter(|other| other.mode == Mode::Full.word()).peekable();
        if full.peek().is_none() || !self.is_full(row, settings)? {
            return Ok(false);
        }
        for other in full {
            if self.is_full(other, settings)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A delta may be hidden in a zip, so that only a look inside tells.
    fn is_full(&self, row: &DeliveryRow, settings: &Settings) -> Result<bool> {
        let received = pipeline::received(self.store, row, self.schemas)?;
        pipeline::is_passing_full_set(self.store, &self.job(row, settings, Path::new("")), &received)
    }

    fn settings(&self, row: &DeliveryRow) -> Result<Settings> {
        let district = self.store.district(&row.district)?;
        Ok(district.context("the district of a delivery is gone")?.settings)
    }

    fn job<'j>(&'j self, row: &DeliveryRow, settings: &'j Settings, outbox: &'j Path) -> Job<'j> {
        Job {
            path: Path::new(""),
            source: Source::from_word(&row.source).unwrap_or(Source::DropFolder),
            settings,
            schemas: self.schemas,
            now: self.now,
            as_of: None,
            delta: row.mode == Mode::Delta.word(),
            is_preview: false,
            wants_rejected: !row.results.is_empty(),
            begun: started(),
            recorded: Some(Recorded { delivery: row.seq, outbox }),
        }
    }

    /// Leaves the results where the upload was made. Told twice, because somebody was killed in between, is told once.
    fn tell(&self, delivery: i64) -> Result<RunReport> {
        let row = self.store.delivery(delivery)?.context("a delivery is gone")?;
        let run = self.store.find_runs(&row.run)?.pop().context("the run of a delivery is gone")?;
        let report: RunReport = serde_json::from_str(&run.report)?;
        let (folder, outbox) = pipeline::folders_of(self.store, &row);
        if !row.results.is_empty() {
            is_there(Path::new(&row.results))?;
            let text = report_text(&report, Style::Plain);
            let mut rejected = pipeline::rejected_aside(&outbox)?;
            results::write_results(&PathBuf::from(&row.results), &report, &text, &mut rejected, report.started_at)?;
        }
        fail_point::reach("after the sender is told");
        self.store.mark_told(row.seq)?;
        if !row.folder.is_empty() {
            // What cannot be removed now goes with a later delivery.
            let _ = std::fs::remove_dir_all(folder);
        }
        Ok(report)
    }

    fn put_off(&self, row: &DeliveryRow) -> Result<()> {
        let minutes = (1_i64 << row.attempts.clamp(0, 10)).min(LONGEST_WAIT_MINUTES);
        let later = self.now + TimeDelta::minutes(minutes);
        Ok(self.store.mark_failed(row.seq, &later.to_rfc3339_opts(SecondsFormat::Secs, true))?)
    }
}

/// A folder that went away is not made anew: its disk may come back, and it would be in the way.
fn is_there(results: &Path) -> Result<()> {
    let above = results.parent().unwrap_or(Path::new("."));
    anyhow::ensure!(above.is_dir(), "failed to write results: the folder of the upload is not there");
    Ok(())
}

/// How a run of the service ended, for the log.
pub fn log(row: &DeliveryRow, ended: &Ended) {
    let district = row.district.as_str();
    match ended {
        Ended::Run(report) if report.outcome == Outcome::Superseded => {
            tracing::info!(district.id = %district, batch.id = %row.batch, "a newer full set took the place of a delivery");
        }
        Ended::Run(report) => tracing::info!(
            run.id = report.run.as_deref().unwrap_or(""),
            district.id = %district,
            batch.id = %row.batch,
            outcome = %report.outcome,
            row.count = report.files.iter().map(|file| file.rows).sum::<u64>(),
            duration_ms = report.duration_ms,
            "the run has ended"
        ),
        Ended::Failed(error) => {
            tracing::error!(district.id = %district, batch.id = %row.batch, error = format!("{error:#}"), "a run failed; it is tried again");
        }
        Ended::NotTold(error) => {
            tracing::warn!(district.id = %district, batch.id = %row.batch, error = format!("{error:#}"), "the results could not be written; it is tried again");
        }
    }
}

/// For the duration that is reported, whatever the clock of the service says.
fn started() -> Instant {
    Instant::now()
}
