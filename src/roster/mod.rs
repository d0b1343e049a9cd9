//! The nouns that every stage speaks: kinds, people, problems, settings, schemas, plans.
//!
//! Everybody may use this module; it knows nobody, and does no input or output.

pub mod enrollment;
pub mod entities;
pub mod keys;
pub mod kind;
pub mod names;
pub mod nearest;
pub mod patron;
pub mod plan;
pub mod problem;
pub mod problem_list;
pub mod record;
pub mod schema;
pub mod section;
pub mod set;
pub mod settings;
pub mod tally;

pub use kind::{FileKind, PersonKind};
pub use problem::{Code, Problem, Severity};
pub use problem_list::ProblemList;
