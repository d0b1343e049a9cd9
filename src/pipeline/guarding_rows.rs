//! Holds removals of sections and enrollments beyond their limit, and knows which terms have ended (rules F1, F4). Called while planning.
//!
//! What hangs together stays together: the enrollments of a section that is held, and the section of an enrollment that is held.

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

/// What becomes of rows that would go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Too few for a question.
    Go,
    /// Somebody approved it.
    GoApproved,
    /// They are held now, or were discarded before.
    Stay,
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
        sections.keep_all();
        enrollments.keep(|_| true);
        return Ok(HeldRows::default());
    }
    let over = ended(store, job, district, sections, enrollments)?;
    let refused = super::refusing::refused_rows(store, district)?;
    let mut guarding = Guarding { check, approved, over, refused, held: HeldRows::default() };
    let going: HashSet<u32> = sections.removed.iter().copied().collect();
    let fate = guarding.sections(sections);
    guarding.enrollments(&going, fate, sections, enrollments);
    Ok(guarding.held)
}

struct Guarding<'a> {
    check: &'a Check<'a>,
    approved: &'a Approved,
    /// Sections that would go and whose term is over.
    over: HashSet<u32>,
    refused: HashSet<i64>,
    held: HeldRows,
}

impl Guarding<'_> {
    fn sections(&mut self, sections: &mut SectionPlan) -> Fate {
        let entities = self.check.roster.of(FileKind::Sections);
        let before = entities.numbers().filter(|&number| entities.known(number).state == State::Present).count();
        let leaving: Vec<u32> = sections.removed.iter().copied().filter(|number| !self.over.contains(number)).collect();
        let hold =
            row_holds(RowHold { kind: FileKind::Sections, leaving: leaving.len() as u64, before: before as u64 });
        let fate = self.decide(hold, || hash_of_sections(self.check, &leaving));
        if self.check.unrecognised[FileKind::Sections as usize] > 0 {
            sections.keep_all();
            return Fate::Stay;
        }
        if fate == Fate::Stay {
            sections.keep(|number| !self.over.contains(&number));
        }
        fate
    }

    /// `going` are the sections that would go, `of_sections` is what becomes of them.
    fn enrollments(
        &mut self,
        going: &HashSet<u32>,
        of_sections: Fate,
        sections: &mut SectionPlan,
        enrollments: &mut EnrollmentPlan,
    ) {
        let before = enrollments.unchanged + enrollments.removed.len() as u64;
        let section = |pair: u64| parts(pair).1;
        let leaving = pairs(enrollments, |pair| !self.over.contains(&section(pair)));
        let hold =
            |leaving: &[u64]| row_holds(RowHold { kind: FileKind::Enrollments, leaving: leaving.len() as u64, before });
        let is_approved =
            |leaving: &[u64]| hold(leaving).is_some() && self.approved.has_rows(&hash_of_pairs(self.check, leaving));
        if is_approved(&leaving) {
            return;
        }
        // Who lets sections go lets their enrollments go.
        let follows = |pair: u64| of_sections == Fate::GoApproved && going.contains(&section(pair));
        let leaving: Vec<u64> = leaving.into_iter().filter(|pair| !follows(*pair)).collect();
        match self.decide(hold(&leaving), || hash_of_pairs(self.check, &leaving)) {
            Fate::GoApproved => {}
            Fate::Go if of_sections == Fate::Stay => {
                enrollments.keep(|pair| going.contains(&section(pair)) && !self.over.contains(&section(pair)));
            }
            Fate::Go => {}
            Fate::Stay => {
                enrollments.keep(|pair| leaving.binary_search(&pair).is_ok());
                let kept: HashSet<u32> = leaving.iter().map(|pair| section(*pair)).collect();
                sections.keep(|number| kept.contains(&number));
            }
        }
    }

    fn decide(&mut self, hold: Option<Hold>, hash: impl FnOnce() -> String) -> Fate {
        let Some(hold) = hold else { return Fate::Go };
        let hold = Hold { hash: hash(), ..hold };
        if self.approved.has_rows(&hold.hash) {
            return Fate::GoApproved;
        }
        if !super::refusing::is_refused(&self.refused, &hold.hash) {
            self.held.is_stale |= self.approved.is_other_than(&hold);
            self.held.holds.push(hold);
        }
        Fate::Stay
    }
}

fn pairs(enrollments: &EnrollmentPlan, wanted: impl Fn(u64) -> bool) -> Vec<u64> {
    enrollments.removed.iter().copied().filter(|pair| wanted(*pair)).collect()
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

fn hash_of_sections(check: &Check<'_>, leaving: &[u32]) -> String {
    let entities = check.roster.of(FileKind::Sections);
    let mut ids: Vec<&str> = leaving.iter().map(|number| entities.id(*number)).collect();
    ids.sort_unstable();
    let mut whole = Sha256::new();
    ids.into_iter().for_each(|id| whole.update(["sections:", id, "\n"].concat()));
    format!("sha256:{}", hex(&whole.finalize()))
}

fn hash_of_pairs(check: &Check<'_>, leaving: &[u64]) -> String {
    let (students, sections) = (check.roster.of(FileKind::Students), check.roster.of(FileKind::Sections));
    let ids = |pair: u64| (students.id(parts(pair).0), sections.id(parts(pair).1));
    let mut pairs = leaving.to_vec();
    pairs.sort_unstable_by(|a, b| ids(*a).cmp(&ids(*b)));
    let mut whole = Sha256::new();
    for (student, section) in pairs.into_iter().map(ids) {
        whole.update(["enrollments:", student, "\0", section, "\n"].concat());
    }
    format!("sha256:{}", hex(&whole.finalize()))
}
