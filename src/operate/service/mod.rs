//! The service: it runs unattended, for many districts, and tells people and machines how it goes.

pub mod alarms;
pub mod bell;
pub mod config;
pub mod facts;
pub mod health;
pub mod http;
pub mod letters;
mod local_time;
pub mod metrics;
pub mod process;
pub mod queue;
pub mod systemd;
pub mod worker;

pub use local_time::local_time;
