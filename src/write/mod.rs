//! Write: the library's table of patrons, read and changed. It knows SQL and no rule: what to change stands in the plan.
//!
//! Everything happens in the transaction of the run, which `pipeline` begins and ends.

mod patrons;
mod restore;
mod show;

pub use patrons::Patrons;
pub use restore::{Restored, is_as_created};
pub use show::{COLUMNS, PatronRow};
