//! The command line.

pub mod args;
pub mod output;

/// Runs the command of this process.
pub fn main() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
