//! The guards once more: which of the actions wait for a person. They count people.

use std::collections::BTreeSet;

use super::rules::{Action, Library, Order, Plan, State, What, Who, differ_by_zeros};
use super::town::Kind;

/// What waits, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hold {
    pub guard: &'static str,
    pub kind: Option<Kind>,
    pub count: u64,
}

impl Hold {
    fn new(guard: &'static str, kind: impl Into<Option<Kind>>, count: usize) -> Self {
        Self { guard, kind: kind.into(), count: count as u64 }
    }

    /// Nothing at all is written.
    pub fn is_of_everything(&self) -> bool {
        ["first_run", "leading_zeros_lost"].contains(&self.guard)
    }

    /// Too much happens at once.
    pub fn is_limit(&self) -> bool {
        ["removals", "school_removals", "unrecognised_row", "mass_change", "renumbering"].contains(&self.guard)
    }
}

/// All of them, the most particular first.
pub fn guard(library: &Library, plan: &mut Plan, order: &Order) {
    for kind in Kind::ALL {
        let undone: BTreeSet<Who> = of_kind(&plan.undone, kind);
        plan.hold(order, Hold::new("undone", kind, undone.len()), |action| undone.contains(&action.who));
    }
    for kind in Kind::ALL {
        let strangers = of_kind(&plan.strangers, kind);
        plan.hold(order, Hold::new("identity_changed", kind, strangers.len()), |action| {
            strangers.contains(&action.who)
        });
    }
    Kind::ALL.into_iter().for_each(|kind| removals(library, plan, order, kind));
    Kind::ALL.into_iter().for_each(|kind| renumbering(library, plan, order, kind));
    Kind::ALL.into_iter().for_each(|kind| mass_change(library, plan, order, kind));
    zeros(library, plan, order);
    first_run(library, plan, order);
    for action in plan.actions.clone() {
        if action.what == What::Wait {
            let hold = Hold::new(action.values[0].0, action.who.0, 1);
            plan.hold(order, hold, |other| *other == action);
        }
    }
}

fn of_kind(people: &BTreeSet<Who>, kind: Kind) -> BTreeSet<Who> {
    people.iter().filter(|who| who.0 == kind).cloned().collect()
}

/// Rules F1 and C7: by kind, or by school.
fn removals(library: &Library, plan: &mut Plan, order: &Order, kind: Kind) {
    let leaving = of_kind(&plan.leaving, kind);
    if leaving.is_empty() {
        return;
    }
    let rules = &library.rules;
    let counts = |school: Option<&str>| {
        let people = || {
            let people = library.people.iter().filter(|(who, _)| who.0 == kind);
            people.filter(|(_, person)| school.is_none_or(|school| person.school == school))
        };
        let before = people().filter(|(_, person)| person.state.in_roster()).count() as u64;
        let is_recent = |day: i64| day > library.today - 7;
        let of_late = people().filter(|(_, one)| one.state == State::Gone && one.since.is_some_and(is_recent));
        let leaving = leaving.iter().filter(|who| school.is_none_or(|school| library.people[*who].school == school));
        (before, leaving.count() as u64 + of_late.count() as u64)
    };
    let is_removal = |action: &Action| action.what == What::Remove && action.who.0 == kind;
    let (before, going) = counts(None);
    if plan.read.unrecognised.contains(&kind) {
        return plan.hold(order, Hold::new("unrecognised_row", kind, leaving.len()), is_removal);
    }
    if going * 100 > rules.percent * before && going >= rules.at_least {
        return plan.hold(order, Hold::new("removals", kind, leaving.len()), is_removal);
    }
    let schools: BTreeSet<String> = leaving.iter().map(|who| library.people[who].school.clone()).collect();
    for school in schools.iter().filter(|school| !school.is_empty()) {
        let (before, going) = counts(Some(school));
        if before >= rules.school_at_least && going * 100 > 50 * before {
            let of_school = leaving.iter().filter(|who| library.people[*who].school == *school).count();
            let is_its = |action: &Action| is_removal(action) && library.people[&action.who].school == *school;
            plan.hold(order, Hold::new("school_removals", kind, of_school), is_its);
        }
    }
}

/// Rule D5.
fn renumbering(library: &Library, plan: &mut Plan, order: &Order, kind: Kind) {
    let moved = plan.moved.iter().filter(|(old, new, _)| new.0 == kind && !differ_by_zeros(&old.1, &new.1));
    let patrons: BTreeSet<u32> = moved.map(|(.., patron)| *patron).collect();
    if patrons.len() >= 10 && patrons.len() * 100 >= 5 * before(library, kind) {
        let is_its = |action: &Action| action.writes() && action.patron.is_some_and(|patron| patrons.contains(&patron));
        plan.hold(order, Hold::new("renumbering", kind, patrons.len()), is_its);
    }
}

/// Rule F1.
fn mass_change(library: &Library, plan: &mut Plan, order: &Order, kind: Kind) {
    const WHO_SOMEBODY_IS: [&str; 5] = ["student_number", "first_name", "last_name", "email", "birthdate"];
    let is_update = |action: &&Action| matches!(action.what, What::Update | What::Reactivate) && !action.is_new_link;
    let changes = |action: &&Action| {
        action.values.iter().any(|(field, old, _)| WHO_SOMEBODY_IS.contains(field) && !old.is_empty())
    };
    let of_kind = plan.actions.iter().filter(|action| action.who.0 == kind);
    let count = of_kind.filter(is_update).filter(changes).count();
    let people = library.people.iter().filter(|(who, person)| who.0 == kind && person.state.in_roster());
    let linked = people.filter(|(_, person)| person.patron.is_some()).count();
    if count >= 10 && count * 100 > 75 * linked {
        let is_its = |action: &Action| action.who.0 == kind && (action.writes() || action.what == What::Remove);
        plan.hold(order, Hold::new("mass_change", kind, count), is_its);
    }
}

/// Rule D6.
fn zeros(library: &Library, plan: &mut Plan, order: &Order) {
    for kind in Kind::ALL {
        let ids = plan.moved.iter().filter(|(old, new, _)| new.0 == kind && differ_by_zeros(&old.1, &new.1)).count();
        let count = ids.max(plan.zeros.get(&kind).copied().unwrap_or(0) as usize);
        let in_set = plan.read.named.iter().filter(|who| who.0 == kind && !plan.read.deleted.contains(*who)).count();
        if count < 10 || count * 100 < 20 * in_set.max(before(library, kind)) {
            continue;
        }
        let hold = Hold::new("leading_zeros_lost", kind, count);
        if plan.actions.iter().any(|action| action.what != What::Wait) {
            plan.hold(order, hold, |action| action.what != What::Wait);
        } else if !library.zeros_discarded && !order.approved_nothing {
            plan.holds.push(hold);
        }
        return;
    }
}

/// Rule E9.
fn first_run(library: &Library, plan: &mut Plan, order: &Order) {
    let touches = |action: &&Action| action.writes() && action.patron.is_some() && action.is_new_link;
    let count = plan.actions.iter().filter(touches).count();
    if library.rules.holds_first_run && !library.has_touched && count > 0 {
        plan.hold(order, Hold::new("first_run", None, count), |action| action.what != What::Wait);
    }
}

fn before(library: &Library, kind: Kind) -> usize {
    library.people.iter().filter(|(who, person)| who.0 == kind && person.state.in_roster()).count()
}

impl Plan {
    /// Holds the free actions for which `which` holds, unless somebody approved all of them.
    fn hold(&mut self, order: &Order, hold: Hold, which: impl Fn(&Action) -> bool) {
        let is_its = |action: &Action| action.hold.is_none() && which(action);
        let held: Vec<&Action> = self.actions.iter().filter(|action| is_its(action)).collect();
        if held.iter().all(|action| order.approved.contains(&action.same())) {
            return;
        }
        self.is_stale |= held.iter().any(|action| order.approved.iter().any(|(who, ..)| *who == action.who));
        let place = self.holds.len();
        self.holds.push(hold);
        self.actions.iter_mut().filter(|action| is_its(action)).for_each(|action| action.hold = Some(place));
    }
}
