//! The refused rows with their original cells, read again from the staged copy when somebody wants them back.

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::ops::ControlFlow;

use anyhow::{Context, Result};

use super::job::Job;
use crate::check::{Check, FileVerdict};
use crate::read::each_block;
use crate::report::{RejectedFile, RejectedRow};
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

fn of_file(file: &StagedFile, verdict: &FileVerdict, problems: &[Problem]) -> Result<RejectedFile> {
    let mut by_line: HashMap<u64, Vec<&Problem>> =
        verdict.refused.iter().map(|line| (u64::from(*line), Vec::new())).collect();
    for problem in problems.iter().filter(|problem| problem.file.as_deref() == Some(&file.name)) {
        if let Some(of_line) = problem.line.and_then(|line| by_line.get_mut(&line)) {
            of_line.push(problem);
        }
    }
    let mut rows = Vec::new();
    let mut opened = File::open(&file.path).with_context(|| format!("failed to read {}", file.name))?;
    opened.seek(SeekFrom::Start(file.skip))?;
    let read = each_block(opened, file.delimiter, |block| {
        for row in block.rows() {
            if let Some(found) = by_line.get(&row.line) {
                rows.push(RejectedRow {
                    kind: file.kind,
                    line: row.line,
                    cells: (0..row.len()).map(|cell| row.raw(cell).to_owned()).collect(),
                    codes: found.iter().map(|problem| problem.code).collect(),
                    messages: found.iter().map(|problem| problem.message.clone()).collect(),
                });
            }
        }
        ControlFlow::Continue(())
    });
    read.with_context(|| format!("failed to read {}", file.name))?;
    Ok(RejectedFile { kind: file.kind, header: verdict.header.clone(), rows })
}
