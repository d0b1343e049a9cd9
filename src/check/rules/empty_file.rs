//! A file without rows. It never means that everybody left.

use crate::roster::{Code, FileKind, Problem};

/// The roster has such people or schools: the set is refused.
pub fn refused(file: &str, kind: FileKind) -> Problem {
    let message = format!("{file} has no rows, but the roster has {kind}; the set is refused");
    Problem::error(Code::FileEmpty, message)
        .in_file(file)
        .propose(format!("export the {kind} again; if they really all left, leave the file out of the set"))
}

/// Nothing is removed because of it.
pub fn kept(file: &str, kind: FileKind) -> Problem {
    let message = format!("{file} has no rows; the {kind} that are there stay as they are");
    Problem::warning(Code::FileEmpty, message).in_file(file).propose(format!("check the export of {kind}"))
}
