//! The disk as `receive` and `stage` use it: private files, copying while hashing, two workers.
//!
//! It knows bytes and paths, and nothing of sets, kinds or zips.

pub mod fail_point;
pub mod hash;
pub mod held;
pub mod private;
pub mod spill;
pub mod times;
pub mod workers;
pub mod zones;

/// Bytes read or written at a time.
pub const BLOCK_BYTES: usize = 512 << 10;

/// Bytes that may still be written to the disk on which `folder` lies.
pub fn free_bytes(folder: &std::path::Path) -> std::io::Result<u64> {
    let about = rustix::fs::statvfs(folder)?;
    Ok(about.f_bavail.saturating_mul(about.f_frsize))
}

/// Fills `block` from `source` as far as the source goes; fewer bytes than fit mean its end.
pub fn fill(source: &mut impl std::io::Read, block: &mut [u8]) -> std::io::Result<usize> {
    let mut filled = 0;
    while filled < block.len() {
        match source.read(&mut block[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
