//! Plans the removal of everybody who leaves. Called while planning, before the guards look.

use std::collections::{BTreeMap, HashSet};

use anyhow::Result;

use crate::check::Check;
use crate::matching::removals::{self, Absent};
use crate::matching::{People, Planned};
use crate::roster::PersonKind;
use crate::roster::plan::{Changes, PersonRef, What};
use crate::write::Patrons;

/// Adds a removal for everybody who leaves. A patron that is somebody else's too stays, and then nothing is written for it.
pub fn plan_removals(
    check: &Check<'_>,
    people: &People<'_>,
    absent: &Absent,
    planned: &mut Planned,
    patrons: &Patrons<'_>,
) -> Result<()> {
    let leaving: Vec<PersonRef> = absent.leaving.iter().map(|removal| removal.person).collect();
    if leaving.is_empty() {
        return Ok(());
    }
    let patron_of = |who: PersonRef| check.roster.of(who.kind.file()).known(who.number).patron;
    let stays: HashSet<i64> = staying_patrons(check, people, &leaving, planned);
    let mut by_patron: BTreeMap<i64, PersonRef> = leaving
        .iter()
        .map(|who| (patron_of(*who), *who))
        .filter(|(patron, _)| *patron != 0 && !stays.contains(patron))
        .collect();
    let ids: Vec<i64> = by_patron.keys().copied().collect();
    let mut changes = Changes::default();
    let mut written = HashSet::new();
    patrons.each_of(&ids, |patron| {
        if let Some(who) = by_patron.remove(&patron.id) {
            let (action, problem) = removals::act(check, who, patron, people.deleted.contains(&who), &mut changes);
            planned.actions.push(action, &changes);
            planned.problems.extend(problem);
            written.insert(who);
        }
    })?;
    for who in leaving.into_iter().filter(|who| !written.contains(who)) {
        planned.actions.push(removals::without_patron(who, people.deleted.contains(&who)), &Changes::default());
    }
    Ok(())
}

/// Whose removal a guard holds.
pub fn held_removals(planned: &Planned) -> HashSet<PersonRef> {
    let held = planned.actions.iter().filter(|action| action.hold > 0 && action.what == What::Remove);
    held.map(|action| action.person).collect()
}

/// Patrons of leaving employees that belong to somebody who stays.
pub fn staying_patrons(
    check: &Check<'_>,
    people: &People<'_>,
    leaving: &[PersonRef],
    planned: &Planned,
) -> HashSet<i64> {
    let employees = planned.present.iter().filter(|(who, ..)| who.kind.is_employee());
    let leaving: HashSet<PersonRef> = leaving.iter().copied().collect();
    let mut stays: HashSet<i64> = employees.map(|(_, patron, _)| *patron).collect();
    for kind in [PersonKind::Teachers, PersonKind::Staff] {
        let entities = check.roster.of(kind.file());
        for number in entities.numbers() {
            let known = entities.known(number);
            let who = PersonRef { kind, number };
            if known.patron != 0 && known.state.in_roster() && !people.is_gone(who) && !leaving.contains(&who) {
                stays.insert(known.patron);
            }
        }
    }
    stays
}
