//! `unrecognised_row`: a row was refused and nobody can be recognised in it, so anybody who is absent may be the one (rule C7).

use super::Hold;
use super::leaving::Leaving;
use crate::roster::PersonKind;

/// Holds all removals of a kind with such a row.
pub(super) fn guard(leaving: &Leaving<'_>, kind: PersonKind) -> Option<Hold> {
    let rows = leaving.check.unrecognised[kind.file() as usize];
    let counts = leaving.counts(kind);
    if rows == 0 || counts.leaving == 0 {
        return None;
    }
    let reason = format!(
        "{rows} refused {} of the {kind} {} nobody whom we know, so any of the {} {kind} who are absent may be in {}. Nobody was \
         removed. Correct the refused rows and deliver again, or approve the removals.",
        if rows == 1 { "row" } else { "rows" },
        if rows == 1 { "names" } else { "name" },
        counts.leaving,
        if rows == 1 { "it" } else { "them" },
    );
    Some(Hold::new("unrecognised_row", Some(kind.file()), (counts.leaving, counts.before), reason))
}
