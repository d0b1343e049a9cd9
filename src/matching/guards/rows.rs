//! `removals` of sections and enrollments: more than half of them, and at least a hundred (rule F1). A term that ended is no alarm (F4).

use super::{Hold, percent};
use crate::roster::FileKind;

/// What is known of the rows that would go.
#[derive(Debug, Clone, Copy)]
pub struct RowHold {
    /// Sections or enrollments.
    pub kind: FileKind,
    /// Rows that would go, and whose term has not ended.
    pub leaving: u64,
    /// Rows before the run.
    pub before: u64,
}

/// The hold, if too many rows would go.
pub fn rows(seen: RowHold) -> Option<Hold> {
    const PERCENT: f64 = 50.0;
    const AT_LEAST: u64 = 100;
    let RowHold { kind, leaving, before } = seen;
    if leaving < AT_LEAST || leaving as f64 * 100.0 <= PERCENT * before as f64 {
        return None;
    }
    let reason = format!(
        "{leaving} of {before} {kind} are not in this delivery, more than {}. They stay as they are. If a term ended, approve \
         the removals; if not, deliver a complete set.",
        percent(PERCENT)
    );
    Some(Hold::new("removals", Some(kind), (leaving, before), reason).limited(PERCENT))
}
