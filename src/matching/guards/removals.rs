//! `removals`: too many people of a kind would go at once, those of the last days that nobody approved included.

use super::{Hold, Leaving, percent};
use crate::roster::{FileKind, PersonKind};

/// Holds all removals of `kind` beyond the limit.
pub(super) fn guard(leaving: &Leaving<'_>, kind: PersonKind) -> Option<Hold> {
    let limits = &leaving.check.settings.guard.removals;
    let counts = leaving.counts(kind);
    let going = counts.leaving + counts.recent;
    let beyond = going as f64 * 100.0 > limits.percent * counts.before as f64 && going >= limits.at_least;
    if counts.leaving == 0 || !beyond {
        return None;
    }
    let recent = if counts.recent > 0 {
        format!(", after {} in the last {} days", counts.recent, limits.days)
    } else {
        String::new()
    };
    let reason = format!(
        "{} of {} {kind} are not in this delivery{recent}. More than {} of a kind going at once usually means that part of an \
         export is missing, so nobody was removed. Look at who is missing; if they really left, approve the removals, and if \
         not, deliver a complete set.",
        counts.leaving,
        counts.before,
        percent(limits.percent)
    );
    let limit = Some(percent(limits.percent));
    Some(Hold {
        guard: "removals",
        kind: kind.file(),
        school: None,
        count: counts.leaving,
        of: counts.before,
        limit,
        reason,
    })
}

/// Holds removals of sections or enrollments: more than half of them, and at least a hundred.
pub fn rows(kind: FileKind, leaving: u64, before: u64) -> Option<Hold> {
    const PERCENT: f64 = 50.0;
    const AT_LEAST: u64 = 100;
    if leaving < AT_LEAST || leaving as f64 * 100.0 <= PERCENT * before as f64 {
        return None;
    }
    let reason = format!(
        "{leaving} of {before} {kind} are not in this delivery, more than {}. They stay as they are. If a term ended, approve \
         the removals; if not, deliver a complete set.",
        percent(PERCENT)
    );
    Some(Hold {
        guard: "removals",
        kind,
        school: None,
        count: leaving,
        of: before,
        limit: Some(percent(PERCENT)),
        reason,
    })
}
