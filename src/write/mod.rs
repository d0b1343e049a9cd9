//! Write: the library's table of patrons, read and changed. It knows SQL and no rule: what to change stands in the plan.
//!
//! Everything happens in the transaction of the run, which `pipeline` begins and ends.

mod patrons;
mod show;

pub use patrons::Patrons;
pub use show::{COLUMNS, PatronRow};
