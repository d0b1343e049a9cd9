//! A delivery arrives: its private copy and a line in the queue, so that it is safe before anything else happens. And later, what was
//! recorded is found again.
//!
//! Called by whoever runs a source. What happens to the delivery is decided when its turn comes.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use uuid::Uuid;

use super::intake::{self, RollBack};
use super::job::Job;
use super::reporting::Report;
use crate::files::{fail_point, private};
use crate::receive::{self, Acceptance, ReceiveError};
use crate::roster::schema::SchemaSet;
use crate::roster::set::{Batch, Content, Delivery, Received};
use crate::roster::{Code, Problem};
use crate::stage;
use crate::store::{DeliveryRow, District, FolderRow, Store};

/// The folder of private copies that wait for their run, beside the database.
const INBOX: &str = "inbox";

/// Where the refused rows of a delivery wait until its sender is told, in its folder.
const OUTBOX: &str = "rejected";

/// Where a delivery came from, beside what its job says.
#[derive(Clone, Copy, Default)]
pub struct Origin<'a> {
    /// The folder where the sender finds the report.
    pub results: Option<&'a Path>,
    /// What is to be remembered of a drop folder.
    pub memory: Option<&'a FolderRow>,
    /// Which files of the folder are meant; absent: all.
    pub only: Option<&'a dyn Fn(&str) -> bool>,
    /// Whether what was copied still lies there as it did before the copy.
    pub is_still: Option<&'a dyn Fn() -> bool>,
}

/// Takes the private copy of what lies at `job.path`, and records the delivery. Gives its number.
///
/// A delivery that is too large is recorded as a run that was rejected, so that its sender hears of it.
///
/// # Errors
/// [`ReceiveError::Changed`] while a file is being written; otherwise when we or the machine fail. Then nothing was taken.
pub fn take_in(store: &Store, job: &Job<'_>, origin: Origin<'_>) -> Result<i64> {
    let district = intake::district(store, job)?;
    let delivery = stage::choose_among(job.path, job.settings, job.schemas, origin.only.unwrap_or(&|_| true))?;
    let folder = store.folder().context("a store in memory takes nothing in")?;
    let held = intake::hold(&folder)?;
    match receive::accept(&delivery, &intake::received(&held), &job.settings.limits, None, || {}) {
        Ok(Acceptance::New(_)) if origin.is_still.is_some_and(|is_still| !is_still()) => {
            Err(ReceiveError::Changed("the folder".into()).into())
        }
        Ok(Acceptance::New(batch)) => {
            private::make_durable(&intake::received(&held)).context("failed to write the copy of the delivery")?;
            record(store, job, &district, origin, (delivery, batch), &intake::received(&held))
        }
        Ok(Acceptance::Same) => unreachable!("it was compared with nothing"),
        Err(error @ ReceiveError::TooLarge { .. }) => {
            refuse(store, job, &district, origin, Problem::error(Code::SetTooLarge, error.to_string()))
        }
        Err(error) => Err(error.into()),
    }
}

/// Moves the copy to its place and writes its line, in one transaction. Copies without a line were left behind by a kill, and go.
fn record(
    store: &Store,
    job: &Job<'_>,
    district: &District,
    origin: Origin<'_>,
    (delivery, batch): (Delivery, Batch),
    copy: &Path,
) -> Result<i64> {
    store.begin()?;
    let _undo = RollBack(store);
    let inbox = store.folder().unwrap_or_default().join(INBOX);
    private::create_folder(&inbox)?;
    sweep(store, &inbox)?;
    let name = Uuid::now_v7().to_string();
    fail_point::reach("before the delivery has its place");
    std::fs::rename(copy, inbox.join(&name)).context("failed to keep the delivery until its run")?;
    private::make_durable(&inbox)?;
    fail_point::reach("after the delivery has its place");
    let row = DeliveryRow {
        source: job.source.word().into(),
        arrived_at: job.time(),
        batch: batch.sha256.clone(),
        mode: delivery.mode.word().into(),
        bytes: delivery.files.iter().map(|file| file.bytes).sum::<u64>().cast_signed(),
        folder: format!("{INBOX}/{name}"),
        received: serde_json::to_string(&Received { delivery, batch })?,
        results: origin.results.map(|path| path.display().to_string()).unwrap_or_default(),
        ..DeliveryRow::default()
    };
    let number = store.put_delivery(district.seq, &row)?;
    remember(store, district, origin)?;
    store.commit()?;
    Ok(number)
}

/// Records what was refused at the door: a delivery, and at once its run.
fn refuse(store: &Store, job: &Job<'_>, district: &District, origin: Origin<'_>, problem: Problem) -> Result<i64> {
    store.begin()?;
    let _undo = RollBack(store);
    let row = DeliveryRow {
        source: job.source.word().into(),
        arrived_at: job.time(),
        mode: "full".into(),
        results: origin.results.map(|path| path.display().to_string()).unwrap_or_default(),
        ..DeliveryRow::default()
    };
    let number = store.put_delivery(district.seq, &row)?;
    let mut report = Report::at_the_door(job, district, problem);
    report.record(store, job, district.seq)?;
    store.mark_run(number, report.run(), report.outcome().word())?;
    remember(store, district, origin)?;
    store.commit()?;
    Ok(number)
}

fn remember(store: &Store, district: &District, origin: Origin<'_>) -> Result<()> {
    Ok(origin.memory.map_or(Ok(()), |memory| store.put_drop_folder(district.seq, memory))?)
}

fn sweep(store: &Store, inbox: &Path) -> Result<()> {
    let named: Vec<String> = store.open_deliveries()?.into_iter().map(|row| row.folder).collect();
    for entry in inbox.read_dir()?.flatten() {
        if !named.contains(&format!("{INBOX}/{}", entry.file_name().to_string_lossy())) {
            // What cannot be removed now goes with a later delivery.
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    Ok(())
}

/// The folder of a recorded delivery, and that of its refused rows.
pub fn folders_of(store: &Store, row: &DeliveryRow) -> (PathBuf, PathBuf) {
    let folder = store.folder().unwrap_or_default().join(&row.folder);
    let outbox = folder.join(OUTBOX);
    (folder, outbox)
}

/// What was received, with its files where they lie now.
///
/// # Errors
/// When the line was written by a rosterd that remembered other things.
pub fn received(store: &Store, row: &DeliveryRow, schemas: &SchemaSet) -> Result<Received> {
    let received: Received = serde_json::from_str(&row.received).context("failed to read what was received")?;
    let mut batch = received.batch.in_folder(&folders_of(store, row).0);
    let mut delivery = received.delivery;
    batch.files.iter_mut().for_each(|file| file.content = again(file.content, schemas));
    delivery.files.iter_mut().for_each(|file| file.content = again(file.content, schemas));
    Ok(Received { delivery, batch })
}

/// Schemas may have changed places since.
fn again(content: Content, schemas: &SchemaSet) -> Content {
    let Content::Csv { kind, schema } = content else { return content };
    let is_still = schemas.schemas.get(schema).is_some_and(|schema| schema.kind == kind);
    let of_kind = || schemas.schemas.iter().position(|schema| schema.kind == kind);
    let schema = if is_still { schema } else { of_kind().unwrap_or(schema) };
    Content::Csv { kind, schema }
}
