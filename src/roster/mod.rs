//! The nouns that every stage speaks: kinds, people, problems, settings, schemas, plans.
//!
//! Everybody may use this module; it knows nobody, and does no input or output.

pub mod kind;
pub mod problem;
pub mod schema;
pub mod set;
pub mod settings;

pub use kind::{FileKind, PersonKind};
pub use problem::{Code, Problem, Severity};
