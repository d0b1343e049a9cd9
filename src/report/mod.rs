//! 8 report: what happened, in words, JSON and CSV.

pub mod schema_table;
