//! A folder into which a sender puts files: what is in it, whether that is whole, and what becomes of it once it was taken.
//!
//! Events wake, state decides: [`Watch`] only says that somebody should look, [`look()`] lists the folder, and [`Settling`]
//! decides from one look after another whether the set in it is finished. Whoever takes it then lets `receive::accept` copy the
//! files and looks once more: only when that look [`shows`](Look::shows_same) the same as the one before the copy is the copy what the
//! sender finished. What was taken is remembered as a [`FolderMemory`]. Nothing here knows the clock, kinds or columns.

mod after;
mod look;
mod memory;
mod settle;
mod watch;

pub use after::move_taken;
pub use look::{Entry, FolderError, Look, Moment, look};
pub use memory::FolderMemory;
pub use settle::{Declared, Settling, Verdict, Why};
pub use watch::{Watch, WatchError};
