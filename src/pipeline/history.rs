//! Old sets become history: who was there, when, at which school and under which name. Used by `pipeline::backfill`.
//!
//! Never writes a patron, a link, a section, an enrollment, or what the last run knew.

use std::collections::BTreeMap;

use anyhow::Result;

use super::intake::TakenSet;
use super::job::{Done, Job};
use super::reporting::Report;
use crate::check::{Check, FileVerdict};
use crate::receive;
use crate::report::Outcome;
use crate::roster::FileKind;
use crate::roster::entities::{Entities, Seen, State};
use crate::roster::record::Record;
use crate::roster::schema::Field;
use crate::roster::set::Delivery;
use crate::store::{District, SeenThen, Store};

/// What became of one set of a backfill.
#[derive(Debug)]
pub enum Backfilled {
    /// The newest: an ordinary run.
    Run(Box<Done>),
    /// Taken as history, or refused.
    History {
        /// The report.
        done: Box<Done>,
        /// People of whom nothing was known.
        people_added: u64,
    },
    /// The same batch was taken for the same day before.
    Skipped {
        /// The batch.
        batch: String,
        /// Whether it was refused then, and would be again.
        was_refused: bool,
    },
}

const KINDS: [FileKind; 5] =
    [FileKind::Schools, FileKind::Teachers, FileKind::Staff, FileKind::Students, FileKind::Sections];

/// Whether the set is newer than what was applied last.
pub fn is_newer(job: &Job<'_>, district: &District) -> bool {
    job.as_of.is_some_and(|day| day.to_string() > district.applied_as_of)
}

/// Whether the same batch was taken for the same day before. One that was refused is looked at again once the settings or the
/// schemas are others.
pub fn taken_before(
    store: &Store,
    job: &Job<'_>,
    district: &District,
    delivery: &Delivery,
) -> Result<Option<Backfilled>> {
    let as_of = job.as_of.map(|day| day.to_string()).unwrap_or_default();
    if !store.has_run_of(district.seq, &as_of)? {
        return Ok(None);
    }
    let batch = receive::borrow(delivery)?.sha256;
    let settings = toml::to_string(job.settings)?;
    let runs = store.runs_of_batch(district.seq, &batch, &as_of)?;
    let ended = |outcomes: &[Outcome], run: &(String, String, i64)| {
        Outcome::from_word(&run.0).is_some_and(|outcome| outcomes.contains(&outcome))
    };
    let was_taken = runs.iter().any(|run| ended(&[Outcome::Applied, Outcome::AppliedInPart, Outcome::NoChange], run));
    let is_as_then = |run: &&(String, String, i64)| run.1 == settings && run.2 == job.schemas.hash.cast_signed();
    let was_refused = runs.last().filter(is_as_then).is_some_and(|run| ended(&[Outcome::Rejected], run));
    Ok((was_taken || was_refused).then_some(Backfilled::Skipped { batch, was_refused: !was_taken }))
}

/// Writes what the set says into history, records batch and run, and commits.
pub fn write(
    store: &Store,
    job: &Job<'_>,
    district: &District,
    taken: &TakenSet,
    check: &Check<'_>,
    verdicts: &BTreeMap<FileKind, FileVerdict>,
    report: &mut Report,
) -> Result<u64> {
    let history = History { store, seq: district.seq, run: store.next_run()?, as_of: report.as_of().to_string() };
    let mut people_added = 0;
    for kind in KINDS {
        let entities = check.roster.of(kind);
        let added = verdicts.get(&kind).map(|verdict| history.entities(entities, verdict)).transpose()?.unwrap_or(0);
        people_added += if kind.person().is_some() { added } else { 0 };
        history.placeholders(entities)?;
    }
    // The files are where they always were, and far older than kept copies become: none is kept.
    if !store.knows_batch(district.seq, &taken.batch.sha256)? {
        store.put_batch(district.seq, &taken.batch, &taken.set, &job.time(), "")?;
    }
    report.record(store, job, district.seq)?;
    store.commit()?;
    Ok(people_added)
}

struct History<'s> {
    store: &'s Store,
    seq: i64,
    run: i64,
    as_of: String,
}

impl History<'_> {
    /// Everybody with an accepted row but whoever was erased; gives how many were not known.
    fn entities(&self, entities: &Entities, verdict: &FileVerdict) -> Result<u64> {
        let mut added = 0;
        for number in verdict.rows.entities() {
            let is_out = entities.seen(number).has(Seen::DELETE) || entities.is_erased(number);
            let Some(row) = verdict.rows.one(number).filter(|_| !is_out) else { continue };
            let record = verdict.rows.record(row);
            let (kind, id, line) = (entities.kind, entities.id(number), verdict.rows.entry(row).line);
            let (schools, name) = (schools(record), name(record));
            let seen = SeenThen { kind, number, id, line, schools: &schools, name: &name };
            self.store.put_seen_then(self.seq, self.run, &self.as_of, &seen)?;
            added += u64::from(entities.known(number).state == State::Unknown);
        }
        Ok(added)
    }

    /// Ids that the set only named get their numbers too, so that a number is never given twice.
    fn placeholders(&self, entities: &Entities) -> Result<()> {
        for number in entities.known.len() as u32..entities.len() as u32 {
            self.store.put_placeholder(self.seq, self.run, entities.kind, number, entities.id(number))?;
        }
        Ok(())
    }
}

/// All schools of a record, in the order of their ids, so that the order of rows never matters.
fn schools(record: Record<'_>) -> String {
    let mut schools: Vec<&str> = record.all(Field::School).filter(|school| !school.is_empty()).collect();
    schools.sort_unstable();
    schools.dedup();
    schools.join("; ")
}

/// What people call it: the names of a person, the name of a school, the name or course of a section.
fn name(record: Record<'_>) -> String {
    let filled = |fields: &[Field]| -> Vec<&str> {
        fields.iter().map(|field| record.text(*field)).filter(|text| !text.is_empty()).collect()
    };
    let person = filled(&[Field::FirstName, Field::MiddleName, Field::LastName]);
    if person.is_empty() {
        filled(&[Field::Name, Field::CourseName]).first().copied().unwrap_or("").to_owned()
    } else {
        person.join(" ")
    }
}
