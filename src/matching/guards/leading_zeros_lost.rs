//! `leading_zeros_lost`: ids or numbers of many people equal the stored ones but for leading zeros, as when a spreadsheet saved the
//! file (rule D6). The set is held.

use super::{Guarding, Hold};
use crate::roster::PersonKind;

/// Fewer people than this are never held.
const AT_LEAST: u64 = 10;
/// Per cent of a kind from which the set is held.
const PERCENT: u64 = 20;

/// Holds the whole set for the first kind at the limit.
pub(super) fn guard(guarding: &mut Guarding<'_, '_>) {
    for kind in PersonKind::ALL {
        let (ids, numbers) = guarding.seen.zeros[kind.index()];
        let (what, count) = if ids >= numbers { ("id", ids) } else { ("number", numbers) };
        if count < AT_LEAST {
            continue;
        }
        let in_set = guarding.seen.people.in_set[kind.index()];
        let of = in_set.max(super::before(guarding.seen.check, kind.file()));
        if count * 100 < PERCENT * of {
            continue;
        }
        let reason = format!(
            "The {what} of {count} of {of} {kind} is the stored one but for leading zeros. From {PERCENT} % of a kind on that usually means \
             that a spreadsheet program saved the file and dropped the zeros, so nothing of this delivery was applied. Ask for an \
             export that was not opened in a spreadsheet. If it is right all the same, approve: the stored values keep their zeros."
        );
        let hold = Hold::new("leading_zeros_lost", Some(kind.file()), (count, of), reason).limited(PERCENT as f64);
        if guarding.actions.iter().any(|action| action.hold == 0 && super::concerns_patrons(action)) {
            guarding.hold(hold, super::concerns_patrons);
        } else if !guarding.seen.zeros_discarded {
            guarding.hold_nothing(hold);
        }
        return;
    }
}
