//! One look over a whole file: is it UTF-8, where is the first byte that is not, has it secrets, how does it end.
//!
//! Used by `prepare`. Reads every byte once, in blocks; most files need nothing more.

use std::fs::File;
use std::io::{Result, Seek};

use super::cells::{CellWalk, Span};
use super::encoding;
use super::header::Header;
use super::limits::HEAD_BYTES;
use super::secrets::{Secrets, is_blank};
use crate::files::{BLOCK_BYTES, fill};
use crate::roster::schema::Schema;

/// What one look over a file shows.
pub(super) struct Survey {
    /// Its first bytes.
    pub head: Vec<u8>,
    /// Its header, decoded as well as the first bytes tell.
    pub header: Header,
    /// Where the first byte stands that is not UTF-8.
    pub first_foreign: Option<u64>,
    /// Whether letters stand before that byte which are UTF-8 and more than ASCII.
    pub has_utf_8_letters: bool,
    /// Whether a secret cell is filled.
    pub has_secrets: bool,
    /// Whether its last byte is a line break.
    pub ends_with_line_break: bool,
}

/// Looks over `file`. What is not UTF-8 is only looked at as far as the first foreign byte.
pub(super) fn survey(file: &mut File, schema: &Schema) -> Result<Survey> {
    let mut block = vec![0; BLOCK_BYTES];
    let mut filled = fill(file, &mut block)?;
    let mut survey = Survey::begin(&block[..filled.min(HEAD_BYTES)], schema);
    let mut secrets = SecretSearch::new(&survey.header, schema);
    let mut utf_8 = Utf8Check::default();
    while filled > 0 && survey.first_foreign.is_none() {
        survey.first_foreign = utf_8.next(&block[..filled]);
        secrets.next(&block[..filled]);
        survey.ends_with_line_break = matches!(block[filled - 1], b'\n' | b'\r');
        filled = fill(file, &mut block)?;
    }
    survey.first_foreign = survey.first_foreign.or(utf_8.cut_letter());
    survey.has_utf_8_letters = utf_8.has_letters;
    survey.has_secrets = secrets.found;
    file.rewind()?;
    Ok(survey)
}

impl Survey {
    fn begin(head: &[u8], schema: &Schema) -> Self {
        let header = Header::read(&encoding::decoded_head(head), std::slice::from_ref(schema));
        let (has_utf_8_letters, has_secrets, ends_with_line_break) = (false, false, false);
        Self { head: head.to_vec(), header, first_foreign: None, has_utf_8_letters, has_secrets, ends_with_line_break }
    }
}

/// Checks blocks for UTF-8; a letter may stand across two of them.
#[derive(Default)]
struct Utf8Check {
    checked: u64,
    letter: Vec<u8>,
    has_letters: bool,
}

impl Utf8Check {
    /// Checks the next block and returns where the first foreign byte stands.
    fn next(&mut self, block: &[u8]) -> Option<u64> {
        let taken = match self.finish_letter(block) {
            Ok(taken) => taken,
            Err(position) => return Some(position),
        };
        let rest = &block[taken..];
        let (valid, wrong) = match std::str::from_utf8(rest) {
            Ok(_) => (rest.len(), false),
            Err(error) => (error.valid_up_to(), error.error_len().is_some()),
        };
        self.has_letters |= !rest[..valid].is_ascii();
        self.checked += valid as u64;
        if wrong {
            return Some(self.checked);
        }
        self.letter.extend_from_slice(&rest[valid..]);
        None
    }

    /// Completes a letter that the last block began; returns how many bytes that took.
    fn finish_letter(&mut self, block: &[u8]) -> std::result::Result<usize, u64> {
        let mut taken = 0;
        while !self.letter.is_empty() && taken < block.len() {
            self.letter.push(block[taken]);
            taken += 1;
            match std::str::from_utf8(&self.letter) {
                Ok(_) => {
                    self.checked += self.letter.drain(..).len() as u64;
                    self.has_letters = true;
                }
                Err(error) if error.error_len().is_none() => {}
                Err(_) => return Err(self.checked),
            }
        }
        Ok(taken)
    }

    /// Where the letter begins that the end of the file cut off.
    fn cut_letter(&self) -> Option<u64> {
        (!self.letter.is_empty()).then_some(self.checked)
    }
}

/// Looks for a secret cell that is filled, or for a row in which one may stand elsewhere.
struct SecretSearch {
    walk: CellWalk,
    secrets: Secrets,
    found: bool,
}

impl SecretSearch {
    fn new(header: &Header, schema: &Schema) -> Self {
        Self { walk: CellWalk::new(header.delimiter), secrets: Secrets::new(header, schema), found: false }
    }

    /// Files without a secret column, the most of them, cost nothing.
    fn next(&mut self, block: &[u8]) {
        if self.found || self.secrets.none() {
            return;
        }
        let (secrets, found) = (&self.secrets, &mut self.found);
        self.walk.walk(block, |place, span| *found |= !place.in_header && is_telling(place.cell, &span, secrets));
    }
}

fn is_telling(cell: usize, span: &Span<'_>, secrets: &Secrets) -> bool {
    match span {
        Span::Cell(piece) => (secrets.has(cell) || secrets.is_beyond(cell)) && !is_blank(piece),
        Span::Mark(mark) => matches!(*mark, b"\n" | b"\r") && secrets.is_short(cell + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn first_foreign(bytes: &[u8], size: usize) -> Option<u64> {
        let mut check = Utf8Check::default();
        bytes.chunks(size).find_map(|block| check.next(block)).or_else(|| check.cut_letter())
    }

    #[test]
    fn the_first_foreign_byte_is_the_same_wherever_the_blocks_end() {
        for size in 1..12 {
            assert_eq!(first_foreign("Zoë, Łukasz, 名前, 🙂".as_bytes(), size), None, "{size}");
            assert_eq!(first_foreign("Zoë".as_bytes().split_last().expect("bytes").1, size), Some(2), "{size}");
            assert_eq!(first_foreign(b"Zo\xc3\xab, Jos\xe9, Z", size), Some(9), "{size}");
            assert_eq!(first_foreign(b"\xf0\x9f\x99,", size), Some(0), "{size}");
        }
    }
}
