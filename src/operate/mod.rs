//! Run it day after day: settings files, the service, and the command line.

pub mod backup;
pub mod cli;
pub mod config;
pub mod picture;
pub mod service;
pub mod status;
mod toml_file;
pub mod versions;
