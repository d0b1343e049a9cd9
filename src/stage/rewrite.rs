//! Writes a clean copy of a file: decoded to UTF-8, secret cells blanked, every other byte as it was.
//!
//! Used by `prepare` for the few files that need it. Streams; neither a file nor a large cell is ever in memory whole.

use std::fs::File;
use std::io::Result;

use encoding_rs::{Decoder, DecoderResult, Encoding};

use super::blank::Blanker;
use super::cells::Place;
use super::secrets::Secrets;
use crate::files::hash::Hashed;
use crate::files::{BLOCK_BYTES, fill};

/// A clean copy that was written.
pub(super) struct Rewritten {
    /// Hash and size of the copy.
    pub kept: Hashed,
    /// Whether its last byte is a line break.
    pub ends_with_line_break: bool,
}

/// Where decoding came to an end.
pub(super) enum Outcome {
    /// At the end of the file.
    Written(Rewritten),
    /// At bytes that mean nothing in this encoding.
    Malformed(Place),
}

/// Copies what is left of `source` to `target`, decoding it unless it is UTF-8 already.
pub(super) fn rewrite(
    source: &mut File,
    target: File,
    encoding: Option<&'static Encoding>,
    secrets: Secrets,
    delimiter: u8,
) -> Result<Outcome> {
    let mut blanker = Blanker::new(target, secrets, delimiter);
    let malformed = match encoding {
        Some(encoding) => decode(source, encoding.new_decoder_without_bom_handling(), &mut blanker)?,
        None => pass(source, &mut blanker)?,
    };
    malformed.map_or_else(|| blanker.finish().map(Outcome::Written), |place| Ok(Outcome::Malformed(place)))
}

fn pass(source: &mut File, blanker: &mut Blanker) -> Result<Option<Place>> {
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        match fill(source, &mut block)? {
            0 => return Ok(None),
            count => blanker.take(&block[..count])?,
        }
    }
}

fn decode(source: &mut File, mut decoder: Decoder, blanker: &mut Blanker) -> Result<Option<Place>> {
    let mut block = vec![0; BLOCK_BYTES];
    // Three bytes of UTF-8 for each byte is the most that any of the encodings needs.
    let mut text = vec![0; 3 * BLOCK_BYTES + 64];
    loop {
        let count = fill(source, &mut block)?;
        let last = count < block.len();
        let mut rest = &block[..count];
        loop {
            let (result, read, written) = decoder.decode_to_utf8_without_replacement(rest, &mut text, last);
            blanker.take(&text[..written])?;
            rest = &rest[read..];
            match result {
                DecoderResult::Malformed(..) => return Ok(Some(blanker.place())),
                DecoderResult::InputEmpty if last => return Ok(None),
                DecoderResult::InputEmpty => break,
                DecoderResult::OutputFull => {}
            }
        }
    }
}
