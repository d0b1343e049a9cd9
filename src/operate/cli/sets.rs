//! Commands that read a set: `check`, `ingest`, `preview`.

use std::path::Path;

use super::args::SetPath;
use super::context::Context;
use super::failure::Failure;

/// Validates files only.
pub fn check(_: &Context, _: &SetPath, _: Option<&Path>, _: Option<&Path>) -> Result<u8, Failure> {
    Err(Failure::usage("not in this build"))
}

/// Takes in one batch now.
pub fn ingest(_: &Context, _: &SetPath, _: bool, _: Option<&Path>) -> Result<u8, Failure> {
    Err(Failure::usage("not in this build"))
}

/// Shows what ingest would change.
pub fn preview(_: &Context, _: &SetPath) -> Result<u8, Failure> {
    Err(Failure::usage("not in this build"))
}
