//! What hangs on people who stay although the set lacks them: their enrollments, and the sections these are in (rules C7, F2).
//!
//! Called while planning. Costs nothing where no section goes, and a look-up for each person who is held where one does.

use std::collections::HashSet;

use anyhow::Result;

use crate::check::Check;
use crate::matching::sections::SectionPlan;
use crate::roster::plan::PersonRef;
use crate::roster::{FileKind, PersonKind};
use crate::store::{District, Store};

/// Keeps the sections of these people, and of students whom a refused row shields. Gives those that stay as a whole, because of
/// a teacher.
pub fn keep_sections(
    store: &Store,
    district: &District,
    check: &Check<'_>,
    stays: &HashSet<PersonRef>,
    sections: &mut SectionPlan,
) -> Result<HashSet<u32>> {
    if sections.removed.is_empty() {
        return Ok(HashSet::new());
    }
    let is_going: HashSet<u32> = sections.removed.iter().copied().collect();
    let whole: HashSet<u32> = &of_teachers(store, district, stays)? & &is_going;
    let of_students = of_students(store, district, check, stays)?;
    sections.keep(|number| whole.contains(&number) || of_students.contains(&number));
    Ok(whole)
}

fn of_teachers(store: &Store, district: &District, stays: &HashSet<PersonRef>) -> Result<HashSet<u32>> {
    let mut teachers: Vec<u32> = numbers(stays, PersonKind::Teachers).collect();
    if teachers.is_empty() {
        return Ok(HashSet::new());
    }
    teachers.sort_unstable();
    Ok(store.sections_of_teachers(district.seq, &teachers)?.into_iter().collect())
}

fn of_students(
    store: &Store,
    district: &District,
    check: &Check<'_>,
    stays: &HashSet<PersonRef>,
) -> Result<HashSet<u32>> {
    let students = check.roster.of(FileKind::Students);
    let shielded = (0..students.known.len() as u32).filter(|&number| students.seen(number).shielded());
    let mut sections = HashSet::new();
    for student in numbers(stays, PersonKind::Students).chain(shielded) {
        sections.extend(store.sections_of_student(district.seq, student)?);
    }
    Ok(sections)
}

fn numbers(people: &HashSet<PersonRef>, kind: PersonKind) -> impl Iterator<Item = u32> + '_ {
    people.iter().filter(move |who| who.kind == kind).map(|who| who.number)
}
