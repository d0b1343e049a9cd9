//! The results folder: what the sender finds where the upload was made.
//!
//! Called by the commands with `--results` and by the sources. Every file appears whole or not at all, readable by its
//! owner only.

use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};

use super::rejected::RejectedFile;
use super::{Outcome, RunReport};
use crate::roster::FileKind;

/// How the name of a file begins and ends that is not whole yet.
const UNFINISHED: [&str; 2] = [".rosterd-", ".tmp"];

/// A results file could not be written.
#[derive(Debug, thiserror::Error)]
#[error("failed to write {path}: {source}", path = path.display())]
pub struct ResultsError {
    path: PathBuf,
    source: io::Error,
}

/// Writes `<time>-<outcome>.txt` and `.json`, the same as `latest.txt` and `latest.json`, and `<kind>.rejected.csv`
/// for each kind with refused rows. Gives back the paths, the text first.
pub fn write_results(
    dir: &Path,
    report: &RunReport,
    text: &str,
    rejected: &mut [RejectedFile],
    time: DateTime<Utc>,
) -> Result<Vec<PathBuf>, ResultsError> {
    let failed = |source| ResultsError { path: dir.to_owned(), source };
    let readers = Readers::of(dir);
    readers.create_folder(dir).map_err(failed)?;
    let _alone = alone_in(dir).map_err(failed)?;
    let json = json_text(report).map_err(|source| ResultsError { path: dir.join("latest.json"), source })?;
    let stem = free_stem(dir, report, time);
    let named = [(format!("{stem}.txt"), text), (format!("{stem}.json"), &json)];
    let latest = [("latest.txt".to_owned(), text), ("latest.json".to_owned(), &json)];
    let mut written = Vec::new();
    for (name, content) in named.into_iter().chain(latest) {
        written.push(write_whole(dir, readers, &name, |out| out.write_all(content.as_bytes()))?);
    }
    written.extend(write_rejected_files(dir, readers, report.outcome, rejected)?);
    Ok(written)
}

/// Nobody else writes results here while the lock is held. What is half written then was left behind by a process that was
/// killed, and goes.
fn alone_in(dir: &Path) -> io::Result<std::fs::File> {
    let lock = std::fs::File::open(dir)?;
    lock.lock()?;
    for entry in dir.read_dir()?.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with(UNFINISHED[0]) && name.ends_with(UNFINISHED[1]) {
            std::fs::remove_file(entry.path())?;
        }
    }
    Ok(lock)
}

fn json_text(report: &RunReport) -> io::Result<String> {
    Ok(serde_json::to_string_pretty(report)? + "\n")
}

/// Refused rows of an earlier delivery are taken away once a newer one was looked at, so that nobody corrects what is
/// correct already. Outcomes that looked at no row leave them.
fn write_rejected_files(
    dir: &Path,
    readers: Readers,
    outcome: Outcome,
    rejected: &mut [RejectedFile],
) -> Result<Vec<PathBuf>, ResultsError> {
    let mut written = Vec::new();
    for kind in FileKind::ALL {
        let name = format!("{kind}.rejected.csv");
        match rejected.iter_mut().find(|file| file.kind == kind) {
            Some(file) => {
                written.push(write_whole(dir, readers, &name, |out| file.copy_to(out))?);
            }
            None if looked_at_rows(outcome) => remove_if_there(dir.join(name))?,
            None => {}
        }
    }
    Ok(written)
}

fn looked_at_rows(outcome: Outcome) -> bool {
    !matches!(outcome, Outcome::NoChange | Outcome::Failed | Outcome::Superseded)
}

fn remove_if_there(path: PathBuf) -> Result<(), ResultsError> {
    match std::fs::remove_file(&path) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(ResultsError { path, source }),
        _ => Ok(()),
    }
}

/// `<time>-<outcome>`, with a number if two runs of one second ended alike. No colons: not every sender's disk has them. The report of
/// a run takes the place of the same report, so that whoever was killed while writing it can write it again.
fn free_stem(dir: &Path, report: &RunReport, time: DateTime<Utc>) -> String {
    let stem = format!("{}-{}", time.format("%Y-%m-%dT%H-%M-%SZ"), report.outcome);
    let numbered = (2..).map(|number| format!("{stem}-{number}"));
    let is_free =
        |stem: &String| !dir.join(format!("{stem}.txt")).exists() || is_of(&dir.join(format!("{stem}.json")), report);
    std::iter::once(stem.clone()).chain(numbered).find(is_free).unwrap_or(stem)
}

fn is_of(json: &Path, report: &RunReport) -> bool {
    let written = std::fs::read(json).ok().and_then(|text| serde_json::from_slice::<RunReport>(&text).ok());
    report.run.is_some() && written.is_some_and(|written| written.run == report.run)
}

/// Who may read results: their owner; and, where the folder of the upload hands its group on to what is made in it (setgid), that
/// group, because it was made for the sender and the service.
#[derive(Debug, Clone, Copy)]
struct Readers {
    folder: u32,
    file: u32,
}

impl Readers {
    fn of(dir: &Path) -> Self {
        let above = dir.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let is_shared = above.metadata().is_ok_and(|about| about.permissions().mode() & 0o2000 != 0);
        if is_shared { Self { folder: 0o750, file: 0o640 } } else { Self { folder: 0o700, file: 0o600 } }
    }

    /// A folder that is there keeps the rights that somebody gave it. A link could lead to another district's folder.
    fn create_folder(self, dir: &Path) -> io::Result<()> {
        match dir.symlink_metadata() {
            Ok(about) if about.is_dir() => return Ok(()),
            Ok(_) => return Err(io::Error::other("it is there and is no folder")),
            Err(_) => std::fs::DirBuilder::new().recursive(true).mode(self.folder).create(dir)?,
        }
        self.against_umask(dir)
    }

    /// Gives the group's rights where the umask took them. The bit for the group comes from the folder above by itself, and may be
    /// forbidden to be given (systemd's RestrictSUIDSGID), so it is only touched where that cannot be avoided.
    fn against_umask(self, dir: &Path) -> io::Result<()> {
        let mode = dir.metadata()?.permissions().mode();
        let wanted = mode & 0o7000 | self.folder;
        if mode & 0o7777 == wanted {
            return Ok(());
        }
        std::fs::set_permissions(dir, std::fs::Permissions::from_mode(wanted))
    }
}

/// Writes beside the final name and renames; the temporary file is private from its first byte.
fn write_whole(
    dir: &Path,
    readers: Readers,
    name: &str,
    write: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<PathBuf, ResultsError> {
    let path = dir.join(name);
    let whole = || -> io::Result<()> {
        let [prefix, suffix] = UNFINISHED;
        let mut file = tempfile::Builder::new().prefix(prefix).suffix(suffix).tempfile_in(dir)?;
        file.as_file().set_permissions(std::fs::Permissions::from_mode(readers.file))?;
        write(&mut file)?;
        file.as_file().sync_all()?;
        file.persist(&path).map_err(|error| error.error)?;
        Ok(())
    };
    whole().map(|()| path.clone()).map_err(|source| ResultsError { path, source })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::RejectedWriter;

    fn time() -> DateTime<Utc> {
        "2026-11-20T02:00:00Z".parse().unwrap()
    }

    fn rejected() -> Vec<RejectedFile> {
        let into = Box::new(io::Cursor::new(Vec::new()));
        vec![RejectedWriter::new(FileKind::Students, &["Student_id".into()], into).unwrap().finish().unwrap()]
    }

    fn names(dir: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(dir).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn the_folder_holds_the_report_in_three_forms_and_nothing_half_written() {
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("results");
        let report = RunReport::new(Outcome::AppliedInPart);
        write_results(&dir, &report, "the text\n", &mut rejected(), time()).unwrap();
        let stem = "2026-11-20T02-00-00Z-applied_in_part";
        let expected =
            [&format!("{stem}.json"), &format!("{stem}.txt"), "latest.json", "latest.txt", "students.rejected.csv"];
        assert_eq!(names(&dir), expected);
        assert_eq!(std::fs::read_to_string(dir.join("latest.txt")).unwrap(), "the text\n");
        let json = std::fs::read_to_string(dir.join("latest.json")).unwrap();
        assert_eq!(serde_json::from_str::<RunReport>(&json).unwrap(), report);
    }

    #[test]
    fn only_the_owner_can_read() {
        let parent = tempfile::tempdir().unwrap();
        let dir = parent.path().join("a").join("results");
        let written = write_results(&dir, &RunReport::new(Outcome::Clean), "", &mut rejected(), time()).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&dir), 0o700);
        assert!(written.iter().all(|path| mode(path) == 0o600));
    }

    #[test]
    fn the_group_can_read_where_the_upload_folder_hands_its_group_on() {
        let parent = tempfile::tempdir().unwrap();
        std::fs::set_permissions(parent.path(), std::fs::Permissions::from_mode(0o2770)).unwrap();
        let dir = parent.path().join("results");
        let written = write_results(&dir, &RunReport::new(Outcome::Clean), "", &mut rejected(), time()).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
        assert_eq!(mode(&dir), 0o2750);
        assert!(written.iter().all(|path| mode(path) == 0o640));
    }

    #[test]
    fn a_report_that_is_written_again_stands_there_once() {
        let dir = tempfile::tempdir().unwrap();
        let mut report = RunReport::new(Outcome::Applied);
        report.run = Some("019".into());
        for _ in 0..2 {
            write_results(dir.path(), &report, "the text\n", &mut [], time()).unwrap();
        }
        assert_eq!(names(dir.path()).len(), 4);
        report.run = Some("020".into());
        write_results(dir.path(), &report, "another\n", &mut [], time()).unwrap();
        assert_eq!(names(dir.path()).len(), 6);
    }

    #[test]
    fn refused_rows_go_when_a_newer_delivery_has_none_and_stay_when_nothing_was_looked_at() {
        let dir = tempfile::tempdir().unwrap();
        let csv = dir.path().join("students.rejected.csv");
        write_results(dir.path(), &RunReport::new(Outcome::Applied), "", &mut rejected(), time()).unwrap();
        write_results(dir.path(), &RunReport::new(Outcome::NoChange), "", &mut [], time()).unwrap();
        assert!(csv.exists());
        write_results(dir.path(), &RunReport::new(Outcome::Applied), "", &mut [], time()).unwrap();
        assert!(!csv.exists());
        assert!(
            dir.path().join("2026-11-20T02-00-00Z-applied-2.txt").exists(),
            "two runs of one second keep their texts"
        );
    }

    #[test]
    fn a_folder_that_cannot_be_made_is_named() {
        let parent = tempfile::tempdir().unwrap();
        let file = parent.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error =
            write_results(&file.join("results"), &RunReport::new(Outcome::Clean), "", &mut [], time()).unwrap_err();
        assert!(error.to_string().contains("results"), "{error}");
    }
}
