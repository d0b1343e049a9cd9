//! The service: `rosterd serve` day after day.

pub mod bell;
pub mod queue;
pub mod worker;
