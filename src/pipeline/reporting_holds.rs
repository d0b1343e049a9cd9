//! Holds and actions of a plan as a report tells them. Called by `reporting`.

use super::planning::Plan;
use super::reporting::verb;
use crate::check::Check;
use crate::matching::guards::Hold;
use crate::report::{Action as Verb, ActionReport, Candidate, HoldReport};
use crate::roster::plan::{Action, PersonRef, What, unpack};

/// That nothing is applied these days.
pub fn blackout(plan: &Plan) -> HoldReport {
    let is_free = |action: &&Action| action.hold == 0 && !matches!(action.what, What::Hold | What::Conflict);
    let count = plan.planned.actions.iter().filter(is_free).count() as u64;
    HoldReport {
        guard: "blackout".into(),
        kind: None,
        school: None,
        count,
        of: None,
        limit: None,
        reason: "Nothing is applied in these days (windows.blackout). The delivery was checked and is kept; the first run after the window \
                 applies the deltas in their order and the newest full set. Nothing needs to be done."
            .into(),
        hash: None,
        people: Vec::new(),
    }
}

/// People that a report names; more are only counted.
const NAMED: usize = 10_000;

pub fn holds(check: &Check<'_>, plan: &Plan) -> Vec<HoldReport> {
    if plan.holds.is_empty() {
        return Vec::new();
    }
    let held = plan.held_actions(check);
    plan.holds.iter().zip(&held).map(|(hold, held)| one_hold(check, plan, hold, held)).collect()
}

fn one_hold(check: &Check<'_>, plan: &Plan, hold: &Hold, held: &[usize]) -> HoldReport {
    let people = held.iter().map(|index| plan.planned.actions.at(*index).person);
    HoldReport {
        guard: hold.guard.into(),
        kind: hold.kind,
        school: hold.school.clone(),
        count: hold.count,
        of: Some(hold.of),
        limit: hold.limit.clone(),
        reason: hold.reason.clone(),
        hash: Some(hold.hash.clone()),
        people: people.take(NAMED).map(|who| named(check, plan, who)).collect(),
    }
}

/// `students:S1`, or `students:S1 -> students:S9` where the patron moves to another id.
fn named(check: &Check<'_>, plan: &Plan, who: PersonRef) -> String {
    let word = |who: PersonRef| format!("{}:{}", who.kind, check.roster.of(who.kind.file()).id(who.number));
    match plan.renumbered.get(&who) {
        Some(old) => format!("{} -> {}", word(*old), word(who)),
        None => word(who),
    }
}

pub fn action(check: &Check<'_>, plan: &Plan, action: &Action) -> ActionReport {
    let blank_is_none = |value: &str| (!value.is_empty()).then(|| value.to_owned());
    let packed = plan.planned.actions.packed(action);
    let fields = unpack(&packed);
    let candidates = plan.planned.undecided.get(&action.person).into_iter().flatten();
    let hold = usize::from(action.hold).checked_sub(1).and_then(|at| plan.holds.get(at));
    ActionReport {
        action: if hold.is_some() { Verb::Hold } else { verb(action.what) },
        kind: action.person.kind,
        id: check.roster.of(action.person.kind.file()).id(action.person.number).to_owned(),
        patron: (action.patron != 0).then_some(action.patron),
        evidence: action.evidence.word().to_owned(),
        fields: fields
            .map(|change| (change.field.column().to_owned(), (blank_is_none(change.old), blank_is_none(change.new))))
            .collect(),
        candidates: candidates
            .map(|(patron, evidence)| Candidate { patron: *patron, evidence: evidence.clone() })
            .collect(),
        reason: hold
            .filter(|_| action.what != What::Hold)
            .map(|hold| format!("{} waits: {}", verb(action.what), hold.guard)),
    }
}
