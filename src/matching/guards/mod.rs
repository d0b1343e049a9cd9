//! Guards: rules that hold removals for a person to look at, one file each. They count people, never rows (rule F1).

mod removals;
mod school_removals;
mod unrecognised_row;
mod waiting;

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;

use crate::check::Check;
use crate::roster::entities::State;
use crate::roster::plan::{PersonRef, Removal};
use crate::roster::{FileKind, PersonKind};

pub use removals::rows as rows_guard;
pub use waiting::holds as waiting_holds;

/// What a guard holds, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Hold {
    /// The guard's word.
    pub guard: &'static str,
    /// Of which kind.
    pub kind: FileKind,
    /// The school's id, where the guard looks at one school.
    pub school: Option<String>,
    /// How many are held.
    pub count: u64,
    /// Of how many.
    pub of: u64,
    /// The limit, as people write it.
    pub limit: Option<String>,
    /// What was seen and what to do, for a librarian.
    pub reason: String,
}

/// What the guards look at.
#[derive(Debug)]
pub struct Leaving<'c> {
    /// The check, with the roster before the run.
    pub check: &'c Check<'c>,
    /// Who would go.
    pub removals: &'c [Removal],
    /// The day of the run.
    pub as_of: NaiveDate,
}

/// People of one kind: before the run, and gone of late without anybody's approval.
#[derive(Debug, Default, Clone, Copy)]
struct Counts {
    before: u64,
    recent: u64,
    leaving: u64,
}

impl Leaving<'_> {
    /// Asks every guard. Gives the holds and who is held.
    pub fn guard(&self) -> (Vec<Hold>, HashSet<PersonRef>) {
        let (mut holds, mut held) = (Vec::new(), HashSet::new());
        for kind in PersonKind::ALL {
            let whole = unrecognised_row::guard(self, kind).or_else(|| removals::guard(self, kind));
            let everyone = whole.is_some();
            let of_schools = if everyone { Vec::new() } else { school_removals::guard(self, kind) };
            let schools: HashSet<u32> = of_schools.iter().map(|(school, _)| *school).collect();
            let is_held = |removal: &&Removal| everyone || schools.contains(&removal.school);
            held.extend(self.of(kind).filter(is_held).map(|removal| removal.person));
            holds.extend(whole);
            holds.extend(of_schools.into_iter().map(|(_, hold)| hold));
        }
        (holds, held)
    }

    fn of(&self, kind: PersonKind) -> impl Iterator<Item = &Removal> {
        self.removals.iter().filter(move |removal| removal.person.kind == kind)
    }

    fn counts(&self, kind: PersonKind) -> Counts {
        let mut counts = Counts::default();
        self.by_school(kind).into_values().for_each(|school| {
            counts.before += school.before;
            counts.recent += school.recent;
            counts.leaving += school.leaving;
        });
        counts
    }

    /// Counts by school number plus one.
    fn by_school(&self, kind: PersonKind) -> BTreeMap<u32, Counts> {
        use chrono::Datelike;
        let first_day = self.as_of.num_days_from_ce() - self.check.settings.guard.removals.days as i32;
        let entities = self.check.roster.of(kind.file());
        let mut counts: BTreeMap<u32, Counts> = BTreeMap::new();
        for number in entities.numbers() {
            let known = entities.known(number);
            let school = counts.entry(known.school).or_default();
            school.before += u64::from(known.state.in_roster());
            school.recent += u64::from(known.state == State::Gone && known.missing_since > first_day);
        }
        for removal in self.of(kind) {
            counts.entry(removal.school).or_default().leaving += 1;
        }
        counts
    }
}

/// A share as people write it: `10 %`.
fn percent(limit: f64) -> String {
    format!("{limit} %")
}
