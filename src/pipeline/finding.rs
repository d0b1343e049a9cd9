//! Finds the patron of everybody who is looked at, and plans what is written to it. Called while planning.

use anyhow::Result;

use crate::check::Check;
use crate::files::spill::TemporaryFile;
use crate::matching::answers::{Answer, Answers};
use crate::matching::employees::Employees;
use crate::matching::{self, Decisions, People, Planned, Planner, Reasons, Search};
use crate::roster::plan::{Actions, PersonRef};
use crate::roster::{PersonKind, Problem};
use crate::store::{District, Store};
use crate::write::Patrons;

/// When so many seek a patron, nearly every patron is of interest to somebody, and is read whole at once.
const MANY_SEEKERS: usize = 20_000;

/// What somebody answered to single questions.
pub fn answers(store: &Store, district: &District) -> Result<Answers> {
    let mut answers = Answers::default();
    for row in store.decisions(district.seq)? {
        let answer = match row.answer.as_str() {
            "link" => Answer::Link(row.patron),
            "create" => Answer::Create,
            _ => Answer::Skip,
        };
        if let Some(who) = person(row.kind, row.number) {
            answers.add(who, row.evidence_hash, answer);
        }
    }
    Ok(answers)
}

/// The person that the tables name by position of the kind and number.
pub fn person(kind: i64, number: i64) -> Option<PersonRef> {
    let kind = PersonKind::ALL.into_iter().find(|one| one.file() as i64 == kind)?;
    Some(PersonRef { kind, number: u32::try_from(number).ok()? })
}

pub fn decide(
    check: &Check<'_>,
    people: &People<'_>,
    employees: &Employees,
    patrons: &Patrons<'_>,
    answers: &Answers,
) -> Result<Decisions> {
    let mut search = Search::new(check, people, employees);
    if search.len() >= MANY_SEEKERS {
        patrons.each(|patron| search.see(patron))?;
    } else if !search.is_empty() {
        let mut ids = Vec::new();
        patrons.each_in_part(&Search::KEY_FIELDS, |patron| {
            ids.extend(search.is_of_interest(patron).then_some(patron.id))
        })?;
        patrons.each_of(&ids, |patron| search.see(patron))?;
    }
    Ok(search.decide(employees, answers))
}

pub fn plan_patrons(
    check: &Check<'_>,
    people: &People<'_>,
    employees: &Employees,
    decisions: Decisions,
    reasons: &Reasons<'_>,
    patrons: &Patrons<'_>,
    answers: &Answers,
) -> Result<Planned> {
    let mut planner = {
        let actions = Actions::spilling_to(Box::new(TemporaryFile::new()?));
        Planner::new(check, people, employees, &decisions, reasons.edited, reasons.everybody, answers, actions)
    };
    drop(decisions);
    patrons.each_of(&planner.patrons(), |patron| planner.compare(patron))?;
    planner.recreate();
    let barcodes = planner.create();
    Ok(planner.finish(&patrons.holders(&barcodes)?))
}

/// New employees who could be somebody whom the roster knows under another kind.
pub fn suggestions(
    store: &Store,
    district: &District,
    check: &Check<'_>,
    people: &People<'_>,
    planned: &Planned,
) -> Result<Vec<Problem>> {
    if planned.new_employees.is_empty() {
        return Ok(Vec::new());
    }
    let of = |kind: PersonKind| {
        let entities = check.roster.of(kind.file());
        let here = entities.numbers().filter(move |&number| entities.known(number).state.in_roster());
        here.map(move |number| PersonRef { kind, number })
    };
    let everybody: Vec<PersonRef> = of(PersonKind::Teachers).chain(of(PersonKind::Staff)).collect();
    let stored = store.records(district.seq, &everybody)?;
    Ok(matching::suggestions::employees(people, &planned.new_employees, &stored))
}
