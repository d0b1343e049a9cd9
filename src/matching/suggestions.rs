//! Suggestions: a new employee who has the name of one of the other kind, where no e-mail proves that they are one (rule D7).
//!
//! Called by `pipeline` once the plan is made. Everybody of the roster counts, whether tonight's rows were looked at or not.

use std::collections::{HashMap, HashSet};

use super::people::People;
use super::planner::placed;
use crate::roster::keys::fold_name;
use crate::roster::plan::PersonRef;
use crate::roster::record::Record;
use crate::roster::schema::Field;
use crate::roster::{Code, Problem};

/// What can be told of an employee by name.
#[derive(Debug)]
struct Named {
    who: PersonRef,
    has_email: bool,
}

/// Tells of every one of `new` who could be somebody of the other kind. `stored`: what the roster says of all employees.
pub fn employees(people: &People<'_>, new: &[PersonRef], stored: &HashMap<PersonRef, Vec<u8>>) -> Vec<Problem> {
    let by_name = by_name(people, stored);
    let is_new: HashSet<PersonRef> = new.iter().copied().collect();
    let is_suggested = |who: &PersonRef| {
        let record = people.find(*who).map(|person| people.record(person))?;
        let blank = record.text(Field::Email).is_empty();
        // Of two who are new one is told, the staff member.
        let could_be = |other: &&Named| {
            other.who.kind != who.kind
                && (blank || !other.has_email)
                && (other.who.kind < who.kind || !is_new.contains(&other.who))
        };
        by_name.get(&name(record))?.iter().find(could_be).and_then(|_| people.find(*who))
    };
    new.iter().filter_map(is_suggested).map(|person| placed(people, person, problem())).collect()
}

fn by_name(people: &People<'_>, stored: &HashMap<PersonRef, Vec<u8>>) -> HashMap<(String, String), Vec<Named>> {
    let looked_at = people.list.iter().filter(|person| person.who.kind.is_employee());
    let looked_at = looked_at.map(|person| (person.who, people.record(person)));
    let others = stored.iter().filter(|(who, _)| people.find(**who).is_none() && !people.is_gone(**who));
    let others = others.map(|(who, record)| (*who, Record(record)));
    let mut by_name: HashMap<_, Vec<Named>> = HashMap::new();
    for (who, record) in looked_at.chain(others) {
        let named = Named { who, has_email: !record.text(Field::Email).is_empty() };
        by_name.entry(name(record)).or_default().push(named);
    }
    by_name
}

fn name(record: Record<'_>) -> (String, String) {
    (fold_name(record.text(Field::FirstName)), fold_name(record.text(Field::LastName)))
}

fn problem() -> Problem {
    let message =
        "a teacher and a staff member have this name, and no e-mail proves that they are one; they stay two patrons";
    Problem::warning(Code::EmployeeMaybeOne, message).propose("if they are one person, give both rows the same e-mail")
}
