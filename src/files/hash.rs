//! SHA-256 of what streams by, in the same pass as reading, copying or writing it.

use std::fs::File;
use std::io::{Read, Result, Write};

use sha2::{Digest, Sha256};

use super::BLOCK_BYTES;

/// The hash and size of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hashed {
    /// In hexadecimal.
    pub sha256: String,
    /// Its length.
    pub bytes: u64,
}

/// Hashes what `source` holds.
pub fn read(source: &mut impl Read) -> Result<Hashed> {
    copy(source, &mut std::io::sink())
}

/// Copies `source` to `target` and hashes it on the way.
pub fn copy(source: &mut impl Read, target: &mut impl Write) -> Result<Hashed> {
    let mut writer = HashingWriter::new(target);
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        match super::fill(source, &mut block)? {
            0 => return Ok(writer.finish().0),
            count => writer.write_all(&block[..count])?,
        }
    }
}

/// The hash of a few lines of text.
pub fn text(text: &str) -> String {
    hexadecimal(&Sha256::digest(text.as_bytes()))
}

/// A writer that hashes everything it passes on.
pub struct HashingWriter<W> {
    inner: W,
    hasher: Sha256,
    bytes: u64,
    last: Option<u8>,
}

impl<W: Write> HashingWriter<W> {
    /// Passes everything on to `inner`.
    pub fn new(inner: W) -> Self {
        Self { inner, hasher: Sha256::new(), bytes: 0, last: None }
    }

    /// The hash of what was written, and its last byte.
    pub fn finish(self) -> (Hashed, Option<u8>) {
        (Hashed { sha256: hexadecimal(&self.hasher.finalize()), bytes: self.bytes }, self.last)
    }
}

impl<W: Write> Write for HashingWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        let count = self.inner.write(bytes)?;
        self.hasher.update(&bytes[..count]);
        self.bytes += count as u64;
        self.last = bytes[..count].last().copied().or(self.last);
        Ok(count)
    }

    fn flush(&mut self) -> Result<()> {
        self.inner.flush()
    }
}

/// Tells the system that `file` is read from front to back, so that it reads ahead.
pub fn sequential(file: &File) {
    // Advice only: a file system that does not take it reads correctly all the same.
    let _ = rustix::fs::fadvise(file, 0, None, rustix::fs::Advice::Sequential);
}

fn hexadecimal(digest: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits.map(|digit| char::from(DIGITS[usize::from(digit)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_is_the_same_bytes_and_their_usual_hash() {
        let mut copy_of = Vec::new();
        let hashed = copy(&mut "abc".as_bytes(), &mut copy_of).expect("memory does not fail");
        assert_eq!(copy_of, b"abc");
        assert_eq!(hashed.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assert_eq!((hashed.bytes, text("abc")), (3, hashed.sha256));
    }
}
