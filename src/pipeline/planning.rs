//! Makes the plan: whom to look at, which patron each is, what changes, and what the guards hold.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::Result;

use super::classes::{last_names, plan_enrollments, school_weights, students_of_sections};
use super::finding::{answers, decide, plan_patrons, suggestions};
use super::going::{held_removals, plan_removals};
use super::job::Job;
use super::moved::Moved;
use super::reading::Memory;
use crate::check::{Check, FileVerdict, Pairs, Rows};
use crate::files::spill::TemporaryFile;
use crate::matching::employees::Employees;
use crate::matching::enrollments::{EnrollmentPlan, Stays};
use crate::matching::guards::{Approved, Guarding, Hold, Seen};
use crate::matching::refused::{self, Refused};
use crate::matching::removals::{self, Absent};
use crate::matching::sections::{self, SectionPlan};
use crate::matching::{People, Person, Planned, Reasons, Site, Sites, guards, hash};
use crate::roster::plan::{Action, PersonRef, What};
use crate::roster::section::SectionRows;
use crate::roster::{FileKind, PersonKind};
use crate::store::{District, Store};
use crate::write::Patrons;

/// Everything a run would change.
pub struct Plan {
    /// Actions for patrons, removals included; what a guard holds is not written.
    pub planned: Planned,
    /// The record and school of everybody who was looked at.
    pub kept: Kept,
    /// Sections.
    pub sections: SectionPlan,
    /// Enrollments.
    pub enrollments: EnrollmentPlan,
    /// What waits, and why.
    pub holds: Vec<Hold>,
    /// Who leaves, held ones left out.
    pub leaving: Vec<PersonRef>,
    /// Who is missing, within the grace days.
    pub missing: Vec<PersonRef>,
    /// Whose patron became somebody else's: the same person under a new id.
    pub moved: Vec<PersonRef>,
    /// Who leaves because somebody approved it.
    pub approved: HashSet<PersonRef>,
    /// Whose refusal is no longer of use.
    pub forgotten: Vec<PersonRef>,
    /// The old id of everybody to whom a patron moves with this plan.
    pub renumbered: HashMap<PersonRef, PersonRef>,
    /// Whether the library had no patron before this run.
    pub was_empty: bool,
    /// Whether something that was approved is not what would be done now.
    pub is_stale: bool,
    /// Whether somebody approved enrollments that were undone once.
    pub settles_undone_pairs: bool,
    /// Sites that were given by themselves.
    pub sites: Sites,
    /// The hash.
    pub hash: String,
}

/// What is needed of the people when the plan is written.
#[derive(Debug, Default)]
pub struct Kept {
    /// Everybody who was looked at, in order of kind and number.
    pub people: Vec<Person>,
    /// By kind: shielded, unchanged without a look, in the set.
    pub counts: [(u64, u64, u64); 3],
    /// By kind: erased, and therefore left out.
    pub erased: [u64; 3],
}

impl Plan {
    /// Makes the plan of one checked set. `approved` passes the guards.
    #[expect(clippy::too_many_arguments, reason = "the inputs of a run, once")]
    pub fn make(
        store: &Store,
        job: &Job<'_>,
        district: &District,
        memory: &Memory,
        check: &Check<'_>,
        verdicts: &BTreeMap<FileKind, FileVerdict>,
        mut pairs: Pairs,
        patrons: &Patrons<'_>,
        approved: &Approved,
    ) -> Result<Self> {
        let as_of = job.today();
        let was_empty = patrons.is_empty()?;
        let mut sites = read_sites(store, district, was_empty)?;
        let students = students_of_sections(check, &pairs);
        let reasons = Reasons { edited: &memory.edited, everybody: memory.everybody };
        let stored = store.records(district.seq, &People::needs_stored(check, verdicts, &reasons))?;
        let nobody = Rows::default();
        let weights = school_weights(check, verdicts, &students);
        let people = People::gather(check, verdicts, &nobody, stored, &mut sites, &weights);
        let employees = Employees::pair(check, &people);
        let answers = answers(store, district)?;
        let decisions = decide(check, &people, &employees, patrons, &answers)?;
        let moved = Moved::of(check, &people, &decisions);
        let mut planned = plan_patrons(check, &people, &employees, decisions, &reasons, patrons, &answers)?;
        planned.problems.extend(suggestions(store, district, check, &people, &planned)?);

        let mut absent = removals::sort(check, &people, as_of);
        absent.leaving.retain(|removal| !moved.is_found(removal.person));
        if job.settings.windows.is_additive(as_of) {
            absent.missing.extend(absent.leaving.drain(..).map(|removal| removal.person));
        }
        plan_removals(check, &people, &absent, &mut planned, patrons)?;
        let zeros_discarded = super::refusing::zeros_discarded(store, district)?;
        let refused = refused::sort(check, &people, &super::refusing::refusals(store, district)?, &mut planned);
        absent.leaving.retain(|removal| !refused.dropped.contains(&removal.person));
        let is_known = (!district.has_touched, zeros_discarded);
        let guarded = guard(check, &people, &absent, &moved, &refused, &mut planned, is_known, as_of, approved);
        let (mut holds, mut is_stale) = (guarded.holds, guarded.is_stale);
        planned.keep_back_held(&memory.edited);
        planned.edits_left.retain(|patron| !memory.undone.contains(*patron));
        planned.edits_left.retain(|patron| !memory.undone.contains(*patron));

        let held = held_removals(&planned);
        let leaving: Vec<PersonRef> =
            absent.leaving.iter().map(|removal| removal.person).filter(|who| !held.contains(who)).collect();
        let forgotten = refused.of_no_use(|who| held.contains(&who) || planned.held.contains(&who));
        let approved_removals = guards::approved_removals(&planned.actions, approved);
        let (moved, renumbered, unmoved) = moved.unless_held(&planned);
        let names = last_names(store, district, check, verdicts, &people)?;
        let rows = SectionRows::spilling_to(Box::new(TemporaryFile::new()?));
        let mut sections =
            sections::plan(check, verdicts.get(&FileKind::Sections), &students, &names, &mut sites, rows);
        let stays = held.iter().chain(&refused.dropped).chain(&unmoved).chain(&absent.missing);
        let stays: HashSet<PersonRef> = stays.copied().filter(|who| people.is_gone(*who)).collect();
        let whole = super::hanging::keep_sections(store, district, check, &stays, &mut sections)?;
        let stays = Stays::new(&stays, whole);
        let mut enrollments =
            plan_enrollments(store, district, memory, check, &mut pairs, &stays, (&leaving, &sections))?;
        let of_rows =
            super::guarding_rows::guard(store, job, district, check, approved, (&mut sections, &mut enrollments))?;
        holds.extend(of_rows.holds);
        let kept_back =
            super::undone_rows::keep_back(store, district, check, approved, (&mut sections, &mut enrollments))?;
        holds.extend(kept_back.holds);
        is_stale |= of_rows.is_stale || kept_back.is_stale;
        planned.actions.check()?;
        sections.written.check()?;
        let hash = hash::plan_hash(check, &planned.actions, &sections, &enrollments);
        let kept = Kept {
            counts: PersonKind::ALL.map(|kind| {
                let at = kind.index();
                (people.shielded[at], people.unchanged[at], people.in_set[at])
            }),
            erased: people.erased,
            people: people.list,
        };
        Ok(Self {
            planned,
            kept,
            sections,
            enrollments,
            holds,
            leaving,
            missing: absent.missing,
            moved,
            approved: approved_removals,
            forgotten,
            renumbered,
            was_empty,
            is_stale,
            settles_undone_pairs: kept_back.settles_pairs,
            sites,
            hash,
        })
    }

    /// The places of the actions of each hold, in their canonical order. Holds of sections and enrollments have none.
    pub fn held_actions(&self, check: &Check<'_>) -> Vec<Vec<usize>> {
        let mut held = vec![Vec::new(); self.holds.len()];
        for (index, action) in self.planned.actions.iter().enumerate().filter(|(_, action)| action.hold > 0) {
            if let Some(of_hold) = held.get_mut(usize::from(action.hold) - 1) {
                of_hold.push(index);
            }
        }
        held.iter_mut().for_each(|of_hold| guards::sort_canonically(check, &self.planned.actions, of_hold));
        held
    }

    /// Counts the rows of enrollments, whose records are known only now: distinct pairs.
    pub fn count_enrollments(&self, verdicts: &mut BTreeMap<FileKind, FileVerdict>) {
        if let Some(verdict) = verdicts.get_mut(&FileKind::Enrollments) {
            verdict.tally.fold_into(self.enrollments.accepted);
        }
    }

    /// Whether too much happens at once, so that `guard.at_limit` decides what becomes of the rest.
    pub fn is_at_limit(&self) -> bool {
        self.holds.iter().any(Hold::is_limit)
    }

    /// Whether a hold is open under which nothing at all is written.
    pub fn waits_as_a_whole(&self) -> bool {
        self.holds.iter().any(Hold::is_of_the_whole_set)
    }

    /// Whether anything is to be written for patrons, sections or enrollments.
    pub fn changes_anything(&self) -> bool {
        let is_done = |action: &Action| action.hold == 0 && !matches!(action.what, What::Hold | What::Conflict);
        self.planned.actions.iter().any(is_done)
            || !self.sections.written.is_empty()
            || !self.sections.removed.is_empty()
            || !self.enrollments.created.is_empty()
            || !self.enrollments.removed.is_empty()
    }
}

fn read_sites(store: &Store, district: &District, was_empty: bool) -> Result<Sites> {
    let site =
        |row: crate::store::SiteRow| (row.school, if row.is_ignored { Site::Ignored } else { Site::Mapped(row.site) });
    let map = store.sites(district.seq)?.into_iter().map(site).collect();
    Ok(Sites::new(map, was_empty))
}

#[expect(clippy::too_many_arguments, reason = "what the guards look at, once")]
fn guard(
    check: &Check<'_>,
    people: &People<'_>,
    absent: &Absent,
    moved: &Moved,
    refused: &Refused,
    planned: &mut Planned,
    (is_first, zeros_discarded): (bool, bool),
    as_of: chrono::NaiveDate,
    approved: &Approved,
) -> guards::Guarded {
    let (ids, others) = moved.zeros(check);
    let zeros = PersonKind::ALL.map(|kind| (ids[kind.index()], planned.zeros[kind.index()]));
    let seen = Seen {
        check,
        people,
        leaving: &absent.leaving,
        moved: &others,
        strangers: &planned.strangers,
        undone: &refused.undone,
        zeros,
        zeros_discarded,
        is_first,
        as_of,
    };
    Guarding::guard(seen, &mut planned.actions, approved)
}
