//! `rosterd status`: is it healthy, what waits, who is late. Works with and without a service, and without a store.
//!
//! Called by `cli::main`. Gathers the values; `operate::status` judges and says them.

use std::path::{Path, PathBuf};

use super::context::Context;
use super::failure::Failure;
use super::output::exit;
use crate::files::zones::Zones;
use crate::operate::picture::Picture;
use crate::operate::service::lock::ServeLock;
use crate::operate::service::process::free_bytes;
use crate::operate::status::{Disk, ServiceState, Status, Verdict};
use crate::operate::versions::Versions;
use crate::store::{Store, StoreError};

/// Runs the command.
pub fn run(context: &Context) -> Result<u8, Failure> {
    let store = context.store_to_look()?;
    let status = Status {
        now: context.now(),
        service: service(&store)?,
        picture: Picture::of_store(&store)?,
        disk: disk(context, &store),
        versions: Versions::of_process(&Zones::newest().version),
    };
    match context.is_json() {
        true => context.output.json(&status.json())?,
        false => context.output.text(&status.text(context.output.style()))?,
    }
    Ok(match status.verdict().0 {
        Verdict::Healthy => exit::DONE,
        Verdict::NeedsPerson => exit::HELD,
        Verdict::NotHealthy => exit::FAILED,
    })
}

fn service(store: &Store) -> Result<ServiceState, StoreError> {
    let note = |name: &str| store.service_note(name);
    Ok(ServiceState {
        is_running: store.folder().is_some_and(|folder| ServeLock::is_held(&folder)),
        started_at: note("started_at")?,
        looked_at: note("looked_at")?,
        version: note("version")?,
        config_error: note("config_error")?,
        longest_round_s: note("longest_round_s")?.parse().unwrap_or(0),
    })
}

fn disk(context: &Context, store: &Store) -> Disk {
    let name = context.common.store.trim_start_matches("sqlite:");
    let file = PathBuf::from(name);
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let beside = [file.clone(), PathBuf::from(format!("{name}-wal"))];
    let files: u64 = beside.iter().filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum();
    let store_bytes = store.is_on_disk().then(|| files + store.folder().map_or(0, |folder| size_of(&folder)));
    Disk { store: name.to_owned(), store_bytes, free_bytes: free_bytes(folder) }
}

/// Bytes of all files below `folder`; what vanishes meanwhile counts for nothing.
fn size_of(folder: &Path) -> u64 {
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        bytes += match entry.file_type() {
            Ok(kind) if kind.is_dir() => size_of(&entry.path()),
            Ok(kind) if kind.is_file() => entry.metadata().map_or(0, |metadata| metadata.len()),
            _ => 0,
        };
    }
    bytes
}
