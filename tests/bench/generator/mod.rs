//! Makes invented districts of any size, the same from the same seed.
//!
//! Used by the `generate` example only; knows Clever's columns and values, and nothing of rosterd.

pub mod chance;
pub mod classes;
pub mod district;
pub mod expected;
pub mod folder;
pub mod patrons;
pub mod sheet;
pub mod shuffle;
pub mod students;
pub mod words;

#[cfg(test)]
mod tests;
