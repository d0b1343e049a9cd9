//! What happened, in words, JSON and CSV.
//!
//! Called by the pipeline and the commands with finished values; knows no database, no clock and no settings. Only
//! `results` touches the disk, and only the folder that it is given.

pub mod backfill;
pub mod changes;
pub mod codes_doc;
pub mod counts;
pub mod defuse;
pub mod erased;
pub mod explanation;
pub mod headline;
pub mod hold_text;
pub mod problem_text;
pub mod rejected;
pub mod results;
pub mod run_report;
pub mod schema_table;
pub mod terminal;
pub mod text;
pub mod undo_report;
pub mod words;

pub use crate::roster::ProblemList;
pub use backfill::{BackfillReport, BackfilledSet, Taken};
pub use counts::{EnrollmentCounts, PeopleCounts, PeopleReport, SectionCounts};
pub use erased::{Erased, ErasedCount};
pub use rejected::{RejectedFile, RejectedRow, RejectedWriter, Room};
pub use run_report::{ActionReport, Candidate, FileReport, HoldReport, RunReport};
pub use terminal::{Style, escape_for_terminal};
pub use undo_report::{Kept, UndoReport};
pub use words::{Action, Outcome, Source};
