//! What reaches the terminal: results on standard output, everything else on standard error.
//!
//! Called by the commands. Knows terminals, colour, pipes, logs and exit codes; knows nothing of rosters.

use std::ffi::OsStr;
use std::io::{self, IsTerminal, Write};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;
use tracing_subscriber::EnvFilter;

use crate::operate::service::config::LogFormat;
use crate::report::{Outcome, RunReport, Style};

/// Exit codes; a contract with scripts.
pub mod exit {
    /// Applied, no change, superseded; a check without errors.
    pub const DONE: u8 = 0;
    /// Our fault or the machine's; nothing is half done.
    pub const FAILED: u8 = 1;
    /// Wrong command line or settings.
    pub const USAGE: u8 = 2;
    /// A hold is open that this run made or met.
    pub const HELD: u8 = 3;
    /// The set is rejected; a check found errors.
    pub const REJECTED: u8 = 4;
}

/// The exit code of a finished run, check or preview.
pub fn exit_code(report: &RunReport) -> u8 {
    match report.outcome {
        Outcome::Applied | Outcome::NoChange | Outcome::Superseded | Outcome::Clean => exit::DONE,
        Outcome::Preview if report.holds.is_empty() => exit::DONE,
        Outcome::Preview | Outcome::Held | Outcome::AppliedInPart => exit::HELD,
        Outcome::Rejected | Outcome::Errors => exit::REJECTED,
        Outcome::Failed => exit::FAILED,
    }
}

/// Where a command puts what it has to say.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    style: Style,
    shows_progress: bool,
    is_quiet: bool,
}

impl Output {
    /// Looks at the terminal and the environment of this process.
    pub fn of_process(is_quiet: bool) -> Self {
        let no_color = std::env::var_os("NO_COLOR");
        let term = std::env::var_os("TERM");
        let style = style_for(io::stdout().is_terminal(), no_color.as_deref(), term.as_deref());
        Self { style, shows_progress: !is_quiet && io::stderr().is_terminal(), is_quiet }
    }

    /// Whether reports on standard output are coloured.
    pub fn style(&self) -> Style {
        self.style
    }

    /// Prints `text` on standard output; a line break is added if it ends without one.
    pub fn text(&self, text: &str) -> io::Result<()> {
        let end = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
        self.write(|out| write!(out, "{text}{end}"))
    }

    /// Prints `value` as JSON on standard output.
    pub fn json(&self, value: &impl Serialize) -> io::Result<()> {
        self.write(|out| {
            serde_json::to_writer_pretty(&mut *out, value)?;
            writeln!(out)
        })
    }

    /// Lets `write` fill standard output, buffered. Whoever reads it may stop reading: that is not an error.
    pub fn write(&self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        let mut out = io::BufWriter::new(io::stdout().lock());
        let written = write(&mut out).and_then(|()| out.flush());
        // What is still in the buffer has no reader either; without this, dropping it would try again.
        let (_, _) = out.into_parts();
        unless_broken_pipe(written)
    }

    /// A bar on standard error for `count` steps; invisible unless that is a terminal.
    pub fn bar(&self, count: usize) -> Progress {
        let target = if self.shows_progress { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(count as u64), target);
        let style = ProgressStyle::with_template("{bar:30} {pos} of {len} sets, {eta} left: {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Progress(bar)
    }

    /// Says something on standard error that is no result: a hint, what was created. Nothing when quiet.
    pub fn note(&self, text: &str) {
        if !self.is_quiet {
            say(text);
        }
    }

    /// Says on standard error why the command failed.
    pub fn complain(&self, text: &str) {
        say(&format!("error: {text}"));
    }

    /// A spinner on standard error that says what is going on; invisible unless that is a terminal.
    pub fn progress(&self, what: &'static str) -> Progress {
        let target = if self.shows_progress { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(None, target);
        bar.set_style(ProgressStyle::default_spinner());
        bar.set_message(what);
        if self.shows_progress {
            bar.enable_steady_tick(std::time::Duration::from_millis(120));
        }
        Progress(bar)
    }
}

/// Standard error may be closed; there is nobody left to tell then.
fn say(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

fn unless_broken_pipe(result: io::Result<()>) -> io::Result<()> {
    match result {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        result => result,
    }
}

/// Colour on a terminal only, and never against `NO_COLOR` (set and not blank).
fn style_for(is_terminal: bool, no_color: Option<&OsStr>, term: Option<&OsStr>) -> Style {
    let is_unwanted = no_color.is_some_and(|value| !value.is_empty()) || term.is_some_and(|term| term == "dumb");
    if is_terminal && !is_unwanted { Style::Coloured } else { Style::Plain }
}

/// A spinner that goes when it is dropped.
#[derive(Debug)]
pub struct Progress(ProgressBar);

impl Progress {
    /// Says what is going on now.
    pub fn now(&self, what: impl Into<std::borrow::Cow<'static, str>>) {
        self.0.set_message(what);
    }

    /// One step of a bar is done.
    pub fn step(&self) {
        self.0.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

/// Starts logging to standard error. `ROSTERD_LOG` decides what if it is there, else `-v` and `-q`.
pub fn start_logging(verbose: u8, is_quiet: bool, format: LogFormat) {
    let wanted = std::env::var("ROSTERD_LOG").unwrap_or_else(|_| log_filter(verbose, is_quiet).into());
    let builder = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::builder().parse_lossy(wanted))
        .with_writer(io::stderr)
        .with_ansi(
            style_for(io::stderr().is_terminal(), std::env::var_os("NO_COLOR").as_deref(), None) == Style::Coloured,
        );
    // Tests start commands in one process; the first subscriber stays, which is as good.
    let _ = match format {
        LogFormat::Text => tracing::subscriber::set_global_default(builder.finish()),
        LogFormat::Json => tracing::subscriber::set_global_default(builder.json().flatten_event(true).finish()),
    };
}

/// Other people's crates stay at warnings: they do not know what must not be logged.
fn log_filter(verbose: u8, is_quiet: bool) -> &'static str {
    match (is_quiet, verbose) {
        (true, _) => "error",
        (false, 0) => "warn",
        (false, 1) => "warn,rosterd=info",
        (false, 2) => "warn,rosterd=debug",
        (false, _) => "warn,rosterd=trace",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::HoldReport;

    #[test]
    fn colour_is_for_terminals_and_never_against_no_color() {
        let os = |text: &'static str| Some(OsStr::new(text));
        assert_eq!(style_for(true, None, os("xterm")), Style::Coloured);
        assert_eq!(style_for(true, os(""), None), Style::Coloured);
        assert_eq!(style_for(true, os("1"), os("xterm")), Style::Plain);
        assert_eq!(style_for(true, None, os("dumb")), Style::Plain);
        assert_eq!(style_for(false, None, os("xterm")), Style::Plain);
    }

    #[test]
    fn a_reader_who_leaves_is_no_error_and_a_full_disk_is() {
        assert!(unless_broken_pipe(Err(io::ErrorKind::BrokenPipe.into())).is_ok());
        assert!(unless_broken_pipe(Err(io::ErrorKind::StorageFull.into())).is_err());
    }

    #[test]
    fn each_outcome_has_its_exit_code() {
        let code = |outcome| exit_code(&RunReport::new(outcome));
        let codes: Vec<u8> = Outcome::ALL.iter().map(|outcome| code(*outcome)).collect();
        assert_eq!(codes, [0, 3, 3, 0, 4, 1, 0, 0, 0, 4]);
    }

    #[test]
    fn a_preview_returns_what_ingest_would() {
        let mut report = RunReport::new(Outcome::Preview);
        report.holds.push(HoldReport {
            guard: "removals".into(),
            kind: None,
            school: None,
            count: 1,
            of: None,
            limit: None,
            reason: String::new(),
            hash: None,
            people: Vec::new(),
        });
        assert_eq!(exit_code(&report), exit::HELD);
    }

    #[test]
    fn more_v_means_more_of_our_own_log_only() {
        assert_eq!(
            [0, 1, 2, 9].map(|v| log_filter(v, false)),
            ["warn", "warn,rosterd=info", "warn,rosterd=debug", "warn,rosterd=trace"]
        );
        assert_eq!(log_filter(0, true), "error");
    }

    #[test]
    fn progress_is_invisible_without_a_terminal() {
        let output = Output { style: Style::Plain, shows_progress: false, is_quiet: false };
        let progress = output.progress("reading");
        progress.now("matching");
        assert!(progress.0.is_hidden());
    }
}
