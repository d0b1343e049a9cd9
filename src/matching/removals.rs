//! People who left: who is still within the grace days, and what becomes of the patrons of the others (rules E4, E5).

use chrono::{Datelike, NaiveDate};

use super::people::People;
use crate::check::Check;
use crate::roster::entities::State;
use crate::roster::patron::{Patron, PatronField as P};
use crate::roster::plan::{Action, Changes, Evidence, PersonRef, Removal, What};
use crate::roster::{Code, Problem};

/// Those who left, by what becomes of them.
#[derive(Debug, Default)]
pub struct Absent {
    /// Gone for long enough.
    pub leaving: Vec<Removal>,
    /// Missing, and still within the grace days.
    pub missing: Vec<PersonRef>,
}

/// Sorts those who left.
pub fn sort(check: &Check<'_>, people: &People<'_>, as_of: NaiveDate) -> Absent {
    let mut absent = Absent::default();
    for removal in &people.gone {
        let known = check.roster.of(removal.person.kind.file()).known(removal.person.number);
        let since = if known.state == State::Missing { known.missing_since } else { as_of.num_days_from_ce() };
        let days = as_of.num_days_from_ce() - since;
        if people.deleted.contains(&removal.person) || days >= check.settings.sync.grace_days as i32 {
            absent.leaving.push(*removal);
        } else {
            absent.missing.push(removal.person);
        }
    }
    absent
}

/// Someone who left and has no patron, or shares one with somebody who stays.
pub fn without_patron(person: PersonRef, is_deleted: bool) -> Action {
    Action::new(What::Remove, person, 0, evidence(is_deleted))
}

fn evidence(is_deleted: bool) -> Evidence {
    if is_deleted { Evidence::Deleted } else { Evidence::Absent }
}

/// What becomes of the patron of someone who left. The status is changed only if it is 1 and the patron no operator.
pub fn act(
    check: &Check<'_>,
    person: PersonRef,
    patron: &Patron,
    is_deleted: bool,
    changes: &mut Changes,
) -> (Action, Option<Problem>) {
    changes.clear();
    let action = Action::new(What::Remove, person, patron.id, evidence(is_deleted));
    let status = patron.get(P::Status).trim();
    let is_operator = check.settings.operators.groups.iter().any(|group| group == patron.get(P::SecurityGroup));
    if !is_operator && matches!(status, "" | "0" | "1") {
        changes.push(P::Status, patron.get(P::Status), "4");
        return (action, None);
    }
    let kept = || {
        Problem::warning(Code::StatusKept, "the person left, and the patron's status is kept, because a person set it")
            .column("status")
    };
    (action, (status != "4").then(kept))
}
