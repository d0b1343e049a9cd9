//! What sections and enrollments need beside their rows: students of a section, last names of teachers, the old pairs. Called while
//! planning.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::Result;

use super::reading::Memory;
use crate::check::{Check, FileVerdict, Pairs, Rows, Standing};
use crate::matching::enrollments::{self, EnrollmentPlan, OldPairs, Stays};
use crate::matching::sections::SectionPlan;
use crate::matching::{People, SchoolWeights};
use crate::roster::plan::PersonRef;
use crate::roster::record::Record;
use crate::roster::schema::Field;
use crate::roster::set::Mode;
use crate::roster::{FileKind, PersonKind};
use crate::store::{District, Store};

/// How many students each section has in this set.
pub fn students_of_sections(check: &Check<'_>, pairs: &Pairs) -> Vec<u32> {
    let mut students = vec![0; check.roster.of(FileKind::Sections).len()];
    for pair in pairs.looked_at.iter().chain(&pairs.unchanged) {
        students[crate::roster::enrollment::parts(*pair).1 as usize] += 1;
    }
    students
}

/// How many enrollments each teacher has at each school; only needed where somebody has several schools.
pub fn school_weights(
    check: &Check<'_>,
    verdicts: &BTreeMap<FileKind, FileVerdict>,
    students: &[u32],
) -> SchoolWeights {
    let mut weights = HashMap::new();
    let (Some(teachers), Some(sections)) = (verdicts.get(&FileKind::Teachers), verdicts.get(&FileKind::Sections))
    else {
        return weights;
    };
    let several =
        |rows: &Rows, who: u32| rows.one(who).is_some_and(|row| rows.record(row).all(Field::School).nth(1).is_some());
    let somebody: HashSet<u32> = teachers.rows.entities().filter(|&who| several(&teachers.rows, who)).collect();
    if somebody.is_empty() {
        return weights;
    }
    for section in sections.rows.entities() {
        let Some(row) = sections.rows.one(section) else { continue };
        let record = sections.rows.record(row);
        let known = record.all(Field::Teacher).filter_map(|id| check.roster.of(FileKind::Teachers).find(id));
        for number in known.filter(|number| somebody.contains(number)) {
            let who = PersonRef { kind: PersonKind::Teachers, number };
            *weights.entry((who, record.text(Field::School).to_owned())).or_default() +=
                u64::from(students[section as usize]);
        }
    }
    weights
}

/// Last names of teachers for the names of sections: of this set, else of the roster.
pub fn last_names(
    store: &Store,
    district: &District,
    check: &Check<'_>,
    verdicts: &BTreeMap<FileKind, FileVerdict>,
    people: &People<'_>,
) -> Result<HashMap<u32, String>> {
    let has_sections = verdicts.get(&FileKind::Sections).is_some_and(|verdict| !verdict.rows.is_empty());
    if !has_sections {
        return Ok(HashMap::new());
    }
    let mut names = store.teachers_last_names(district.seq)?;
    let teachers = check.roster.of(FileKind::Teachers);
    for person in people.list.iter().filter(|person| person.who.kind == PersonKind::Teachers) {
        let record: Record<'_> = people.record(person);
        names.insert(person.who.number, record.text(Field::LastName).to_owned());
    }
    names.retain(|number, _| (*number as usize) < teachers.len());
    Ok(names)
}

pub fn plan_enrollments(
    store: &Store,
    district: &District,
    memory: &Memory,
    check: &Check<'_>,
    pairs: &mut Pairs,
    stays: &Stays,
    leaving: (&[PersonRef], &SectionPlan),
) -> Result<EnrollmentPlan> {
    // Whoever writes enrollments writes the fingerprints anew or drops them, so that their count is the roster's.
    let remembered = memory.pairs.filter(|_| pairs.left_over.is_some());
    let count = remembered.map_or_else(|| store.enrolled_count(district.seq), Ok)?;
    if check.standing[FileKind::Enrollments as usize] != Standing::Read && check.mode == Mode::Full {
        return Ok(EnrollmentPlan { unchanged: count, ..EnrollmentPlan::default() });
    }
    let old =
        if remembered.is_some() { OldPairs::InSnapshot(count) } else { OldPairs::All(store.enrolled(district.seq)?) };
    let leaves = |student: u32, section: u32| {
        let who = PersonRef { kind: PersonKind::Students, number: student };
        leaving.0.contains(&who) || leaving.1.gone.contains(&section)
    };
    Ok(enrollments::plan(check, pairs, old, stays, leaves))
}
