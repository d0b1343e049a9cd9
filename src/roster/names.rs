//! What the name of a file in a folder tells before anybody looks inside: whether it is looked at at all, and what it is for.
//!
//! Used by `stage`, which chooses the files of a set, and by `receive`, which waits until they are whole; knows no contents.

/// Entries of a folder that are looked at; a drop folder that was never tidied stays far below.
pub const FOLDER_ENTRIES: usize = 100_000;

/// The name by which a manifest is recognised, in any case.
pub const MANIFEST: &str = "manifest.csv";

/// The ending by which a sender says that everything was sent.
const DONE: &str = ".done";
/// Endings of names that may hold rows.
const TABLE_ENDINGS: [&str; 5] = ["csv", "txt", "tsv", "dat", ""];
/// Endings of names that somebody may have meant to be read; all others pass without a word.
const DATA_ENDINGS: [&str; 9] = ["xlsx", "xls", "xlsm", "ods", "numbers", "gz", "7z", "rar", "zip"];
/// Endings of files that are still being written.
const UNFINISHED: [&str; 4] = [".part", ".filepart", ".tmp", ".crdownload"];
/// Names that systems leave behind, and our own results.
const LEFT_BEHIND: [&str; 4] = ["__macosx", "thumbs.db", "desktop.ini", "results"];

/// Whether `name`, a file or folder, is never looked at.
pub fn never_looked_at(name: &str) -> bool {
    let lower = name.to_lowercase();
    let hidden = lower.starts_with('.') || lower.starts_with("~$");
    hidden || UNFINISHED.iter().any(|ending| lower.ends_with(ending)) || LEFT_BEHIND.contains(&lower.as_str())
}

/// Whether `name`, which is never looked at, is that of a file that may become one of the set once it is finished:
/// `students.csv.part`, `.students.csv`, `.students.csv.Xa1b2C`. As long as it changes somebody is at work.
pub fn is_unfinished(name: &str) -> bool {
    let lower = name.to_lowercase();
    let holds_rows = |name: &str| name.rsplit_once('.').is_some_and(|(_, ending)| may_be_data(ending));
    let hidden = lower.strip_prefix('.');
    let is_hidden_copy =
        |name: &str| holds_rows(name) || name.rsplit_once('.').is_some_and(|(name, _)| holds_rows(name));
    UNFINISHED.iter().any(|ending| lower.ends_with(ending)) || hidden.is_some_and(is_hidden_copy)
}

/// What follows the last full stop of `name`, in lower case.
pub fn ending(name: &str) -> String {
    name.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default()
}

/// Whether a file with this `ending`, in lower case, may hold rows.
pub fn may_be_table(ending: &str) -> bool {
    TABLE_ENDINGS.contains(&ending)
}

/// Whether a file with this `ending`, in lower case, is worth looking into, and worth a word if nothing comes of it.
pub fn may_be_data(ending: &str) -> bool {
    may_be_table(ending) || DATA_ENDINGS.contains(&ending)
}

/// Whether `name` is that of a manifest.
pub fn is_manifest(name: &str) -> bool {
    name.eq_ignore_ascii_case(MANIFEST)
}

/// What stands before `.done`, in lower case; nothing if it is no done-file.
pub fn done_for(name: &str) -> Option<String> {
    name.to_lowercase().strip_suffix(DONE).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfinished_and_hidden_names_are_never_looked_at() {
        let never =
            [".students.csv", "~$students.csv", "students.csv.part", "students.csv.filepart", "a.TMP", "x.crdownload"];
        assert!(never.iter().all(|name| never_looked_at(name)));
        assert!(["__MACOSX", ".DS_Store", "Thumbs.db", "results"].iter().all(|name| never_looked_at(name)));
        assert!(!never_looked_at("students.csv") && !never_looked_at("results_students.csv"));
    }

    #[test]
    fn a_file_on_its_way_is_told_from_what_is_of_no_interest() {
        let on_its_way =
            ["students.csv.part", "Schools.CSV.FilePart", ".students.csv", ".students.csv.Xa1b2C", "roster.zip.tmp"];
        assert!(on_its_way.iter().all(|name| is_unfinished(name) && never_looked_at(name)));
        assert!(
            [".DS_Store", "Thumbs.db", ".profile", "~$students.csv", "results"].iter().all(|name| !is_unfinished(name))
        );
    }

    #[test]
    fn a_done_file_says_what_it_stands_for() {
        assert_eq!(done_for("Upload.DONE").as_deref(), Some("upload"));
        assert_eq!(done_for("students.csv.done").as_deref(), Some("students.csv"));
        assert_eq!((done_for("students.csv"), done_for("done")), (None, None));
        assert!(!may_be_data(&ending("upload.done")) && may_be_data(&ending("STUDENTS.CSV")));
    }
}
