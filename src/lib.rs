//! rosterd takes school rosters in, checks them, finds the library patron of each person, and writes only what changed.
//!
//! The modules are the pipeline: **receive, stage, read, diff, check, matching, write, report**.

/// The nouns that everybody speaks.
pub mod roster;

/// 5 Rows and schemas become records and problems.
pub mod check;
/// 4 Which rows are as they were last night.
pub mod diff;
/// 6 Which patron each person is, and what would change.
pub mod matching;
/// 3 CSV bytes become rows.
pub mod read;
/// 1 Bytes arrive and become a batch.
pub mod receive;
/// 8 What happened.
pub mod report;
/// 2 A heap of files becomes one complete set.
pub mod stage;
/// 7 Carry out a plan.
pub mod write;

/// One function: the stages in order.
pub mod pipeline;

/// Folders, copies and hashes, for those who touch the disk.
pub mod files;
/// Run it: configuration and the command line.
pub mod operate;
/// Our own records.
pub mod store;
