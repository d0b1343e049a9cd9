//! The planner: decisions and patrons become actions. Patrons are shown one by one.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::answers::{Answer, Answers, Question};
use super::compare::{Findings, History, Wanted};
use super::desired::Desired;
use super::employees::Employees;
use super::people::{Fate, People, Person};
use super::search::{Decision, Decisions};
use crate::check::Check;
use crate::roster::entities::{Known, State};
use crate::roster::keys::differ_by_zeros;
use crate::roster::patron::{Patron, PatronField as P, PatronIds};
use crate::roster::plan::{Action, Actions, Changes, Evidence, PersonRef, What};
use crate::roster::schema::Field;
use crate::roster::settings::SyncMode;
use crate::roster::{Code, PersonKind, Problem};

/// What became of each person of the set, and what is done.
#[derive(Debug, Default)]
pub struct Planned {
    /// Everything that is done; removals are added by `removals`.
    pub actions: Actions,
    /// What became of each kind's people of the set.
    pub tally: [Tally; 3],
    /// Candidates of the undecided.
    pub undecided: BTreeMap<PersonRef, Vec<(i64, String)>>,
    /// Who waits, and for what.
    pub waiting: Vec<(PersonRef, Evidence)>,
    /// Who is in the roster after this run, with the patron; 0 where it is created or there is none.
    pub present: Vec<(PersonRef, i64, Evidence)>,
    /// Whose identity no patron has, in `update_only`.
    pub unmatched: Vec<PersonRef>,
    /// Employees with one row who get a patron of their own.
    pub new_employees: Vec<PersonRef>,
    /// Whose patron seems to be somebody else.
    pub strangers: HashSet<PersonRef>,
    /// What somebody is asked.
    pub questions: Vec<Question>,
    /// Who stays as it is because somebody said so: a question was answered with `skip`, or a change was discarded.
    pub declined: Vec<PersonRef>,
    /// Whose change waits for an approval.
    pub held: HashSet<PersonRef>,
    /// By kind: whose number is the stored one but for leading zeros, and was not so before.
    pub zeros: [u64; 3],
    /// Edited patrons that a later run must look at again: nobody has answered whose value is right, or their people wait.
    pub edits_left: Vec<i64>,
    /// Found while planning.
    pub problems: Vec<Problem>,
}

impl Planned {
    /// Takes the actions of these people out of the plan; they stay as they are.
    pub fn drop_refused(&mut self, people: &HashSet<PersonRef>) {
        let is_dropped = |action: &Action| people.contains(&action.person) && is_change(action);
        let dropped: Vec<Action> = self.actions.iter().filter(|action| is_dropped(action)).copied().collect();
        self.actions.retain(|action| !is_dropped(action));
        let taken = self.take_back(&dropped, |tally| &mut tally.skipped);
        self.declined.extend(taken);
    }

    /// What the guards hold is not done: its people wait.
    pub fn keep_back_held(&mut self, edited: &PatronIds) {
        let held: Vec<Action> = self.actions.iter().filter(|action| action.hold > 0).copied().collect();
        // What was edited is looked at again once the hold is over.
        self.edits_left.extend(held.iter().map(|action| action.patron).filter(|patron| edited.contains(*patron)));
        let taken = self.take_back(&held, |tally| &mut tally.held);
        self.held.extend(taken);
    }

    /// Counts the people of actions elsewhere, and forgets that they are there with their patron. Gives them, without those who leave.
    fn take_back(&mut self, actions: &[Action], into: impl Fn(&mut Tally) -> &mut u64) -> Vec<PersonRef> {
        let mut people = Vec::new();
        for action in actions {
            for who in [Some(action.person), action.second].into_iter().flatten() {
                let tally = &mut self.tally[who.kind.index()];
                let Some(count) = tally.of(action.what) else { continue };
                *count -= 1;
                *into(tally) += 1;
                people.push(who);
            }
        }
        let taken: HashSet<PersonRef> = people.iter().copied().collect();
        if !taken.is_empty() {
            self.present.retain(|(who, ..)| !taken.contains(who));
        }
        people
    }
}

/// Whether the action changes something, so that a person can refuse it.
fn is_change(action: &Action) -> bool {
    !matches!(action.what, What::Hold | What::Conflict)
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
    /// Out of scope, or left as they are because somebody said so.
    pub skipped: u64,
}

impl Tally {
    /// Where people of such an action are counted; those who leave are not of the set.
    fn of(&mut self, what: What) -> Option<&mut u64> {
        Some(match what {
            What::Create => &mut self.created,
            What::Update => &mut self.updated,
            What::Reactivate => &mut self.reactivated,
            What::Link => &mut self.unchanged,
            What::Remove | What::Hold | What::Conflict => return None,
        })
    }
}

/// One patron to compare: a person, or an employee with two rows.
#[derive(Debug, Clone, Copy)]
struct Unit {
    /// 0 where it is created.
    patron: i64,
    /// Index into the people.
    main: u32,
    /// The same, or [`NOBODY`].
    second: u32,
    evidence: Evidence,
    is_new_link: bool,
}

const NOBODY: u32 = u32::MAX;

/// Makes the plan.
#[derive(Debug)]
pub struct Planner<'p, 'c> {
    check: &'p Check<'p>,
    people: &'p People<'c>,
    edited: &'p PatronIds,
    answers: &'p Answers,
    /// Patrons that somebody is found to be tonight.
    found: HashSet<i64>,
    /// Those of them that a run made 4 when the person left, perhaps under another id.
    found_removed: HashSet<i64>,
    /// Sorted by patron once everybody is sorted.
    units: Vec<Unit>,
    next: usize,
    creations: Vec<Unit>,
    barcodes: HashMap<String, Vec<usize>>,
    planned: Planned,
    changes: Changes,
}

impl<'p, 'c> Planner<'p, 'c> {
    /// Sorts everybody by what was decided. `everybody`: settings changed.
    #[expect(clippy::too_many_arguments, reason = "what the whole plan is made of, once")]
    pub fn new(
        check: &'p Check<'_>,
        people: &'p People<'c>,
        employees: &Employees,
        decisions: &Decisions,
        edited: &'p PatronIds,
        everybody: bool,
        answers: &'p Answers,
        actions: Actions,
    ) -> Self {
        let mut planner = Self {
            check,
            people,
            edited,
            answers,
            found: decisions.patrons().collect(),
            found_removed: HashSet::new(),
            units: Vec::new(),
            next: 0,
            creations: Vec::new(),
            barcodes: HashMap::new(),
            planned: Planned { actions, ..Planned::default() },
            changes: Changes::default(),
        };
        planner.find_removed();
        planner.planned.actions.reserve(people.list.len());
        planner.planned.present.reserve_exact(people.list.len());
        planner.units.reserve_exact(people.list.len());
        for (index, person) in people.list.iter().enumerate() {
            planner.sort(index as u32, person, decisions, everybody);
        }
        planner.join_links();
        planner.join_creations(employees);
        planner
    }

    fn find_removed(&mut self) {
        if self.found.is_empty() {
            return;
        }
        for kind in PersonKind::ALL {
            let removed = self.check.roster.of(kind.file()).known.iter().filter(|known| known.removed_by_run);
            self.found_removed.extend(removed.map(|known| known.patron).filter(|patron| self.found.contains(patron)));
        }
    }

    fn known(&self, who: PersonRef) -> Known {
        self.check.roster.of(who.kind.file()).known(who.number)
    }

    fn sort(&mut self, index: u32, person: &Person, decisions: &Decisions, everybody: bool) {
        let (who, known) = (person.who, self.known(person.who));
        match (person.fate, decisions.get(who)) {
            (Fate::Skip, _) => self.tally(who).skipped += 1,
            (Fate::Wait(guard), _) => self.wait(who, guard),
            (_, Some(Decision::Create)) => self.creations.push(Unit::new(0, index, Evidence::NoCandidate, true)),
            (_, Some(Decision::Unmatched)) => self.unmatched(person),
            (_, Some(Decision::Skip)) => self.decline(who),
            (_, Some(Decision::Undecided(candidates))) => self.undecided(person, candidates),
            (_, Some(Decision::Link(patron, evidence))) => self.units.push(Unit::new(*patron, index, *evidence, true)),
            (_, None) => {
                let same =
                    self.check.settings.sync.mode != SyncMode::CreateOnly && self.differs(person, known, everybody);
                if same {
                    self.units.push(Unit::new(known.patron, index, Evidence::Link, false))
                } else {
                    self.as_it_was(who)
                }
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
            || self.edited.contains(known.patron)
            || self.found.contains(&known.patron)
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

    fn wait(&mut self, who: PersonRef, guard: Evidence) {
        self.tally(who).held += 1;
        self.planned.waiting.push((who, guard));
        let action = Action::new(What::Hold, who, self.known(who).patron, guard);
        self.planned.actions.push(action, &Changes::default());
    }

    /// Somebody said that this person is to be left as it is.
    fn decline(&mut self, who: PersonRef) {
        self.tally(who).skipped += 1;
        self.planned.declined.push(who);
    }

    fn unmatched(&mut self, person: &Person) {
        self.tally(person.who).skipped += 1;
        self.planned.unmatched.push(person.who);
        let message = "No patron has the identity that is chosen for matching. Nothing is created in update_only mode.";
        self.tell(person, Problem::warning(Code::PatronUnmatched, message));
    }

    fn undecided(&mut self, person: &Person, candidates: &[(i64, String)]) {
        let who = person.who;
        self.tally(who).conflicting += 1;
        let count = candidates.len();
        let message = if count == 1 {
            "A patron could be this person, but the evidence is not enough. Nothing is written until someone decides."
                .into()
        } else {
            format!("{count} patrons could be this person. Nothing is written until someone decides.")
        };
        let proposal = "`rosterd runs holds` lists the candidates; answer with `rosterd runs decide`. Or correct the patron or the row, so that number and birth date or name agree.";
        self.tell(person, Problem::warning(Code::PatronUndecided, message).propose(proposal));
        self.planned.undecided.insert(who, candidates.to_vec());
        self.planned.questions.push(Question::which(who, candidates));
        let mut action = Action::new(What::Conflict, who, 0, Evidence::Undecided);
        action.line = self.people.line(person);
        self.planned.actions.push(action, &Changes::default());
    }

    fn tell(&mut self, person: &Person, problem: Problem) {
        self.planned.problems.push(placed(self.people, person, problem));
    }

    /// People of one patron become one unit; people are in order of kind, so the teacher comes first.
    fn join_links(&mut self) {
        self.units.sort_unstable_by_key(|unit| (unit.patron, unit.main));
        self.units.dedup_by(|later, first| {
            let same = later.patron == first.patron;
            if same {
                first.second = later.main;
                first.is_new_link |= later.is_new_link;
            }
            same
        });
    }

    /// A new employee with two rows is one new patron.
    fn join_creations(&mut self, employees: &Employees) {
        let people = self.people;
        let who = |index: u32| people.list[index as usize].who;
        let twins = self.creations.iter().filter(|unit| who(unit.main).kind == PersonKind::Staff);
        let staff: HashMap<PersonRef, u32> = twins.map(|unit| (who(unit.main), unit.main)).collect();
        let mut joined = HashSet::new();
        for unit in &mut self.creations {
            let twin = employees.twin(who(unit.main)).and_then(|twin| staff.get(&twin));
            if let Some(twin) = twin.filter(|_| who(unit.main).kind == PersonKind::Teachers) {
                unit.second = *twin;
                joined.insert(*twin);
            }
        }
        self.creations.retain(|unit| !joined.contains(&unit.main));
        let single = |unit: &&Unit| unit.second == NOBODY && who(unit.main).kind.is_employee();
        self.planned.new_employees = self.creations.iter().filter(single).map(|unit| who(unit.main)).collect();
    }

    /// The patrons to show, in order.
    pub fn patrons(&self) -> Vec<i64> {
        self.units.iter().map(|unit| unit.patron).collect()
    }

    fn main(&self, unit: &Unit) -> &'p Person {
        &self.people.list[unit.main as usize]
    }

    fn people_of(&self, unit: &Unit) -> impl Iterator<Item = Person> + use<'p, 'c> {
        let (people, unit) = (self.people, *unit);
        [unit.main, unit.second]
            .into_iter()
            .filter(|index| *index != NOBODY)
            .map(move |index| people.list[index as usize])
    }

    fn desired(&self, person: &Person) -> Desired<'p> {
        let id = self.check.roster.of(person.who.kind.file()).id(person.who.number);
        Desired::new(person.who.kind, id, self.people.record(person), self.people.site(person))
    }

    fn wanted(&self, unit: &Unit) -> Wanted<'p> {
        let second = self.people.list.get(unit.second as usize);
        let previous = self.previously(self.main(unit));
        let previous = previous.map(|main| (main, second.and_then(|second| self.previously(second))));
        let main = self.desired(self.main(unit));
        Wanted { main, second: second.map(|second| self.desired(second)), previous }
    }

    /// A person as the rows told of it last time. Of another school than today's the site then is not known.
    fn previously(&self, person: &Person) -> Option<Desired<'p>> {
        let id = self.check.roster.of(person.who.kind.file()).id(person.who.number);
        let record = self.people.previous(person)?;
        let is_there_still = self.known(person.who).school == person.school;
        let site = if is_there_still { self.people.site(person) } else { "" };
        Some(Desired::new(person.who.kind, id, record, site))
    }

    /// Compares one patron with what its people want of it. Patrons come in order of their ids.
    pub fn compare(&mut self, patron: &Patron) {
        while let Some(lost) = self.units.get(self.next).filter(|unit| unit.patron < patron.id) {
            self.creations.push(Unit { patron: 0, evidence: Evidence::NoCandidate, ..*lost });
            self.next += 1;
        }
        let Some(unit) = self.units.get(self.next).copied().filter(|unit| unit.patron == patron.id) else { return };
        self.next += 1;
        if self.check.settings.sync.mode == SyncMode::CreateOnly {
            return self.people_of(&unit).for_each(|person| self.as_it_was(person.who));
        }
        let wanted = self.wanted(&unit);
        self.count_zeros(&unit, &wanted, patron);
        let is_stranger = !unit.is_new_link && wanted.is_somebody_else(patron);
        if is_stranger && !self.is_same_all_the_same(&unit, &wanted, patron) {
            self.planned.edits_left.extend(Some(patron.id).filter(|patron| self.edited.contains(*patron)));
            return;
        }
        let history = self.history(&unit, patron.id);
        let mut changes = std::mem::take(&mut self.changes);
        let findings = wanted.compare(patron, history, self.check.settings, &mut changes);
        if !findings.asked.is_empty() {
            self.planned.edits_left.push(patron.id);
        }
        self.conclude(&unit, patron, &findings, &changes);
        self.changes = changes;
    }

    /// What somebody answered about a patron who seems to be somebody else. Whether it is to be compared like any other: because it is the
    /// same person all the same, or because a guard will hold what comes out.
    fn is_same_all_the_same(&mut self, unit: &Unit, wanted: &Wanted<'_>, patron: &Patron) -> bool {
        let who = self.main(unit).who;
        let question = Question::is_it_still(who, wanted, patron);
        match self.answers.get(who, question.evidence) {
            Some(Answer::Link(_)) => return true,
            Some(Answer::Create) => {
                self.creations.push(Unit { patron: 0, evidence: Evidence::Decided, ..*unit });
                return false;
            }
            Some(Answer::Skip) => {
                self.people_of(unit).for_each(|person| self.decline(person.who));
                return false;
            }
            None => {}
        }
        self.planned.strangers.insert(who);
        self.planned.questions.push(question);
        true
    }

    /// Rule D6: numbers that lost or gained their zeros with tonight's rows.
    fn count_zeros(&mut self, unit: &Unit, wanted: &Wanted<'_>, patron: &Patron) {
        let person = *self.main(unit);
        let says_so_now =
            self.people.has_row(&person) && self.people.record(&person).hash() != self.known(person.who).record_hash;
        let number = wanted.main.fields.text(Field::Number);
        if says_so_now && differ_by_zeros(number, patron.get(P::StudentNumber).trim()) {
            self.planned.zeros[person.who.kind.index()] += 1;
        }
    }

    fn history(&self, unit: &Unit, patron: i64) -> History {
        let known = |person: &Person| self.known(person.who);
        History {
            edited: self.edited.contains(patron),
            removed_by_run: (unit.is_new_link && self.found_removed.contains(&patron))
                || self.people_of(unit).any(|person| known(&person).removed_by_run),
            is_new_link: unit.is_new_link,
            returns: self.people_of(unit).any(|person| !known(&person).state.in_roster()),
            rows_unchanged: self.people_of(unit).all(|person| {
                !self.people.has_row(&person) || self.people.record(&person).hash() == known(&person).record_hash
            }),
        }
    }

    fn conclude(&mut self, unit: &Unit, patron: &Patron, findings: &Findings, changes: &Changes) {
        let is_stranger = self.planned.strangers.contains(&self.main(unit).who);
        let what = match (changes.is_empty(), findings.reactivated, unit.is_new_link) {
            (_, true, _) => Some(What::Reactivate),
            // The guard needs something to hold, even where the library owns every field that differs.
            _ if is_stranger => Some(What::Update),
            (false, ..) => Some(What::Update),
            (true, _, true) => Some(What::Link),
            (true, ..) => None,
        };
        for person in self.people_of(unit) {
            let tally = self.tally(person.who);
            match what {
                Some(What::Reactivate) => tally.reactivated += 1,
                Some(What::Update) => tally.updated += 1,
                _ => tally.unchanged += 1,
            }
            self.planned.present.push((person.who, patron.id, unit.evidence));
        }
        if !is_stranger {
            self.report(unit, findings);
        }
        if let Some(what) = what {
            self.add(what, unit, patron.id, findings.wants_barcode, changes);
        }
    }

    fn report(&mut self, unit: &Unit, findings: &Findings) {
        for field in &findings.restored {
            let message = format!(
                "{} of patron {} was edited in the library and is set back, because the file owns it.",
                field.column(),
                unit.patron
            );
            let proposal = format!(
                "To keep such edits, set fields.{}.owner = \"library\" in the district's settings.",
                field.column()
            );
            self.tell(
                self.main(unit),
                Problem::warning(Code::PatronEdited, message).propose(proposal).column(field.column()),
            );
        }
        for field in &findings.asked {
            let name = field.column();
            let message = format!(
                "{name} of patron {} was edited in the library, and the file says otherwise. Which is right? The edit is \
                 kept until someone answers.",
                unit.patron
            );
            let proposal = format!(
                "Correct the file or the patron, or set fields.{name}.owner to \"library\" (edits stay) or \"sis\" (the file \
                 wins) in the district's settings."
            );
            self.tell(self.main(unit), Problem::warning(Code::PatronEdited, message).propose(proposal).column(name));
        }
        if findings.status_kept {
            let message = format!("The status of patron {} was set by a person and is kept.", unit.patron);
            self.tell(self.main(unit), Problem::warning(Code::StatusKept, message).column("status"));
        }
    }

    fn add(&mut self, what: What, unit: &Unit, patron: i64, wants_barcode: bool, changes: &Changes) {
        let mut action = Action::new(what, self.main(unit).who, patron, unit.evidence);
        action.second = self.people.list.get(unit.second as usize).map(|second| second.who);
        action.line = self.people.line(self.main(unit));
        if wants_barcode && let Some(change) = changes.iter().find(|change| change.field == P::Barcode) {
            self.barcodes.entry(change.new.to_owned()).or_default().push(self.planned.actions.len());
        }
        self.planned.actions.push(action, changes);
    }

    /// People whose patron was not shown: it was deleted, and they are created anew.
    pub fn recreate(&mut self) {
        self.leave_unseen_edits();
        let lost = std::mem::take(&mut self.units).split_off(self.next);
        self.creations.extend(lost.into_iter().map(|unit| Unit { patron: 0, evidence: Evidence::NoCandidate, ..unit }));
    }

    /// Whoever was not compared, being shielded or held, is looked at again once that is over.
    fn leave_unseen_edits(&mut self) {
        if self.edited.is_empty() || self.check.settings.sync.mode == SyncMode::CreateOnly {
            return;
        }
        let mut left = std::mem::take(&mut self.planned.edits_left);
        for kind in PersonKind::ALL {
            let people = self.check.roster.of(kind.file()).numbers().map(|number| PersonRef { kind, number });
            left.extend(people.filter(|who| self.is_unseen_edit(*who)).map(|who| self.known(who).patron));
        }
        left.sort_unstable();
        left.dedup();
        self.planned.edits_left = left;
    }

    fn is_unseen_edit(&self, who: PersonRef) -> bool {
        let known = self.known(who);
        let was_shown = || self.units.binary_search_by_key(&known.patron, |unit| unit.patron).is_ok();
        let is_skipped = || self.people.find(who).is_some_and(|person| person.fate == Fate::Skip);
        known.state.in_roster() && self.edited.contains(known.patron) && !was_shown() && !is_skipped()
    }

    /// Plans the new patrons, and gives the barcodes that someone is to get: nobody else may have them.
    pub fn create(&mut self) -> Vec<String> {
        let creations = std::mem::take(&mut self.creations);
        let mut changes = std::mem::take(&mut self.changes);
        for unit in &creations {
            let findings = self.wanted(unit).create(self.check.settings, &mut changes);
            for person in self.people_of(unit) {
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
            let message = "The barcode is in use by another patron. This patron gets none.";
            if let Some(person) = self.people.find(who) {
                self.tell(person, Problem::warning(Code::BarcodeTaken, message).column("barcode"));
            }
            self.planned.actions.drop_field(index, P::Barcode);
        }
        self.planned
    }
}

/// A problem with the place of a person's row.
pub(super) fn placed(people: &People<'_>, person: &Person, problem: Problem) -> Problem {
    let line = u64::from(people.line(person));
    let problem = problem.about(person.who.kind.word());
    let problem = if line > 0 { problem.at(line) } else { problem };
    problem.in_file(format!("{}.csv", person.who.kind))
}

impl Unit {
    fn new(patron: i64, main: u32, evidence: Evidence, is_new_link: bool) -> Self {
        Self { patron, main, second: NOBODY, evidence, is_new_link }
    }
}
