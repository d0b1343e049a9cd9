//! Remembers what somebody discarded, and knows it again the next night (rules F3, H2).

use std::collections::{HashMap, HashSet};

use anyhow::Result;

use super::deciding::{By, audit, chosen, plan_of, undecided};
use super::finding::person;
use super::job::Job;
use crate::files::fail_point;
use crate::matching::refused;
use crate::roster::FileKind;
use crate::store::{District, HoldRow, RefusedRow, RunRow, Store};

/// Remembers that what a run holds is not to be done. Gives how many changes that is.
pub fn discard(
    store: &Store,
    job: &Job<'_>,
    district: &District,
    run: &RunRow,
    hash: Option<&str>,
    by: By<'_>,
) -> Result<u64> {
    store.begin()?;
    let _undo = super::intake::RollBack(store);
    let holds = undecided(store, district, run)?;
    let open: Vec<HoldRow> = holds.into_iter().filter(|hold| hold.decision != "over").collect();
    let plan = plan_of(run);
    let whole = hash.or(plan.as_deref()).unwrap_or("");
    let mut count = 0;
    for hold in chosen(run, &open, whole)? {
        count += refuse(store, job, district, run, hold)?;
        store.decide_holds(district.seq, &hold.hash, "discarded", by.who, by.why, &job.time())?;
    }
    store.put_audit(district.seq, &audit(job, by, "discard", &run.run, whole))?;
    store.commit()?;
    Ok(count)
}

fn refuse(store: &Store, job: &Job<'_>, district: &District, run: &RunRow, hold: &HoldRow) -> Result<u64> {
    let mut rows = Vec::new();
    let refused = |kind, number, record_hash| RefusedRow {
        kind,
        number,
        record_hash,
        why: "discarded".into(),
        run: run.run.clone(),
        at: job.time(),
    };
    store
        .each_held_action(district.seq, &hold.hash, |row| rows.push(refused(row.kind, row.number, row.record_hash)))?;
    let about: crate::report::HoldReport = serde_json::from_str(&hold.hold)?;
    if about.guard == "leading_zeros_lost" {
        rows.push(refused(WHOLE_SET, 0, 0));
    } else if rows.is_empty()
        && let Some(kind) = about.kind
    {
        rows.push(refused(kind as i64, 0, hash_of_rows(&hold.hash)));
    }
    for row in &rows {
        fail_point::reach("writing a refusal");
        store.put_refused(district.seq, row)?;
    }
    Ok(about.count.max(rows.len() as u64))
}

/// In place of a kind: the refusal is of a set as a whole.
const WHOLE_SET: i64 = 6;

/// Whether somebody discarded a set because of its zeros.
pub fn zeros_discarded(store: &Store, district: &District) -> Result<bool> {
    Ok(store.refused(district.seq)?.iter().any(|row| row.kind == WHOLE_SET))
}

/// One number for the hash of a hold of rows.
fn hash_of_rows(hash: &str) -> i64 {
    xxhash_rust::xxh3::xxh3_64(hash.as_bytes()).cast_signed()
}

/// People whose changes were refused.
pub fn refusals(
    store: &Store,
    district: &District,
) -> Result<HashMap<crate::roster::plan::PersonRef, refused::Refusal>> {
    let rows = store.refused(district.seq)?.into_iter();
    let refusal = |row: RefusedRow| {
        let refusal = refused::Refusal {
            record_hash: row.record_hash.cast_unsigned(),
            is_undone: row.why == "undone",
            run: row.run,
        };
        Some((person(row.kind, row.number)?, refusal))
    };
    Ok(rows.filter_map(refusal).collect())
}

/// Whether the removal of just these rows was discarded.
pub fn refused_rows(store: &Store, district: &District) -> Result<HashSet<i64>> {
    let is_of_rows =
        |row: &RefusedRow| [FileKind::Sections, FileKind::Enrollments].iter().any(|kind| *kind as i64 == row.kind);
    let rows = store.refused(district.seq)?.into_iter().filter(is_of_rows);
    Ok(rows.map(|row| row.record_hash).collect())
}

/// Whether `hash`, of a hold of rows, is among the refused.
pub fn is_refused(refused: &HashSet<i64>, hash: &str) -> bool {
    !refused.is_empty() && refused.contains(&hash_of_rows(hash))
}
