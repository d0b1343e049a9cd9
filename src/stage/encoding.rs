//! Which encoding a file is in: by its byte order mark, else UTF-8 if all of it is, else as the district says, else guessed.
//!
//! Used by `survey` and `prepare`; `rewrite` does the decoding.

use std::fs::File;
use std::io::{Read, Result, Seek, SeekFrom};

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};

use super::error::StageError;
use super::limits::GUESS_BYTES;

/// What a district wants done with bytes that are not UTF-8.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Foreign {
    /// Guess.
    Guess,
    /// Refuse.
    Refuse,
    /// Read as this.
    Pinned(&'static Encoding),
}

impl Foreign {
    /// From `reading.encoding`.
    pub fn new(setting: &str) -> std::result::Result<Self, StageError> {
        match setting.trim().to_lowercase().as_str() {
            "auto" => Ok(Self::Guess),
            "strict" => Ok(Self::Refuse),
            label => match Encoding::for_label(label.as_bytes()) {
                Some(encoding) if encoding == UTF_8 => Ok(Self::Refuse),
                Some(encoding) => Ok(Self::Pinned(encoding)),
                None => Err(StageError::EncodingUnknown(setting.into())),
            },
        }
    }
}

/// The Unicode encoding that the first bytes tell, with the length of its mark, and whether the mark is missing.
pub(super) fn unicode(head: &[u8]) -> Option<(&'static Encoding, usize, bool)> {
    let marked = Encoding::for_bom(head).map(|(encoding, length)| (encoding, length, false));
    marked.or_else(|| unmarked_utf_16(head).map(|encoding| (encoding, 0, true)))
}

/// UTF-16 without its mark shows in a header: every second byte is zero, always the same one.
fn unmarked_utf_16(head: &[u8]) -> Option<&'static Encoding> {
    const LOOK_AT: usize = 64;
    const AT_LEAST: usize = 8;
    let pairs = || head.chunks_exact(2).take(LOOK_AT);
    let enough = pairs().len() >= AT_LEAST;
    if enough && pairs().all(|pair| pair[0] != 0 && pair[1] == 0) {
        Some(UTF_16LE)
    } else if enough && pairs().all(|pair| pair[0] == 0 && pair[1] != 0) {
        Some(UTF_16BE)
    } else {
        None
    }
}

/// The beginning of a file as text, as well as it can be known without reading the rest: good enough for a header.
pub(super) fn decoded_head(head: &[u8]) -> String {
    match unicode(head) {
        Some((encoding, mark, _)) => decoded_as(encoding, &head[mark..]),
        None => lossy(head),
    }
}

/// A head that ends inside a letter is still UTF-8; only a wrong byte before its end makes it something else.
fn lossy(head: &[u8]) -> String {
    let cut = std::str::from_utf8(head).is_err_and(|error| error.error_len().is_none());
    decoded_as(if cut { UTF_8 } else { WINDOWS_1252 }, head)
}

/// The beginning of a file as text in a known encoding.
pub(super) fn decoded_as(encoding: &'static Encoding, head: &[u8]) -> String {
    encoding.decode_without_bom_handling(head).0.into_owned()
}

/// The encoding of a file that is not UTF-8, judged by what follows its first foreign byte.
pub(super) fn guess(file: &mut File, first_foreign: u64) -> Result<&'static Encoding> {
    const CONTEXT_BYTES: u64 = 64;
    file.seek(SeekFrom::Start(first_foreign.saturating_sub(CONTEXT_BYTES)))?;
    let mut sample = Vec::new();
    file.take(GUESS_BYTES).read_to_end(&mut sample)?;
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&sample, false);
    Ok(detector.guess(None, Utf8Detection::Deny))
}

/// The name of an encoding as reports write it.
pub(super) fn name(encoding: &'static Encoding) -> String {
    encoding.name().to_ascii_lowercase()
}
