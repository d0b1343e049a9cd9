//! Who leaves, counted by kind and school, for the three guards of removals: the first that fits a kind holds it.

use std::collections::{BTreeMap, HashSet};

use chrono::Datelike;

use super::{Guarding, removals, school_removals, unrecognised_row};
use crate::check::Check;
use crate::roster::PersonKind;
use crate::roster::entities::State;
use crate::roster::plan::{Removal, What};

/// The removals of a plan.
#[derive(Debug)]
pub(super) struct Leaving<'c> {
    /// The check, with the roster before the run.
    pub check: &'c Check<'c>,
    removals: &'c [Removal],
    first_day: i32,
}

/// People of one kind: before the run, gone of late without anybody's approval, and going.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Counts {
    pub before: u64,
    pub recent: u64,
    pub leaving: u64,
}

/// Holds removals kind by kind.
pub(super) fn guard(guarding: &mut Guarding<'_, '_>) {
    let check = guarding.seen.check;
    let first_day = guarding.seen.as_of.num_days_from_ce() - check.settings.guard.removals.days as i32;
    let leaving = Leaving { check, removals: guarding.seen.leaving, first_day };
    for kind in PersonKind::ALL {
        let going = |who: crate::roster::plan::PersonRef| check.roster.of(who.kind.file()).known(who.number).school;
        if let Some(hold) = unrecognised_row::guard(&leaving, kind).or_else(|| removals::guard(&leaving, kind)) {
            guarding.hold(hold, |action| action.what == What::Remove && action.person.kind == kind);
            continue;
        }
        for (school, hold) in school_removals::guard(&leaving, kind) {
            guarding.hold(hold, |action| {
                action.what == What::Remove && action.person.kind == kind && going(action.person) == school
            });
        }
    }
}

impl Leaving<'_> {
    /// All schools together.
    pub fn counts(&self, kind: PersonKind) -> Counts {
        let mut counts = Counts::default();
        self.by_school(kind).into_values().for_each(|school| {
            counts.before += school.before;
            counts.recent += school.recent;
            counts.leaving += school.leaving;
        });
        counts
    }

    /// Counts by school number plus one.
    pub fn by_school(&self, kind: PersonKind) -> BTreeMap<u32, Counts> {
        let of_kind = || self.removals.iter().filter(|removal| removal.person.kind == kind);
        if of_kind().next().is_none() {
            return BTreeMap::new();
        }
        let entities = self.check.roster.of(kind.file());
        let mut counts: BTreeMap<u32, Counts> = BTreeMap::new();
        for number in entities.numbers() {
            let known = entities.known(number);
            let school = counts.entry(known.school).or_default();
            school.before += u64::from(known.state.in_roster());
            school.recent += u64::from(known.state == State::Gone && known.missing_since > self.first_day);
        }
        let people: HashSet<_> = of_kind().map(|removal| (removal.person, removal.school)).collect();
        for (_, school) in people {
            counts.entry(school).or_default().leaving += 1;
        }
        counts
    }
}
