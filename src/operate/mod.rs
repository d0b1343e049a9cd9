//! Run it day after day: the settings file and the command line.

pub mod cli;
pub mod config;
pub mod service;
