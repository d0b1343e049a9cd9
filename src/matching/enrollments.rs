//! Enrollments: which pairs of student and section are new and which are gone. Whoever is shielded keeps what it has.

use std::collections::HashSet;

use crate::check::{Check, Pairs, Standing};
use crate::roster::enrollment::parts;
use crate::roster::plan::PersonRef;
use crate::roster::set::Mode;
use crate::roster::{FileKind, PersonKind};

/// What changes in enrollments.
#[derive(Debug, Default)]
pub struct EnrollmentPlan {
    /// New pairs, sorted.
    pub created: Vec<u64>,
    /// Pairs that go, sorted.
    pub removed: Vec<u64>,
    /// Pairs that stay.
    pub unchanged: u64,
    /// Rows that are records of their own: distinct pairs.
    pub accepted: u64,
}

impl EnrollmentPlan {
    /// Keeps the pairs that would go and for which `is_kept` holds.
    pub fn keep(&mut self, is_kept: impl Fn(u64) -> bool) {
        let before = self.removed.len();
        self.removed.retain(|pair| !is_kept(*pair));
        self.unchanged += (before - self.removed.len()) as u64;
    }

    /// Leaves these pairs (sorted) as they are.
    pub fn keep_back(&mut self, created: &[u64], removed: &[u64]) {
        self.created.retain(|pair| created.binary_search(pair).is_err());
        self.removed.retain(|pair| removed.binary_search(pair).is_err());
        self.unchanged += removed.len() as u64;
    }
}

/// The pairs of the roster, as far as they are known without reading them all.
#[derive(Debug)]
pub enum OldPairs {
    /// All of them, sorted.
    All(Vec<u64>),
    /// Only how many; last night's snapshot holds each of them.
    InSnapshot(u64),
}

/// What keeps its pairs although the set lacks them.
#[derive(Debug, Default)]
pub struct Stays {
    students: HashSet<u32>,
    sections: HashSet<u32>,
}

impl Stays {
    /// Of these people the students, whose absence is held; and these sections.
    pub fn new(people: &HashSet<PersonRef>, sections: HashSet<u32>) -> Self {
        let students = people.iter().filter(|who| who.kind == PersonKind::Students).map(|who| who.number).collect();
        Self { students, sections }
    }

    fn has(&self, pair: u64) -> bool {
        let (student, section) = parts(pair);
        self.students.contains(&student) || self.sections.contains(&section)
    }
}

/// Compares the set's pairs with the roster's. `leaves` tells whose pairs go in a delta.
pub fn plan(
    check: &Check<'_>,
    pairs: &mut Pairs,
    old: OldPairs,
    stays: &Stays,
    leaves: impl Fn(u32, u32) -> bool,
) -> EnrollmentPlan {
    if check.mode == Mode::Delta {
        return delta(check, pairs, old, leaves);
    }
    let mut plan = match (old, pairs.left_over.take()) {
        (OldPairs::InSnapshot(count), Some(mut left_over)) => {
            left_over.sort_unstable();
            left_over.dedup();
            against_snapshot(pairs, &left_over, count)
        }
        (OldPairs::All(old), _) if old.is_empty() && pairs.unchanged.is_empty() => {
            let created = std::mem::take(&mut pairs.looked_at);
            EnrollmentPlan { accepted: created.len() as u64, created, ..EnrollmentPlan::default() }
        }
        (OldPairs::All(old), _) => against_all(pairs, &old),
        (OldPairs::InSnapshot(_), None) => against_all(pairs, &[]),
    };
    let before = plan.unchanged + plan.removed.len() as u64;
    let complete = check.mode == Mode::Full && check.standing[FileKind::Enrollments as usize] == Standing::Read;
    plan.created.retain(|pair| !shields(check, pair));
    plan.removed.retain(|pair| complete && !shields(check, pair) && !stays.has(*pair));
    if check.unrecognised[FileKind::Enrollments as usize] > 0 {
        plan.removed.clear();
    }
    plan.unchanged = before - plan.removed.len() as u64;
    plan
}

/// A delta adds what it holds, and removes what it says `delete` to.
fn delta(check: &Check<'_>, pairs: &Pairs, old: OldPairs, leaves: impl Fn(u32, u32) -> bool) -> EnrollmentPlan {
    let OldPairs::All(old) = old else { return EnrollmentPlan::default() };
    let goes = |pair: &u64| {
        let (student, section) = parts(*pair);
        !shields(check, pair) && (pairs.deleted.binary_search(pair).is_ok() || leaves(student, section))
    };
    let removed: Vec<u64> = old.iter().copied().filter(goes).collect();
    let mut created = without(&pairs.looked_at, &old);
    created.retain(|pair| !shields(check, pair));
    let accepted = (pairs.looked_at.len() + pairs.deleted.len()) as u64;
    let unchanged = (old.len() - removed.len()) as u64;
    EnrollmentPlan { unchanged, created, removed, accepted }
}

/// Whether a refused row keeps a pair as it is.
fn shields(check: &Check<'_>, pair: &u64) -> bool {
    let (student, section) = parts(*pair);
    let students = check.roster.of(FileKind::Students);
    students.seen(student).shielded()
        || students.is_erased(student)
        || check.roster.of(FileKind::Sections).seen(section).shielded()
}

fn against_all(pairs: &Pairs, old: &[u64]) -> EnrollmentPlan {
    if pairs.unchanged.is_empty() {
        return compare(&pairs.looked_at, old);
    }
    let mut now: Vec<u64> = pairs.looked_at.iter().chain(&pairs.unchanged).copied().collect();
    now.sort_unstable();
    compare(&now, old)
}

fn compare(now: &[u64], old: &[u64]) -> EnrollmentPlan {
    let created = without(now, old);
    let removed = without(old, now);
    let unchanged = (old.len() - removed.len()) as u64;
    EnrollmentPlan { created, removed, unchanged, accepted: now.len() as u64 }
}

fn against_snapshot(pairs: &Pairs, left_over: &[u64], count: u64) -> EnrollmentPlan {
    let created = without(&pairs.looked_at, left_over);
    let removed = without(left_over, &pairs.looked_at);
    let accepted = (pairs.unchanged.len() + pairs.looked_at.len()) as u64;
    let unchanged = count - removed.len() as u64;
    EnrollmentPlan { unchanged, created, removed, accepted }
}

/// The elements of the sorted `all` that are not in the sorted `minus`.
fn without(all: &[u64], minus: &[u64]) -> Vec<u64> {
    let mut rest = minus.iter().copied().peekable();
    let is_new = |pair: &&u64| {
        while rest.next_if(|other| other < *pair).is_some() {}
        rest.peek() != Some(*pair)
    };
    all.iter().filter(is_new).copied().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snapshot_and_the_whole_roster_give_the_same_plan() {
        let old = vec![1, 2, 3, 4, 5];
        let pairs = || Pairs { looked_at: vec![2, 4, 9], unchanged: vec![1, 3], left_over: None, deleted: Vec::new() };
        let all = against_all(&pairs(), &old);
        let snapshot = against_snapshot(&pairs(), &[2, 4, 5], 5);
        let picture =
            |plan: &EnrollmentPlan| (plan.created.clone(), plan.removed.clone(), plan.unchanged, plan.accepted);
        assert_eq!(picture(&all), (vec![9], vec![5], 4, 5));
        assert_eq!(picture(&all), picture(&snapshot));
    }
}
