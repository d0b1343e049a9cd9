//! What people and programs touch, tested from outside: commands, their output, their exit codes, and the files they leave.

#![allow(clippy::unwrap_used, reason = "all of this is tests; clippy knows only the functions marked so")]

mod approval;
mod backfill;
mod backup;
mod canary;
mod cases;
mod cli_config;
mod cli_district;
mod cli_patrons;
mod cli_runs;
mod cli_shell;
mod cli_site_map;
mod deploy;
mod door;
mod dump;
mod edits;
mod erase;
mod explain;
mod fingerprints;
mod hostile;
mod kill;
mod letters;
mod machine;
mod model;
mod oracle;
mod properties;
mod readme;
mod repairs;
mod retention;
mod samples;
mod schemas;
mod service;
mod sftp_front;
mod stages;
mod status;
mod support;
mod torture;
mod undo;
