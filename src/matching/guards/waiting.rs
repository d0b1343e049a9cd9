//! `school_missing`, `school_unmapped`: people who wait for their school, told together. No approval can let them through.

use std::collections::BTreeMap;

use super::{Guarding, Hold};
use crate::roster::FileKind;
use crate::roster::plan::{Evidence, What};
use crate::roster::schema::Field;

/// One hold for each guard, kind and school.
pub(super) fn guard(guarding: &mut Guarding<'_, '_>) {
    let mut groups: BTreeMap<(&'static str, FileKind, String), Vec<usize>> = BTreeMap::new();
    for index in 0..guarding.actions.len() {
        let action = guarding.actions.at(index);
        let waits = matches!(action.evidence, Evidence::SchoolMissing | Evidence::SchoolUnmapped);
        if action.what == What::Hold && waits {
            let people = guarding.seen.people;
            let person = people.find(action.person);
            let school = person.map_or("", |person| people.record(person).text(Field::School));
            let group = (action.evidence.word(), action.person.kind.file(), school.to_owned());
            groups.entry(group).or_default().push(index);
        }
    }
    for ((guard, kind, school), indices) in groups {
        let entities = guarding.seen.check.roster.of(kind);
        let of = entities.numbers().filter(|&number| entities.seen(number).in_set()).count() as u64;
        let hold = Hold::new(guard, Some(kind), (indices.len() as u64, of), reason(guard, &school));
        guarding.hold_these(Hold { school: Some(school), ..hold }, indices);
    }
}

fn reason(guard: &str, school: &str) -> String {
    match guard {
        "school_missing" => {
            format!("School {school} is not in schools.csv. Its people stay as they are until it is.")
        }
        _ => format!(
            "School {school} has no site yet, so its people wait. Map it with `rosterd district site-map {school} SITE`, or \
             leave it out with `rosterd district site-map {school} --ignore`, and ingest again."
        ),
    }
}
