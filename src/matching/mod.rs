//! Matching: which patron each person is, on what evidence, and what would change. A plan comes out; nothing is written.
//!
//! Pure: patrons are handed in one by one by whoever reads the library's table. Called by `pipeline` in this order:
//! [`People::gather`], [`Search`] over all patrons where someone is not linked yet, [`Planner`] over the patrons
//! concerned, [`guards`], [`sections::plan`].

pub mod answers;
mod candidates;
mod compare;
mod desired;
pub mod employees;
pub mod enrollments;
pub mod guards;
pub mod hash;
mod people;
mod planner;
pub mod refused;
pub mod removals;
mod search;
pub mod sections;
mod sites;
pub mod suggestions;

pub use desired::Desired;
pub use people::{Fate, People, Person, Reasons, SchoolWeights, find, looked_at_again};
pub use planner::{Planned, Planner, Tally};
pub use search::{Decision, Decisions, Search};
pub use sites::{Site, Sites};
