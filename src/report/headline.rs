//! The first line of a report: the outcome in plain words, and what to do next.
//!
//! Called by `text`; knows the counts of a report and no single problem.

use super::hold_text::can_be_approved;
use super::terminal::Ink;
use super::{Outcome, RunReport, Source};

/// The outcome as one word for people, what happened, and what to do next.
pub struct Headline {
    /// `Applied`, `Rejected` …
    pub word: &'static str,
    /// The colour of the word.
    pub ink: Ink,
    /// Sentences.
    pub sentence: String,
}

/// The headline of `report`.
pub fn headline(report: &RunReport) -> Headline {
    if let Some(undo) = &report.undo {
        return Headline { word: "Undone", ink: Ink::Good, sentence: undo.sentence() };
    }
    let (word, ink) = word(report.outcome);
    let next = next_step(report);
    let sentence = [what_happened(report), next].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
    Headline { word, ink, sentence: sentence.join(" ") }
}

fn word(outcome: Outcome) -> (&'static str, Ink) {
    match outcome {
        Outcome::Applied => ("Applied", Ink::Good),
        Outcome::AppliedInPart => ("Applied in part", Ink::Caution),
        Outcome::Held => ("Held", Ink::Caution),
        Outcome::NoChange => ("No change", Ink::Good),
        Outcome::Rejected => ("Rejected", Ink::Bad),
        Outcome::Failed => ("Failed", Ink::Bad),
        Outcome::Superseded => ("Superseded", Ink::Caution),
        Outcome::Preview => ("Preview", Ink::Heading),
        Outcome::Clean => ("Clean", Ink::Good),
        Outcome::Errors => ("Errors", Ink::Bad),
    }
}

fn what_happened(report: &RunReport) -> String {
    match report.outcome {
        Outcome::Applied | Outcome::AppliedInPart => sentence(&people_changes(report, ["added", "updated"])),
        Outcome::Held => format!("nothing was written; {}", what_waits(report)),
        Outcome::NoChange if report.source == Source::Backfill => {
            format!("the set of {} is history now; no patron was changed.", report.as_of)
        }
        Outcome::NoChange => "the patrons already are as this delivery says; nothing was written.".into(),
        Outcome::Rejected => "nothing was written and nobody was removed.".into(),
        Outcome::Failed => "nothing was written; the fault is not in the files.".into(),
        Outcome::Superseded => "a newer delivery took this one's place; nothing was written.".into(),
        Outcome::Preview => {
            let changes = match people_changes(report, ["to add", "to update"]) {
                none if none == NO_CHANGE => "change no patron".to_owned(),
                changes => format!("find {changes}"),
            };
            let waits = match held_count(report) {
                _ if is_blackout(report) => " Today all of it would wait (windows.blackout): see below.".to_owned(),
                0 => String::new(),
                _ => format!(" {} would wait: see below.", held(report)),
            };
            format!("nothing was written. A run would {changes}.{waits}")
        }
        Outcome::Clean => format!("no errors in {}.", rows_of_files(report)),
        Outcome::Errors => {
            let errors = amount(report.problems.errors(), "error", "errors");
            format!("{errors} in {}.", rows_of_files(report))
        }
    }
}

fn next_step(report: &RunReport) -> String {
    match report.outcome {
        Outcome::AppliedInPart => {
            let waits = if held_count(report) == 1 { "waits" } else { "wait" };
            format!("{} {waits}: see below, or `rosterd runs holds`. {}", held(report), refused(report))
        }
        Outcome::Held => refused(report),
        Outcome::Rejected => match report.problems.errors() {
            0 => "See below why.".into(),
            1 => "Correct the error below and deliver the files again.".into(),
            errors => format!("Correct the {} errors below and deliver the files again.", thousands(errors)),
        },
        Outcome::Failed => "Run it again once the cause is gone; nothing needs to be repaired.".into(),
        Outcome::Errors => "Correct them before uploading; each line below says where.".into(),
        Outcome::Clean if report.problems.warnings() > 0 => {
            let warnings = amount(report.problems.warnings(), "warning", "warnings");
            format!("{warnings} below; the files can be uploaded.")
        }
        Outcome::Clean => "The files can be uploaded.".into(),
        Outcome::Applied | Outcome::NoChange | Outcome::Preview => refused(report),
        Outcome::Superseded => String::new(),
    }
    .trim()
    .to_owned()
}

/// "3 people added, 5 updated and 1 gone (status 4, transferred)"; the first two verbs are the caller's.
fn people_changes(report: &RunReport, [create, update]: [&str; 2]) -> String {
    let sum = |count: fn(&super::PeopleCounts) -> u64| report.people.sum(count);
    let named = [
        (sum(|of| of.created), create),
        (sum(|of| of.updated), update),
        (sum(|of| of.reactivated), "back as active"),
        (sum(|of| of.removed), "gone (status 4, transferred)"),
    ];
    let mut parts: Vec<String> = Vec::new();
    for (count, verb) in named.into_iter().filter(|(count, _)| *count > 0) {
        let noun = if count == 1 { "person " } else { "people " };
        parts.push(format!("{} {}{verb}", thousands(count), if parts.is_empty() { noun } else { "" }));
    }
    if parts.is_empty() { NO_CHANGE.into() } else { listed(&parts) }
}

const NO_CHANGE: &str = "no patron to change";

fn sentence(changes: &str) -> String {
    if changes == NO_CHANGE { "no patron had to be changed.".into() } else { format!("{changes}.") }
}

/// Why nothing was written, and who or what lets it go on.
fn what_waits(report: &RunReport) -> String {
    if is_blackout(report) {
        return "nothing is applied in these days (windows.blackout); the first run afterwards applies it.".into();
    }
    match report.holds.iter().any(can_be_approved) {
        true => format!("{} must be approved first: see below, or `rosterd runs holds`.", held(report)),
        false if held_count(report) == 1 => "1 change waits: see below for what.".into(),
        false => format!("{} wait: see below for what.", held(report)),
    }
}

fn is_blackout(report: &RunReport) -> bool {
    report.holds.iter().any(|hold| hold.guard == "blackout")
}

/// A hold of the whole set counts what is wrong, and holds more than that.
fn held_count(report: &RunReport) -> u64 {
    report.holds.iter().map(|hold| hold.count.max(hold.people.len() as u64)).sum()
}

/// "21 removals of students": what the holds are about.
fn held(report: &RunReport) -> String {
    match held_count(report) {
        0 => "the plan".into(),
        1 => "1 change".into(),
        count => format!("{} changes", thousands(count)),
    }
}

fn refused(report: &RunReport) -> String {
    match report.refused_rows() {
        0 => String::new(),
        1 => "1 row was refused: correct it as said below and deliver it again.".into(),
        rows => format!("{} rows were refused: correct them as said below and deliver them again.", thousands(rows)),
    }
}

fn rows_of_files(report: &RunReport) -> String {
    let rows = report.files.iter().map(|file| file.rows).sum();
    let files = report.files.len() as u64;
    format!("{} of {}", amount(rows, "row", "rows"), amount(files, "file", "files"))
}

/// `1 row`, `12,345 rows`.
pub fn amount(count: u64, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{} {many}", thousands(count)) }
}

/// `12,345`.
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let groups = (first..digits.len()).step_by(3).map(|at| &digits[at..at + 3]);
    let head = Some(&digits[..first]).filter(|head| !head.is_empty());
    head.into_iter().chain(groups).collect::<Vec<_>>().join(",")
}

/// `a, b and c`.
pub fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::HoldReport;
    use crate::roster::{Code, Problem};

    fn said(report: &RunReport) -> String {
        let headline = headline(report);
        format!("{}: {}", headline.word, headline.sentence)
    }

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let grouped = [0, 7, 999, 1_000, 12_345, 1_234_567].map(thousands);
        assert_eq!(grouped, ["0", "7", "999", "1,000", "12,345", "1,234,567"]);
    }

    #[test]
    fn an_applied_run_says_what_became_of_the_patrons() {
        let mut report = RunReport::new(Outcome::Applied);
        assert_eq!(said(&report), "Applied: no patron had to be changed.");
        report.people.students.created = 3;
        report.people.teachers.updated = 1;
        report.people.staff.removed = 2;
        let text = "Applied: 3 people added, 1 updated and 2 gone (status 4, transferred).";
        assert_eq!(said(&report), text);
    }

    #[test]
    fn a_rejected_run_says_that_nobody_was_removed_and_what_to_do() {
        let mut report = RunReport::new(Outcome::Rejected);
        report.problems.push(Problem::error(Code::SetIncomplete, "students.csv is missing."));
        let text = "Rejected: nothing was written and nobody was removed. \
                    Correct the error below and deliver the files again.";
        assert_eq!(said(&report), text);
    }

    #[test]
    fn every_outcome_has_a_sentence_that_ends() {
        for outcome in Outcome::ALL {
            let text = said(&RunReport::new(*outcome));
            assert!(text.ends_with('.') && text.len() > 20, "{text}");
        }
    }

    #[test]
    fn a_run_in_part_says_how_much_waits() {
        let mut report = RunReport::new(Outcome::AppliedInPart);
        report.people.students.updated = 5;
        report.holds.push(HoldReport {
            guard: "removals".into(),
            kind: None,
            school: None,
            count: 21,
            of: Some(200),
            limit: None,
            reason: String::new(),
            hash: None,
            people: Vec::new(),
        });
        let text = "Applied in part: 5 people updated. 21 changes wait: see below, or `rosterd runs holds`.";
        assert_eq!(said(&report), text);
    }
}
