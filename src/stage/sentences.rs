//! The sentences about files that are not rows, or not there. Each says what, where and what to do next.

use std::path::Path;

use super::file_name::shown;
use crate::roster::problem::Code;
use crate::roster::set::Declaration;
use crate::roster::settings::{Presence, Settings};
use crate::roster::{FileKind, Problem};

/// Digits of a hash that are repeated in a message; they are enough to compare it by eye.
const SHOWN_HASH_DIGITS: usize = 16;

/// Something of Clever's that is no roster.
pub(super) fn other_upload(name: &str, what: &str) -> Problem {
    let name = shown(name);
    Problem::warning(Code::FileUnknown, format!("{name} is {what}; it is not read.")).in_file(name)
}

/// A file that nothing is known of.
pub(super) fn unknown(name: &str) -> Problem {
    let name = shown(name);
    let message = format!("{name} is not a roster file, by its name and by its first line; it is not read.");
    let proposal = "If it is one, name it after what it holds, for example students.csv.";
    Problem::warning(Code::FileUnknown, message).in_file(name).propose(proposal)
}

/// A link in a delivery.
pub(super) fn link(name: &str) -> Problem {
    let name = shown(name);
    let message = format!("{name} is a link; links are not followed, so that nothing outside the folder is read.");
    Problem::warning(Code::FileUnknown, message).in_file(name).propose("Put the file itself into the folder.")
}

/// A workbook; an error if it stands for a file of rows.
pub(super) fn spreadsheet(name: &str, stands_for_rows: bool) -> Problem {
    let name = shown(name);
    let message =
        format!("{name} is a spreadsheet workbook (Excel or alike), not a CSV file; renaming does not change that.");
    let kind = if stands_for_rows { Problem::error } else { Problem::warning };
    let proposal = "Open it in the spreadsheet program and save it as \"CSV UTF-8 (comma delimited)\".";
    kind(Code::FileUnknown, message).in_file(name).propose(proposal)
}

/// A file whose kind the manifest declares absent.
pub(super) fn absent(name: &str) -> Problem {
    let name = shown(name);
    let message = format!("{name} is not read, because the manifest says that it is absent.");
    Problem::warning(Code::FileUnknown, message).in_file(name)
}

/// A file that has another size than the manifest says.
pub(super) fn other_size(declared: &Declaration, bytes: u64) -> Problem {
    let (name, manifest) = (shown(&declared.name), shown(&declared.manifest));
    let said = declared.bytes.unwrap_or_default();
    not_as_declared(format!("{name} has {bytes} bytes; {manifest} says that it has {said}."), name)
}

/// A file that holds other bytes than the manifest says.
pub(super) fn other_hash(declared: &Declaration, sha256: &str) -> Problem {
    let (name, manifest) = (shown(&declared.name), shown(&declared.manifest));
    let (is, said) = (in_short(sha256), in_short(declared.sha256.as_deref().unwrap_or_default()));
    not_as_declared(format!("{name} has the SHA-256 {is}; {manifest} says that it has {said}."), name)
}

fn not_as_declared(message: String, name: String) -> Problem {
    let proposal =
        "Upload the file and the manifest again; if only the manifest is wrong, correct it or leave the line out.";
    Problem::error(Code::FileTruncated, message).in_file(name).propose(proposal)
}

fn in_short(sha256: &str) -> String {
    format!("{}…", sha256.get(..SHOWN_HASH_DIGITS).unwrap_or(sha256))
}

/// A file that the manifest speaks of and that is not there.
pub(super) fn declared_and_missing(declared: &Declaration) -> Problem {
    let (name, manifest) = (shown(&declared.name), shown(&declared.manifest));
    let message = format!("{name} is not there; {manifest} gives its size or SHA-256.");
    let proposal = "Upload the file, or take it out of the manifest; nothing was read in its place.";
    Problem::error(Code::SetIncomplete, message).propose(proposal)
}

/// Two zips that could both be the newest.
pub(super) fn two_zips(one: &str, other: &str) -> Problem {
    let (one, other) = (shown(one), shown(other));
    let message = format!("{one} and {other} are equally new, and nothing says which of them counts.");
    let proposal = "Deliver one of them, or put the date into the names, for example export_2026-11-20.zip.";
    Problem::error(Code::FileDuplicate, message).in_file(one).propose(proposal)
}

/// A place without a single file of rows.
pub(super) fn nothing(path: &Path, settings: &Settings) -> Problem {
    let message = format!("There is no roster file in {}.", path.display());
    Problem::error(Code::SetIncomplete, message).propose(format!("A full set has {}.", list(&required(settings))))
}

/// A set that lacks kinds.
pub(super) fn incomplete(missing: &[FileKind], settings: &Settings) -> Problem {
    let verb = if missing.len() == 1 { "is" } else { "are" };
    let message = format!("The set is incomplete: {} {verb} missing.", list(missing));
    let proposal = format!(
        "A full set has {}. Deliver them together, or deliver changes only as a delta (--delta); \
         nobody was removed because of a missing file.",
        list(&required(settings))
    );
    Problem::error(Code::SetIncomplete, message).propose(proposal)
}

fn required(settings: &Settings) -> Vec<FileKind> {
    FileKind::ALL.into_iter().filter(|kind| settings.set.presence(*kind) == Presence::Required).collect()
}

fn list(kinds: &[FileKind]) -> String {
    let names: Vec<String> = kinds.iter().map(|kind| format!("{kind}.csv")).collect();
    match names.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => "no file at all".into(),
    }
}
