//! `identity_changed`: linked people whose patron has another name and no equal birth date (rule D4). When it is many at once, ids were
//! probably given out anew.

use super::{Guarding, Hold};
use crate::roster::PersonKind;

/// So many at once are no accident of single rows.
const MANY: u64 = 10;

/// Holds what would be written over patrons who seem to be somebody else.
pub(super) fn guard(guarding: &mut Guarding<'_, '_>) {
    let strangers = guarding.seen.strangers;
    for kind in PersonKind::ALL {
        let count = strangers.iter().filter(|who| who.kind == kind).count() as u64;
        if count == 0 {
            continue;
        }
        let entities = guarding.seen.check.roster.of(kind.file());
        let of = entities.numbers().filter(|&number| entities.seen(number).in_set()).count() as u64;
        let hold = Hold::new("identity_changed", Some(kind.file()), (count, of), reason(kind, count));
        guarding.hold(hold, |action| action.person.kind == kind && strangers.contains(&action.person));
    }
}

fn reason(kind: PersonKind, count: u64) -> String {
    let have = if count == 1 { "has" } else { "have" };
    let seen = format!(
        "{count} of the {kind} {have} another name than the linked patron, and no equal birth date says that it is the same person."
    );
    let perhaps = if count >= MANY {
        "So many at once usually means that the ids were given out anew or that a column slipped; then discard and ask the district for \
         a corrected export."
    } else {
        "Perhaps an id was given to somebody else."
    };
    format!(
        "{seen} {perhaps} Nothing was written for them; compare both. If they are the same people, approve; a single one is answered \
         with `rosterd runs decide RUN PERSON link PATRON`, or `create` for a patron of its own, or `skip`."
    )
}
