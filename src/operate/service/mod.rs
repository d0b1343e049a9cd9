//! The service: it runs unattended, for many districts, and tells people and machines how it goes.

pub mod config;
