//! `rosterd status`: is it healthy, what waits, who is late. Works with and without a service, and without a store.
//!
//! Called by `cli::main`. Gathers the values; `operate::status` judges and says them.

use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

use super::context::Context;
use super::failure::Failure;
use super::output::exit;
use crate::operate::picture::Picture;
use crate::operate::service::process::free_bytes;
use crate::operate::status::{Disk, ServiceState, Status, Verdict};
use crate::operate::versions::Versions;
use crate::store::{Store, StoreError};

/// The file that a running service holds locked, in the folder beside the database.
pub const LOCK: &str = "serve.lock";

/// Runs the command. `time_zones`: which time zone data is in use.
pub fn run(context: &Context, time_zones: &str) -> Result<u8, Failure> {
    let store = context.store_to_look()?;
    let status = Status {
        now: context.now(),
        service: service(&store)?,
        picture: Picture::of_store(&store)?,
        disk: disk(context, &store),
        versions: Versions::of_process(time_zones),
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
        is_running: store.folder().is_some_and(|folder| is_locked(&folder.join(LOCK))),
        started_at: note("started_at")?,
        looked_at: note("looked_at")?,
        version: note("version")?,
        config_error: note("config_error")?,
        longest_round_s: note("longest_round_s")?.parse().unwrap_or(0),
    })
}

/// Whether somebody holds the lock. Looking takes a shared one for a moment, which goes with the file.
fn is_locked(lock: &Path) -> bool {
    let locked = |file: File| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock));
    File::open(lock).is_ok_and(locked)
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
