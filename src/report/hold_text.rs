//! Holds as text: what waits, why, and what to do. Holds for one reason are said once.
//!
//! Called by `text` and by the command that lists what waits. Knows nothing of the people who wait.

use super::HoldReport;
use super::headline::thousands;
use super::terminal::{Ink, Style, escape_for_terminal};

/// Paragraphs that are printed; the JSON has the rest.
const SHOWN: usize = 20;

/// People that a paragraph names; the JSON has the rest.
const NAMED: usize = 10;

/// One paragraph for each reason, each followed by a blank line.
pub fn holds_text(holds: &[HoldReport], style: Style) -> String {
    let groups = groups(holds);
    let shown: String = groups.iter().take(SHOWN).map(|group| paragraph(group, style)).collect();
    match groups.len().saturating_sub(SHOWN) {
        0 => shown,
        left => format!("{shown}And {} more held; --format json lists them.\n\n", thousands(left as u64)),
    }
}

/// Holds by reason, in the order of their first.
fn groups(holds: &[HoldReport]) -> Vec<Vec<&HoldReport>> {
    let mut places = std::collections::HashMap::new();
    let mut groups: Vec<Vec<&HoldReport>> = Vec::new();
    for hold in holds {
        let place = *places.entry((&hold.guard, &hold.school, &hold.reason)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(hold),
            None => groups.push(vec![hold]),
        }
    }
    groups
}

fn paragraph(group: &[&HoldReport], style: Style) -> String {
    let Some(first) = group.first() else { return String::new() };
    let heading = style.paint(Ink::Caution, &format!("Held: {}", escape_for_terminal(&first.guard)));
    let school = first.school.as_deref().map(|school| format!(", school {}", escape_for_terminal(school)));
    let counts: Vec<String> = group.iter().map(|hold| counted(hold)).collect();
    let reason = escape_for_terminal(&first.reason);
    let people: String = group.iter().map(|hold| people(hold)).collect();
    format!("{heading}{}: {}\n  {reason}\n{people}\n", school.unwrap_or_default(), counts.join(", "))
}

/// Whom a hold is about, the first few, and its hash.
fn people(hold: &HoldReport) -> String {
    let shown: Vec<_> = hold.people.iter().take(NAMED).map(|who| escape_for_terminal(who)).collect();
    let left = hold.count.max(hold.people.len() as u64).saturating_sub(shown.len() as u64);
    let more = if left > 0 { format!(" and {} more", thousands(left)) } else { String::new() };
    let names = if shown.is_empty() { String::new() } else { format!("  {}{more}\n", shown.join(", ")) };
    let hash = hold.hash.as_deref().filter(|_| can_be_approved(hold));
    names + &hash.map_or_else(String::new, |hash| format!("  hash {hash}\n"))
}

/// How to let pass what `run` holds, or to leave it undone: lines to copy. `plan` is the hash over the whole plan of the run.
pub fn decisions_text(run: &str, plan: Option<&str>, holds: &[HoldReport]) -> String {
    let open = holds.iter().filter(|hold| can_be_approved(hold));
    let hashes: Vec<&str> = open.filter_map(|hold| hold.hash.as_deref()).collect();
    let (what, hash) = match (hashes.as_slice(), plan) {
        ([], _) => return String::new(),
        ([only], _) => ("it", *only),
        (_, Some(plan)) => ("all of it", plan),
        _ => ("one of them", "HASH"),
    };
    let one = "Only one of them: the same line with `--plan` and the hash that stands under it.\n";
    format!(
        "Let {what} pass:\n  rosterd runs approve {run} --plan {hash} --by YOU\nLeave {what} undone:\n  rosterd runs discard {run} --by \
         YOU\n{}\n",
        if hashes.len() > 1 { one } else { "" }
    )
}

/// Whether a person can let it pass; who waits for a school or for a day cannot be approved.
pub fn can_be_approved(hold: &HoldReport) -> bool {
    !matches!(hold.guard.as_str(), "school_missing" | "school_unmapped" | "blackout")
}

/// `21 of 200 students (limit 10 %)`
fn counted(hold: &HoldReport) -> String {
    let of = hold.of.map_or_else(String::new, |of| format!(" of {}", thousands(of)));
    let kind = hold.kind.map_or_else(String::new, |kind| format!(" {kind}"));
    let limit = hold.limit.as_deref().map_or_else(String::new, |limit| format!(" (limit {limit})"));
    format!("{}{of}{kind}{limit}", thousands(hold.count))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::roster::FileKind;

    fn unmapped(kind: FileKind, school: &str, count: u64) -> HoldReport {
        HoldReport {
            guard: "school_unmapped".into(),
            kind: Some(kind),
            school: Some(school.into()),
            count,
            of: Some(1_000),
            limit: None,
            reason: format!("School {school} has no site yet."),
            hash: None,
            people: Vec::new(),
        }
    }

    #[test]
    fn kinds_that_wait_for_one_school_are_one_paragraph() {
        let holds = [
            unmapped(FileKind::Teachers, "A", 2),
            unmapped(FileKind::Teachers, "B", 1),
            unmapped(FileKind::Students, "A", 30),
        ];
        let expected = "\
Held: school_unmapped, school A: 2 of 1,000 teachers, 30 of 1,000 students
  School A has no site yet.

Held: school_unmapped, school B: 1 of 1,000 teachers
  School B has no site yet.

";
        assert_eq!(holds_text(&holds, Style::Plain), expected);
    }

    #[test]
    fn hundreds_of_schools_are_cut_and_counted() {
        let holds: Vec<_> = (0..300).map(|n| unmapped(FileKind::Students, &n.to_string(), 1)).collect();
        let text = holds_text(&holds, Style::Plain);
        assert!(text.ends_with("And 280 more held; --format json lists them.\n\n"), "{text}");
    }
}
