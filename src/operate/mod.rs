//! Run it day after day: the command line.
pub mod cli;
