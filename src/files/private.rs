//! Files and folders that only their owner may read, and opening what others put somewhere without being led astray.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{Error, ErrorKind, Result};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::Path;

/// Mode of folders that hold rosters.
const FOLDER_MODE: u32 = 0o700;
/// Mode of files that hold rosters.
const FILE_MODE: u32 = 0o600;

/// Creates `folder` and the folders above it, readable by the owner only.
pub fn create_folder(folder: &Path) -> Result<()> {
    DirBuilder::new().recursive(true).mode(FOLDER_MODE).create(folder)?;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(FOLDER_MODE))
}

/// Creates `folder` if it is not there. One that is there keeps the rights that somebody gave it.
pub fn create_folder_if_missing(folder: &Path) -> Result<()> {
    if folder.is_dir() { Ok(()) } else { create_folder(folder) }
}

/// Creates a folder in `parent` that only the owner may read and that goes away with the value.
pub fn temporary_folder(parent: &Path, prefix: &str) -> Result<tempfile::TempDir> {
    let mode = std::fs::Permissions::from_mode(FOLDER_MODE);
    tempfile::Builder::new().prefix(prefix).permissions(mode).tempdir_in(parent)
}

/// Creates `file`, which must not be there yet, readable by the owner only.
pub fn create_file(file: &Path) -> Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(FILE_MODE).open(file)
}

/// Opens a regular file for reading: a link is not followed, and a pipe does not make us wait.
pub fn open_regular(file: &Path) -> Result<File> {
    let flags = (rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK).bits();
    let opened = OpenOptions::new().read(true).custom_flags(flags as i32).open(file)?;
    if opened.metadata()?.is_file() { Ok(opened) } else { Err(Error::other("it is not an ordinary file")) }
}

/// Lets the folder `from` take the place of `to`. Where `to` is there already the two change places at once, so that at no
/// moment there is none.
pub fn replace_folder(from: &Path, to: &Path) -> Result<()> {
    if !to.exists() {
        return std::fs::rename(from, to);
    }
    let here = rustix::fs::CWD;
    if rustix::fs::renameat_with(here, from, here, to, rustix::fs::RenameFlags::EXCHANGE).is_ok() {
        return Ok(());
    }
    // Not every disk can do that.
    std::fs::remove_dir_all(to)?;
    std::fs::rename(from, to)
}

/// Gives the file `from` the second name `to`; where the disk has no such thing, a copy.
pub fn link_or_copy(from: &Path, to: &Path) -> Result<()> {
    if std::fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    std::io::copy(&mut open_regular(from)?, &mut create_file(to)?).map(|_| ())
}

/// Lets the files in `folder`, and their names, survive a power cut.
pub fn make_durable(folder: &Path) -> Result<()> {
    for entry in folder.read_dir()? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            File::open(entry.path())?.sync_all()?;
        }
    }
    File::open(folder)?.sync_all()
}

/// Moves `from` to `to`, which may be on another disk.
pub fn move_file(from: &Path, to: &Path) -> Result<()> {
    match std::fs::rename(from, to) {
        Err(error) if error.kind() == ErrorKind::CrossesDevices => {
            std::io::copy(&mut open_regular(from)?, &mut create_file(to)?)?;
            std::fs::remove_file(from)
        }
        moved => moved,
    }
}
