//! Why a command ends without its result: the exit code, and the sentence for standard error.
//!
//! Made by the commands from whatever failed below them. Knows which failures are the user's to mend.

use std::error::Error;

use super::output::exit;
use crate::operate::config::ConfigError;
use crate::pipeline::{Refusal, UndoRefused};
use crate::report::escape_for_terminal;
use crate::stage::StageError;
use crate::store::StoreError;

/// A command that could not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The exit code of the process.
    pub exit: u8,
    /// What went wrong and what to do next.
    pub message: String,
}

impl Failure {
    /// The command line or a setting is wrong.
    pub fn usage(message: impl Into<String>) -> Self {
        Self { exit: exit::USAGE, message: escape_lines(&message.into()) }
    }

    /// We failed, or the machine: `error` with everything that caused it.
    pub fn ours(error: &(dyn Error + 'static)) -> Self {
        Self { exit: exit::FAILED, message: escape_lines(&chain(error)) }
    }
}

/// An error and its causes in one line. A cause that its error already told is not told twice.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let words = cause.to_string();
        if !text.contains(&words) {
            text = format!("{text}: {words}");
        }
        next = cause.source();
    }
    text
}

/// Messages name files and ids as they were given; only the line breaks in them are ours.
fn escape_lines(text: &str) -> String {
    text.split('\n').map(escape_for_terminal).collect::<Vec<_>>().join("\n")
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unsupported(_) => Self::usage(error.to_string()),
            error => Self::ours(&error),
        }
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(chain(&error))
    }
}

/// What `pipeline` could not do. A wrong store, wrong settings or a wrong path are the user's to mend, wherever they were met.
impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        let exit = if error.chain().any(is_users) { exit::USAGE } else { exit::FAILED };
        Self { exit, ..Self::ours(error.as_ref()) }
    }
}

fn is_users(error: &(dyn Error + 'static)) -> bool {
    let is_store = matches!(error.downcast_ref(), Some(StoreError::Unsupported(_)));
    let is_stage = error.downcast_ref::<StageError>().is_some_and(|error| !matches!(error, StageError::Io { .. }));
    let is_refused = error.is::<Refusal>() || error.is::<UndoRefused>();
    is_store || is_stage || is_refused || error.is::<ConfigError>()
}

/// Only standard output fails this way in a command: everything else has an error of its own.
impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self { exit: exit::FAILED, message: format!("failed to write to standard output: {}", chain(&error)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("failed to open a.db")]
    struct Outer(#[source] std::io::Error);

    #[test]
    fn the_whole_chain_is_told_once() {
        let failure = Failure::ours(&Outer(std::io::Error::other("the disk is full")));
        assert_eq!((failure.exit, failure.message.as_str()), (1, "failed to open a.db: the disk is full"));
    }

    #[test]
    fn a_name_cannot_pretend_to_be_the_message() {
        assert!(!Failure::usage("no district \u{1b}[2Jx").message.contains('\u{1b}'));
    }
}
