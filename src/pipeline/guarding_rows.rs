//! Holds removals of sections and enrollments beyond their limit, and knows which terms have ended (rules F1, F4).

use std::collections::HashSet;

use anyhow::Result;
use sha2::{Digest, Sha256};

use super::job::Job;
use crate::check::Check;
use crate::matching::enrollments::EnrollmentPlan;
use crate::matching::guards::{Approved, Hold, RowHold, row_holds};
use crate::matching::hash::hex;
use crate::matching::sections::SectionPlan;
use crate::roster::FileKind;
use crate::roster::enrollment::parts;
use crate::roster::entities::State;
use crate::store::{District, Store};

/// What is held of sections and enrollments.
#[derive(Debug, Default)]
pub struct HeldRows {
    /// Why.
    pub holds: Vec<Hold>,
    /// Whether other rows than those that somebody approved would go.
    pub is_stale: bool,
}

/// Holds what must not go by itself; in an additive window nothing goes, and nothing is asked.
pub fn guard(
    store: &Store,
    job: &Job<'_>,
    district: &District,
    check: &Check<'_>,
    approved: &Approved,
    (sections, enrollments): (&mut SectionPlan, &mut EnrollmentPlan),
) -> Result<HeldRows> {
    if job.settings.windows.is_additive(job.today()) {
        sections.hold_removals();
        enrollments.hold_removals();
        return Ok(HeldRows::default());
    }
    let mut held = HeldRows::default();
    let over = ended(store, job, district, sections, enrollments)?;
    let refused = super::deciding::refused_rows(store, district)?;
    let entities = check.roster.of(FileKind::Sections);
    let before = entities.numbers().filter(|&number| entities.known(number).state == State::Present).count() as u64;
    let leaving = sections.removed.iter().filter(|number| !over.contains(number)).count() as u64;
    let hold = row_holds(RowHold { kind: FileKind::Sections, leaving, before });
    let unreadable = check.unrecognised[FileKind::Sections as usize] > 0;
    let decided = held.decide(hold, hash_of_sections(check, sections), approved, &refused);
    if unreadable || decided {
        sections.hold_removals();
    }
    let before = enrollments.unchanged + enrollments.removed.len() as u64;
    let leaving = enrollments.removed.iter().filter(|pair| !over.contains(&parts(**pair).1)).count() as u64;
    let hold = row_holds(RowHold { kind: FileKind::Enrollments, leaving, before });
    if held.decide(hold, hash_of_pairs(check, enrollments), approved, &refused) {
        enrollments.hold_removals();
    }
    Ok(held)
}

impl HeldRows {
    /// Whether the rows stay: because they are held now, or were discarded before.
    fn decide(
        &mut self,
        hold: Option<Hold>,
        hash: impl FnOnce() -> String,
        approved: &Approved,
        refused: &HashSet<i64>,
    ) -> bool {
        let Some(hold) = hold else { return false };
        let hash = hash();
        if approved.rows.contains(&hash) {
            return false;
        }
        if !super::deciding::is_refused(refused, &hash) {
            self.is_stale |= !approved.rows.is_empty();
            self.holds.push(Hold { hash, ..hold });
        }
        true
    }
}

/// Sections that would go and whose term is over. Nothing is looked up while less goes than any guard would hold.
fn ended(
    store: &Store,
    job: &Job<'_>,
    district: &District,
    sections: &SectionPlan,
    enrollments: &EnrollmentPlan,
) -> Result<HashSet<u32>> {
    const WORTH_A_LOOK: usize = 100;
    if sections.removed.len().max(enrollments.removed.len()) < WORTH_A_LOOK {
        return Ok(HashSet::new());
    }
    let going: HashSet<u32> = sections.removed.iter().chain(&sections.gone).copied().collect();
    let over = store.sections_that_ended(district.seq, &job.today().to_string())?;
    Ok(over.into_iter().filter(|number| going.contains(number)).collect())
}

fn hash_of_sections<'a>(check: &'a Check<'_>, sections: &'a SectionPlan) -> impl FnOnce() -> String + use<'a> {
    move || {
        let entities = check.roster.of(FileKind::Sections);
        let mut ids: Vec<&str> = sections.removed.iter().map(|number| entities.id(*number)).collect();
        ids.sort_unstable();
        let mut whole = Sha256::new();
        ids.into_iter().for_each(|id| whole.update(["sections:", id, "\n"].concat()));
        format!("sha256:{}", hex(&whole.finalize()))
    }
}

fn hash_of_pairs<'a>(check: &'a Check<'_>, enrollments: &'a EnrollmentPlan) -> impl FnOnce() -> String + use<'a> {
    move || {
        let (students, sections) = (check.roster.of(FileKind::Students), check.roster.of(FileKind::Sections));
        let ids = |pair: u64| (students.id(parts(pair).0), sections.id(parts(pair).1));
        let mut pairs = enrollments.removed.clone();
        pairs.sort_unstable_by(|a, b| ids(*a).cmp(&ids(*b)));
        let mut whole = Sha256::new();
        for (student, section) in pairs.into_iter().map(ids) {
            whole.update(["enrollments:", student, "\0", section, "\n"].concat());
        }
        format!("sha256:{}", hex(&whole.finalize()))
    }
}
