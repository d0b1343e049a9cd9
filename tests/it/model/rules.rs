//! The rules once more, in plain maps: what one delivery does to the library, as the design says it. Everybody is looked at every time, and
//! nothing is remembered for speed. It shares no line with the program.

use std::collections::{BTreeMap, BTreeSet};

use super::guards;
use super::town::{Kind, Row, Set};

/// A person by kind and id.
pub type Who = (Kind, String);

/// A patron's fields by name; a blank one is not there.
pub type Patron = BTreeMap<&'static str, String>;

/// The district's settings, as far as towns differ in them.
#[derive(Debug, Clone)]
pub struct Rules {
    pub percent: u64,
    pub at_least: u64,
    pub school_at_least: u64,
    pub grace_days: i64,
    /// `hold_removals`, `hold_all` or `stop`.
    pub at_limit: &'static str,
    /// `sis`, `library` or `fill`.
    pub email_owner: &'static str,
    /// First and last day.
    pub blackout: Option<(i64, i64)>,
    pub additive: Option<(i64, i64)>,
    pub holds_first_run: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    Present,
    Missing,
    Gone,
    Waiting,
}

/// What the roster says of a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    pub state: State,
    pub row: Row,
    pub school: String,
    pub patron: Option<u32>,
    /// The first day of absence; of those who are gone the day, unless somebody approved it.
    pub since: Option<i64>,
    /// The run that wrote this.
    pub run: usize,
}

/// A change that somebody does not want: of the person with this row, or without one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub row: Option<Row>,
    pub is_undone: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    Create,
    Update,
    Reactivate,
    Link,
    Remove,
    Wait,
}

/// Field, old and new value.
pub type Value = (&'static str, String, String);

/// What is done to one person's patron.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Action {
    pub what: What,
    pub who: Who,
    pub patron: Option<u32>,
    pub values: Vec<Value>,
    pub is_new_link: bool,
    pub is_deleted: bool,
    /// Place of the hold.
    pub hold: Option<usize>,
}

/// What makes two held actions the same.
pub type Same = (Who, Option<u32>, Vec<Value>);

impl Action {
    pub fn same(&self) -> Same {
        (self.who.clone(), self.patron, self.values.clone())
    }

    pub fn writes(&self) -> bool {
        matches!(self.what, What::Create | What::Update | What::Reactivate | What::Link)
    }
}

/// What somebody approved, and whom later deltas name.
#[derive(Debug, Clone, Default)]
pub struct Order {
    pub approved: BTreeSet<Same>,
    pub approved_nothing: bool,
    pub named: BTreeSet<Who>,
}

/// What stands in a delivery, and for whom it says nothing because a row was refused.
#[derive(Debug, Default)]
pub struct Read {
    pub full: bool,
    pub rows: BTreeMap<Who, Row>,
    pub deleted: BTreeSet<Who>,
    pub shielded: BTreeSet<Who>,
    /// Ids of all rows, refused ones too.
    pub named: BTreeSet<Who>,
    pub unrecognised: BTreeSet<Kind>,
    pub schools: BTreeSet<String>,
}

/// What a run would do.
#[derive(Debug, Default)]
pub struct Plan {
    pub read: Read,
    pub actions: Vec<Action>,
    pub holds: Vec<guards::Hold>,
    pub is_stale: bool,
    /// Everybody whose row was looked at, with school.
    pub schools: BTreeMap<Who, String>,
    /// Who is there, with the patron; `None` where it is created.
    pub present: BTreeMap<Who, Option<u32>>,
    /// Patrons that were looked at.
    pub compared: BTreeSet<u32>,
    /// Who waits for a school, a decision, or because a change is not wanted.
    pub waiting: BTreeSet<Who>,
    /// Candidates of the undecided.
    pub undecided: BTreeMap<Who, BTreeSet<u32>>,
    pub gone: BTreeSet<Who>,
    pub leaving: BTreeSet<Who>,
    pub missing: BTreeSet<Who>,
    /// Old and new id, and the patron.
    pub moved: Vec<(Who, Who, u32)>,
    /// Who left before and whose patron is found to be somebody else, with that one.
    pub unlinked: Vec<(Who, Who)>,
    pub strangers: BTreeSet<Who>,
    pub zeros: BTreeMap<Kind, u64>,
    pub forgotten: BTreeSet<Who>,
    pub dropped: BTreeSet<Who>,
    pub undone: BTreeSet<Who>,
    pub sites: BTreeMap<String, String>,
}

/// The library and its roster.
#[derive(Debug, Clone)]
pub struct Library {
    pub rules: Rules,
    pub today: i64,
    pub patrons: BTreeMap<u32, Patron>,
    pub patrons_given: u32,
    pub people: BTreeMap<Who, Person>,
    pub schools: BTreeSet<String>,
    /// Every school that was ever taken in.
    pub known_schools: BTreeSet<String>,
    pub sites: BTreeMap<String, String>,
    pub refused: BTreeMap<Who, Refusal>,
    pub zeros_discarded: bool,
    pub has_touched: bool,
    /// Patrons that a run made 4, while the person is not back.
    pub made_4: BTreeSet<u32>,
    /// Patrons that people touched and no run looked at since.
    pub touched: BTreeSet<u32>,
}

pub fn get<'p>(patron: &'p Patron, field: &str) -> &'p str {
    patron.get(field).map_or("", String::as_str)
}

/// The id under which patrons of files are known everywhere.
pub fn guid((kind, id): &Who) -> String {
    let name = format!("rosterd:default:{}:{id}", kind.word());
    uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_URL, name.as_bytes()).to_string()
}

/// Without leading zeros and case; blank is nothing.
pub fn key(value: &str) -> Option<String> {
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit());
    let value = if is_number { value.trim_start_matches('0') } else { value };
    (!value.is_empty()).then(|| value.to_lowercase())
}

pub fn differ_by_zeros(one: &str, other: &str) -> bool {
    let is_number = |value: &str| !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    one != other && is_number(one) && is_number(other) && key(one) == key(other)
}

fn agree(one: &str, other: &str) -> bool {
    !one.is_empty() && one.eq_ignore_ascii_case(other)
}

fn is_readable(row: &Row) -> bool {
    [&row.id, &row.first, &row.last, &row.school].into_iter().all(|cell| !cell.is_empty())
}

impl State {
    pub fn in_roster(self) -> bool {
        self != Self::Gone
    }
}

impl Library {
    /// An empty one.
    pub fn new(rules: Rules, today: i64) -> Self {
        Self {
            rules,
            today,
            patrons: BTreeMap::new(),
            patrons_given: 0,
            people: BTreeMap::new(),
            schools: BTreeSet::new(),
            known_schools: BTreeSet::new(),
            sites: BTreeMap::new(),
            refused: BTreeMap::new(),
            zeros_discarded: false,
            has_touched: false,
            made_4: BTreeSet::new(),
            touched: BTreeSet::new(),
        }
    }

    fn in_roster(&self, who: &Who) -> bool {
        self.people.get(who).is_some_and(|person| person.state.in_roster())
    }

    fn patron_of(&self, who: &Who) -> Option<u32> {
        self.people.get(who).and_then(|person| person.patron)
    }

    pub fn is_within(&self, window: Option<(i64, i64)>) -> bool {
        window.is_some_and(|(from, to)| (from..=to).contains(&self.today))
    }

    /// Whether the set is refused as a whole: nobody in it of whom there were some, or too many rows that cannot be read.
    pub fn refuses(&self, set: &Set) -> bool {
        let is_bad = |kind: Kind| {
            let rows = || set.rows.iter().filter(|(of, _)| *of == kind);
            let there_were = self.people.iter().any(|((of, _), person)| *of == kind && person.state.in_roster());
            let bad = rows().filter(|(_, row)| !is_readable(row)).count();
            (rows().next().is_none() && there_were) || bad * 4 > rows().count()
        };
        set.full && Kind::ALL.into_iter().any(is_bad)
    }

    /// Rules C2, C5 and C7.
    pub fn read(&self, set: &Set) -> Read {
        let mut read = Read { full: set.full, schools: set.schools.iter().cloned().collect(), ..Read::default() };
        let all = || set.rows.iter().chain(&set.deletes);
        let is_doubled = |kind: Kind, row: &Row| {
            let is_same = |other: &Row| !row.number.is_empty() && is_readable(other) && other.number == row.number;
            set.rows.iter().filter(|(of, other)| *of == kind && is_same(other)).count() > 1
        };
        for (kind, row) in all() {
            let who = (*kind, row.id.clone());
            let asks_removal = set.deletes.iter().any(|(of, other)| of == kind && other == row);
            if asks_removal {
                read.deleted.insert(who.clone());
            } else if is_readable(row) {
                // A number that somebody else has too is dropped.
                let drops_number = is_doubled(*kind, row);
                let number = if drops_number { String::new() } else { row.number.clone() };
                read.rows.insert(who.clone(), Row { number, drops_number, ..row.clone() });
            } else {
                self.recognise(*kind, row, &mut read);
            }
            if !row.id.is_empty() {
                read.named.insert(who);
            }
        }
        read
    }

    fn recognise(&self, kind: Kind, row: &Row, read: &mut Read) {
        let cells = [&row.id, &row.number, &row.email, &row.first, &row.last, &row.born, &row.grade, &row.school];
        let is_named =
            |value: &str| key(value).is_some_and(|value| cells.iter().any(|cell| key(cell).as_ref() == Some(&value)));
        let mut found: BTreeSet<Who> = BTreeSet::new();
        for (who, person) in self.people.iter().filter(|(_, person)| person.state.in_roster()) {
            let has_id = cells.iter().any(|cell| **cell == who.1);
            if has_id || is_named(&person.row.number) || is_named(&person.row.email) {
                found.insert(who.clone());
            }
        }
        if !found.iter().any(|(of, _)| *of == kind) {
            read.unrecognised.insert(kind);
        }
        if !row.id.is_empty() {
            found.insert((kind, row.id.clone()));
        }
        read.shielded.extend(found);
    }

    /// Everything that the set would change, before anybody is asked.
    pub fn plan(&self, set: &Set, order: &Order) -> Plan {
        let mut plan = Plan { read: self.read(set), ..Plan::default() };
        plan.read.shielded.extend(order.named.iter().cloned());
        let shielded = plan.read.shielded.clone();
        for who in plan.read.named.clone() {
            if plan.read.deleted.contains(&who) && self.in_roster(&who) && !shielded.contains(&who) {
                plan.gone.insert(who);
            }
        }
        for (who, person) in self.people.iter().filter(|(_, person)| person.state.in_roster()) {
            if plan.read.full && !plan.read.named.contains(who) && !shielded.contains(who) {
                plan.gone.insert(who.clone());
            }
            debug_assert!(person.state != State::Gone);
        }
        let rows: Vec<(Who, Row)> =
            plan.read.rows.clone().into_iter().filter(|(who, _)| !shielded.contains(who)).collect();
        let mut seekers = Vec::new();
        for (who, row) in rows.iter().chain(&self.edited(&plan)) {
            let is_known = self.known_schools.contains(&row.school) || plan.read.schools.contains(&row.school);
            plan.schools.insert(who.clone(), if is_known { row.school.clone() } else { String::new() });
            let site = self.sites.get(&row.school).cloned();
            let site = site.or_else(|| self.patrons.is_empty().then(|| row.school.clone()));
            if let Some(site) = &site {
                plan.sites.insert(row.school.clone(), site.clone());
            }
            let is_named = plan.read.rows.contains_key(who);
            let is_there =
                !is_named || if plan.read.full { &plan.read.schools } else { &self.schools }.contains(&row.school);
            match (is_there, site) {
                (true, Some(_)) if self.patron_of(who).is_none() => seekers.push(who.clone()),
                (true, Some(site)) => self.compare(&mut plan, who, row, &site),
                (is_there, _) => {
                    plan.waiting.insert(who.clone());
                    let guard = if is_there { "school_unmapped" } else { "school_missing" };
                    plan.wait(who, self.patron_of(who), guard, &row.school);
                }
            }
        }
        for (who, patron) in self.seek(&mut plan, &seekers) {
            let row = plan.read.rows[&who].clone();
            let site = plan.sites[&row.school].clone();
            match patron {
                Some(patron) => self.compare_with(&mut plan, &who, &row, &site, patron, true),
                None => self.create(&mut plan, &who, &row, &site),
            }
        }
        self.let_go(&mut plan);
        self.leave_out_refused(&mut plan);
        guards::guard(self, &mut plan, order);
        plan
    }

    /// People whose patron somebody edited are looked at even if the set does not name them, unless they wait for somebody.
    fn edited(&self, plan: &Plan) -> Vec<(Who, Row)> {
        let people = self.people.iter().filter(|(who, person)| {
            let is_edited = person.patron.is_some_and(|patron| self.touched.contains(&patron));
            let is_there = person.state == State::Present && !plan.gone.contains(*who);
            is_edited && is_there && !plan.read.named.contains(*who) && !plan.read.shielded.contains(*who)
        });
        people.map(|(who, person)| (who.clone(), person.row.clone())).collect()
    }

    fn compare(&self, plan: &mut Plan, who: &Who, row: &Row, site: &str) {
        match self.patron_of(who).filter(|patron| self.patrons.contains_key(patron)) {
            Some(patron) => self.compare_with(plan, who, row, site, patron, false),
            None => self.create(plan, who, row, site),
        }
    }

    /// What the row wants of the patron's fields.
    fn wanted(who: &Who, row: &Row, site: &str) -> [(&'static str, String); 9] {
        [
            ("guid", guid(who)),
            ("student_number", row.number.clone()),
            ("first_name", row.first.clone()),
            ("last_name", row.last.clone()),
            ("email", row.email.clone()),
            ("roles", who.0.role().into()),
            ("site", site.into()),
            ("birthdate", row.born.clone()),
            ("level", row.grade.clone()),
        ]
    }

    fn create(&self, plan: &mut Plan, who: &Who, row: &Row, site: &str) {
        let wanted = Self::wanted(who, row, site).into_iter().chain([("status", "1".to_owned())]);
        let values =
            wanted.filter(|(_, new)| !new.is_empty()).map(|(field, new)| (field, String::new(), new)).collect();
        plan.present.insert(who.clone(), None);
        plan.act(What::Create, who, None, values, true);
    }

    /// Rules E1 to E4, D4 and D6.
    fn compare_with(&self, plan: &mut Plan, who: &Who, row: &Row, site: &str, id: u32, is_new_link: bool) {
        plan.compared.insert(id);
        let patron = &self.patrons[&id];
        let mut values = Vec::new();
        for (field, new) in Self::wanted(who, row, site) {
            let old = get(patron, field);
            let is_same = old == new || new.is_empty() || (field == "student_number" && differ_by_zeros(old, &new));
            let owner = if field == "email" { self.rules.email_owner } else { "sis" };
            let stays = owner == "library" || (owner == "fill" && !old.is_empty());
            if !is_same && !stays {
                values.push((field, old.to_owned(), new));
            }
        }
        let person = self.people.get(who);
        let status = get(patron, "status");
        let comes_back = status == "4" && self.made_4.contains(&id);
        if comes_back {
            values.push(("status", status.to_owned(), "1".into()));
        }
        let is_stranger = !is_new_link && is_somebody_else(row, patron);
        if is_stranger {
            plan.strangers.insert(who.clone());
        }
        let says_otherwise = person.is_none_or(|person| person.row != *row);
        if says_otherwise && differ_by_zeros(&row.number, get(patron, "student_number")) {
            *plan.zeros.entry(who.0).or_default() += 1;
        }
        plan.present.insert(who.clone(), Some(id));
        if comes_back {
            plan.act(What::Reactivate, who, Some(id), values, is_new_link);
        } else if is_stranger || !values.is_empty() {
            plan.act(What::Update, who, Some(id), values, is_new_link);
        } else if is_new_link {
            plan.act(What::Link, who, Some(id), values, true);
        }
    }

    /// Rules D1 to D3 and D5: the patron of everybody who has none, or that a new one is made. Who is not certain is left to people.
    fn seek(&self, plan: &mut Plan, seekers: &[Who]) -> Vec<(Who, Option<u32>)> {
        let is_here = |who: &Who| !plan.gone.contains(who) && (plan.read.named.contains(who) || self.in_roster(who));
        let linked: Vec<(&Who, u32)> =
            self.people.iter().filter_map(|(who, person)| Some((who, person.patron?))).collect();
        let taken: BTreeSet<u32> = linked.iter().filter(|(who, _)| is_here(who)).map(|(_, patron)| *patron).collect();
        let vanished: BTreeMap<u32, &Who> =
            linked.iter().filter(|(_, patron)| !taken.contains(patron)).map(|(who, patron)| (*patron, *who)).collect();
        let mut found: BTreeMap<Who, Found> = BTreeMap::new();
        for who in seekers {
            found.insert(who.clone(), self.candidates(plan, who, &taken, &vanished));
        }
        let finds = |patron: u32| found.values().filter(|one| one.is_patron(patron)).count();
        let mut certain = Vec::new();
        for (who, one) in &found {
            match one {
                Found::Nobody => certain.push((who.clone(), None)),
                Found::Patron(patron) if finds(*patron) == 1 => certain.push((who.clone(), Some(*patron))),
                Found::Patron(patron) => drop(plan.undecided.insert(who.clone(), BTreeSet::from([*patron]))),
                Found::Some(several) => drop(plan.undecided.insert(who.clone(), several.clone())),
            }
        }
        plan.waiting.extend(plan.undecided.keys().cloned());
        for (who, patron) in certain.iter().filter_map(|(who, patron)| Some((who, (*patron)?))) {
            match vanished.get(&patron) {
                Some(old) if plan.gone.contains(*old) => plan.moved.push(((*old).clone(), who.clone(), patron)),
                Some(old) => plan.unlinked.push(((*old).clone(), who.clone())),
                None => {}
            }
        }
        certain
    }

    fn candidates(&self, plan: &Plan, who: &Who, taken: &BTreeSet<u32>, vanished: &BTreeMap<u32, &Who>) -> Found {
        let row = &plan.read.rows[who];
        let mut by_key: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        let mut proven = BTreeSet::new();
        for (id, patron) in self.patrons.iter().filter(|(id, _)| !taken.contains(id)) {
            let roles = get(patron, "roles");
            if !roles.is_empty() && roles != who.0.role() {
                continue;
            }
            let old = vanished.get(id).filter(|old| old.0 == who.0);
            let same = |field: &str, value: &str| key(value).is_some() && key(value) == key(get(patron, field));
            let same_born = !row.born.is_empty() && row.born == get(patron, "birthdate");
            let same_first = agree(&row.first, get(patron, "first_name"));
            let same_last = agree(&row.last, get(patron, "last_name"));
            let some_name = same_last || (who.0 == Kind::Teachers && same_first);
            let keys: [(&str, bool, bool); 5] = [
                ("guid", get(patron, "guid") == guid(who), true),
                ("number", same("student_number", &row.number), same_born || some_name),
                ("email", same("email", &row.email), same_born || (same_first && same_last)),
                ("zeros", old.is_some_and(|old| differ_by_zeros(&old.1, &who.1)), same_born || some_name),
                ("born", vanished.contains_key(id) && same_born && same_first && same_last, true),
            ];
            for (name, is_same, is_proven) in keys {
                if is_same && !self.is_shared(plan, who, name) {
                    by_key.entry(name).or_default().push(*id);
                    if is_proven {
                        proven.insert((name, *id));
                    }
                }
            }
        }
        let evidence = || by_key.iter().filter(|(_, patrons)| patrons.len() == 1);
        let named: BTreeSet<u32> = evidence().flat_map(|(_, patrons)| patrons.clone()).collect();
        let is_proven = evidence().any(|(name, patrons)| proven.contains(&(*name, patrons[0])));
        match (by_key.is_empty(), named.len()) {
            (true, _) => Found::Nobody,
            (_, 1) if is_proven => Found::Patron(*named.first().unwrap()),
            _ => Found::Some(by_key.into_values().flatten().collect()),
        }
    }

    /// Whether somebody else of the set, of the same kind, has the key too.
    fn is_shared(&self, plan: &Plan, who: &Who, name: &str) -> bool {
        let own = &plan.read.rows[who];
        let names = |row: &Row| [&row.first, &row.last, &row.born].map(|part| key(part));
        plan.read.named.iter().filter(|other| other.0 == who.0 && *other != who).any(|other| {
            let is_shielded = plan.read.shielded.contains(other);
            let row =
                if is_shielded { self.people.get(other).map(|person| &person.row) } else { plan.read.rows.get(other) };
            row.is_some_and(|row| match name {
                "number" => key(&row.number) == key(&own.number),
                "email" => key(&row.email) == key(&own.email),
                "zeros" => !is_shielded && key(&other.1) == key(&who.1),
                "born" => !is_shielded && names(row) == names(own),
                _ => false,
            })
        })
    }

    /// Rules E4 and E5: who is gone for long enough, and what becomes of their patrons.
    fn let_go(&self, plan: &mut Plan) {
        for who in plan.gone.clone() {
            let person = &self.people[&who];
            let since = person.since.filter(|_| person.state == State::Missing).unwrap_or(self.today);
            let is_deleted = plan.read.deleted.contains(&who);
            let is_over = is_deleted || self.today - since >= self.rules.grace_days;
            if is_over && !plan.moved.iter().any(|(old, ..)| *old == who) {
                plan.leaving.insert(who);
            } else if !is_over {
                plan.missing.insert(who);
            }
        }
        if self.is_within(self.rules.additive) {
            plan.missing.append(&mut plan.leaving);
        }
        for who in plan.leaving.clone() {
            let patron = self.patron_of(&who).filter(|patron| self.patrons.contains_key(patron));
            let status = patron.map_or("", |patron| get(&self.patrons[&patron], "status"));
            let values = if status == "1" { vec![("status", "1".into(), "4".into())] } else { Vec::new() };
            plan.act(What::Remove, &who, patron, values, false);
            plan.actions.last_mut().unwrap().is_deleted = plan.read.deleted.contains(&who);
        }
    }

    /// Rules F3 and H2: what was discarded is not done while the rows say the same; what was undone is asked.
    fn leave_out_refused(&self, plan: &mut Plan) {
        for (who, refusal) in &self.refused {
            let is_looked_at = plan.schools.contains_key(who);
            let is_named = plan.read.named.contains(who);
            // Of somebody who is only looked at because of an edit the roster says what the rows said.
            let stored =
                self.people.get(who).map(|person| &person.row).filter(|row| Some(*row) == refusal.row.as_ref());
            let row = if is_named { plan.read.rows.get(who) } else { stored };
            let says = if plan.gone.contains(who) { Some(None) } else { row.filter(|_| is_looked_at).map(Some) };
            match says {
                Some(row) if row != refusal.row.as_ref() => drop(plan.forgotten.insert(who.clone())),
                None => {}
                Some(_) if refusal.is_undone => drop(plan.undone.insert(who.clone())),
                Some(_) => drop(plan.dropped.insert(who.clone())),
            }
        }
        let acting: BTreeSet<Who> =
            plan.actions.iter().filter(|action| action.what != What::Wait).map(|action| action.who.clone()).collect();
        plan.undone.retain(|who| acting.contains(who));
        let dropped = plan.dropped.clone();
        for action in plan.actions.iter().filter(|action| dropped.contains(&action.who) && action.writes()) {
            plan.present.remove(&action.who);
            plan.waiting.insert(action.who.clone());
        }
        plan.actions.retain(|action| action.what == What::Wait || !dropped.contains(&action.who));
        plan.leaving.retain(|who| !dropped.contains(who));
    }
}

/// Rule D4.
fn is_somebody_else(row: &Row, patron: &Patron) -> bool {
    let differ = |field: &str, value: &str| {
        let old = get(patron, field);
        !old.is_empty() && !value.is_empty() && !old.eq_ignore_ascii_case(value)
    };
    let other_born = differ("birthdate", &row.born);
    let same_born = !row.born.is_empty() && row.born == get(patron, "birthdate");
    differ("last_name", &row.last) && !same_born && (differ("first_name", &row.first) || other_born)
}

/// What keys say of a person.
enum Found {
    Nobody,
    Patron(u32),
    Some(BTreeSet<u32>),
}

impl Found {
    fn is_patron(&self, patron: u32) -> bool {
        matches!(self, Self::Patron(one) if *one == patron)
    }
}

impl Plan {
    fn act(&mut self, what: What, who: &Who, patron: Option<u32>, values: Vec<Value>, is_new_link: bool) {
        let who = who.clone();
        self.actions.push(Action { what, who, patron, values, is_new_link, is_deleted: false, hold: None });
    }

    fn wait(&mut self, who: &Who, patron: Option<u32>, guard: &'static str, school: &str) {
        self.act(What::Wait, who, patron, vec![(guard, school.to_owned(), String::new())], false);
    }
}
