//! `school_removals`: more than half of one school's people of a kind would go; that school's removals wait, no other's.

use super::leaving::Leaving;
use super::{Hold, percent};
use crate::roster::{FileKind, PersonKind};

/// Holds by school (its number plus one).
pub(super) fn guard(leaving: &Leaving<'_>, kind: PersonKind) -> Vec<(u32, Hold)> {
    let limits = &leaving.check.settings.guard.removals;
    let mut holds = Vec::new();
    for (school, counts) in leaving.by_school(kind) {
        let going = counts.leaving + counts.recent;
        let beyond = going as f64 * 100.0 > limits.school_percent * counts.before as f64;
        if school > 0 && counts.leaving > 0 && counts.before >= limits.school_at_least && beyond {
            let id = leaving.check.roster.of(FileKind::Schools).id(school - 1).to_owned();
            holds.push((school, hold(id, kind, counts.leaving, counts.before, limits.school_percent)));
        }
    }
    holds
}

fn hold(school: String, kind: PersonKind, count: u64, of: u64, limit: f64) -> Hold {
    let reason = format!(
        "{count} of {of} {kind} of school {school} are not in this delivery, more than {}. Nobody of this school was removed. If \
         the school really lost them, approve the removals; if not, deliver the school again.",
        percent(limit)
    );
    let hold = Hold::new("school_removals", Some(kind.file()), (count, of), reason).limited(limit);
    Hold { school: Some(school), ..hold }
}
