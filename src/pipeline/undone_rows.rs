//! Keeps back sections and enrollments of undone runs that a set brings again, until somebody approves them (rule H2).
//!
//! Called while planning, after the guards. Costs one look-up where no run of the district was undone.

use anyhow::Result;

use super::refusing::{is_refused, refused_rows};
use crate::check::Check;
use crate::matching::enrollments::EnrollmentPlan;
use crate::matching::guards::undone_rows::{UndoneRows, hold};
use crate::matching::guards::{Approved, Hold};
use crate::matching::sections::SectionPlan;
use crate::roster::FileKind;
use crate::store::{District, Store};

/// What is kept back, and whether undone enrollments were approved, so that they are no longer asked about.
#[derive(Debug, Default)]
pub struct KeptBack {
    /// Why.
    pub holds: Vec<Hold>,
    /// Somebody approved the enrollments.
    pub settles_pairs: bool,
    /// Whether somebody approved rows of other runs than those that come again.
    pub is_stale: bool,
}

/// Takes out of the plan what was undone and comes again.
pub fn keep_back(
    store: &Store,
    district: &District,
    check: &Check<'_>,
    approved: &Approved,
    (sections, enrollments): (&mut SectionPlan, &mut EnrollmentPlan),
) -> Result<KeptBack> {
    let mut kept = KeptBack::default();
    if !store.has_undone_runs(district.seq)? {
        return Ok(kept);
    }
    let undone = read(store, district)?;
    let refused = refused_rows(store, district)?;
    let passes = |hold: &Option<Hold>| hold.as_ref().is_none_or(|hold| approved.has_rows(&hold.hash));
    let again = undone.sections_again(sections);
    let of_sections = hold(check, FileKind::Sections, again.len() as u64, &undone.runs);
    let is_other = |hold: &Option<Hold>| hold.as_ref().is_some_and(|hold| approved.is_other_than(hold));
    kept.is_stale = is_other(&of_sections);
    if !passes(&of_sections) {
        sections.keep_back(&again);
        kept.holds.extend(of_sections.filter(|hold| !is_refused(&refused, &hold.hash)));
    }
    let (created, removed) = undone.pairs_again(enrollments);
    let of_pairs = hold(check, FileKind::Enrollments, (created.len() + removed.len()) as u64, &undone.runs);
    kept.is_stale |= is_other(&of_pairs);
    kept.settles_pairs = of_pairs.is_some() && passes(&of_pairs);
    if !passes(&of_pairs) {
        enrollments.keep_back(&created, &removed);
        kept.holds.extend(of_pairs.filter(|hold| !is_refused(&refused, &hold.hash)));
    }
    Ok(kept)
}

fn read(store: &Store, district: &District) -> Result<UndoneRows> {
    let sorted = |mut pairs: Vec<u64>| {
        pairs.sort_unstable();
        pairs
    };
    Ok(UndoneRows {
        runs: store.undone_runs(district.seq)?,
        sections: store.undone_sections(district.seq)?.into_iter().collect(),
        created: sorted(store.undone_pairs(district.seq, "create")?),
        removed: sorted(store.undone_pairs(district.seq, "remove")?),
    })
}
