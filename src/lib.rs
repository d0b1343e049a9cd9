//! rosterd takes school rosters in, checks them, finds the library patron of each person, and writes only what changed.
//!
//! The modules are the pipeline: **receive, stage, read, diff, check, matching, write, report**.

pub mod roster;

pub mod check;
pub mod diff;
pub mod matching;
pub mod read;
pub mod receive;
pub mod stage;

pub mod report;

pub mod operate;
