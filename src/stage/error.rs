//! What can fail in staging that is not the delivery's fault. The texts chain: lower case, without a final period.

use std::io;
use std::path::{Path, PathBuf};

/// Why a set could not be chosen or staged. A fault of the delivery itself is a problem in the set instead.
#[derive(Debug, thiserror::Error)]
pub enum StageError {
    /// The path given does not exist.
    #[error("there is no file or folder {}", .0.display())]
    NotThere(PathBuf),
    /// The path given is a device or a socket.
    #[error("{} is neither a folder nor a file", .0.display())]
    NotAFile(PathBuf),
    /// A folder with too many entries.
    #[error("{} holds more than {limit} files; move old deliveries elsewhere", .folder.display())]
    FolderTooLarge {
        /// The folder.
        folder: PathBuf,
        /// The limit that it exceeds.
        limit: usize,
    },
    /// The encoding in the settings is unknown.
    #[error(
        "reading.encoding = {0:?} is not an encoding; write \"auto\", \"strict\", \"utf-8\", \"windows-1252\" or another \
         name from the WHATWG list"
    )]
    EncodingUnknown(String),
    /// The disk refused.
    #[error("failed to {doing} {}", .path.display())]
    Io {
        /// `read`, `write`, `create` …
        doing: &'static str,
        /// What was to be read or written.
        path: PathBuf,
        /// Why not.
        #[source]
        source: io::Error,
    },
}

/// Turns an I/O error into a [`StageError`] that says what was being done to which file.
pub(super) fn failed(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StageError {
    move |source| StageError::Io { doing, path: path.to_path_buf(), source }
}
