//! The refused rows with their original cells, read again from the staged copy when somebody wants them back.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::Path;

use anyhow::{Context, Result};

use super::job::{Job, Recorded};
use crate::check::{Check, FileVerdict};
use crate::files::private;
use crate::read::each_block;
use crate::report::{RejectedFile, RejectedRow, RejectedWriter};
use crate::roster::set::{StagedFile, StagedSet};
use crate::roster::{FileKind, Problem};

/// Collects the refused rows of every file.
pub fn collect(
    job: &Job<'_>,
    check: &Check<'_>,
    set: &StagedSet,
    verdicts: &BTreeMap<FileKind, FileVerdict>,
) -> Result<Vec<RejectedFile>> {
    if !job.wants_rejected {
        return Ok(Vec::new());
    }
    let refusing = verdicts.iter().filter(|(_, verdict)| !verdict.refused.is_empty());
    let files = refusing.filter_map(|(kind, verdict)| set.file(*kind).map(|file| (file, verdict)));
    files.map(|(file, verdict)| of_file(file, verdict, check.problems.kept())).collect()
}

/// Puts refused rows where whoever tells the sender finds them, even when we are killed after the commit.
pub fn put_aside(job: &Job<'_>, mut rejected: Vec<RejectedFile>) -> Result<Vec<RejectedFile>> {
    let Some(Recorded { outbox, .. }) = job.recorded.filter(|_| !job.is_preview) else { return Ok(rejected) };
    if outbox.exists() {
        std::fs::remove_dir_all(outbox).context("failed to remove refused rows of a run that failed")?;
    }
    private::create_folder(outbox).context("failed to put the refused rows aside")?;
    for file in &mut rejected {
        let path = outbox.join(format!("{}.csv", file.kind));
        let written = private::create_file(&path).and_then(|mut into| file.copy_to(&mut into));
        written.context("failed to put the refused rows aside")?;
    }
    Ok(rejected)
}

/// The refused rows that were put aside in `outbox`.
///
/// # Errors
/// When they cannot be read.
pub fn aside(outbox: &Path) -> Result<Vec<RejectedFile>> {
    let mut rejected = Vec::new();
    for kind in FileKind::ALL {
        let path = outbox.join(format!("{kind}.csv"));
        if path.exists() {
            let file = std::fs::File::options().read(true).write(true).open(&path);
            rejected.push(RejectedFile::of(kind, Box::new(file.context("failed to read the refused rows")?)));
        }
    }
    Ok(rejected)
}

fn of_file(file: &StagedFile, verdict: &FileVerdict, problems: &[Problem]) -> Result<RejectedFile> {
    let failed = || format!("failed to give back the refused rows of {}", file.name);
    let mut refused = verdict.refused.clone();
    refused.sort_unstable();
    let told = told(file, problems);
    let into = tempfile::tempfile().with_context(failed)?;
    let mut writer = RejectedWriter::new(file.kind, &verdict.header, Box::new(into)).with_context(failed)?;
    let mut written = Ok(());
    let mut opened = File::open(&file.path).with_context(failed)?;
    opened.seek(SeekFrom::Start(file.skip))?;
    let read = each_block(opened, file.delimiter, |block| {
        let wanted = block.rows().filter(|row| refused.binary_search(&(row.line as u32)).is_ok());
        for row in wanted {
            let problems = told.get(&row.line).map_or(&[][..], Vec::as_slice);
            let cells = (0..row.len()).map(|cell| row.raw(cell)).collect();
            written = writer.row(&RejectedRow { line: row.line, cells, problems });
            if written.is_err() {
                return ControlFlow::Break(());
            }
        }
        ControlFlow::Continue(())
    });
    read.and(written).with_context(failed)?;
    writer.finish().with_context(failed)
}

/// What was told of each line; beyond the first ten thousand of a code a row comes back without its sentence.
fn told<'p>(file: &StagedFile, problems: &'p [Problem]) -> HashMap<u64, Vec<&'p Problem>> {
    let mut told: HashMap<u64, Vec<&Problem>> = HashMap::new();
    for problem in problems.iter().filter(|problem| problem.file.as_deref() == Some(&file.name)) {
        if let Some(line) = problem.line {
            told.entry(line).or_default().push(problem);
        }
    }
    told
}
