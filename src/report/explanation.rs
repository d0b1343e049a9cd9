//! What became of one person or patron, run by run: as JSON, and as text for a librarian who asks why.
//!
//! Filled by the command that explains. Knows what was recorded, not where it lies.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde::Serialize;

use super::terminal::{Ink, Style, escape_for_terminal};
use crate::roster::FileKind;

/// The history of a person or patron.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The patron; none where the person has none.
    pub patron: Option<i64>,
    /// The people it is or was linked to.
    pub people: Vec<ExplainedPerson>,
    /// Values that stand in the library and that no run wrote.
    pub edited: Vec<EditedValue>,
    /// What waits for a person about them.
    pub holds: Vec<HeldFor>,
    /// What every run did, oldest first.
    pub events: Vec<Event>,
}

/// A person as the roster has it now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ExplainedPerson {
    /// The kind.
    pub kind: FileKind,
    /// The id.
    pub id: String,
    /// `present`, `missing`, `gone`, `waiting`, or `unknown`: named by a set, or undone.
    pub state: &'static str,
    /// Missing since this day.
    pub missing_since: Option<String>,
    /// The day it was first in a set.
    pub first_seen: Option<String>,
    /// The day it left; none while it is there.
    pub last_seen: Option<String>,
    /// The patron it is linked to now.
    pub patron: Option<i64>,
    /// Why it is that patron.
    pub evidence: String,
}

/// A value that somebody changed outside of rosterd.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct EditedValue {
    /// The field.
    pub field: String,
    /// What a run wrote last.
    pub wrote: String,
    /// What stands there now.
    pub now: String,
}

/// Something that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldFor {
    /// The run.
    pub run: String,
    /// The guard.
    pub guard: String,
    /// The guard's sentence.
    pub reason: String,
}

/// What one run did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Event {
    /// When the run started.
    pub at: String,
    /// The run.
    pub run: String,
    /// `create`, `update` … as in plans; `roster` where only the roster changed.
    pub action: String,
    /// The kind of person.
    pub kind: FileKind,
    /// Its id.
    pub id: String,
    /// The patron.
    pub patron: Option<i64>,
    /// The file that said so.
    pub file: Option<String>,
    /// The line in it.
    pub line: Option<u32>,
    /// The rule or evidence.
    pub evidence: String,
    /// Field to old and new value.
    pub fields: BTreeMap<String, (Option<String>, Option<String>)>,
    /// The state in the roster from then on; none where the run did not change it.
    pub roster: Option<&'static str>,
    /// Who took the run back.
    pub undone: Option<Undone>,
    /// What people decided about the run.
    pub decided: Vec<Decided>,
}

/// That a run was taken back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Undone {
    /// Who.
    pub by: String,
    /// When.
    pub at: String,
    /// With which run.
    pub run: String,
}

/// A decision about a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decided {
    /// What: approve, discard …
    pub action: String,
    /// Who.
    pub by: String,
    /// When.
    pub at: String,
    /// Why, in that person's words.
    pub why: String,
}

/// The whole as text.
pub fn explanation_text(explanation: &Explanation, style: Style) -> String {
    let head = match explanation.patron {
        Some(patron) => format!("Patron {patron}"),
        None => "No patron".to_owned(),
    };
    let people: String = explanation.people.iter().map(person_text).collect();
    let people = if people.is_empty() {
        "  linked to nobody in the roster; no run created or changed it\n".to_owned()
    } else {
        people
    };
    let events: String = explanation.events.iter().map(|event| event_text(event, style)).collect();
    let now = now_text(explanation, style);
    let between = if events.is_empty() && now.is_empty() { "" } else { "\n" };
    format!("{}\n{people}{between}{events}{now}", style.paint(Ink::Heading, &head))
}

fn person_text(person: &ExplainedPerson) -> String {
    let day = |day: &Option<String>| day.clone().unwrap_or_else(|| "an unknown day".to_owned());
    let state = match person.state {
        "present" => format!("in the roster since {}", day(&person.first_seen)),
        "missing" => format!("missing since {}, within the days of grace", day(&person.missing_since)),
        "gone" => format!("left the roster on {}; first seen {}", day(&person.last_seen), day(&person.first_seen)),
        "waiting" => "in the roster, and waiting for an approval, a site or a decision".to_owned(),
        _ => "not in the roster".to_owned(),
    };
    let link = match (person.patron, person.evidence.as_str()) {
        (Some(patron), "") => format!("; linked to patron {patron}"),
        (Some(patron), evidence) => {
            format!("; linked to patron {patron} (evidence: {})", escape_for_terminal(evidence))
        }
        (None, _) => "; linked to no patron".to_owned(),
    };
    format!("  {}:{}: {state}{link}\n", person.kind, escape_for_terminal(&person.id))
}

fn event_text(event: &Event, style: Style) -> String {
    let what = style.paint(Ink::Heading, &format!("{}  {}", event.at, words(event)));
    let evidence = match event.evidence.as_str() {
        "" => String::new(),
        evidence => format!(" ({})", escape_for_terminal(evidence)),
    };
    let mut text = format!("{what} {}:{}{evidence}\n", event.kind, escape_for_terminal(&event.id));
    let place = match (&event.file, event.line) {
        (Some(file), Some(line)) => format!("{} line {line}, ", escape_for_terminal(file)),
        (Some(file), None) => format!("{}, ", escape_for_terminal(file)),
        _ => String::new(),
    };
    let mut add = |line: String| {
        let written = writeln!(text, "    {line}");
        debug_assert!(written.is_ok(), "writing to a string cannot fail");
    };
    add(format!("{place}run {}", event.run));
    event.fields.iter().for_each(|(field, values)| add(field_text(event, field, values)));
    if let Some(state) = event.roster.filter(|_| event.action == "roster") {
        add(standing(state).to_owned());
    }
    for decided in &event.decided {
        add(format!(
            "{} by {} at {}{}",
            past(&decided.action),
            escape_for_terminal(&decided.by),
            decided.at,
            why(&decided.why)
        ));
    }
    if let Some(undone) = &event.undone {
        add(format!("undone by {} at {} with run {}", escape_for_terminal(&undone.by), undone.at, undone.run));
    }
    text
}

/// The state in the roster from then on, as a sentence.
fn standing(state: &str) -> &'static str {
    match state {
        "present" => "in the roster from then on",
        "missing" => "not in this delivery; within the days of grace",
        "gone" => "not in the roster from then on, or known from old sets only",
        "waiting" => "waits for an approval, a site or a decision",
        _ => "not in the roster",
    }
}

fn why(why: &str) -> String {
    if why.is_empty() { String::new() } else { format!(": {}", escape_for_terminal(why)) }
}

fn past(action: &str) -> String {
    match action {
        "approve" => "approved".to_owned(),
        "discard" => "discarded".to_owned(),
        "decide" => "decided".to_owned(),
        "undo" => "undone".to_owned(),
        other => escape_for_terminal(other).into_owned(),
    }
}

fn words(event: &Event) -> String {
    let patron = event.patron.map_or_else(String::new, |patron| format!("patron {patron} "));
    match event.action.as_str() {
        "create" => format!("{patron}created for"),
        "update" => format!("{patron}updated from"),
        "remove" if !event.fields.contains_key("status") => format!("{patron}kept its status at the removal of"),
        "remove" => format!("{patron}set to transferred (4), because of"),
        "reactivate" => format!("{patron}active again, because of"),
        "link" => format!("{patron}linked to"),
        "undo" => format!("{patron}taken back, for"),
        "delete" => format!("{patron}deleted with the undo of"),
        _ => "roster changed for".to_owned(),
    }
}

fn field_text(event: &Event, field: &str, (old, new): &(Option<String>, Option<String>)) -> String {
    let shown = |value: &Option<String>| match value.as_deref() {
        None | Some("") => "(blank)".to_owned(),
        Some(value) => escape_for_terminal(value).into_owned(),
    };
    match event.action.as_str() {
        "create" => format!("{field}: {}", shown(new)),
        _ => format!("{field}: {} -> {}", shown(old), shown(new)),
    }
}

fn now_text(explanation: &Explanation, style: Style) -> String {
    let mut text = String::new();
    let shown =
        |value: &str| if value.is_empty() { "(blank)".to_owned() } else { escape_for_terminal(value).into_owned() };
    for hold in &explanation.holds {
        text += &format!(
            "  held ({}) by run {}: {}\n",
            escape_for_terminal(&hold.guard),
            hold.run,
            escape_for_terminal(&hold.reason)
        );
    }
    for edit in &explanation.edited {
        let (wrote, now) = (shown(&edit.wrote), shown(&edit.now));
        text += &format!("  {}: a run wrote {wrote}, and somebody made it {now}\n", edit.field);
    }
    if text.is_empty() { text } else { format!("\n{}\n{text}", style.paint(Ink::Heading, "Now")) }
}
