//! Of several files of one kind, the one that counts: the newest, where date or time tells it without doubt.
//!
//! Used for the files of a folder and the entries of a zip alike.

use std::cmp::Ordering;

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};

use super::limits::SAME_TIME_SECONDS;
use crate::roster::problem::Code;
use crate::roster::schema::SchemaSet;
use crate::roster::{FileKind, Problem};

/// A file of rows that was found.
#[derive(Debug, Clone)]
pub(super) struct Found<T> {
    /// As delivered.
    pub name: String,
    /// The date in its name.
    pub stamp: Option<NaiveDateTime>,
    /// When it was last written.
    pub modified: Option<DateTime<Utc>>,
    /// Index of its schema.
    pub schema: usize,
    /// Whether it holds corrected rows, which never stand for the whole file.
    pub corrected: bool,
    /// Where it is.
    pub place: T,
}

impl<T> Found<T> {
    /// What its rows are.
    pub fn kind(&self, schemas: &SchemaSet) -> FileKind {
        schemas.schemas[self.schema].kind
    }
}

/// What was chosen of the files found.
pub(super) struct Picked<T> {
    /// One file a kind, by name.
    pub chosen: Vec<Found<T>>,
    /// Files that are equally new, and files passed over that somebody may have meant.
    pub problems: Vec<Problem>,
}

/// Picks one file of each kind.
pub(super) fn pick<T: Clone>(found: &[Found<T>], schemas: &SchemaSet) -> Picked<T> {
    let mut picked = Picked { chosen: Vec::new(), problems: Vec::new() };
    for kind in FileKind::ALL {
        let of_kind: Vec<&Found<T>> = found.iter().filter(|one| one.kind(schemas) == kind).collect();
        let meant = without_older_formats(&without_corrections(&of_kind), &mut picked.problems);
        let Some(newest) = newest(&meant) else { continue };
        if let Some(other) = rival(newest, &meant) {
            picked.problems.push(duplicate(kind, &newest.name, &other.name));
        }
        picked.problems.extend(
            of_kind
                .iter()
                .filter(|one| one.corrected && !newest.corrected)
                .map(|one| passed_over(&one.name, &newest.name)),
        );
        picked.chosen.push(newest.clone());
    }
    picked.chosen.sort_by(|a, b| a.name.cmp(&b.name));
    picked
}

/// The newest of `found`, and another that could be the newest as well.
pub(super) fn of_all<T>(found: &[Found<T>]) -> Option<(&Found<T>, Option<&Found<T>>)> {
    let all: Vec<&Found<T>> = found.iter().collect();
    let newest = newest(&all)?;
    Some((newest, rival(newest, &all)))
}

/// Two files of one kind of which none can be preferred.
pub(super) fn duplicate(kind: FileKind, one: &str, other: &str) -> Problem {
    let (one, other) = if one <= other { (one, other) } else { (other, one) };
    let message = format!("Both {one} and {other} hold {kind}, and nothing says which of them is newer.");
    let proposal =
        "Deliver one file of each kind, or put the date into the names, for example students_2026-11-20.csv.";
    Problem::error(Code::FileDuplicate, message).in_file(one).propose(proposal)
}

/// Corrected rows beside the file that they came from: the file stands for the kind.
fn without_corrections<'a, T>(files: &[&'a Found<T>]) -> Vec<&'a Found<T>> {
    let whole: Vec<_> = files.iter().copied().filter(|one| !one.corrected).collect();
    if whole.is_empty() { files.to_vec() } else { whole }
}

/// staff.csv beside admins.csv: the first schema of the kind wins, whatever the times.
fn without_older_formats<'a, T>(files: &[&'a Found<T>], problems: &mut Vec<Problem>) -> Vec<&'a Found<T>> {
    let Some(first) = files.iter().min_by_key(|one| one.schema) else { return Vec::new() };
    let (preferred, others): (Vec<_>, Vec<_>) = files.iter().copied().partition(|one| one.schema == first.schema);
    problems.extend(others.iter().map(|other| passed_over(&other.name, &first.name)));
    preferred
}

fn passed_over(name: &str, because_of: &str) -> Problem {
    let message = format!("{name} is not read, because {because_of} is there.");
    Problem::warning(Code::FileUnknown, message).in_file(name)
}

/// Dates in names are compared first, because a copied file gets a new time; only then times.
fn newest<'a, T>(files: &[&'a Found<T>]) -> Option<&'a Found<T>> {
    let dated = files.iter().copied().filter(|one| one.stamp.is_some()).max_by(|a, b| by_date(a, b));
    let undated = files.iter().copied().filter(|one| one.stamp.is_none()).max_by_key(|one| one.modified);
    match (dated, undated) {
        (Some(dated), Some(undated)) if undated.modified > dated.modified => Some(undated),
        (dated, undated) => dated.or(undated),
    }
}

fn by_date<T>(a: &Found<T>, b: &Found<T>) -> Ordering {
    (a.stamp, a.modified).cmp(&(b.stamp, b.modified))
}

/// Another file that could be the newest as well.
fn rival<'a, T>(newest: &Found<T>, files: &[&'a Found<T>]) -> Option<&'a Found<T>> {
    let same_date = |other: &Found<T>| newest.stamp.is_none() || other.stamp.is_none() || newest.stamp == other.stamp;
    let rivals = |other: &&&Found<T>| {
        other.name != newest.name && same_date(other) && same_time(newest.modified, other.modified)
    };
    files.iter().find(rivals).copied()
}

fn same_time(one: Option<DateTime<Utc>>, other: Option<DateTime<Utc>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => (one - other).abs() < TimeDelta::seconds(SAME_TIME_SECONDS),
        _ => true,
    }
}
