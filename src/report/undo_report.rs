//! What an undo took back and what it kept: part of the report of that run, as JSON and as text.
//!
//! Filled by the pipeline. Knows single people, because it is the district's own report.

use serde::{Deserialize, Serialize};

use super::headline::{amount, listed};
use super::terminal::{Ink, Style, escape_for_terminal};
use crate::roster::FileKind;

/// Entries that are listed; beyond them only the counts go on, and the record of changes has every one.
pub const LISTED: usize = 10_000;
/// Entries that the text shows.
const SHOWN: usize = 100;

/// The undo of one run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UndoReport {
    /// The run that was undone.
    pub run: String,
    /// On whose word.
    pub by: String,
    /// Why; none where nobody said.
    pub why: Option<String>,
    /// Values of patrons that went back.
    pub values_restored: u64,
    /// Created patrons that were deleted.
    pub patrons_deleted: u64,
    /// Created patrons that stay, with status 4.
    pub patrons_transferred: u64,
    /// Created and removed enrollments that somebody else wrote since.
    pub enrollments_kept: u64,
    /// How much was kept, enrollments not counted.
    pub kept_count: u64,
    /// What was kept, and why.
    pub kept: Vec<Kept>,
}

/// Something that an undo left as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// The kind of the person, or sections.
    pub kind: FileKind,
    /// Its id.
    pub id: String,
    /// The patron; none where it is about the roster only.
    pub patron: Option<i64>,
    /// The field; none where it is about the whole.
    pub field: Option<String>,
    /// What the undone run wrote.
    pub wrote: Option<String>,
    /// What stands there now, and stays.
    pub now: Option<String>,
    /// Why it stays, as a sentence.
    pub reason: String,
}

impl UndoReport {
    /// Adds something that stays.
    pub fn keep(&mut self, kept: Kept) {
        self.kept_count += 1;
        if self.kept.len() < LISTED {
            self.kept.push(kept);
        }
    }

    /// The first line, after `Undone:`.
    pub fn sentence(&self) -> String {
        let numbers = [
            (self.values_restored, "value of a patron restored", "values of patrons restored"),
            (self.patrons_deleted, "created patron deleted", "created patrons deleted"),
            (
                self.patrons_transferred,
                "created patron kept with status 4 (transferred)",
                "created patrons kept with status 4 (transferred)",
            ),
        ];
        let parts: Vec<String> = numbers
            .iter()
            .filter(|(count, ..)| *count > 0)
            .map(|(count, one, many)| amount(*count, one, many))
            .collect();
        let done = if parts.is_empty() { "no value of a patron had to be restored".to_owned() } else { listed(&parts) };
        let kept = match self.kept_count {
            0 => String::new(),
            count => format!(
                " {} kept: see below.",
                amount(count, "thing that was changed since is", "things that were changed since are")
            ),
        };
        format!("{done}.{kept} The same files tomorrow are held, not applied.")
    }
}

/// What was kept, one line each; nothing where everything went back.
pub fn kept_text(undo: &UndoReport, style: Style) -> String {
    if undo.kept_count == 0 && undo.enrollments_kept == 0 {
        return String::new();
    }
    let lines: String = undo.kept.iter().take(SHOWN).map(kept_line).collect();
    let more = match undo.kept_count.saturating_sub(SHOWN as u64) {
        0 => String::new(),
        more => format!("  and {more} more; --format json lists them\n"),
    };
    let pairs = match undo.enrollments_kept {
        0 => String::new(),
        count => format!("  {}, because a later run wrote them too\n", amount(count, "enrollment", "enrollments")),
    };
    format!("{}\n{lines}{more}{pairs}\n", style.paint(Ink::Caution, "Kept, because it was changed since"))
}

fn kept_line(kept: &Kept) -> String {
    let shown = |value: &Option<String>| match value.as_deref() {
        None | Some("") => "(blank)".to_owned(),
        Some(value) => escape_for_terminal(value).into_owned(),
    };
    let patron = kept.patron.map_or_else(String::new, |patron| format!(", patron {patron}"));
    let field = kept.field.as_deref().map_or_else(String::new, |field| {
        format!(" {field}: the run wrote {}, now it is {}.", shown(&kept.wrote), shown(&kept.now))
    });
    format!("  {}:{}{patron}:{field} {}\n", kept.kind, escape_for_terminal(&kept.id), escape_for_terminal(&kept.reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_undo_says_what_went_back_and_what_stays() {
        let mut undo = UndoReport { values_restored: 12, patrons_deleted: 1, ..UndoReport::default() };
        assert_eq!(
            undo.sentence(),
            "12 values of patrons restored and 1 created patron deleted. The same files tomorrow are held, not applied."
        );
        undo.keep(Kept {
            kind: FileKind::Students,
            id: "S004".into(),
            patron: Some(17),
            field: Some("level".into()),
            wrote: Some("3".into()),
            now: None,
            reason: "Somebody edited it.".into(),
        });
        assert!(undo.sentence().contains("1 thing that was changed since is kept"), "{}", undo.sentence());
        assert_eq!(
            kept_text(&undo, Style::Plain),
            "Kept, because it was changed since\n  students:S004, patron 17: level: the run wrote 3, now it is (blank). Somebody \
             edited it.\n\n"
        );
    }
}
