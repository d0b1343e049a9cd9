//! The office once more: runs one after another, what they leave behind, and what people decide about it.

use std::collections::{BTreeMap, BTreeSet};

use super::guards::Hold;
use super::rules::{Action, Library, Order, Patron, Person, Plan, Refusal, Same, State, Value, What, Who, get};
use super::town::{Row, Set};

/// How a step ended, as far as model and program are compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Carried out; what waits.
    Done(Vec<Hold>),
    /// The set was refused.
    Rejected,
    /// There was nothing to do it to.
    Nothing,
}

/// A question that a run asked about several actions.
#[derive(Debug, Clone)]
struct Asked {
    run: usize,
    hold: Hold,
    actions: Vec<(Same, What, Option<Row>)>,
    opened: i64,
    stands: Stands,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    Open,
    AskedAgain,
    Over,
    Decided,
}

/// What a run wrote, so that it can be taken back.
#[derive(Debug, Clone, Default)]
struct Written {
    actions: Vec<(What, u32, Vec<Value>)>,
    /// Who had a change, with or without a patron.
    acted: BTreeSet<Who>,
    before: BTreeMap<Who, Option<Person>>,
    schools: BTreeSet<String>,
    sites: BTreeSet<String>,
}

/// A library with its history.
#[derive(Debug, Clone)]
pub struct Office {
    pub library: Library,
    runs: usize,
    written: BTreeMap<usize, Written>,
    asked: Vec<Asked>,
    /// Sets that were taken, oldest first.
    taken: Vec<Set>,
    /// The set of every run.
    sets: BTreeMap<usize, Set>,
    /// Those that wait for the end of a blackout.
    waiting: Vec<Set>,
}

const APPROVAL_DAYS: i64 = 7;

impl Office {
    pub fn new(library: Library) -> Self {
        Self {
            library,
            runs: 0,
            written: BTreeMap::new(),
            asked: Vec::new(),
            taken: Vec::new(),
            sets: BTreeMap::new(),
            waiting: Vec::new(),
        }
    }

    /// A delivery; what waited for the end of a blackout comes first.
    pub fn deliver(&mut self, set: &Set) -> Told {
        if !self.library.is_within(self.library.rules.blackout) {
            let waiting = std::mem::take(&mut self.waiting);
            let newest_full = waiting.iter().rposition(|one| one.full);
            for (place, waits) in waiting.iter().enumerate() {
                let is_superseded = waits.full && (set.full || newest_full != Some(place));
                if !is_superseded {
                    self.follow(waits, &Order::default(), true, &[]);
                }
            }
        }
        self.follow(set, &Order::default(), false, &[])
    }

    fn follow(&mut self, set: &Set, order: &Order, is_again: bool, approved: &[usize]) -> Told {
        self.runs += 1;
        self.sets.insert(self.runs, set.clone());
        if self.library.refuses(set) {
            return Told::Rejected;
        }
        let plan = self.library.plan(set, order);
        let is_blackout = self.library.is_within(self.library.rules.blackout);
        let at_limit =
            if plan.holds.iter().any(Hold::is_limit) { self.library.rules.at_limit } else { "hold_removals" };
        if at_limit == "stop" {
            return Told::Rejected;
        }
        let waits =
            plan.holds.iter().any(Hold::is_of_everything) || is_blackout || plan.is_stale || at_limit == "hold_all";
        let mut holds = plan.holds.clone();
        if waits {
            let changes = plan.actions.iter().any(|action| action.hold.is_none() && action.what != What::Wait);
            if is_blackout && (changes || !holds.is_empty()) {
                holds.push(Hold { guard: "blackout", kind: None, count: 0 });
                self.waiting.push(set.clone());
            }
            self.library.known_schools.extend(plan.read.schools.iter().cloned());
            self.ask(set, &plan);
        } else {
            self.save(&plan, order);
            self.ask(set, &plan);
            let hashes: Vec<Vec<Same>> = approved.iter().map(|asked| self.asked[*asked].key()).collect();
            for asked in &mut self.asked {
                if hashes.contains(&asked.key()) {
                    asked.stands = Stands::Decided;
                }
            }
        }
        if !is_again {
            self.taken.retain(|one| one != set);
            self.taken.push(set.clone());
        }
        Told::Done(holds)
    }

    /// Writes what nothing holds.
    fn save(&mut self, plan: &Plan, order: &Order) {
        let mut written = Written { schools: self.library.schools.clone(), ..Written::default() };
        let was_empty = self.library.patrons.is_empty();
        if was_empty {
            let given = |school: &&String| !self.library.sites.contains_key(*school);
            written.sites = plan.sites.keys().filter(given).cloned().collect();
            self.library.sites.extend(plan.sites.clone());
        }
        let people = self.library.people_after(plan, order);
        let there = self.library.people.values().filter(|person| person.state.in_roster());
        let in_roster: BTreeSet<u32> = there.filter_map(|person| person.patron).collect();
        let mut new: BTreeMap<&Who, u32> = BTreeMap::new();
        for action in plan.actions.iter().filter(|action| action.hold.is_none() && action.what != What::Wait) {
            let patron = self.library.carry_out(action);
            new.extend(patron.filter(|_| action.what == What::Create).map(|patron| (&action.who, patron)));
            self.library.has_touched |= action.patron.is_some();
            written.actions.extend(patron.map(|patron| (action.what, patron, action.values.clone())));
            written.acted.insert(action.who.clone());
        }
        self.library.has_touched |= was_empty;
        for (who, mut person) in people {
            person.patron = new.get(&who).copied().or(person.patron);
            if let Some(patron) = person.patron.filter(|_| person.state == State::Present) {
                self.library.made_4.remove(&patron);
            }
            let before = self.library.people.get(&who).cloned();
            let is_as_before =
                before.as_ref().is_some_and(|before| Person { run: before.run, ..person.clone() } == *before);
            if !is_as_before {
                self.library.people.insert(who.clone(), Person { run: self.runs, ..person });
                written.before.insert(who, before);
            }
        }
        if plan.read.full {
            self.library.schools.clone_from(&plan.read.schools);
        }
        self.library.known_schools.extend(plan.read.schools.iter().cloned());
        let undone = |who: &&Who| self.library.refused.get(*who).is_some_and(|refusal| refusal.is_undone);
        let is_held = |who: &&Who| plan.is_held(who);
        let settled = plan.undone.iter().filter(|who| !is_held(who)).chain(written.acted.iter().filter(undone));
        let settled: Vec<Who> = settled.chain(&plan.forgotten).cloned().collect();
        settled.iter().for_each(|who| drop(self.library.refused.remove(who)));
        let waits: BTreeSet<u32> =
            plan.actions.iter().filter(|action| action.hold.is_some()).filter_map(|action| action.patron).collect();
        let is_unseen = |patron: &u32| in_roster.contains(patron) && !plan.compared.contains(patron);
        self.library.touched.retain(|patron| waits.contains(patron) || is_unseen(patron));
        if !written.acted.is_empty() {
            self.written.insert(self.runs, written);
        }
    }

    /// What waits is asked; a full set asks everything anew.
    fn ask(&mut self, set: &Set, plan: &Plan) {
        let opened: Vec<(Vec<Same>, i64)> =
            self.open().filter(|one| !self.is_expired(one)).map(|one| (one.key(), one.opened)).collect();
        if set.full {
            self.close();
        }
        for (place, hold) in plan.holds.iter().enumerate() {
            let held = plan.actions.iter().filter(|action| action.hold == Some(place));
            let mut actions: Vec<_> =
                held.map(|action| (action.same(), action.what, self.row_of(plan, action))).collect();
            actions.sort_by(|one, other| one.0.cmp(&other.0));
            let mut asked =
                Asked { run: self.runs, hold: hold.clone(), actions, opened: self.library.today, stands: Stands::Open };
            let first = opened.iter().rev().find(|(key, _)| *key == asked.key());
            asked.opened = first.map_or(asked.opened, |(_, day)| *day);
            for other in
                self.asked.iter_mut().filter(|other| other.stands != Stands::Decided && other.key() == asked.key())
            {
                other.stands = Stands::AskedAgain;
            }
            self.asked.push(asked);
        }
    }

    fn row_of(&self, plan: &Plan, action: &Action) -> Option<Row> {
        let known = || self.library.people.get(&action.who).map(|person| person.row.clone());
        let row = || plan.read.rows.get(&action.who).cloned().or_else(known);
        if action.what == What::Remove { None } else { row() }
    }

    fn open(&self) -> impl Iterator<Item = &Asked> {
        self.asked.iter().filter(|asked| asked.stands == Stands::Open)
    }

    fn close(&mut self) {
        self.asked
            .iter_mut()
            .filter(|asked| asked.stands == Stands::Open)
            .for_each(|asked| asked.stands = Stands::Over);
    }

    fn is_expired(&self, asked: &Asked) -> bool {
        self.library.today - asked.opened > APPROVAL_DAYS
    }

    /// The questions of the newest run that asked and still waits, as far as they can be decided.
    fn newest_asked(&self, stands: &[Stands]) -> Vec<usize> {
        let Some(run) = self.open().map(|asked| asked.run).max() else { return Vec::new() };
        let of_run = |place: &usize| self.asked[*place].run == run && stands.contains(&self.asked[*place].stands);
        (0..self.asked.len()).filter(of_run).filter(|place| self.asked[*place].can_be_decided()).collect()
    }

    /// Somebody approves all that the newest run asked: it is planned again with the newest full set, or that run's later delta,
    /// and for those whom still later deltas name the deltas speak.
    pub fn approve(&mut self) -> Told {
        let chosen = self.newest_asked(&[Stands::Open, Stands::AskedAgain, Stands::Over]);
        let is_late = chosen.iter().any(|place| self.is_expired(&self.asked[*place]));
        if chosen.is_empty() || is_late || self.library.is_within(self.library.rules.blackout) {
            return Told::Nothing;
        }
        let mut order = Order::default();
        for asked in chosen.iter().map(|place| &self.asked[*place]) {
            order.approved.extend(asked.actions.iter().map(|(same, ..)| same.clone()));
            order.approved_nothing |= asked.actions.is_empty();
        }
        let run = self.asked[chosen[0]].run;
        let is_base = |set: &Set| set.full || self.sets.get(&run) == Some(set);
        let Some(base) = self.taken.iter().rposition(is_base) else { return Told::Nothing };
        for later in &self.taken[base + 1..] {
            order.named.extend(self.library.read(later).named);
        }
        let set = self.taken[base].clone();
        self.follow(&set, &order, true, &chosen)
    }

    /// Somebody does not want what the newest run asked.
    pub fn discard(&mut self) -> Told {
        let chosen = self.newest_asked(&[Stands::Open, Stands::AskedAgain]);
        if chosen.is_empty() {
            return Told::Nothing;
        }
        for place in chosen {
            let asked = self.asked[place].clone();
            for ((who, ..), _, row) in &asked.actions {
                self.library.refused.insert(who.clone(), Refusal { row: row.clone(), is_undone: false });
            }
            self.library.zeros_discarded |= asked.hold.guard == "leading_zeros_lost";
            let key = asked.key();
            self.asked.iter_mut().filter(|asked| asked.key() == key).for_each(|asked| asked.stands = Stands::Decided);
        }
        Told::Done(Vec::new())
    }

    /// The last run that wrote is taken back (rule H2): every value that is still as it was written, and the roster.
    pub fn undo(&mut self, deletes_created: bool) -> Told {
        self.runs += 1;
        let Some((run, written)) = self.written.pop_last() else { return Told::Nothing };
        let library = &mut self.library;
        for (who, person) in &library.people {
            let is_of_run = person.run == run || written.acted.contains(who);
            if is_of_run && [State::Present, State::Gone].contains(&person.state) {
                let row = (person.state == State::Present).then(|| person.row.clone());
                library.refused.insert(who.clone(), Refusal { row, is_undone: true });
            }
        }
        let (mut kept, mut deleted) = (BTreeSet::new(), BTreeSet::new());
        for (what, id, values) in written.actions.iter().rev() {
            let touched = library.touched.contains(id);
            let Some(patron) = library.patrons.get_mut(id) else { continue };
            if *what != What::Create {
                put_back(patron, values);
                if *what == What::Remove {
                    library.made_4.remove(id);
                } else if *what == What::Reactivate {
                    library.made_4.insert(*id);
                }
            } else if deletes_created && !touched && is_as_created(patron, values) {
                library.patrons.remove(id);
                deleted.insert(*id);
            } else {
                if get(patron, "status") == "1" {
                    patron.insert("status", "4".into());
                    library.made_4.insert(*id);
                }
                kept.insert(*id);
            }
        }
        for (who, before) in written.before {
            let Some(person) = library.people.get_mut(&who) else { continue };
            let is_kept = before.is_none() && person.patron.is_some_and(|patron| kept.contains(&patron));
            match before {
                None if is_kept => {
                    (person.state, person.since, person.run) = (State::Gone, None, self.runs);
                }
                Some(before) if person.run == run => {
                    let patron = person.patron.filter(|patron| kept.contains(patron)).or(before.patron);
                    *person = Person { patron, ..before };
                }
                None if person.run == run => drop(library.people.remove(&who)),
                _ => {}
            }
        }
        for person in library.people.values_mut() {
            if person.patron.is_some_and(|patron| deleted.contains(&patron)) {
                let waits = if person.state == State::Present { State::Waiting } else { person.state };
                (person.state, person.patron, person.run) = (waits, None, self.runs);
            }
        }
        library.schools = written.schools;
        if library.patrons.is_empty() {
            library.sites.retain(|school, site| !(written.sites.contains(school) && site == school));
        }
        self.close();
        Told::Done(Vec::new())
    }
}

fn put_back(patron: &mut Patron, values: &[Value]) {
    for (field, old, new) in values {
        if get(patron, field) == new {
            patron.insert(field, old.clone());
        }
    }
    patron.retain(|_, value| !value.is_empty());
}

fn is_as_created(patron: &Patron, values: &[Value]) -> bool {
    let created: Patron = values.iter().map(|(field, _, new)| (*field, new.clone())).collect();
    *patron == created
}

impl Asked {
    fn key(&self) -> Vec<Same> {
        self.actions.iter().map(|(same, ..)| same.clone()).collect()
    }

    fn can_be_decided(&self) -> bool {
        !self.hold.guard.starts_with("school_") || self.hold.guard == "school_removals"
    }
}

impl Plan {
    fn is_held(&self, who: &Who) -> bool {
        self.actions.iter().any(|action| action.who == *who && action.hold.is_some())
    }
}

impl Library {
    /// Gives the patron, if there is one.
    fn carry_out(&mut self, action: &Action) -> Option<u32> {
        if action.what == What::Create {
            self.patrons_given += 1;
            self.patrons.insert(self.patrons_given, Patron::new());
        }
        let id = if action.what == What::Create { Some(self.patrons_given) } else { action.patron };
        let patron = self.patrons.get_mut(&id?)?;
        if action.what == What::Remove && !action.values.is_empty() {
            self.made_4.extend(id);
        }
        patron.extend(action.values.iter().map(|(field, _, new)| (*field, new.clone())));
        id
    }

    /// What the roster says of everybody of whom the plan says something; created patrons have no number yet.
    fn people_after(&self, plan: &Plan, order: &Order) -> BTreeMap<Who, Person> {
        let mut after = BTreeMap::new();
        let known = |who: &Who| {
            let known = self.people.get(who).cloned();
            let mut person = known.unwrap_or_else(Person::nobody);
            if let (Some(row), Some(school)) = (plan.read.rows.get(who), plan.schools.get(who)) {
                (person.row, person.school) = (row.clone(), school.clone());
            }
            person
        };
        for (who, patron) in &plan.present {
            let there = Person { state: State::Present, patron: *patron, since: None, ..known(who) };
            let waits = Person { state: State::Waiting, since: None, ..known(who) };
            after.insert(who.clone(), if plan.is_held(who) { waits } else { there });
        }
        for who in &plan.waiting {
            after.insert(who.clone(), Person { state: State::Waiting, since: None, ..known(who) });
        }
        for who in &plan.missing {
            let since = known(who).since.filter(|_| known(who).state == State::Missing).or(Some(self.today));
            after.insert(who.clone(), Person { state: State::Missing, since, ..known(who) });
        }
        for action in plan.actions.iter().filter(|action| action.what == What::Remove && action.hold.is_none()) {
            let who = &action.who;
            let since = (!order.approved.contains(&action.same())).then_some(self.today);
            after.insert(who.clone(), Person { state: State::Gone, since, ..known(who) });
        }
        let moved =
            plan.moved.iter().map(|(old, new, _)| (old, new)).chain(plan.unlinked.iter().map(|(old, new)| (old, new)));
        for (old, _) in moved.filter(|(_, new)| !plan.is_held(new) && !plan.waiting.contains(*new)) {
            after.insert(old.clone(), Person { state: State::Gone, since: None, patron: None, ..known(old) });
        }
        after
    }
}

impl Person {
    fn nobody() -> Self {
        Self { state: State::Gone, row: Row::default(), school: String::new(), patron: None, since: None, run: 0 }
    }
}
