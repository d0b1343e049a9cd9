//! Whether the files are a set: is everything there, is anything there twice, is anything left over from another day.
//!
//! Used by `stage` once it knows which files of rows there are.

use chrono::{DateTime, TimeDelta, Utc};

use super::file_name::shown;
use super::prepare::Piece;
use super::sentences;
use crate::roster::problem::Code;
use crate::roster::set::Mode;
use crate::roster::settings::{Presence, Settings};
use crate::roster::{FileKind, Problem};

/// What is known to be there, or promised.
pub(super) struct Expected<'a> {
    /// The files of rows.
    pub pieces: &'a [Piece],
    /// Kinds that were delivered and cannot be used.
    pub spoiled: &'a [FileKind],
    /// Kinds that a manifest promises.
    pub promised: &'a [FileKind],
    /// Whether the set must have every required kind.
    pub mode: Mode,
}

/// One problem that names every kind that is missing.
pub(super) fn incomplete(expected: &Expected<'_>, settings: &Settings) -> Option<Problem> {
    let there =
        |kind: &FileKind| expected.pieces.iter().any(|piece| piece.kind == *kind) || expected.spoiled.contains(kind);
    let required = |kind: &FileKind| expected.mode == Mode::Full && settings.set.presence(*kind) == Presence::Required;
    let needed = |kind: &FileKind| {
        required(kind) || expected.promised.contains(kind) && settings.set.presence(*kind) != Presence::Ignored
    };
    let missing: Vec<FileKind> = FileKind::ALL.into_iter().filter(|kind| needed(kind) && !there(kind)).collect();
    (!missing.is_empty()).then(|| sentences::incomplete(&missing, settings))
}

/// Drops all but the first file of a kind, with a problem for each that was there twice: inside a zip and beside it.
pub(super) fn one_of_each(pieces: &mut Vec<Piece>) -> Vec<Problem> {
    pieces.sort_by(|a, b| (a.kind, a.from_zip, &a.name).cmp(&(b.kind, b.from_zip, &b.name)));
    let mut problems = Vec::new();
    for pair in pieces.windows(2).filter(|pair| pair[0].kind == pair[1].kind) {
        problems.push(twice(&pair[0], &pair[1]));
    }
    pieces.dedup_by_key(|piece| piece.kind);
    problems
}

fn twice(one: &Piece, other: &Piece) -> Problem {
    let (first, second) = (shown(&one.name), shown(&other.name));
    let message =
        format!("Both {first} and {second} hold {}, and a zip is never preferred to a file beside it.", one.kind);
    Problem::error(Code::FileDuplicate, message).in_file(first).propose("Deliver each kind once.")
}

/// Files that are much older than the newest. A zip's own times are not looked at, because they have no time zone.
pub(super) fn stale(pieces: &[Piece], settings: &Settings) -> Vec<Problem> {
    let times = pieces.iter().filter(|piece| !piece.from_zip).filter_map(|piece| Some((piece, piece.modified?)));
    let Some(newest) = times.clone().map(|(_, time)| time).max() else { return Vec::new() };
    let seconds = i64::try_from(settings.set.max_age_spread.seconds).unwrap_or(i64::MAX / 1000);
    let spread = TimeDelta::try_seconds(seconds).unwrap_or(TimeDelta::MAX);
    times.filter(|(_, time)| newest - *time > spread).map(|(piece, time)| old(piece, newest - time, time)).collect()
}

fn old(piece: &Piece, age: TimeDelta, time: DateTime<Utc>) -> Problem {
    let hours = age.num_hours();
    let message = format!(
        "{} is {hours} hours older than the newest file of the set (last written {}).",
        piece.name,
        time.format("%Y-%m-%d %H:%M UTC")
    );
    let proposal = "If the export of this file failed, run it again and deliver the set anew.";
    Problem::warning(Code::FileStale, message).in_file(&piece.name).propose(proposal)
}
