//! Removes kept copies after their days (rule I5). Called after every run; a copy that cannot be removed goes after a later one.

use std::collections::HashSet;
use std::path::Path;

use anyhow::{Context, Result};
use chrono::{Duration, SecondsFormat};

use super::intake::RollBack;
use super::job::Job;
use crate::store::{District, Store};

/// Removes what is older than `retention.raw_days`. Gives how many copies went.
pub fn sweep(store: &Store, job: &Job<'_>, district: &District) -> Result<usize> {
    let Some(folder) = store.folder() else { return Ok(0) };
    let days = Duration::try_days(i64::from(job.settings.retention.raw_days)).unwrap_or(Duration::MAX);
    let Some(day) = job.now.checked_sub_signed(days) else { return Ok(0) };
    let day = day.to_rfc3339_opts(SecondsFormat::Secs, true);
    if store.old_copies(district.seq, &day)?.is_empty() {
        return Ok(0);
    }
    // No run keeps a copy meanwhile: it does that within a transaction of its own.
    store.begin()?;
    let _undo = RollBack(store);
    let old = store.old_copies(district.seq, &day)?;
    for (batch, _) in &old {
        store.forget_copy(district.seq, batch)?;
    }
    let old: Vec<String> = old.into_iter().map(|(_, kept)| kept).collect();
    remove(store, district, &folder, &old)?;
    store.commit()?;
    Ok(old.len())
}

/// Removes these copies, and those that no batch names any more: what a crash left behind. Where a crash follows, the tables name a
/// copy that is not there, which is read as none.
pub fn remove(store: &Store, district: &District, folder: &Path, old: &[String]) -> Result<()> {
    let named: HashSet<String> = store.copies(district.seq)?.into_iter().map(|(_, kept)| kept).collect();
    let prefix = format!("{}-", district.seq);
    let entries = std::fs::read_dir(folder.join("batches"));
    for entry in entries.into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let kept = format!("batches/{name}");
        if name.starts_with(&prefix) && (old.contains(&kept) || !named.contains(&kept)) {
            std::fs::remove_dir_all(entry.path()).context("failed to remove a kept copy")?;
        }
    }
    Ok(())
}
