//! A nameless private file for what is too large to stay in memory and is needed again soon.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

use crate::roster::record::Spill;

/// Blocks of bytes in a temporary file that nobody else can open and that is gone with the process.
#[derive(Debug)]
pub struct TemporaryFile {
    file: File,
}

impl TemporaryFile {
    /// An empty one.
    ///
    /// # Errors
    /// When the temporary folder cannot be written.
    pub fn new() -> io::Result<Self> {
        Ok(Self { file: tempfile::tempfile()? })
    }
}

impl Spill for TemporaryFile {
    fn put(&mut self, at: u64, block: &[u8]) -> io::Result<()> {
        self.file.write_all_at(block, at)
    }

    fn get(&self, at: u64, bytes: &mut [u8]) -> io::Result<()> {
        self.file.read_exact_at(bytes, at)
    }
}
