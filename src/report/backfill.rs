//! The report of a backfill: what became of each set, in short, as text and as JSON.
//!
//! Filled by the command. Each set's own report is stored with its run, like that of every run.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::Serialize;

use super::headline::{amount, listed, thousands};
use super::terminal::{Ink, Style, escape_for_terminal};
use super::{Outcome, RunReport};
use crate::roster::{Code, Problem};

/// What became of a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Taken {
    /// It is history now.
    History,
    /// The newest: an ordinary run.
    Run,
    /// It was taken before.
    Skipped,
    /// It is refused.
    Refused,
}

/// One set.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BackfilledSet {
    /// Where it lies.
    pub name: String,
    /// Its day.
    pub as_of: NaiveDate,
    /// What became of it.
    pub taken: Taken,
    /// How its run ended; of a skipped set there is none.
    pub outcome: Option<Outcome>,
    /// The run.
    pub run: Option<String>,
    /// `sha256:…`.
    pub batch: Option<String>,
    /// Rows that were refused.
    pub refused_rows: u64,
    /// People of whom nothing was known before.
    pub people_added: u64,
    /// What is wrong with it, counted.
    pub problem_counts: BTreeMap<Code, u64>,
    /// The first error, if it is refused.
    pub reason: Option<String>,
}

/// All of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BackfillReport {
    /// The district's id.
    pub district: String,
    /// Sets that are history now, or were an ordinary run.
    pub taken: u64,
    /// Sets that were taken before.
    pub skipped: u64,
    /// Sets that are refused.
    pub refused: u64,
    /// The day of the oldest set.
    pub first: Option<NaiveDate>,
    /// The day of the newest set.
    pub last: Option<NaiveDate>,
    /// People of whom nothing was known before.
    pub people_added: u64,
    /// Each set, the oldest first.
    pub sets: Vec<BackfilledSet>,
    /// The report of the ordinary run, if the newest set was one.
    pub newest: Option<RunReport>,
}

impl BackfilledSet {
    /// A set of which nothing is said yet.
    pub fn new(name: String, as_of: NaiveDate, taken: Taken) -> Self {
        let (outcome, run, batch, reason) = (None, None, None, None);
        let problem_counts = BTreeMap::new();
        Self { name, as_of, taken, outcome, run, batch, refused_rows: 0, people_added: 0, problem_counts, reason }
    }

    /// With what its run's report says.
    pub fn with(mut self, report: &RunReport) -> Self {
        self.outcome = Some(report.outcome);
        self.run.clone_from(&report.run);
        self.batch.clone_from(&report.batch);
        self.refused_rows = report.refused_rows();
        self.problem_counts.clone_from(report.problems.counts());
        if report.outcome == Outcome::Rejected {
            self.taken = Taken::Refused;
            let error = report.problems.kept().iter().find(|problem| problem.is_error());
            let hold = report.holds.first().map(|hold| hold.reason.clone());
            self.reason = error.map(|problem: &Problem| problem.message.clone()).or(hold);
        }
        self
    }
}

impl BackfillReport {
    /// Adds up what became of the sets.
    pub fn new(district: &str, sets: Vec<BackfilledSet>, newest: Option<RunReport>) -> Self {
        let count = |wanted: &[Taken]| sets.iter().filter(|set| wanted.contains(&set.taken)).count() as u64;
        Self {
            district: district.to_owned(),
            taken: count(&[Taken::History, Taken::Run]),
            skipped: count(&[Taken::Skipped]),
            refused: count(&[Taken::Refused]),
            first: sets.first().map(|set| set.as_of),
            last: sets.last().map(|set| set.as_of),
            people_added: sets.iter().map(|set| set.people_added).sum(),
            sets,
            newest,
        }
    }
}

/// The report as text: the sum, the refused sets with their reasons, then a line for each.
pub fn backfill_text(report: &BackfillReport, style: Style) -> String {
    let (word, ink) = if report.refused > 0 { ("Backfilled in part", Ink::Caution) } else { ("Backfilled", Ink::Good) };
    let refused = report.sets.iter().filter(|set| set.taken == Taken::Refused).map(refusal_text);
    let lines = report.sets.iter().map(set_text);
    let body: String = refused.chain(["\nSets\n".to_owned()]).chain(lines).collect();
    format!("{} {}\n{body}", style.paint(ink, &format!("{word}:")), sum_text(report))
}

fn sum_text(report: &BackfillReport) -> String {
    let parts = [("taken", report.taken), ("taken before", report.skipped), ("refused", report.refused)];
    let filled = parts.iter().filter(|(_, count)| *count > 0);
    let counts: Vec<String> = filled.map(|(word, count)| format!("{} {word}", thousands(*count))).collect();
    let days = match (report.first, report.last) {
        (Some(first), Some(last)) if first != last => format!(" from {first} to {last}"),
        (Some(first), _) => format!(" of {first}"),
        _ => String::new(),
    };
    let sets = amount(report.sets.len() as u64, "set", "sets");
    let people = match report.people_added {
        0 => String::new(),
        count => format!(" History knows {} more.", amount(count, "person", "people")),
    };
    format!("{sets}{days}: {}.{people}", listed(&counts))
}

fn refusal_text(set: &BackfilledSet) -> String {
    let name = escape_for_terminal(&set.name);
    let reason = set.reason.as_deref().unwrap_or("It was refused before, and nothing was changed since.");
    format!("  {name} is refused: {}\n", escape_for_terminal(reason))
}

fn set_text(set: &BackfilledSet) -> String {
    let what = match set.taken {
        Taken::History => "history".to_owned(),
        Taken::Run => format!("run: {}", set.outcome.map_or("", Outcome::word).replace('_', " ")),
        Taken::Skipped => "taken before".to_owned(),
        Taken::Refused => "refused".to_owned(),
    };
    let rows = match set.refused_rows {
        0 => String::new(),
        count => format!(", {} refused", amount(count, "row", "rows")),
    };
    format!("  {}  {}  {what}{rows}\n", set.as_of, escape_for_terminal(&set.name))
}
