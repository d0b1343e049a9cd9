//! The search: for everyone without a link, which patron it is, on what evidence (rules D1 to D3, D8, D9).
//!
//! Patrons are shown one by one; memory grows with the number of seekers, not with the number of patrons.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::answers::{Answer, Answers, Question};
use super::candidates::{Group, KeyKind, Keys, MatchKeyOrder as M};
use super::desired::{Desired, guid};
use super::employees::Employees;
use super::people::{Fate, People};
use crate::check::Check;
use crate::roster::PersonKind;
use crate::roster::entities::Seen;
use crate::roster::keys::{differ_by_zeros, key, names_agree};
use crate::roster::patron::{Patron, PatronField as P};
use crate::roster::plan::{Evidence, PersonRef};
use crate::roster::schema::Field;
use crate::roster::settings::{ByName, Identity, NumberSource, Settings, SyncMode};

/// What was found for a seeker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is this patron.
    Link(i64, Evidence),
    /// Nobody could be meant.
    Create,
    /// Someone must decide among these.
    Undecided(Vec<(i64, String)>),
    /// In `update_only`: no patron has the identity.
    Unmatched,
    /// Somebody decided to leave the person as it is.
    Skip,
}

/// Everyone who seeks a patron.
#[derive(Debug)]
pub struct Search<'p, 'c> {
    check: &'p Check<'p>,
    people: &'p People<'c>,
    settings: &'p Settings,
    seekers: Vec<PersonRef>,
    keys: Keys,
    hits: Vec<Hit>,
    holders: HashMap<i64, PersonRef>,
    /// Patrons of people who vanished, with the key of their id.
    vanished: HashMap<i64, u64>,
}

/// A patron that one key of a seeker names.
#[derive(Debug, Clone, Copy)]
struct Hit {
    seeker: u32,
    patron: i64,
    kind: KeyKind,
    evidence: Option<Evidence>,
}

impl<'p, 'c> Search<'p, 'c> {
    /// Everyone whose fate is to be written and who has no link.
    pub fn new(check: &'p Check<'_>, people: &'p People<'c>, employees: &Employees) -> Self
    where
        'c: 'p,
    {
        let seeks = |who: &PersonRef| check.roster.of(who.kind.file()).known(who.number).patron == 0;
        let seekers: Vec<_> = people
            .list
            .iter()
            .filter(|person| person.fate == Fate::Write)
            .map(|person| person.who)
            .filter(seeks)
            .collect();
        let mut search = Self {
            check,
            people,
            settings: check.settings,
            seekers,
            keys: Keys::default(),
            hits: Vec::new(),
            holders: HashMap::new(),
            vanished: HashMap::new(),
        };
        if !search.is_empty() {
            search.collect_holders();
            search.collect_keys(employees);
        }
        search
    }

    /// Whether nobody seeks, so that no patron need be shown.
    pub fn is_empty(&self) -> bool {
        self.seekers.is_empty()
    }

    fn collect_keys(&mut self, employees: &Employees) {
        let seekers = self.seekers.clone();
        for (index, who) in seekers.iter().enumerate() {
            let twin = employees.twin(*who);
            let is_twin = |other: u32| twin == Some(seekers[other as usize]);
            for (kind, key) in self.keys_of(*who) {
                self.keys.add(group(who.kind), kind, key, index as u32, is_twin);
            }
        }
        self.share_with_the_linked(employees);
    }

    /// Keys of a person of the set; of one who was not read, those that the roster remembers.
    fn keys_of(&self, who: PersonRef) -> Vec<(KeyKind, u64)> {
        let Some(person) = self.people.find(who) else { return self.remembered_keys(who) };
        let id = self.check.roster.of(who.kind.file()).id(who.number);
        let record = self.people.record(person);
        let desired = Desired::new(who.kind, id, record, "");
        let of = |field: P| desired.get(field, self.settings).map_or(0, |value| key(&value));
        if self.settings.sync.mode == SyncMode::UpdateOnly {
            return vec![(KeyKind::Identity, self.identity(record))];
        }
        let matched = self.settings.matching.keys.iter().map(|&one| M::from(one));
        let mut keys: Vec<_> = matched
            .map(|one| match one {
                M::Guid => (KeyKind::Match(one), key(&guid(&self.settings.id, who.kind, id))),
                M::StudentNumber => (KeyKind::Match(one), of(P::StudentNumber)),
                M::Email => (KeyKind::Match(one), of(P::Email)),
                M::Barcode => (KeyKind::Match(one), of(P::Barcode)),
                M::CommunityId => (KeyKind::Match(one), of(P::CommunityId)),
            })
            .collect();
        if !self.vanished.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit()) {
            keys.push((KeyKind::IdButForZeros, key(id)));
        }
        if !self.vanished.is_empty() {
            keys.push((KeyKind::NamesAndBirthdate, born_key(&record)));
        }
        if self.settings.matching.by_name == ByName::Review {
            keys.push((KeyKind::Names, name_key(record.text(Field::FirstName), record.text(Field::LastName))));
        }
        keys
    }

    fn identity(&self, record: crate::roster::record::Record<'_>) -> u64 {
        key(record.text(match self.settings.matching.identity {
            Identity::Username => Field::Username,
            Identity::SecondaryEmail => Field::SecondaryEmail,
            Identity::Number => Field::Number,
        }))
    }

    fn remembered_keys(&self, who: PersonRef) -> Vec<(KeyKind, u64)> {
        let entities = self.check.roster.of(who.kind.file());
        let known = entities.known(who.number);
        let map = self.settings.map.of(who.kind);
        let mapped = |source: Option<NumberSource>| match source {
            Some(NumberSource::StudentNumber | NumberSource::TeacherNumber) => known.number_key,
            Some(NumberSource::SisId | NumberSource::StaffId) => key(entities.id(who.number)),
            // Where state ids are mapped, everybody's row is read.
            Some(NumberSource::StateId) | None => 0,
        };
        vec![
            (KeyKind::Match(M::StudentNumber), known.number_key),
            (KeyKind::Match(M::Email), known.email_key),
            (KeyKind::Match(M::Barcode), mapped(map.barcode)),
            (KeyKind::Match(M::CommunityId), mapped(map.community_id)),
            (KeyKind::Identity, known.number_key),
        ]
    }

    /// A key that somebody else of the set has too proves nothing (rule D2). An employee's other row is no one else.
    fn share_with_the_linked(&mut self, employees: &Employees) {
        for kind in PersonKind::ALL {
            let entities = self.check.roster.of(kind.file());
            for number in entities.numbers() {
                let who = PersonRef { kind, number };
                // Whose row asks for removal is no one of the set.
                let in_set = entities.seen(number).in_set() && !self.people.is_gone(who);
                if !in_set || self.seekers.binary_search(&who).is_ok() {
                    continue;
                }
                for (key_kind, key) in self.keys_of(who) {
                    let twin_seeks = |seeker: u32| employees.twin(who) == Some(self.seekers[seeker as usize]);
                    let holder = self.keys.find(group(kind), key_kind, key);
                    if holder.is_some_and(|holder| !twin_seeks(holder.seeker)) {
                        self.keys.share(group(kind), key_kind, key);
                    }
                }
            }
        }
    }

    /// Whose patron each linked patron is, and who vanished under which id.
    fn collect_holders(&mut self) {
        for kind in PersonKind::ALL {
            let entities = self.check.roster.of(kind.file());
            for number in entities.numbers() {
                let (known, who) = (entities.known(number), PersonRef { kind, number });
                if known.patron != 0 {
                    let here = self.is_here(who);
                    let holder = self.holders.entry(known.patron).or_insert(who);
                    *holder = if here { who } else { *holder };
                    if !here {
                        self.vanished.insert(known.patron, key(entities.id(number)));
                    }
                }
            }
        }
    }

    /// How many seek a patron.
    pub fn len(&self) -> usize {
        self.seekers.len()
    }

    /// Fields of a patron that hold a key.
    pub const KEY_FIELDS: [P; 11] = [
        P::Guid,
        P::StudentNumber,
        P::Barcode,
        P::CommunityId,
        P::Email,
        P::Username,
        P::OtherEmails,
        P::FirstName,
        P::LastName,
        P::Birthdate,
        P::Roles,
    ];

    /// Whether any seeker might be this patron, of whom only [`Self::KEY_FIELDS`] are known.
    pub fn is_of_interest(&self, patron: &Patron) -> bool {
        let seeks = |&(kind, key): &(KeyKind, u64)| {
            key != 0 && groups_of(patron.get(P::Roles)).any(|group| self.keys.find(group, kind, key).is_some())
        };
        self.keys_of_patron(patron).iter().any(seeks)
    }

    /// Shows a patron of the district to everyone who might be it.
    pub fn see(&mut self, patron: &Patron) {
        if patron.belongs_to_system() {
            return;
        }
        for (kind, key) in self.keys_of_patron(patron) {
            for group in groups_of(patron.get(P::Roles)) {
                if let Some(holder) = self.keys.find(group, kind, key) {
                    self.hit(patron, holder.seeker, kind, holder.shared);
                }
            }
        }
    }

    fn keys_of_patron(&self, patron: &Patron) -> [(KeyKind, u64); 9] {
        [
            (KeyKind::Match(M::Guid), key(patron.get(P::Guid))),
            (KeyKind::Match(M::StudentNumber), key(patron.get(P::StudentNumber))),
            (KeyKind::Match(M::Barcode), key(patron.get(P::Barcode))),
            (KeyKind::Match(M::CommunityId), key(patron.get(P::CommunityId))),
            (KeyKind::Match(M::Email), key(patron.get(P::Email))),
            (KeyKind::IdButForZeros, self.vanished.get(&patron.id).copied().unwrap_or(0)),
            (KeyKind::NamesAndBirthdate, self.born_of(patron)),
            (KeyKind::Identity, self.identity_of(patron)),
            (KeyKind::Names, self.names_of(patron)),
        ]
    }

    fn identity_of(&self, patron: &Patron) -> u64 {
        if self.settings.sync.mode != SyncMode::UpdateOnly {
            return 0;
        }
        key(patron.get(match self.settings.matching.identity {
            Identity::Username => P::Username,
            Identity::SecondaryEmail => P::OtherEmails,
            Identity::Number => P::StudentNumber,
        }))
    }

    /// Name and birth date count only for patrons of people who vanished (rule D5).
    fn born_of(&self, patron: &Patron) -> u64 {
        let key = || names_and_birthdate(patron.get(P::FirstName), patron.get(P::LastName), patron.get(P::Birthdate));
        if self.vanished.contains_key(&patron.id) { key() } else { 0 }
    }

    fn names_of(&self, patron: &Patron) -> u64 {
        if self.settings.matching.by_name == ByName::Never {
            return 0;
        }
        name_key(patron.get(P::FirstName), patron.get(P::LastName))
    }

    fn hit(&mut self, patron: &Patron, seeker: u32, kind: KeyKind, shared: bool) {
        let who = self.seekers[seeker as usize];
        if self.is_taken(patron.id, who) || shared {
            return;
        }
        if kind == KeyKind::IdButForZeros && !self.is_zero_twin(patron, who) {
            return;
        }
        let evidence = self.evidence(patron, who, kind);
        self.hits.push(Hit { seeker, patron: patron.id, kind, evidence });
    }

    /// Whether the patron is somebody else's who is in this set, or may be (rule D3).
    fn is_taken(&self, patron: i64, who: PersonRef) -> bool {
        self.holders.get(&patron).is_some_and(|holder| {
            let twin = holder.kind != who.kind && holder.kind.is_employee() && who.kind.is_employee();
            self.is_here(*holder) && !twin
        })
    }

    /// Whether the person is in this set, or stays in the roster without it. Who comes back is here, too.
    fn is_here(&self, who: PersonRef) -> bool {
        let entities = self.check.roster.of(who.kind.file());
        let (seen, state) = (entities.seen(who.number), entities.known(who.number).state);
        let asks_removal = seen.has(Seen::DELETE);
        !self.people.is_gone(who) && (state.in_roster() || (seen.in_set() && !asks_removal))
    }

    fn is_zero_twin(&self, patron: &Patron, who: PersonRef) -> bool {
        let ids = |one: PersonRef| self.check.roster.of(one.kind.file()).id(one.number);
        self.holders
            .get(&patron.id)
            .is_some_and(|holder| holder.kind == who.kind && differ_by_zeros(ids(*holder), ids(who)))
    }

    /// Whether the rest of the record agrees with what a key says (rule D3).
    fn evidence(&self, patron: &Patron, who: PersonRef, kind: KeyKind) -> Option<Evidence> {
        let record = self.people.find(who).map(|person| self.people.record(person))?;
        let born = record.text(Field::Birthdate);
        let same_birthdate = !born.is_empty() && born == patron.get(P::Birthdate).trim();
        let same_first = names_agree(record.text(Field::FirstName), patron.get(P::FirstName));
        let same_last = names_agree(record.text(Field::LastName), patron.get(P::LastName));
        let name = same_last || (who.kind.is_employee() && same_first);
        match kind {
            KeyKind::Match(M::Guid) => Some(Evidence::Guid),
            KeyKind::Identity => Some(Evidence::Identity),
            KeyKind::Match(M::StudentNumber) if same_birthdate => Some(Evidence::NumberAndBirthdate),
            KeyKind::Match(M::StudentNumber) if name => Some(Evidence::NumberAndName),
            KeyKind::Match(M::Email) if same_birthdate => Some(Evidence::EmailAndBirthdate),
            KeyKind::Match(M::Email) if same_first && same_last => Some(Evidence::EmailAndNames),
            KeyKind::Match(M::Barcode) if same_birthdate || name => Some(Evidence::Barcode),
            KeyKind::Match(M::CommunityId) if same_birthdate || name => Some(Evidence::CommunityId),
            KeyKind::IdButForZeros if same_birthdate || name => Some(Evidence::IdButForZeros),
            KeyKind::NamesAndBirthdate => Some(Evidence::NamesAndBirthdate),
            _ => None,
        }
    }

    /// What was found for each seeker.
    pub fn decide(mut self, employees: &Employees, answers: &Answers) -> Decisions {
        self.keys = Keys::default();
        self.hits.sort_unstable_by_key(|hit| (hit.seeker, hit.kind, hit.patron));
        let hits = std::mem::take(&mut self.hits);
        let mut rest = hits.as_slice();
        let mut decisions = Decisions { seekers: std::mem::take(&mut self.seekers), decided: Vec::new() };
        decisions.decided.reserve_exact(decisions.seekers.len());
        for index in 0..decisions.seekers.len() {
            let count = rest.iter().take_while(|hit| hit.seeker == index as u32).count();
            let (own, others) = rest.split_at(count);
            rest = others;
            decisions.decided.push(self.decide_one(own));
        }
        self.join_twins(employees, &mut decisions);
        decisions.refuse_shared_patrons(employees);
        self.answer(answers, &mut decisions);
        decisions
    }

    /// What somebody answered decides, unless the patron has become somebody else's since.
    fn answer(&self, answers: &Answers, decisions: &mut Decisions) {
        let taken: HashSet<i64> = decisions.patrons().collect();
        for (who, decision) in decisions.seekers.iter().zip(&mut decisions.decided) {
            let Decision::Undecided(candidates) = decision else { continue };
            match answers.get(*who, Question::which(*who, candidates).evidence) {
                Some(Answer::Link(patron)) if !taken.contains(&patron) && !self.is_taken(patron, *who) => {
                    *decision = Decision::Link(patron, Evidence::Decided);
                }
                Some(Answer::Create) => *decision = Decision::Create,
                Some(Answer::Skip) => *decision = Decision::Skip,
                _ => {}
            }
        }
    }

    fn decide_one(&self, hits: &[Hit]) -> Decision {
        let mode = self.settings.sync.mode;
        if hits.is_empty() {
            return if mode == SyncMode::UpdateOnly { Decision::Unmatched } else { Decision::Create };
        }
        let unshared = |hit: &&Hit| hits.iter().filter(|other| other.kind == hit.kind).count() == 1;
        let evidence: Vec<_> = hits.iter().filter(unshared).filter(|hit| hit.kind != KeyKind::Names).collect();
        let patrons: HashSet<i64> = evidence.iter().map(|hit| hit.patron).collect();
        let proof = evidence.iter().find_map(|hit| hit.evidence);
        match (patrons.len(), proof) {
            (1, Some(proof)) => Decision::Link(evidence[0].patron, proof),
            _ => Decision::Undecided(candidates(hits)),
        }
    }

    /// Teacher and staff member who are one employee get one patron, whichever of them found it.
    fn join_twins(&self, employees: &Employees, decisions: &mut Decisions) {
        for index in 0..decisions.seekers.len() {
            let who = decisions.seekers[index];
            let Some(twin) = employees.twin(who) else { continue };
            let linked = self.check.roster.of(twin.kind.file()).known(twin.number).patron;
            let exists = linked != 0 && !self.people.is_gone(twin);
            let own = decisions.decided[index].clone();
            let theirs = decisions.get(twin).cloned();
            let joined = match (own, theirs) {
                (Decision::Create | Decision::Link(..), _) if exists => Decision::Link(linked, Evidence::SameEmployee),
                (Decision::Create, Some(Decision::Link(patron, _))) => Decision::Link(patron, Evidence::SameEmployee),
                (Decision::Link(mine, _), Some(Decision::Link(patron, _))) if mine != patron => {
                    Decision::Undecided(vec![
                        (mine, "this row".into()),
                        (patron, "the other row of this employee".into()),
                    ])
                }
                (Decision::Create, Some(Decision::Undecided(found))) => Decision::Undecided(found),
                (own, _) => own,
            };
            decisions.decided[index] = joined;
        }
    }
}

/// What was found for everybody who sought.
#[derive(Debug, Default)]
pub struct Decisions {
    seekers: Vec<PersonRef>,
    decided: Vec<Decision>,
}

impl Decisions {
    /// What was found for `who`, if it sought.
    pub fn get(&self, who: PersonRef) -> Option<&Decision> {
        self.seekers.binary_search(&who).ok().map(|index| &self.decided[index])
    }

    /// Patrons that were found.
    pub fn patrons(&self) -> impl Iterator<Item = i64> + '_ {
        self.decided
            .iter()
            .filter_map(|decision| if let Decision::Link(patron, _) = decision { Some(*patron) } else { None })
    }

    /// Who was found to be which patron.
    pub fn links(&self) -> impl Iterator<Item = (PersonRef, i64)> + '_ {
        let found = self.seekers.iter().zip(&self.decided);
        found.filter_map(
            |(who, decision)| if let Decision::Link(patron, _) = decision { Some((*who, *patron)) } else { None },
        )
    }

    /// Two people may not take one patron; neither gets it until someone decides.
    fn refuse_shared_patrons(&mut self, employees: &Employees) {
        let found = self.decided.iter().enumerate();
        let mut takers: Vec<(i64, usize)> = found
            .filter_map(
                |(index, decision)| {
                    if let Decision::Link(patron, _) = decision { Some((*patron, index)) } else { None }
                },
            )
            .collect();
        takers.sort_unstable();
        for group in takers.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() > 1) {
            let is_one = group.len() == 2 && employees.twin(self.seekers[group[0].1]) == Some(self.seekers[group[1].1]);
            for (patron, index) in group.iter().filter(|_| !is_one) {
                self.decided[*index] =
                    Decision::Undecided(vec![(*patron, "somebody else of this set could be it too".into())]);
            }
        }
    }
}

fn candidates(hits: &[Hit]) -> Vec<(i64, String)> {
    let mut found: BTreeMap<i64, Vec<&str>> = BTreeMap::new();
    for hit in hits {
        let word = match hit.kind {
            KeyKind::Match(M::Guid) => "guid",
            KeyKind::Match(M::StudentNumber) => "student_number",
            KeyKind::Match(M::Email) => "email",
            KeyKind::Match(M::Barcode) => "barcode",
            KeyKind::Match(M::CommunityId) => "community_id",
            KeyKind::IdButForZeros => "id but for leading zeros",
            KeyKind::Identity => "match.identity",
            KeyKind::NamesAndBirthdate => "first and last name, birthdate",
            KeyKind::Names => "first and last name",
        };
        let words = found.entry(hit.patron).or_default();
        words.push(word);
    }
    found.into_iter().map(|(patron, words)| (patron, words.join(", "))).collect()
}

fn group(kind: PersonKind) -> Group {
    if kind.is_employee() { Group::Employees } else { Group::Students }
}

/// Which groups a patron can belong to: students never merge with employees (rule D7).
fn groups_of(roles: &str) -> impl Iterator<Item = Group> {
    let has = |role: &str| roles.split(',').any(|one| one.trim() == role);
    let student = has("student");
    let employee = has("teacher") || has("staff") || has("district_admin");
    let students = (student || !employee).then_some(Group::Students);
    let employees = (employee || !student).then_some(Group::Employees);
    students.into_iter().chain(employees)
}

fn name_key(first: &str, last: &str) -> u64 {
    use crate::roster::keys::fold_name;
    if first.is_empty() || last.is_empty() { 0 } else { key(&(fold_name(first) + "\n" + &fold_name(last))) }
}

fn born_key(record: &crate::roster::record::Record<'_>) -> u64 {
    names_and_birthdate(record.text(Field::FirstName), record.text(Field::LastName), record.text(Field::Birthdate))
}

fn names_and_birthdate(first: &str, last: &str, born: &str) -> u64 {
    use crate::roster::keys::fold_name;
    if [first, last, born].iter().any(|part| part.trim().is_empty()) {
        return 0;
    }
    key(&format!("{}\n{}\n{}", fold_name(first), fold_name(last), born.trim()))
}
