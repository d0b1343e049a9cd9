//! `undone`: a change that was undone comes again, because the rows still say so. It is asked, never done by itself (rule H2).

use super::{Guarding, Hold};
use crate::roster::PersonKind;

/// Holds every action of people whose change was undone.
pub(super) fn guard(guarding: &mut Guarding<'_, '_>) {
    let undone = guarding.seen.undone;
    for kind in PersonKind::ALL {
        let count = undone.iter().filter(|who| who.kind == kind).count() as u64;
        if count == 0 {
            continue;
        }
        let of = super::before(guarding.seen.check, kind.file()).max(count);
        let these = if count == 1 { "this person" } else { "them" };
        let reason = format!(
            "What a run had written for {count} of the {kind} was undone, and this delivery says the same of {these} again. Nothing \
             was written for {these}. If the delivery is right after all, approve; if not, discard, or deliver a corrected set."
        );
        guarding.hold(Hold::new("undone", Some(kind.file()), (count, of), reason), |action| {
            action.person.kind == kind && undone.contains(&action.person)
        });
    }
}
