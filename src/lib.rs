//! rosterd takes school rosters in, checks them, finds the library patron of each person, and writes only what changed.
//!
//! The modules are the pipeline: **receive, stage, read, diff, check, matching, write, report**.

pub mod roster;

pub mod files;
pub mod operate;
pub mod receive;
pub mod stage;
