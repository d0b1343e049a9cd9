//! Reads and parses every CSV file of a folder with the csv crate on two threads: the floor under any checker.
//!
//! Started by `tests/bench/run`, which compares `rosterd check` with it. Checks nothing.

#![expect(clippy::disallowed_macros, reason = "a tool for developers, which prints what it counted")]

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;

const THREADS: usize = 2;

/// Rows and cells.
type Counts = (u64, u64);

fn main() -> ExitCode {
    let Some(folder) = std::env::args().nth(1) else {
        eprintln!("usage: parse DIR");
        return ExitCode::from(2);
    };
    match parse_folder(&folder) {
        Ok((rows, cells)) => {
            println!("{rows} rows, {cells} cells");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("failed to read {folder}: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn parse_folder(folder: &str) -> Result<Counts, csv::Error> {
    let files = Mutex::new(files_by_size(folder)?);
    let parts: Vec<Result<Counts, csv::Error>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(|| parse_until_none_is_left(&files))).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).collect()
    });
    parts.into_iter().try_fold((0, 0), |sum, part| part.map(|part| (sum.0 + part.0, sum.1 + part.1)))
}

/// The CSV files, the largest last: it is taken first.
fn files_by_size(folder: &str) -> Result<Vec<PathBuf>, csv::Error> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        files.push((entry.metadata()?.len(), entry.path()));
    }
    files.retain(|(_, path)| path.extension().is_some_and(|ending| ending == "csv"));
    files.sort();
    Ok(files.into_iter().map(|(_, path)| path).collect())
}

fn parse_until_none_is_left(files: &Mutex<Vec<PathBuf>>) -> Result<Counts, csv::Error> {
    let mut sum = (0, 0);
    while let Some(file) = files.lock().ok().and_then(|mut files| files.pop()) {
        let (rows, cells) = parse(&file)?;
        sum = (sum.0 + rows, sum.1 + cells);
    }
    Ok(sum)
}

fn parse(file: &PathBuf) -> Result<Counts, csv::Error> {
    let mut reader = csv::ReaderBuilder::new().buffer_capacity(1 << 20).from_reader(File::open(file)?);
    let (mut record, mut counts) = (csv::ByteRecord::new(), (0, 0));
    while reader.read_byte_record(&mut record)? {
        counts = (counts.0 + 1, counts.1 + record.len() as u64);
    }
    Ok(counts)
}
