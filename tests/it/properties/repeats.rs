//! The same set again writes nothing, and a run that is refused or fails leaves everything as it was.

use std::sync::atomic::{AtomicU64, Ordering};

use rosterd::report::Outcome;
use serde_json::Value;

use super::chance::{Chance, with_seeds};
use super::edits;
use super::library::{Library, same};
use super::nights;
use super::town::Town;

/// Three times the same content: as it was, in another form, and in that form again.
fn three_times(seed: u64) {
    let mut chance = Chance::new(seed);
    let mut library = Library::new(edits::settings(&mut chance));
    let mut town = Town::new(&mut chance);
    for night in 1..=3 {
        let before = library.dump();
        let first = ingest(&library, &town, &format!("night-{night}"), &mut chance);
        let once = library.dump();
        if first == Outcome::Rejected || first == Outcome::Held {
            same(&patrons(&once), &patrons(&before), &format!("night {night} ended as {first}"));
        }
        if first == Outcome::Rejected {
            same(&once, &before, &format!("night {night} was rejected"));
        }
        let other = town.reordered(&mut chance);
        for time in ["second", "third"] {
            let outcome = ingest(&library, &other, &format!("night-{night}-again"), &mut Chance::new(seed));
            assert!(matches!(outcome, Outcome::NoChange | Outcome::Held | Outcome::Rejected), "{time} time: {outcome}");
            same(&library.dump(), &once, &format!("night {night}, the {time} time, which ended as {outcome}"));
        }
        edits::carry_out(&library, &edits::of_patrons(&mut chance), &edits::of_sites(&mut chance));
        library.days_pass(1);
        town = nights::next(&town, &mut chance);
    }
}

fn ingest(library: &Library, town: &Town, name: &str, chance: &mut Chance) -> Outcome {
    let folder = library.folder().join(name);
    town.write(&folder, chance);
    library.ingest(&folder).outcome
}

fn patrons(dump: &Value) -> Value {
    let rows = dump.as_array().unwrap().iter();
    rows.filter(|row| row.as_str().unwrap().starts_with("patrons:")).cloned().collect()
}

#[test]
fn the_same_set_again_writes_nothing_in_whatever_form() {
    with_seeds(60, three_times);
}

#[test]
#[ignore = "takes minutes; run it after changing what is written"]
fn the_same_set_again_writes_nothing_for_thousands_of_districts() {
    with_seeds(3_000, three_times);
}

/// Every table in turn cannot be written to.
#[test]
fn a_run_that_fails_half_way_changes_nothing() {
    let tables =
        ["patrons", "entities", "records", "section_rows", "enrolled", "changes", "batches", "runs", "snapshots"];
    let failures = AtomicU64::new(0);
    with_seeds(tables.len() as u64 * 2, |seed| {
        let mut chance = Chance::new(seed);
        let mut library = Library::new(toml::from_str("id = \"default\"\n[limits]\nerror_rate = 0.9\n").unwrap());
        let town = Town::new(&mut chance);
        if seed % 2 == 1 {
            ingest(&library, &town, "first", &mut chance);
            library.days_pass(1);
        }
        let table = tables[seed as usize / 2];
        let stop = |event: &str| {
            format!("CREATE TRIGGER stop_{event} BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, 'no space'); END;")
        };
        library.database().execute_batch(&["INSERT", "UPDATE", "DELETE"].map(stop).concat()).unwrap();
        let before = library.dump();
        let next = library.folder().join("next");
        let mut next_town = nights::next(&town, &mut chance);
        next_town.add(super::town::STUDENTS, &mut chance);
        next_town.write(&next, &mut chance);
        // Some nights have nothing to write to some tables.
        let Err(error) = library.try_ingest(&next) else { return };
        assert!(format!("{error:#}").contains("no space"), "{error:#}");
        failures.fetch_add(1, Ordering::Relaxed);
        same(&library.dump(), &before, &format!("{table} could not be written to"));
        let drop = |event: &str| format!("DROP TRIGGER stop_{event};");
        library.database().execute_batch(&["INSERT", "UPDATE", "DELETE"].map(drop).concat()).unwrap();
        let ended = library.ingest(&next).outcome;
        assert!(!matches!(ended, Outcome::Failed), "after {table} could be written to again");
    });
    assert!(failures.into_inner() >= tables.len() as u64, "too few of these runs failed");
}
