//! People who vanished and are found again under a new id (rule D5). Called while planning, when everybody has a patron.

use std::collections::{HashMap, HashSet};

use crate::check::Check;
use crate::matching::{Decisions, People, Planned};
use crate::roster::PersonKind;
use crate::roster::entities::State;
use crate::roster::keys::differ_by_zeros;
use crate::roster::plan::PersonRef;

/// People who vanished and whose patron somebody else of the set turned out to be (rule D5).
#[derive(Debug, Default)]
pub struct Moved {
    /// Old and new id, and the patron; of people who were there until tonight.
    tonight: Vec<(PersonRef, PersonRef, i64)>,
    /// People who left before and lose their link, each with who gets it.
    before: Vec<(PersonRef, PersonRef)>,
    people: HashSet<PersonRef>,
}

impl Moved {
    pub fn of(check: &Check<'_>, people: &People<'_>, decisions: &Decisions) -> Self {
        let mut moved = Self::default();
        // On a first night nobody was there who could have vanished.
        if PersonKind::ALL.iter().all(|kind| check.roster.of(kind.file()).known.is_empty()) {
            return moved;
        }
        let taken: HashMap<i64, PersonRef> = decisions.links().map(|(who, patron)| (patron, who)).collect();
        if taken.is_empty() {
            return moved;
        }
        for kind in PersonKind::ALL {
            let entities = check.roster.of(kind.file());
            for number in 0..entities.known.len() as u32 {
                let (known, old) = (entities.known(number), PersonRef { kind, number });
                let Some(new) = taken.get(&known.patron).filter(|new| known.patron != 0 && **new != old) else {
                    continue;
                };
                if people.is_gone(old) {
                    moved.tonight.push((old, *new, known.patron));
                    moved.people.insert(old);
                } else if known.state == State::Gone && !entities.seen(number).in_set() {
                    moved.before.push((old, *new));
                }
            }
        }
        moved
    }

    pub fn is_found(&self, who: PersonRef) -> bool {
        self.people.contains(&who)
    }

    /// How many of a kind have a new id that is the old one but for leading zeros, and those who have another.
    pub fn zeros(&self, check: &Check<'_>) -> ([u64; 3], Vec<(PersonRef, i64)>) {
        let id = |who: PersonRef| check.roster.of(who.kind.file()).id(who.number);
        let (mut zeros, mut others) = ([0; 3], Vec::new());
        for (old, new, patron) in &self.tonight {
            if old.kind == new.kind && differ_by_zeros(id(*old), id(*new)) {
                zeros[new.kind.index()] += 1;
            } else {
                others.push((*new, *patron));
            }
        }
        (zeros, others)
    }

    /// Who loses its link, under which id it is found, and who stays as it is because a guard holds the new link.
    pub fn unless_held(self, planned: &Planned) -> (Vec<PersonRef>, HashMap<PersonRef, PersonRef>, Vec<PersonRef>) {
        let is_held = |new: &PersonRef| planned.held.contains(new) || planned.declined.contains(new);
        let renumbered = self.tonight.iter().map(|(old, new, _)| (*new, *old)).collect();
        let (held, free): (Vec<_>, Vec<_>) = self.tonight.into_iter().partition(|(_, new, _)| is_held(new));
        let old = |(old, ..): (PersonRef, PersonRef, i64)| old;
        let before = self.before.into_iter().filter(|(_, new)| !is_held(new)).map(|(old, _)| old);
        (free.into_iter().map(old).chain(before).collect(), renumbered, held.into_iter().map(old).collect())
    }
}
