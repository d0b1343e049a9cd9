//! Run it day after day: settings files, the service, and the command line.

pub mod cli;
pub mod config;
pub mod service;
