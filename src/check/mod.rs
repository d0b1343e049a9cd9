//! 5 check: new and changed rows become typed records and problems.

pub mod cell;
pub mod normalise;
pub mod value;

#[cfg(test)]
pub mod testing;
