//! A file without rows. It never means that everybody left.

use crate::roster::{Code, FileKind, Problem};

/// The roster has such people or schools: the set is refused.
pub fn refused(file: &str, kind: FileKind) -> Problem {
    let message = format!("{file} has no rows, but the roster has {kind}. The set is refused.");
    Problem::error(Code::FileEmpty, message).in_file(file).propose(format!("Export the {kind} again."))
}

/// Nothing is removed because of it.
pub fn kept(file: &str, kind: FileKind) -> Problem {
    let message = format!("{file} has no rows. The {kind} of the last delivery stay as they are.");
    Problem::warning(Code::FileEmpty, message).in_file(file).propose(format!("Check the export of {kind}."))
}
