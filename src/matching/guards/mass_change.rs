//! `mass_change`: most patrons of a kind would change in name, number, birth date or e-mail, as when columns slipped (rule F1).
//!
//! Filling what was blank, and a new grade or site for everyone, do not count. Fewer than ten changes are never held.

use super::{Guarding, Hold, percent};
use crate::roster::PersonKind;
use crate::roster::patron::PatronField as P;
use crate::roster::plan::{Action, Actions, Evidence, What, unpack};

/// Fewer people than this are never held.
const AT_LEAST: u64 = 10;

/// Fields that say who somebody is.
const IDENTIFYING: [P; 6] = [P::StudentNumber, P::FirstName, P::MiddleName, P::LastName, P::Email, P::Birthdate];

/// Holds everything that would be written for a kind beyond the limit.
pub(super) fn guard(guarding: &mut Guarding<'_, '_>) {
    let limit = guarding.seen.check.settings.guard.removals.mass_change_percent;
    for kind in PersonKind::ALL {
        let of_kind = guarding.actions.iter().filter(|action| action.person.kind == kind);
        let count = of_kind.filter(|action| changes_identity(guarding.actions, action)).count() as u64;
        if count < AT_LEAST {
            continue;
        }
        let entities = guarding.seen.check.roster.of(kind.file());
        let linked = entities.numbers().map(|number| entities.known(number));
        let of = linked.filter(|known| known.state.in_roster() && known.patron != 0).count() as u64;
        if count as f64 * 100.0 <= limit * of as f64 {
            continue;
        }
        let reason = format!(
            "{count} of {of} {kind} would change in name, number, birth date or e-mail, more than {}. That usually means that columns \
             slipped or that an export was put together wrongly, so nothing was written for {kind}. Compare a few of them; if the \
             changes are right, approve, and if not, discard and ask for a corrected export.",
            percent(limit)
        );
        let hold = Hold::new("mass_change", Some(kind.file()), (count, of), reason).limited(limit);
        guarding
            .hold(hold, |action| action.person.kind == kind && (super::writes(action) || action.what == What::Remove));
    }
}

fn changes_identity(actions: &Actions, action: &Action) -> bool {
    let is_update = matches!(action.what, What::Update | What::Reactivate) && action.evidence == Evidence::Link;
    is_update
        && unpack(&actions.packed(action)).any(|change| IDENTIFYING.contains(&change.field) && !change.old.is_empty())
}
