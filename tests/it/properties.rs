//! What must hold for any input: generated districts, nights that follow each other, and bytes that went wrong.
//!
//! Everything runs in this process, on databases in folders of their own. A failure names its seed; `ROSTERD_SEED=N` and
//! the test's name run it again alone.

mod chance;
mod damage;
mod edits;
pub mod library;
mod memory;
mod nights;
mod orders;
mod repeats;
mod town;
mod undos;
mod witness;
