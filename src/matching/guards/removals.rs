//! `removals`: too many people of a kind would go at once, those of the last days that nobody approved included.

use super::leaving::{Counts, Leaving};
use super::{Hold, percent};
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
         export is missing, so nobody was removed.{} Look at who is missing; if they really left, approve the removals, and if \
         not, deliver a complete set.",
        counts.leaving,
        counts.before,
        percent(limits.percent),
        schools_without_anybody(leaving, kind)
    );
    let hold = Hold::new("removals", Some(kind.file()), (counts.leaving, counts.before), reason);
    Some(hold.limited(limits.percent))
}

/// Schools that a sentence names.
const NAMED: usize = 5;

/// The likeliest cause: whole schools are missing. Blank where no school loses everybody.
fn schools_without_anybody(leaving: &Leaving<'_>, kind: PersonKind) -> String {
    let schools = leaving.check.roster.of(FileKind::Schools);
    let is_empty = |school: u32, counts: &Counts| school > 0 && counts.before > 0 && counts.leaving == counts.before;
    let by_school = leaving.by_school(kind);
    let empty: Vec<&str> = by_school
        .iter()
        .filter(|(school, counts)| is_empty(**school, counts))
        .map(|(school, _)| schools.id(school - 1))
        .collect();
    let more = match empty.len().saturating_sub(NAMED) {
        0 => String::new(),
        left => format!(" and {left} more"),
    };
    match empty.as_slice() {
        [] => String::new(),
        [school] => format!(" Of school {school} not one is left."),
        some => format!(" Of schools {}{more} not one is left.", some[..some.len().min(NAMED)].join(", ")),
    }
}
