//! `renumbering`: many people of a kind come under new ids at once (rule D5). The map of old and new ids is held for one approval.

use std::collections::HashSet;

use super::{Guarding, Hold};
use crate::roster::PersonKind;

/// Fewer people than this are never held.
const AT_LEAST: u64 = 10;
/// Per cent of a kind from which the map is held.
const PERCENT: u64 = 5;

/// Holds the moves of links, kind by kind, at ten people and five per cent.
pub(super) fn guard(guarding: &mut Guarding<'_, '_>) {
    for kind in PersonKind::ALL {
        let moved = guarding.seen.moved.iter().filter(|(who, _)| who.kind == kind);
        let patrons: HashSet<i64> = moved.map(|(_, patron)| *patron).collect();
        let count = patrons.len() as u64;
        if count < AT_LEAST {
            continue;
        }
        let of = super::before(guarding.seen.check, kind.file());
        if count * 100 < PERCENT * of {
            continue;
        }
        let reason = format!(
            "{count} of {of} {kind} come under new ids: an old id is gone, and a new one has the same number, e-mail, or name and birth \
             date. From {PERCENT} % of a kind on this waits, because a wrong map would give patrons to the wrong people. Nobody was \
             removed or created for it. Look through the list of old and new ids; if the district renumbered its people, approve, and if not, \
             ask for a corrected export."
        );
        let hold = Hold::new("renumbering", Some(kind.file()), (count, of), reason).limited(PERCENT as f64);
        guarding.hold(hold, |action| {
            action.person.kind == kind && super::writes(action) && patrons.contains(&action.patron)
        });
    }
}
