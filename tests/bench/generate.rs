//! Writes an invented school district as Clever CSV files, with a next night and the library's patrons.
//!
//! Started by `tests/bench/generate`. Deterministic: the same arguments give the same bytes.

#![expect(clippy::disallowed_macros, reason = "a tool for developers, which prints what it made")]

mod generator;

use std::path::PathBuf;
use std::process::ExitCode;

use generator::district::District;
use generator::folder::write_all;

const USAGE: &str = "usage: tests/bench/generate small|medium|large DIR [--seed N] [--shuffle]
       tests/bench/generate --students N [--enrollments-per-student K] DIR [--seed N] [--shuffle]

Writes DIR/night1, DIR/night2 (six CSV files each), DIR/patrons.csv, DIR/site-map.csv and DIR/expected.json.
--shuffle adds DIR/night2-shuffled: the second night with the rows of each file in random order.";

/// What the command line asks for.
struct Wish {
    folder: PathBuf,
    district: District,
    shuffle: bool,
}

fn main() -> ExitCode {
    match read_wish(std::env::args().skip(1)) {
        Ok(wish) => write(&wish),
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::from(2)
        }
    }
}

fn write(wish: &Wish) -> ExitCode {
    match write_all(&wish.district, &wish.folder, wish.shuffle) {
        Ok(written) => {
            for (name, part) in ["night1", "night2", "patrons"].iter().zip(written) {
                println!("{name}: {} rows, {} bytes", part.rows, part.bytes);
            }
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("failed to write to {}: {reason}", wish.folder.display());
            ExitCode::FAILURE
        }
    }
}

fn read_wish(mut words: impl Iterator<Item = String>) -> Result<Wish, String> {
    let (mut students, mut enrollments, mut seed, mut shuffle, mut folder) = (None, 6.5, 20_260_801, false, None);
    while let Some(word) = words.next() {
        match word.as_str() {
            "small" => students = Some(10_000),
            "medium" => students = Some(100_000),
            "large" => students = Some(1_000_000),
            "--students" => students = Some(number(&word, words.next())?),
            "--enrollments-per-student" => enrollments = number(&word, words.next())?,
            "--seed" => seed = number(&word, words.next())?,
            "--shuffle" => shuffle = true,
            "--help" | "-h" => return Err(USAGE.to_owned()),
            path if !path.starts_with('-') && folder.is_none() => folder = Some(PathBuf::from(path)),
            other => return Err(format!("{other:?} is not known here\n\n{USAGE}")),
        }
    }
    let (Some(students), Some(folder)) = (students, folder) else { return Err(USAGE.to_owned()) };
    let district = District::new(students, (enrollments * 1000.0) as u64, seed)?;
    Ok(Wish { folder, district, shuffle })
}

fn number<T: std::str::FromStr>(option: &str, word: Option<String>) -> Result<T, String> {
    let parsed = word.as_deref().and_then(|word| word.parse().ok());
    parsed.ok_or_else(|| format!("{option} needs a number\n\n{USAGE}"))
}
