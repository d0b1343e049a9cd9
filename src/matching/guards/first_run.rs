//! `first_run`: the first run that would touch patrons which were there before waits as a whole (rule E9).

use super::{Guarding, Hold};
use crate::roster::plan::{Action, Evidence};
use crate::roster::settings::FirstRun;

/// Holds the whole set if it would touch such a patron.
pub(super) fn guard(guarding: &mut Guarding<'_, '_>) {
    if !guarding.seen.is_first || guarding.seen.check.settings.guard.first_run == FirstRun::Apply {
        return;
    }
    let touched = guarding.actions.iter().filter(|action| touches(action)).count() as u64;
    if touched == 0 {
        return;
    }
    let of = guarding.actions.iter().filter(|action| super::concerns_patrons(action)).count() as u64;
    let reason = format!(
        "This is the first delivery that would change patrons who were there before: {touched} of them were found, and everything waits \
         until somebody has looked. See what would happen with `rosterd preview PATH --format csv`: is each person the patron that it \
         was matched with? Then approve, or change the settings and ingest again."
    );
    guarding.hold(Hold::new("first_run", None, (touched, of), reason), super::concerns_patrons);
}

/// Whether the action takes a patron that no run has known yet.
fn touches(action: &Action) -> bool {
    super::writes(action) && action.patron != 0 && action.evidence != Evidence::Link
}
