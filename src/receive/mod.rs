//! Bytes arrive and become a batch: a private, immutable copy under its hash. Every source ends in `accept`.
//!
//! This module knows where files come from; what is in them is the business of `stage` and of those after it.

mod accept;
pub mod drop_folder;
#[cfg(test)]
mod tests;

pub use accept::{Acceptance, ReceiveError, accept, accept_again, borrow};
