//! Files that Clever knows and that are no roster files: recognised so that they can be named and passed over.
//!
//! The one place of `stage` with column names: they belong to other formats, which have no schema here.

use super::file_name::FileName;
use super::header::Header;

/// Something that districts upload to Clever, or download from it, beside rosters.
pub(super) struct OtherUpload {
    /// What it is, as a message says it.
    pub what: &'static str,
    /// Folders in which it lies.
    folders: &'static [&'static str],
    /// Words of a file name that mean it when they do not name a kind.
    words: &'static [&'static str],
    /// Columns, folded, that only it has; all of one of the lists.
    columns: &'static [&'static [&'static str]],
}

/// Every one that is known.
const OTHERS: [OtherUpload; 6] = [
    OtherUpload {
        what: "attendance",
        folders: &["attendance"],
        words: &["attendance"],
        columns: &[&["attendancedate"]],
    },
    OtherUpload {
        what: "Clever's upload of custom contacts",
        folders: &["customcontacts"],
        words: &["contacts"],
        columns: &[&["contactid", "studentid"]],
    },
    OtherUpload { what: "Clever's upload of custom sections", folders: &["customsections"], words: &[], columns: &[] },
    OtherUpload {
        what: "Clever's upload of extension fields",
        folders: &["extensionfields"],
        words: &["ext"],
        columns: &[],
    },
    OtherUpload {
        what: "an AnySchool roster, which is another format",
        folders: &["anyschool"],
        words: &["anyschool"],
        columns: &[&["schoolname", "sectionid", "userid"], &["schoolname", "usertype", "userid"]],
    },
    OtherUpload {
        what: "one of Clever's reports",
        folders: &["daily-participation", "resource-usage", "idm-reports"],
        words: &["participation", "usage", "idm"],
        columns: &[&["date", "cleveruserid"], &["cleveruserid", "numlogins"], &["cleveruserid", "cleverschoolid"]],
    },
];

/// Recognises a folder by its name.
pub(super) fn by_folder(name: &str) -> Option<&'static OtherUpload> {
    OTHERS.iter().find(|other| other.folders.contains(&name.to_lowercase().as_str()))
}

/// Recognises a file by words of its name.
pub(super) fn by_name(name: &FileName) -> Option<&'static OtherUpload> {
    OTHERS.iter().find(|other| other.words.iter().any(|word| name.words.iter().any(|one| one == word)))
}

/// Recognises a file by columns that only it has.
pub(super) fn by_header(header: &Header) -> Option<&'static OtherUpload> {
    let has = |columns: &&[&str]| columns.iter().all(|column| header.says(column));
    OTHERS.iter().find(|other| other.columns.iter().any(has)).or_else(|| only_extensions(header))
}

/// An id and nothing but extension columns.
fn only_extensions(header: &Header) -> Option<&'static OtherUpload> {
    let (first, rest) = header.folded.split_first()?;
    let extends = first == "sisid" && !rest.is_empty() && rest.iter().all(|cell| cell.starts_with("ext."));
    if extends { by_folder("extensionfields") } else { None }
}
