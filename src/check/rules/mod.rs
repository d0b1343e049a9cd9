//! The rules, one file each: what is wrong, in a sentence, and what to do next.
//!
//! A rule makes problems; what follows from them (a refused row, a held person) is decided where the rule is called.

pub mod cell_value;
pub mod empty_file;
pub mod error_rate;
pub mod person_contradictory;
pub mod reference;
pub mod required;
pub mod required_with;
pub mod row_shape;
pub mod rows_disagree;
pub mod school_missing;
pub mod truncated;
pub mod unique;
