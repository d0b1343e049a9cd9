//! The changes of a preview: as text for reading, as CSV for a spreadsheet.
//!
//! Called by `text` and by the preview command. Knows planned actions, not how they came about.

use std::io::Write;

use super::defuse::defuse;
use super::headline::{amount, thousands};
use super::terminal::{Ink, Style, escape_for_terminal};
use super::{Action, ActionReport};

/// Changes that the text shows.
pub const SHOWN: usize = 200;

/// The columns of the change list.
pub const CSV_COLUMNS: [&str; 8] = ["action", "kind", "id", "patron", "evidence", "field", "old", "new"];

/// The changes as text; the first [`SHOWN`], field by field before and after.
pub fn changes_text(actions: &[ActionReport], style: Style) -> String {
    if actions.is_empty() {
        return String::new();
    }
    let heading = amount(actions.len() as u64, "change", "changes");
    let shown: String = actions.iter().take(SHOWN).map(|action| change_text(action, style)).collect();
    format!("{}\n{shown}{}\n", style.paint(Ink::Heading, &heading), more(actions.len().saturating_sub(SHOWN)))
}

fn more(left: usize) -> String {
    match left {
        0 => String::new(),
        left => format!("  and {} more; --format json or csv shows all\n", thousands(left as u64)),
    }
}

fn change_text(action: &ActionReport, style: Style) -> String {
    let word = style.paint(ink(action.action), &format!("{:<10}", action.action.word()));
    let patron = action.patron.map_or_else(String::new, |patron| format!(", patron {patron}"));
    let evidence = Some(escape_for_terminal(&action.evidence)).filter(|evidence| !evidence.is_empty());
    let evidence = evidence.map_or_else(String::new, |evidence| format!(" ({evidence})"));
    let head = format!("  {word} {}:{}{patron}{evidence}\n", action.kind, escape_for_terminal(&action.id));
    head + &reason_text(action) + &fields_text(action) + &candidates_text(action)
}

fn ink(action: Action) -> Ink {
    match action {
        Action::Create | Action::Reactivate => Ink::Good,
        Action::Update | Action::Link | Action::Undo => Ink::Heading,
        Action::Remove | Action::Delete => Ink::Bad,
        Action::Hold | Action::Conflict => Ink::Caution,
    }
}

fn reason_text(action: &ActionReport) -> String {
    let reason = action.reason.as_deref().map(escape_for_terminal);
    reason.map_or_else(String::new, |reason| format!("      {reason}\n"))
}

fn fields_text(action: &ActionReport) -> String {
    let shown = |value: &Option<String>| match value.as_deref() {
        None | Some("") => "(blank)".to_owned(),
        Some(value) => escape_for_terminal(value).into_owned(),
    };
    let field = |(name, (old, new)): (&String, &(Option<String>, Option<String>))| match action.action {
        Action::Create => format!("      {name}: {}\n", shown(new)),
        _ => format!("      {name}: {} -> {}\n", shown(old), shown(new)),
    };
    action.fields.iter().map(field).collect()
}

fn candidates_text(action: &ActionReport) -> String {
    let candidate = |one: &super::Candidate| {
        format!("      could be patron {} ({})\n", one.patron, escape_for_terminal(&one.evidence))
    };
    action.candidates.iter().map(candidate).collect()
}

/// Writes the change list: a row for each field of each change, for each candidate of a conflict, and one for a change
/// that has neither.
pub fn write_changes_csv(actions: &[ActionReport], out: impl Write) -> Result<(), csv::Error> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(CSV_COLUMNS)?;
    for row in actions.iter().flat_map(csv_rows) {
        writer.write_record(row.iter().map(|cell| defuse(cell).into_owned()))?;
    }
    writer.flush()?;
    Ok(())
}

type CsvRow = [String; 8];

fn csv_rows(action: &ActionReport) -> Vec<CsvRow> {
    let fields = action.fields.iter().map(|(name, (old, new))| {
        let value = |value: &Option<String>| value.clone().unwrap_or_default();
        csv_row(action, action.patron, &action.evidence, [name.clone(), value(old), value(new)])
    });
    let nothing = || [String::new(), String::new(), String::new()];
    let candidates = action.candidates.iter().map(|one| csv_row(action, Some(one.patron), &one.evidence, nothing()));
    let mut rows: Vec<CsvRow> = fields.chain(candidates).collect();
    if rows.is_empty() {
        rows.push(csv_row(action, action.patron, &action.evidence, nothing()));
    }
    rows
}

fn csv_row(action: &ActionReport, patron: Option<i64>, evidence: &str, [field, old, new]: [String; 3]) -> CsvRow {
    let patron = patron.map_or_else(String::new, |patron| patron.to_string());
    let [word, kind] = [action.action.word(), action.kind.word()].map(str::to_owned);
    [word, kind, action.id.clone(), patron, evidence.to_owned(), field, old, new]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Candidate;
    use crate::roster::PersonKind;

    fn action(action: Action, fields: &[(&str, Option<&str>, Option<&str>)]) -> ActionReport {
        let owned = |value: &Option<&str>| value.map(str::to_owned);
        ActionReport {
            action,
            kind: PersonKind::Students,
            id: "S004".into(),
            patron: Some(17),
            evidence: "link".into(),
            fields: fields.iter().map(|(name, old, new)| (name.to_string(), (owned(old), owned(new)))).collect(),
            candidates: Vec::new(),
            reason: None,
        }
    }

    fn conflict() -> ActionReport {
        let candidates =
            vec![Candidate { patron: 3, evidence: "email".into() }, Candidate { patron: 4, evidence: "guid".into() }];
        let reason = Some("Two patrons could be this person.".into());
        ActionReport { candidates, reason, patron: None, evidence: String::new(), ..action(Action::Conflict, &[]) }
    }

    #[test]
    fn a_change_shows_each_field_before_and_after() {
        let update =
            action(Action::Update, &[("level", Some("2"), Some("3")), ("email", None, Some("zoë@example.org"))]);
        let expected = "1 change\n  update     students:S004, patron 17 (link)\n      email: (blank) -> zoë@example.org\n      \
                        level: 2 -> 3\n\n";
        assert_eq!(changes_text(&[update], Style::Plain), expected);
    }

    #[test]
    fn a_conflict_names_its_candidates() {
        let expected = "1 change\n  conflict   students:S004\n      Two patrons could be this person.\n      \
                        could be patron 3 (email)\n      could be patron 4 (guid)\n\n";
        assert_eq!(changes_text(&[conflict()], Style::Plain), expected);
    }

    #[test]
    fn beyond_two_hundred_changes_the_text_says_where_the_rest_is() {
        let many = vec![action(Action::Remove, &[]); 203];
        let text = changes_text(&many, Style::Plain);
        assert_eq!(text.matches("S004").count(), 200);
        assert!(text.contains("and 3 more; --format json or csv shows all"), "{text}");
    }

    #[test]
    fn the_change_list_has_a_row_a_field_and_its_formulas_are_defused() {
        let update =
            action(Action::Update, &[("first_name", Some("Ann"), Some("=1+1")), ("level", Some("2"), Some("3"))]);
        let mut out = Vec::new();
        write_changes_csv(&[update, conflict(), action(Action::Remove, &[])], &mut out).unwrap();
        let expected = "action,kind,id,patron,evidence,field,old,new\n\
                        update,students,S004,17,link,first_name,Ann,'=1+1\n\
                        update,students,S004,17,link,level,2,3\n\
                        conflict,students,S004,3,email,,,\n\
                        conflict,students,S004,4,guid,,,\n\
                        remove,students,S004,17,link,,,\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
