//! Changes that a person refused: discarded ones are not done again while the rows say the same, undone ones are asked (rules F3, H2).
//!
//! Called by `pipeline` before the guards. Costs nothing where nothing was refused.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::people::People;
use super::planner::Planned;
use crate::check::Check;
use crate::roster::entities::Seen;
use crate::roster::plan::{PersonRef, What};
use crate::roster::{Code, PersonKind, Problem};

/// One change that was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Hash of the record that was refused; 0 for being absent.
    pub record_hash: u64,
    /// Whether it was written once and undone.
    pub is_undone: bool,
    /// The run that it was about.
    pub run: String,
}

/// What became of the refusals tonight.
#[derive(Debug, Default)]
pub struct Refused {
    /// Whose change comes again, and is not done.
    pub dropped: HashSet<PersonRef>,
    /// Whose change was undone and comes again.
    pub undone: HashSet<PersonRef>,
    /// Who says something else now, or is back: it is an ordinary question again.
    pub forgotten: Vec<PersonRef>,
}

impl Refused {
    /// Who need not be remembered any more: who says something else now, and whose undone change somebody approved.
    pub fn of_no_use(&self, is_held: impl Fn(PersonRef) -> bool) -> Vec<PersonRef> {
        let approved = self.undone.iter().copied().filter(|who| !is_held(*who));
        self.forgotten.iter().copied().chain(approved).collect()
    }
}

/// Compares the refusals with tonight's rows, and takes discarded changes out of the plan.
pub fn sort(
    check: &Check<'_>,
    people: &People<'_>,
    refusals: &HashMap<PersonRef, Refusal>,
    planned: &mut Planned,
) -> Refused {
    let mut refused = Refused::default();
    if refusals.is_empty() {
        return refused;
    }
    for (who, refusal) in refusals {
        match content(check, people, *who) {
            Some(hash) if hash != refusal.record_hash && !is_told_tonight(check, people, *who) => {}
            Some(hash) if hash != refusal.record_hash => refused.forgotten.push(*who),
            None => {}
            Some(_) if refusal.is_undone => drop(refused.undone.insert(*who)),
            Some(_) => drop(refused.dropped.insert(*who)),
        }
    }
    refused.forgotten.sort_unstable();
    let is_change =
        |who: &PersonRef, what: What| refusals.contains_key(who) && !matches!(what, What::Hold | What::Conflict);
    let actions = planned.actions.iter().filter(|action| is_change(&action.person, action.what));
    let acting: HashSet<PersonRef> = actions.map(|action| action.person).collect();
    refused.undone.retain(|who| acting.contains(who));
    let told = tell(refusals, acting.into_iter().filter(|who| refused.dropped.contains(who)));
    planned.drop_refused(&refused.dropped);
    planned.problems.extend(told);
    refused
}

/// Whether tonight's set speaks of the person; somebody whose patron was edited is looked at without that, by what the roster says.
fn is_told_tonight(check: &Check<'_>, people: &People<'_>, who: PersonRef) -> bool {
    people.is_gone(who) || check.roster.of(who.kind.file()).seen(who.number).in_set()
}

/// The hash of what tonight's set says of a person; 0: it is absent. `None` where nothing can be said.
fn content(check: &Check<'_>, people: &People<'_>, who: PersonRef) -> Option<u64> {
    let seen = check.roster.of(who.kind.file()).seen(who.number);
    if people.is_gone(who) {
        return Some(0);
    }
    if let Some(person) = people.find(who) {
        return Some(people.record(person).hash());
    }
    // An unchanged row says what it said when it was refused; then the person was not absent.
    seen.has(Seen::UNCHANGED).then(|| check.roster.of(who.kind.file()).known(who.number).record_hash)
}

/// One sentence for each kind and run: how many changes are not done again.
fn tell(refusals: &HashMap<PersonRef, Refusal>, dropped: impl Iterator<Item = PersonRef>) -> Vec<Problem> {
    let mut counts: BTreeMap<(PersonKind, &str), u64> = BTreeMap::new();
    for who in dropped {
        let run = refusals.get(&who).map_or("", |refusal| refusal.run.as_str());
        *counts.entry((who.kind, run)).or_default() += 1;
    }
    let sentence = |((kind, run), count): ((PersonKind, &str), u64)| {
        let (changes, are) = if count == 1 { ("change", "is") } else { ("changes", "are") };
        let message =
            format!("{count} {changes} of {kind} {are} not done, because somebody discarded the same in run {run}.");
        let proposal = "Nothing needs to be done. When the rows say something else, it is an ordinary change again.";
        Problem::warning(Code::DiscardedEarlier, message).propose(proposal)
    };
    counts.into_iter().map(sentence).collect()
}
