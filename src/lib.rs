//! rosterd takes school rosters in, checks them, finds the library patron of each person, and writes only what changed.
//!
//! The folders are the pipeline, and you can say it aloud: **receive, stage, read, diff, check, match, write, report.**
//!
//! | module | what it does |
//! |---|---|
//! | [`roster`] | the nouns everybody speaks: kinds, rows, problems, patrons, plans, schemas, settings |
//! | [`receive`] | 1 bytes arrive and become a batch, in a private copy; when what lies in a drop folder is whole |
//! | [`stage`] | 2 a heap of files becomes one complete set: choose, unpack, decode |
//! | [`read`] | 3 CSV bytes become rows that know their place |
//! | [`diff`] | 4 which rows are as they were last night |
//! | [`check`] | 5 rows and schemas become records and problems; one file for each rule |
//! | [`matching`] | 6 which patron each person is, and what would change; one file for each guard |
//! | [`mod@write`] | 7 the patrons: read, and changed as the plan says |
//! | [`report`] | 8 what happened, in words, JSON and CSV |
//! | [`pipeline`] | one function: the stages in order, and every decision about going on or stopping |
//! | [`store`] | our own records: districts, roster, links, runs, holds, the queue; one SQLite file |
//! | [`operate`] | settings files, the command line, and the service that runs day after day |
//! | [`files`] | private folders, copies and hashes, for those who touch the disk |
//!
//! Start at [`pipeline::run`]; a delivery that waits in the queue comes from [`pipeline::take_in`] to [`pipeline::run_received`]. `roster` knows nobody; `read`, `diff`, `check` and `matching` touch no disk, network,
//! database or clock.

pub mod roster;

// 1 to 8, in the order of the pipeline.
pub mod receive;

pub mod stage;

pub mod read;

pub mod diff;

pub mod check;

pub mod matching;

pub mod write;

pub mod report;

pub mod pipeline;

pub mod store;

pub mod operate;

pub mod files;
