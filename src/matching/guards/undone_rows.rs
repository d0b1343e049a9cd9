//! `undone` for sections and enrollments: rows of an undone run come again. They are asked, never written by themselves (rule H2).

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::Hold;
use crate::check::Check;
use crate::matching::enrollments::EnrollmentPlan;
use crate::matching::hash::hex;
use crate::matching::sections::SectionPlan;
use crate::roster::FileKind;

/// What undone runs wrote and nobody approved since.
#[derive(Debug, Default)]
pub struct UndoneRows {
    /// The runs, oldest first.
    pub runs: Vec<String>,
    /// Sections, and the hash of each as it was written; 0: it was removed.
    pub sections: HashMap<u32, u64>,
    /// Pairs that were created, sorted.
    pub created: Vec<u64>,
    /// Pairs that were removed, sorted.
    pub removed: Vec<u64>,
}

impl UndoneRows {
    /// Sections of the plan that come again, by number.
    pub fn sections_again(&self, plan: &SectionPlan) -> Vec<u32> {
        let was = |number: u32, hash: u64| self.sections.get(&number) == Some(&hash);
        let written = plan.written.iter().filter(|section| was(section.number, section.hash()));
        let removed = plan.removed.iter().copied().filter(|number| was(*number, 0));
        let mut again: Vec<u32> = written.map(|section| section.number).chain(removed).collect();
        again.sort_unstable();
        again
    }

    /// Pairs of the plan that come again: created ones and removed ones.
    pub fn pairs_again(&self, plan: &EnrollmentPlan) -> (Vec<u64>, Vec<u64>) {
        let again = |pairs: &[u64], undone: &[u64]| {
            pairs.iter().copied().filter(|pair| undone.binary_search(pair).is_ok()).collect::<Vec<_>>()
        };
        (again(&plan.created, &self.created), again(&plan.removed, &self.removed))
    }
}

/// The hold of `count` rows that come again. Its hash is over the undone runs: which of their rows come again depends on whom other
/// guards hold, and is another once those are approved.
pub fn hold(check: &Check<'_>, kind: FileKind, count: u64, runs: &[String]) -> Option<Hold> {
    if count == 0 {
        return None;
    }
    let mut whole = Sha256::new_with_prefix(format!("undone {kind}"));
    runs.iter().for_each(|run| whole.update(format!("\n{run}")));
    let of = if kind == FileKind::Sections { super::before(check, kind) } else { count };
    let reason = format!(
        "{count} of the {kind} in this delivery were written by a run that was undone, and come again as they were then. They stay as \
         they are. If the delivery is right after all, approve; if not, discard, or deliver a corrected set."
    );
    let hash = format!("sha256:{}", hex(&whole.finalize()));
    Some(Hold { hash, ..Hold::new("undone", Some(kind), (count, of.max(count)), reason) })
}
