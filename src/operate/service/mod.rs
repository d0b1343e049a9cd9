//! The service: it runs unattended, for many districts, and tells people and machines how it goes.

pub mod alarms;
pub mod bell;
pub mod config;
pub mod facts;
mod local_time;
pub mod queue;
pub mod worker;

pub use local_time::local_time;
