//! What an erasure removed: a proof in counts, without any value of the person. Filled by the pipeline, printed by the command.

use serde::Serialize;

/// What was removed of one person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// The patron's number.
    pub patron: Option<i64>,
    /// What stands in the place of each id.
    pub tombstones: Vec<String>,
    /// What went, and how much.
    pub removed: Vec<ErasedCount>,
    /// Whether the database's log could be emptied at once.
    pub is_log_emptied: bool,
}

/// Things of one sort.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErasedCount {
    /// What: records, kept copies …
    pub what: String,
    /// How many.
    pub count: u64,
}

/// The proof as text.
pub fn erased_text(erased: &Erased) -> String {
    let removed: String = erased
        .removed
        .iter()
        .filter(|one| one.count > 0)
        .map(|one| format!("  {}: {}\n", one.what, one.count))
        .collect();
    let log = match erased.is_log_emptied {
        true => "",
        false => {
            "Another program reads the database just now, so its log still has old pages: close that program and erase once more.\n"
        }
    };
    let tombstones: String =
        erased.tombstones.iter().map(|one| format!("  kept in place of the id: {one}\n")).collect();
    format!(
        "Erased: {}\n{removed}{tombstones}{log}\
         Reports that were left in results folders, backups, and the sender's own files are not in this store: remove the person \
         there too.\n",
        what_is_gone(erased)
    )
}

/// What a later file does depends on whether the roster knew the person.
fn what_is_gone(erased: &Erased) -> String {
    match (erased.patron, erased.tombstones.is_empty()) {
        (Some(patron), false) => format!("patron {patron} is blank, and later files will not bring the person back."),
        (None, false) => "the person is gone from the roster, and later files will not bring the person back. No patron was linked to the \
             person; if one of them is the person, erase it, too, by its number."
            .into(),
        (Some(patron), true) => format!(
            "patron {patron} is blank. Nobody in the roster was linked to it, so a later file can bring the person as somebody new; if \
             the person is in the files, erase it by its id as well, such as students:S004."
        ),
        (None, true) => "nothing was left of the person.".into(),
    }
}
