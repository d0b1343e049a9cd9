//! Guards: rules that hold planned actions for a person to look at, one file each. They count people, never rows (rule F1).
//!
//! Called by `pipeline` when every action is planned, removals included. A held action stays in the plan and is not written.

mod first_run;
mod identity_changed;
mod leading_zeros_lost;
mod leaving;
mod mass_change;
mod removals;
mod renumbering;
mod rows;
mod school_removals;
mod undone;
pub mod undone_rows;
mod unrecognised_row;
mod waiting;

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::NaiveDate;
use sha2::{Digest, Sha256};
use xxhash_rust::xxh3::Xxh3;

use super::hash::hex;
use super::people::People;
use crate::check::Check;
use crate::roster::FileKind;
use crate::roster::plan::{Action, Actions, PersonRef, Removal, What, unpack};

pub use rows::{RowHold, rows as row_holds};

/// What a guard holds, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct Hold {
    /// The guard's word.
    pub guard: &'static str,
    /// Of which kind; none where the whole set is held.
    pub kind: Option<FileKind>,
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
    /// `sha256:…` over the held actions, in their canonical order.
    pub hash: String,
}

impl Hold {
    /// Of `count` of `of`; what is held is found later.
    fn new(guard: &'static str, kind: Option<FileKind>, (count, of): (u64, u64), reason: String) -> Self {
        Self { guard, kind, school: None, count, of, limit: None, reason, hash: String::new() }
    }

    fn limited(self, limit: f64) -> Self {
        Self { limit: Some(percent(limit)), ..self }
    }

    /// Whether nothing at all is written while it is open.
    pub fn is_of_the_whole_set(&self) -> bool {
        matches!(self.guard, "first_run" | "leading_zeros_lost")
    }

    /// Whether too much happens at once, so that `guard.at_limit` says what becomes of the rest.
    pub fn is_limit(&self) -> bool {
        matches!(self.guard, "removals" | "school_removals" | "unrecognised_row" | "mass_change" | "renumbering")
    }
}

/// What a person has approved: these actions pass every guard.
#[derive(Debug, Default)]
pub struct Approved {
    digests: HashSet<u128>,
    people: HashSet<PersonRef>,
    /// Hashes of approved holds in which there are no people, and what each was about.
    rows: HashMap<String, (String, Option<FileKind>)>,
}

impl Approved {
    /// Adds an action as it was held.
    pub fn add(&mut self, who: PersonRef, patron: i64, packed: &[u8]) {
        self.digests.insert(digest(who, patron, packed));
        self.people.insert(who);
    }

    /// Adds a hold of rows, or of a set in which nothing changes.
    pub fn add_rows(&mut self, hash: String, guard: String, kind: Option<FileKind>) {
        self.rows.insert(hash, (guard, kind));
    }

    /// Whether somebody approved the hold with this hash.
    pub fn has_rows(&self, hash: &str) -> bool {
        self.rows.contains_key(hash)
    }

    /// Whether `hold` is another question than the one of its guard and kind that somebody approved.
    pub fn is_other_than(&self, hold: &Hold) -> bool {
        let is_same = |(guard, kind): &(String, Option<FileKind>)| *guard == hold.guard && *kind == hold.kind;
        !self.has_rows(&hold.hash) && self.rows.values().any(is_same)
    }

    fn has(&self, actions: &Actions, action: &Action) -> bool {
        !self.digests.is_empty()
            && self.digests.contains(&digest(action.person, action.patron, &actions.packed(action)))
    }
}

fn digest(who: PersonRef, patron: i64, packed: &[u8]) -> u128 {
    let mut hash = Xxh3::new();
    hash.update(&[who.kind as u8]);
    hash.update(&who.number.to_le_bytes());
    hash.update(&patron.to_le_bytes());
    hash.update(packed);
    hash.digest128()
}

/// What the guards look at beside the actions.
#[derive(Debug)]
pub struct Seen<'a, 'c> {
    /// The check, with the roster before the run.
    pub check: &'a Check<'a>,
    /// Everybody who was looked at.
    pub people: &'a People<'c>,
    /// Who would go.
    pub leaving: &'a [Removal],
    /// Whose patron becomes somebody else's, with the patron.
    pub moved: &'a [(PersonRef, i64)],
    /// Whose patron seems to be somebody else.
    pub strangers: &'a HashSet<PersonRef>,
    /// Whose change was undone, and comes again.
    pub undone: &'a HashSet<PersonRef>,
    /// By kind: people whose id, and people whose number, is the stored one but for leading zeros.
    pub zeros: [(u64, u64); 3],
    /// Whether somebody discarded a set because of its zeros, so that one without any change is not asked about again.
    pub zeros_discarded: bool,
    /// Whether no run of the district touched patrons that were there before.
    pub is_first: bool,
    /// The day of the run.
    pub as_of: NaiveDate,
}

/// Actions under the eyes of the guards.
#[derive(Debug)]
pub struct Guarding<'a, 'c> {
    seen: Seen<'a, 'c>,
    actions: &'a mut Actions,
    approved: &'a Approved,
    guarded: Guarded,
}

/// What the guards said.
#[derive(Debug, Default)]
pub struct Guarded {
    /// What waits, and why; an action's `hold` is the place in this list, plus one.
    pub holds: Vec<Hold>,
    /// Whether something that was approved is held by a question that is not the one that was approved.
    pub is_stale: bool,
}

impl<'a, 'c> Guarding<'a, 'c> {
    /// Asks every guard. The order decides which one holds an action that several would hold: the most particular first.
    pub fn guard(seen: Seen<'a, 'c>, actions: &'a mut Actions, approved: &'a Approved) -> Guarded {
        let mut guarding = Self { seen, actions, approved, guarded: Guarded::default() };
        undone::guard(&mut guarding);
        identity_changed::guard(&mut guarding);
        leaving::guard(&mut guarding);
        renumbering::guard(&mut guarding);
        mass_change::guard(&mut guarding);
        leading_zeros_lost::guard(&mut guarding);
        first_run::guard(&mut guarding);
        waiting::guard(&mut guarding);
        guarding.guarded
    }

    /// Holds the free actions for which `which` holds, unless somebody approved every one of them.
    fn hold(&mut self, hold: Hold, which: impl Fn(&Action) -> bool) {
        let indices: Vec<usize> = (0..self.actions.len())
            .filter(|&index| self.actions.at(index).hold == 0 && which(self.actions.at(index)))
            .collect();
        self.hold_these(hold, indices);
    }

    fn hold_these(&mut self, mut hold: Hold, mut indices: Vec<usize>) {
        if indices.is_empty() || indices.iter().all(|&index| self.approved.has(self.actions, self.actions.at(index))) {
            return;
        }
        self.guarded.is_stale |=
            indices.iter().any(|&index| self.approved.people.contains(&self.actions.at(index).person));
        self.in_order(&mut indices);
        hold.hash = self.hash(&indices);
        self.guarded.holds.push(hold);
        let number = u16::try_from(self.guarded.holds.len()).unwrap_or(u16::MAX);
        indices.into_iter().for_each(|index| self.actions.hold(index, number));
    }

    /// Holds a set in which nothing would change: what is wrong with it must be told all the same.
    fn hold_nothing(&mut self, hold: Hold) {
        let hash = self.hash(&[]);
        if !self.approved.has_rows(&hash) {
            self.guarded.holds.push(Hold { hash, ..hold });
        }
    }

    fn in_order(&self, indices: &mut [usize]) {
        sort_canonically(self.seen.check, self.actions, indices);
    }

    fn hash(&self, indices: &[usize]) -> String {
        let mut whole = Sha256::new();
        for &index in indices {
            let action = self.actions.at(index);
            whole.update(canonical(self.seen.check, action, &self.actions.packed(action)));
        }
        format!("sha256:{}", hex(&whole.finalize()))
    }
}

/// Whose removal somebody approved, so that it does not count as one of the last days that nobody did.
pub fn approved_removals(actions: &Actions, approved: &Approved) -> HashSet<PersonRef> {
    let removals = actions.iter().filter(|action| action.hold == 0 && action.what == What::Remove);
    removals.filter(|action| approved.has(actions, action)).map(|action| action.person).collect()
}

/// Sorts places of actions by kind and id of the person.
pub fn sort_canonically(check: &Check<'_>, actions: &Actions, indices: &mut [usize]) {
    let key = |index: usize| {
        let who = actions.at(index).person;
        (who.kind, check.roster.of(who.kind.file()).id(who.number))
    };
    indices.sort_unstable_by(|a, b| key(*a).cmp(&key(*b)));
}

/// One action as it counts in the hash of a hold: person, patron, and of each field the old and the new value.
fn canonical(check: &Check<'_>, action: &Action, packed: &[u8]) -> Vec<u8> {
    let id = check.roster.of(action.person.kind.file()).id(action.person.number);
    let mut text = format!("{}:{id}\0{}\0", action.person.kind, action.patron);
    for change in unpack(packed) {
        for part in [change.field.column(), change.old, change.new] {
            text.push_str(part);
            text.push('\0');
        }
    }
    text.push('\n');
    text.into_bytes()
}

/// How many people of a kind the roster had, by school number plus one.
fn before_by_school(check: &Check<'_>, kind: FileKind) -> BTreeMap<u32, u64> {
    let entities = check.roster.of(kind);
    let mut counts = BTreeMap::new();
    for known in entities.numbers().map(|number| entities.known(number)).filter(|known| known.state.in_roster()) {
        *counts.entry(known.school).or_default() += 1;
    }
    counts
}

/// How many people of a kind the roster had.
fn before(check: &Check<'_>, kind: FileKind) -> u64 {
    before_by_school(check, kind).into_values().sum()
}

/// Whether the action writes something for somebody who is there.
fn writes(action: &Action) -> bool {
    matches!(action.what, What::Create | What::Update | What::Reactivate | What::Link)
}

/// A share as people write it: `10 %`.
fn percent(limit: f64) -> String {
    format!("{limit} %")
}

/// Whether the action does something to a patron, so that a hold of the whole set holds it.
fn concerns_patrons(action: &Action) -> bool {
    writes(action) || action.what == What::Remove
}
