//! `rosterd patrons erase`: removes one person for good, and prints what went as a proof.
//!
//! Called by `patrons`. Finds the person as `explain` does; what erasing means is the pipeline's business.

use super::args::{Erase, Subject};
use super::context::Context;
use super::failure::Failure;
use super::patron_explain::resolve;
use super::patrons::require_patrons;
use crate::pipeline::{self, EraseOrder};
use crate::report::Erased;
use crate::report::erased::erased_text;
use crate::roster::entities;
use crate::store::{District, Store};

/// Runs the command.
pub fn run(context: &Context, erase: &Erase) -> Result<(), Failure> {
    let store = context.store_to_change()?;
    require_patrons(context, &store)?;
    let district = context.district(&store)?;
    if let Some(tombstone) = tombstone(&store, &district, &erase.subject)? {
        return print(context, &pipeline::erase_again(&store, &district, tombstone)?);
    }
    let mut found = resolve(context, &store, &district, &erase.subject)?;
    if found.number > 0 {
        for person in store.people_ever_of_patron(district.seq, found.number)? {
            if person.patron == found.number && !found.people.contains(&person) {
                found.people.push(person);
            }
        }
    }
    // Somebody who had the patron once and has another one now is somebody else.
    let asked = found.asked.clone();
    found.people.retain(|person| person.patron == found.number || Some(person) == asked.as_ref());
    let order = EraseOrder {
        district: &district,
        patron: found.number,
        people: &found.people,
        by: erase.by.who.trim(),
        why: erase.by.why.trim(),
        now: context.now(),
    };
    let erased = pipeline::erase(&store, &order)?;
    tracing::info!(district.id = %district.id, "a person was erased");
    print(context, &erased)
}

/// What stands in the place of somebody who was erased before.
fn tombstone(store: &Store, district: &District, subject: &Subject) -> Result<Option<String>, Failure> {
    let Subject::Person(kind, id) = subject else { return Ok(None) };
    let wanted = entities::tombstone(&district.id, *kind, id);
    Ok(store.tombstones(district.seq)?.into_iter().map(|(.., tombstone)| tombstone).find(|one| *one == wanted))
}

fn print(context: &Context, erased: &Erased) -> Result<(), Failure> {
    if context.is_json() {
        return Ok(context.output.json(erased)?);
    }
    Ok(context.output.text(&erased_text(erased))?)
}
