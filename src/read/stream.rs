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
    let (full_in, full_out) = sync_channel::<io::Result<Block>>(IN_FLIGHT);
    let (empty_in, empty_out) = sync_channel::<Block>(IN_FLIGHT);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut reader = RowReader::new(input, delimiter);
            loop {
                let mut block = empty_out.try_recv().unwrap_or_default();
                let filled = reader.fill(&mut block);
                let done = filled.is_err() || block.is_empty();
                if full_in.send(filled.map(|()| block)).is_err() || done {
                    return;
                }
            }
        });
        for block in full_out {
            let block = block?;
            if block.is_empty() || each(&block).is_break() {
                break;
            }
            // The other side may be gone already; then the block is simply dropped.
            drop(empty_in.try_send(block));
        }
        Ok(())
    })
}
