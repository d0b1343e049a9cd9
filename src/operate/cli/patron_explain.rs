//! `rosterd patrons explain`: every run that touched a person or a patron, with file, line, evidence and values.
//!
//! Called by `patrons`. Joins what the store recorded; it changes nothing.

use std::collections::{BTreeMap, HashMap};

use chrono::NaiveDate;

use super::args::Subject;
use super::context::Context;
use super::failure::Failure;
use super::patrons::{find, require_patrons};
use crate::report::explanation::{
    Decided, EditedValue, Event, ExplainedPerson, Explanation, HeldFor, Undone, explanation_text,
};
use crate::report::{HoldReport, RunReport};
use crate::roster::FileKind;
use crate::roster::entities::State;
use crate::roster::plan::unpack;
use crate::store::{AuditRow, District, HistoryRow, KnownPerson, RosterRow, RunPlace, Store};
use crate::write::PatronRow;

/// Runs the command.
pub fn run(context: &Context, subject: &Subject) -> Result<(), Failure> {
    let store = context.store_to_look()?;
    require_patrons(context, &store)?;
    let district = context.district(&store)?;
    let found = resolve(context, &store, &district, subject)?;
    let explanation = explain(&store, &district, &found)?;
    if context.is_json() {
        return Ok(context.output.json(&explanation)?);
    }
    Ok(context.output.text(&explanation_text(&explanation, context.output.style()))?)
}

/// Whom a command line means.
pub struct Found {
    /// The patron as it stands; none where there is none, or where it was deleted.
    pub patron: Option<PatronRow>,
    /// Its number, 0 where none.
    pub number: i64,
    /// The people.
    pub people: Vec<KnownPerson>,
    /// The person that was asked for, where it was one.
    pub asked: Option<KnownPerson>,
}

/// Finds a patron by number, or a person by kind and id.
pub fn resolve(context: &Context, store: &Store, district: &District, subject: &Subject) -> Result<Found, Failure> {
    match subject {
        Subject::Patron(id) => {
            let people = store.people_ever_of_patron(district.seq, *id)?;
            // A patron that an undo deleted is still remembered by the people it was for.
            let patron = match find(context, store, *id) {
                Ok(patron) => Some(patron),
                Err(_) if !people.is_empty() => None,
                Err(failure) => return Err(failure),
            };
            Ok(Found { patron, number: *id, people, asked: None })
        }
        Subject::Person(kind, id) => {
            let Some(person) = store.find_person(district.seq, *kind, id)? else {
                let sentence = format!(
                    "the roster of district {} never had {kind}:{id}, or the person was erased; a person is named by its kind and its id in the file",
                    district.id
                );
                return Err(Failure::usage(sentence));
            };
            let patron = if person.patron > 0 { find(context, store, person.patron).ok() } else { None };
            Ok(Found { patron, number: person.patron, people: vec![person.clone()], asked: Some(person) })
        }
    }
}

fn explain(store: &Store, district: &District, found: &Found) -> Result<Explanation, Failure> {
    let asked = found.asked.as_ref().map(|person| (person.kind, person.number));
    let history = store.history(district.seq, found.number, asked)?;
    let mut runs = Runs { store, places: HashMap::new() };
    let mut events: Vec<(i64, Event)> = Vec::new();
    for row in &history {
        events.extend(runs.event(row)?.map(|event| (row.seq, event)));
    }
    let mut people = Vec::new();
    for person in &found.people {
        let versions = store.roster_history(district.seq, person.kind, person.number)?;
        for version in &versions {
            runs.add_roster(person, version, &mut events)?;
        }
        people.extend(versions.last().map(|now| explained(person, now)));
    }
    events.sort_by_key(|(seq, _)| *seq);
    let edited = found.patron.as_ref().map_or_else(Vec::new, |patron| edited(patron, &history));
    let mut holds = Vec::new();
    for person in &found.people {
        holds.extend(held(store, district, person)?);
    }
    let events = events.into_iter().map(|(_, event)| event).collect();
    let patron = (found.number > 0).then_some(found.number);
    Ok(Explanation { patron, people, edited, holds, events })
}

/// Runs that were looked up.
struct Runs<'s> {
    store: &'s Store,
    places: HashMap<i64, Option<(RunPlace, RunReport)>>,
}

impl Runs<'_> {
    fn place(&mut self, seq: i64) -> Result<Option<&(RunPlace, RunReport)>, Failure> {
        if !self.places.contains_key(&seq) {
            let place = self.store.run_place(seq)?;
            let parsed = place.map(|place| serde_json::from_str(&place.report).map(|report| (place, report)));
            self.places.insert(seq, parsed.transpose().map_err(|error| Failure::ours(&error))?);
        }
        Ok(self.places.get(&seq).and_then(Option::as_ref))
    }

    fn event(&mut self, row: &HistoryRow) -> Result<Option<Event>, Failure> {
        let some = |value: &str| (!value.is_empty()).then(|| value.to_owned());
        let fields: BTreeMap<_, _> = unpack(&row.fields)
            .map(|change| (change.field.column().to_owned(), (some(change.old), some(change.new))))
            .collect();
        let Some(place) = self.place(row.seq)? else { return Ok(None) };
        let event = bare_event(place, row.kind, &row.id, row.line);
        Ok(Some(Event {
            action: row.action.clone(),
            patron: (row.patron > 0).then_some(row.patron),
            evidence: row.evidence.clone(),
            fields,
            ..event
        }))
    }

    /// What the roster said from some run on: beside the change of that run, or on its own.
    fn add_roster(
        &mut self,
        person: &KnownPerson,
        version: &RosterRow,
        events: &mut Vec<(i64, Event)>,
    ) -> Result<(), Failure> {
        let of_run = |(seq, event): &&mut (i64, Event)| {
            *seq == version.seq && event.kind == person.kind && event.id == person.id
        };
        if let Some((_, event)) = events.iter_mut().find(of_run) {
            event.roster = Some(word(version.state));
            return Ok(());
        }
        if version.state == State::Unknown {
            return Ok(());
        }
        if let Some(place) = self.place(version.seq)? {
            let event = bare_event(place, person.kind, &person.id, version.line);
            let patron = (version.patron > 0).then_some(version.patron);
            events.push((version.seq, Event { patron, roster: Some(word(version.state)), ..event }));
        }
        Ok(())
    }
}

fn bare_event((place, report): &(RunPlace, RunReport), kind: FileKind, id: &str, line: u32) -> Event {
    let file = report.files.iter().find(|file| file.kind == Some(kind)).map(|file| file.name.clone());
    let undone = place.undone.clone().map(|(by, at, run)| Undone { by, at, run });
    Event {
        at: place.started_at.clone(),
        run: place.run.clone(),
        action: "roster".to_owned(),
        kind,
        id: id.to_owned(),
        patron: None,
        file,
        line: (line > 0).then_some(line),
        evidence: String::new(),
        fields: BTreeMap::new(),
        roster: None,
        undone,
        decided: place.decided.iter().map(decided).collect(),
    }
}

fn decided(line: &AuditRow) -> Decided {
    Decided { action: line.action.clone(), by: line.who.clone(), at: line.at.clone(), why: line.why.clone() }
}

fn held(store: &Store, district: &District, person: &KnownPerson) -> Result<Vec<HeldFor>, Failure> {
    let parse = |(run, hold): (String, String)| {
        let hold: HoldReport = serde_json::from_str(&hold)?;
        Ok(HeldFor { run, guard: hold.guard, reason: hold.reason })
    };
    let holds = store.open_holds_of(district.seq, person.kind as i64, person.number)?;
    holds.into_iter().map(parse).collect::<Result<_, serde_json::Error>>().map_err(|error| Failure::ours(&error))
}

fn explained(person: &KnownPerson, now: &RosterRow) -> ExplainedPerson {
    let some = |value: &str| (!value.is_empty()).then(|| value.to_owned());
    let missing = NaiveDate::from_num_days_from_ce_opt(now.missing_since).filter(|_| now.state == State::Missing);
    ExplainedPerson {
        kind: person.kind,
        id: person.id.clone(),
        state: word(now.state),
        missing_since: missing.map(|day| day.to_string()),
        first_seen: some(&now.first_seen),
        last_seen: some(&now.last_seen),
        patron: (now.patron > 0).then_some(now.patron),
        evidence: now.evidence.clone(),
    }
}

fn word(state: State) -> &'static str {
    match state {
        State::Unknown => "unknown",
        State::Present => "present",
        State::Missing => "missing",
        State::Gone => "gone",
        State::Waiting => "waiting",
    }
}

/// Fields that do not hold what a run wrote last.
fn edited(patron: &PatronRow, history: &[HistoryRow]) -> Vec<EditedValue> {
    let mut wrote: BTreeMap<&str, String> = BTreeMap::new();
    for change in history.iter().flat_map(|row| unpack(&row.fields)) {
        wrote.insert(change.field.column(), change.new.to_owned());
    }
    let differs = wrote.into_iter().filter(|(field, value)| patron.get(field) != value);
    differs
        .map(|(field, wrote)| EditedValue { field: field.to_owned(), wrote, now: patron.get(field).to_owned() })
        .collect()
}
