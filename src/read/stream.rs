//! Reads a file on a thread of its own and hands its rows over in blocks, so that reading and checking overlap.

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::sync::mpsc::sync_channel;

use super::{Block, RowReader};

/// Blocks under way at once.
const IN_FLIGHT: usize = 4;

/// Calls `each` with every block of `input`, in order, until it breaks.
///
/// # Errors
/// When `input` cannot be read.
pub fn each_block<R, F>(input: R, delimiter: u8, mut each: F) -> io::Result<()>
where
    R: Read + Send,
    F: FnMut(&Block) -> ControlFlow<()>,
{
    each_block_ahead(input, delimiter, |_, ()| {}, |block, ()| each(block))
}

/// As [`each_block`]; `look` is called with every block on the reading thread, and what it finds comes with the block.
///
/// # Errors
/// When `input` cannot be read.
pub fn each_block_ahead<R, P, L, F>(input: R, delimiter: u8, mut look: L, mut each: F) -> io::Result<()>
where
    R: Read + Send,
    P: Default + Send,
    L: FnMut(&Block, &mut P) + Send,
    F: FnMut(&Block, &mut P) -> ControlFlow<()>,
{
    let (full_in, full_out) = sync_channel::<io::Result<(Block, P)>>(IN_FLIGHT);
    let (empty_in, empty_out) = sync_channel::<(Block, P)>(IN_FLIGHT);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut reader = RowReader::new(input, delimiter);
            loop {
                let (mut block, mut found) = empty_out.try_recv().unwrap_or_default();
                let filled = reader.fill(&mut block);
                let done = filled.is_err() || block.is_empty();
                look(&block, &mut found);
                if full_in.send(filled.map(|()| (block, found))).is_err() || done {
                    return;
                }
            }
        });
        for full in full_out {
            let (block, mut found) = full?;
            if block.is_empty() || each(&block, &mut found).is_break() {
                break;
            }
            // The other side may be gone already; then the block is simply dropped.
            drop(empty_in.try_send((block, found)));
        }
        Ok(())
    })
}
