//! The planner: decisions and patrons become actions. Patrons are shown one by one.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::compare::{Findings, History, Wanted};
use super::desired::Desired;
use super::employees::Employees;
use super::people::{Fate, People, Person};
use super::search::Decision;
use crate::check::Check;
use crate::roster::entities::{Known, State};
use crate::roster::patron::{Patron, PatronField as P};
use crate::roster::plan::{Action, Actions, Changes, Evidence, PersonRef, What};
use crate::roster::settings::SyncMode;
use crate::roster::{Code, PersonKind, Problem};

/// What became of each person of the set, and what is done.
#[derive(Debug, Default)]
pub struct Planned {
    /// Everything that is done for people who are there; removals are added when the guards have spoken.
    pub actions: Actions,
    /// What became of each kind's people of the set.
    pub tally: [Tally; 3],
    /// Candidates of the undecided.
    pub undecided: BTreeMap<PersonRef, Vec<(i64, String)>>,
    /// Who waits, and for what.
    pub waiting: Vec<(PersonRef, &'static str)>,
    /// Who is in the roster after this run, with the patron; 0 where it is created or there is none.
    pub present: Vec<(PersonRef, i64, Evidence)>,
    /// Whose identity no patron has, in `update_only`.
    pub unmatched: Vec<PersonRef>,
    /// Found while planning.
    pub problems: Vec<Problem>,
}

/// People of the set by what becomes of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// New patrons.
    pub created: u64,
    /// Patrons with changed fields.
    pub updated: u64,
    /// Patrons that are as they should be.
    pub unchanged: u64,
    /// Patrons that come back from 4.
    pub reactivated: u64,
    /// Waiting for a school, a site or an answer.
    pub held: u64,
    /// Waiting for a decision which patron it is.
    pub conflicting: u64,
    /// Out of scope.
    pub skipped: u64,
}

/// One patron to compare: a person, or an employee with two rows.
#[derive(Debug, Clone, Copy)]
struct Unit {
    main: Person,
    second: Option<Person>,
    evidence: Evidence,
    is_new_link: bool,
}

/// Makes the plan.
#[derive(Debug)]
pub struct Planner<'p, 'c> {
    check: &'p Check<'p>,
    people: &'p People<'c>,
    edited: &'p HashSet<i64>,
    units: HashMap<i64, Unit>,
    creations: Vec<Unit>,
    barcodes: HashMap<String, Vec<usize>>,
    planned: Planned,
    changes: Changes,
}

impl<'p, 'c> Planner<'p, 'c> {
    /// Sorts everybody by what was decided. `linked`: patrons of links that still exist. `everybody`: settings changed.
    pub fn new(
        check: &'p Check<'_>,
        people: &'p People<'c>,
        employees: &Employees,
        decisions: &BTreeMap<PersonRef, Decision>,
        edited: &'p HashSet<i64>,
        everybody: bool,
    ) -> Self {
        let mut planner = Self {
            check,
            people,
            edited,
            units: HashMap::new(),
            creations: Vec::new(),
            barcodes: HashMap::new(),
            planned: Planned::default(),
            changes: Changes::default(),
        };
        for person in &people.list {
            planner.sort(person, decisions, everybody);
        }
        planner.join_creations(employees);
        planner
    }

    fn known(&self, who: PersonRef) -> Known {
        self.check.roster.of(who.kind.file()).known(who.number)
    }

    fn sort(&mut self, person: &Person, decisions: &BTreeMap<PersonRef, Decision>, everybody: bool) {
        let (who, known) = (person.who, self.known(person.who));
        match (person.fate, decisions.get(&who)) {
            (Fate::Skip, _) => self.tally(who).skipped += 1,
            (Fate::Wait(guard), _) => self.wait(who, guard),
            (_, Some(Decision::Create)) => self.creations.push(unit(person, Evidence::NoCandidate, true)),
            (_, Some(Decision::Unmatched)) => self.unmatched(person),
            (_, Some(Decision::Undecided(candidates))) => self.undecided(person, candidates),
            (_, Some(Decision::Link(patron, evidence))) => self.link(*patron, unit(person, *evidence, true)),
            (_, None) => {
                let same =
                    self.check.settings.sync.mode != SyncMode::CreateOnly && self.differs(person, known, everybody);
                if same { self.link(known.patron, unit(person, Evidence::Link, false)) } else { self.as_it_was(who) }
            }
        }
    }

    /// Whether a linked person's patron must be looked at: the rows, the patron or the settings changed, or it is back.
    fn differs(&self, person: &Person, known: Known, everybody: bool) -> bool {
        let rows_changed = self.people.has_row(person) && self.people.record(person).hash() != known.record_hash;
        everybody
            || rows_changed
            || known.state != State::Present
            || known.school != person.school
            || self.edited.contains(&known.patron)
            || !self.people.has_row(person)
            || known.removed_by_run
            || (person.who.kind.is_employee() && self.shares_patron(person.who, known.patron))
    }

    /// Whether the patron is also somebody else's who is looked at, or who leaves.
    fn shares_patron(&self, who: PersonRef, patron: i64) -> bool {
        let other_kind = if who.kind == PersonKind::Teachers { PersonKind::Staff } else { PersonKind::Teachers };
        let entities = self.check.roster.of(other_kind.file());
        entities.numbers().any(|number| entities.known(number).patron == patron)
    }

    fn as_it_was(&mut self, who: PersonRef) {
        self.tally(who).unchanged += 1;
        let patron = self.known(who).patron;
        self.planned.present.push((who, patron, Evidence::Link));
    }

    fn tally(&mut self, who: PersonRef) -> &mut Tally {
        &mut self.planned.tally[who.kind.index()]
    }

    fn wait(&mut self, who: PersonRef, guard: &'static str) {
        self.tally(who).held += 1;
        self.planned.waiting.push((who, guard));
        let action = Action::new(What::Hold, who, self.known(who).patron, Evidence::Waiting(guard));
        self.planned.actions.push(action, &Changes::default());
    }

    fn unmatched(&mut self, person: &Person) {
        self.tally(person.who).skipped += 1;
        self.planned.unmatched.push(person.who);
        let message = "no patron has the identity that is chosen for matching; nothing is created in update_only mode";
        self.tell(person, Problem::warning(Code::PatronUnmatched, message));
    }

    fn undecided(&mut self, person: &Person, candidates: &[(i64, String)]) {
        let who = person.who;
        self.tally(who).conflicting += 1;
        let count = candidates.len();
        let message = if count == 1 {
            "a patron could be this person, but the evidence is not enough; nothing is written until someone decides"
                .into()
        } else {
            format!("{count} patrons could be this person; nothing is written until someone decides")
        };
        self.tell(person, Problem::warning(Code::PatronUndecided, message));
        self.planned.undecided.insert(who, candidates.to_vec());
        let mut action = Action::new(What::Conflict, who, 0, Evidence::Waiting("undecided"));
        action.line = self.people.line(person);
        self.planned.actions.push(action, &Changes::default());
    }

    fn tell(&mut self, person: &Person, problem: Problem) {
        let line = u64::from(self.people.line(person));
        let placed = problem.about(person.who.kind.word());
        let placed = if line > 0 { placed.at(line) } else { placed };
        self.planned.problems.push(placed.in_file(format!("{}.csv", person.who.kind)));
    }

    /// Adds a person to the unit of its patron; the teacher comes first.
    fn link(&mut self, patron: i64, unit: Unit) {
        match self.units.get_mut(&patron) {
            Some(other) if other.main.who.kind == PersonKind::Staff => {
                *other = Unit { second: Some(other.main), is_new_link: unit.is_new_link || other.is_new_link, ..unit };
            }
            Some(other) => {
                other.second = Some(unit.main);
                other.is_new_link |= unit.is_new_link;
            }
            None => {
                self.units.insert(patron, unit);
            }
        }
    }

    /// A new employee with two rows is one new patron.
    fn join_creations(&mut self, employees: &Employees) {
        let all = std::mem::take(&mut self.creations);
        let find = |who: PersonRef| all.iter().find(|unit| unit.main.who == who).map(|unit| unit.main);
        for unit in &all {
            let twin = employees.twin(unit.main.who).and_then(find);
            match (unit.main.who.kind, twin) {
                (PersonKind::Staff, Some(_)) => {}
                (_, twin) => self.creations.push(Unit { second: twin, ..*unit }),
            }
        }
    }

    /// The patrons to show, in order.
    pub fn patrons(&self) -> Vec<i64> {
        let mut patrons: Vec<i64> = self.units.keys().copied().collect();
        patrons.sort_unstable();
        patrons
    }

    fn desired(&self, person: &Person) -> Desired<'p> {
        let id = self.check.roster.of(person.who.kind.file()).id(person.who.number);
        Desired { kind: person.who.kind, id, record: self.people.record(person), site: self.people.site(person) }
    }

    fn wanted(&self, unit: &Unit) -> Wanted<'p> {
        Wanted { main: self.desired(&unit.main), second: unit.second.as_ref().map(|second| self.desired(second)) }
    }

    /// Compares one patron with what its people want of it.
    pub fn compare(&mut self, patron: &Patron) {
        let Some(unit) = self.units.remove(&patron.id) else { return };
        if self.check.settings.sync.mode == SyncMode::CreateOnly {
            return people_of(&unit).for_each(|person| self.as_it_was(person.who));
        }
        let wanted = self.wanted(&unit);
        if !unit.is_new_link && wanted.is_somebody_else(patron) {
            return people_of(&unit).for_each(|person| self.wait(person.who, "identity_changed"));
        }
        let history = self.history(&unit, patron.id);
        let mut changes = std::mem::take(&mut self.changes);
        let findings = wanted.compare(patron, history, self.check.settings, &mut changes);
        self.conclude(&unit, patron, &findings, &changes);
        self.changes = changes;
    }

    fn history(&self, unit: &Unit, patron: i64) -> History {
        let known = |person: &Person| self.known(person.who);
        let same = |person: Person| {
            !self.people.has_row(&person) || self.people.record(&person).hash() == known(&person).record_hash
        };
        History {
            edited: self.edited.contains(&patron),
            same_rows: people_of(unit).all(same),
            removed_by_run: people_of(unit).any(|person| known(&person).removed_by_run),
            is_new_link: unit.is_new_link,
            returns: people_of(unit).any(|person| !known(&person).state.in_roster()),
        }
    }

    fn conclude(&mut self, unit: &Unit, patron: &Patron, findings: &Findings, changes: &Changes) {
        let what = match (changes.is_empty(), findings.reactivated, unit.is_new_link) {
            (_, true, _) => Some(What::Reactivate),
            (false, ..) => Some(What::Update),
            (true, _, true) => Some(What::Link),
            (true, ..) => None,
        };
        for person in people_of(unit) {
            let tally = self.tally(person.who);
            match what {
                Some(What::Reactivate) => tally.reactivated += 1,
                Some(What::Update) => tally.updated += 1,
                _ => tally.unchanged += 1,
            }
            self.planned.present.push((person.who, patron.id, unit.evidence));
        }
        self.report(unit, findings);
        if let Some(what) = what {
            self.add(what, unit, patron.id, findings.wants_barcode, changes);
        }
    }

    fn report(&mut self, unit: &Unit, findings: &Findings) {
        for field in &findings.restored {
            let message =
                format!("{} was edited in the library and is set back, because the file owns it", field.column());
            let proposal = format!("to keep edits, set owner = \"library\" for fields.{}", field.column());
            self.tell(
                &unit.main,
                Problem::warning(Code::PatronEdited, message).propose(proposal).column(field.column()),
            );
        }
        if findings.status_kept {
            let message = "the patron's status was set by a person and is kept";
            self.tell(&unit.main, Problem::warning(Code::StatusKept, message).column("status"));
        }
    }

    fn add(&mut self, what: What, unit: &Unit, patron: i64, wants_barcode: bool, changes: &Changes) {
        let mut action = Action::new(what, unit.main.who, patron, unit.evidence);
        action.second = unit.second.map(|second| second.who);
        action.line = self.people.line(&unit.main);
        if wants_barcode && let Some(change) = changes.iter().find(|change| change.field == P::Barcode) {
            self.barcodes.entry(change.new.to_owned()).or_default().push(self.planned.actions.len());
        }
        self.planned.actions.push(action, changes);
    }

    /// People whose patron was not shown: it was deleted, and they are created anew.
    pub fn recreate(&mut self) {
        let mut lost: Vec<Unit> = std::mem::take(&mut self.units).into_values().collect();
        lost.sort_by_key(|unit| unit.main.who);
        self.creations.extend(lost.into_iter().map(|unit| Unit { evidence: Evidence::NoCandidate, ..unit }));
    }

    /// Plans the new patrons, and gives the barcodes that someone is to get: nobody else may have them.
    pub fn create(&mut self) -> Vec<String> {
        let creations = std::mem::take(&mut self.creations);
        let mut changes = std::mem::take(&mut self.changes);
        for unit in &creations {
            let findings = self.wanted(unit).create(self.check.settings, &mut changes);
            for person in people_of(unit) {
                self.tally(person.who).created += 1;
                self.planned.present.push((person.who, 0, unit.evidence));
            }
            self.add(What::Create, unit, 0, findings.wants_barcode, &changes);
        }
        self.changes = changes;
        self.barcodes.keys().cloned().collect()
    }

    /// Takes back barcodes that are in use or wanted twice (rule E6), and gives the plan. `taken`: barcode to patron.
    pub fn finish(mut self, taken: &HashMap<String, i64>) -> Planned {
        let mut refused = HashSet::new();
        for (barcode, actions) in std::mem::take(&mut self.barcodes) {
            let holder = taken.get(&barcode);
            let own = |index: &usize| holder.is_some_and(|holder| self.planned.actions.at(*index).patron == *holder);
            if actions.len() > 1 || (holder.is_some() && !actions.iter().any(own)) {
                refused.extend(actions);
            }
        }
        let mut refused: Vec<_> = refused.into_iter().collect();
        refused.sort_unstable();
        for index in refused {
            let who = self.planned.actions.at(index).person;
            let message = "the barcode is in use by another patron; this one gets none";
            if let Some(person) = self.people.find(who) {
                self.tell(person, Problem::warning(Code::BarcodeTaken, message).column("barcode"));
            }
            self.planned.actions.drop_field(index, P::Barcode);
        }
        self.planned
    }
}

fn unit(person: &Person, evidence: Evidence, is_new_link: bool) -> Unit {
    Unit { main: *person, second: None, evidence, is_new_link }
}

fn people_of(unit: &Unit) -> impl Iterator<Item = Person> + use<> {
    [Some(unit.main), unit.second].into_iter().flatten()
}
