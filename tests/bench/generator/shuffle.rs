//! A copy of a CSV file with its rows in random order; the header stays on top.
//!
//! Called by `folder`. Relies on the generator's cells having no line breaks.

use std::io::{self, Write};

use super::chance::Chance;

/// Writes the lines of `file` in an order that follows from the seed.
pub fn write_shuffled(file: &[u8], seed: u64, out: impl Write) -> io::Result<()> {
    let mut out = io::BufWriter::with_capacity(1 << 20, out);
    let header = line_end(file, 0);
    let mut lines = line_starts(file, header);
    let mut chance = Chance::of(seed, "shuffle", file.len() as u64);
    for left in (1..lines.len()).rev() {
        lines.swap(left, chance.below(left as u64 + 1) as usize);
    }
    out.write_all(&file[..header])?;
    for start in lines {
        out.write_all(&file[start..line_end(file, start)])?;
    }
    out.flush()
}

fn line_starts(file: &[u8], first: usize) -> Vec<usize> {
    std::iter::successors(Some(first), |start| Some(line_end(file, *start))).take_while(|at| *at < file.len()).collect()
}

fn line_end(file: &[u8], start: usize) -> usize {
    file[start..].iter().position(|byte| *byte == b'\n').map_or(file.len(), |length| start + length + 1)
}
