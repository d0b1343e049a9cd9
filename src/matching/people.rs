//! The people that this run must look at, each with its record, its school and what stands in its way.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::sites::{Site, Sites};
use crate::check::{Check, Entry, FileVerdict, Rows, Standing};
use crate::roster::entities::{Roster, Seen, State};
use crate::roster::keys::key;
use crate::roster::patron::PatronIds;
use crate::roster::plan::{Evidence, PersonRef, Removal};
use crate::roster::record::Record;
use crate::roster::schema::Field;
use crate::roster::set::Mode;
use crate::roster::{FileKind, PersonKind};

/// What may be done for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// It is written, if anything differs.
    Write,
    /// It waits; the guard says for what.
    Wait(Evidence),
    /// It is out of scope: its school is ignored or its kind is switched off.
    Skip,
}

/// A person to look at.
#[derive(Debug, Clone, Copy)]
pub struct Person {
    /// Who.
    pub who: PersonRef,
    /// What may be done.
    pub fate: Fate,
    /// Number of the primary school, plus one; 0 where none.
    pub school: u32,
    /// Index into [`People::site`].
    site: u32,
    /// Row of this set, if it was read; else the record comes from the roster.
    row: Option<u32>,
}

/// Everybody to look at.
#[derive(Debug)]
pub struct People<'c> {
    rows: [&'c Rows; 3],
    stored: HashMap<PersonRef, Vec<u8>>,
    lines: [&'c [u32]; 3],
    /// Patrons of shielded employees: whoever shares one is shielded too, because the patron must stay as it is.
    kept_patrons: HashSet<i64>,
    sites: Vec<String>,
    /// In order of kind and number.
    pub list: Vec<Person>,
    /// Who left, before any guard.
    pub gone: Vec<Removal>,
    /// Whose row asked for removal.
    pub deleted: HashSet<PersonRef>,
    /// Shielded by a refused row, by kind.
    pub shielded: [u64; 3],
    /// Erased, and therefore left out, by kind.
    pub erased: [u64; 3],
    /// As they were, by kind.
    pub unchanged: [u64; 3],
    /// People of the set, by kind.
    pub in_set: [u64; 3],
}

/// What besides tonight's rows makes a person worth a look.
#[derive(Debug)]
pub struct Reasons<'e> {
    /// Patrons that people edited.
    pub edited: &'e PatronIds,
    /// Settings, schemas or sites changed: everybody is looked at.
    pub everybody: bool,
}

/// Whose rows are looked at every night, although they are as they were: people whose patron was edited, and employees
/// who share a patron with somebody, because what becomes of one depends on the other.
pub fn looked_at_again(roster: &Roster, edited: &PatronIds) -> Vec<PersonRef> {
    let of = |kind: PersonKind| {
        let entities = roster.of(kind.file());
        entities.numbers().map(move |number| (PersonRef { kind, number }, entities.known(number).patron))
    };
    let everybody = || PersonKind::ALL.into_iter().flat_map(of).filter(|(_, patron)| *patron != 0);
    let teachers: HashSet<i64> = of(PersonKind::Teachers).map(|(_, patron)| patron).collect();
    let shared: HashSet<i64> =
        of(PersonKind::Staff).map(|(_, patron)| patron).filter(|it| teachers.contains(it)).collect();
    everybody().filter(|(_, patron)| edited.contains(*patron) || shared.contains(patron)).map(|(who, _)| who).collect()
}

impl<'c> People<'c> {
    /// Whose stored record is needed: those whose patron was edited, to tell an edit from a change in the rows; and,
    /// without a row of tonight, employees who share a patron or an e-mail with someone who changed or left.
    pub fn needs_stored(
        check: &Check<'_>,
        verdicts: &BTreeMap<FileKind, FileVerdict>,
        reasons: &Reasons<'_>,
    ) -> Vec<PersonRef> {
        let shared = shared_patrons(check, verdicts);
        let emails = emails_of_employees(check, verdicts);
        let wanted = |who: &PersonRef| {
            let entities = check.roster.of(who.kind.file());
            let known = entities.known(who.number);
            let has_row = verdicts.get(&who.kind.file()).is_some_and(|verdict| verdict.rows.one(who.number).is_some());
            let is_edited = reasons.edited.contains(known.patron);
            let could_be_one = || who.kind.is_employee() && emails.contains(&known.email_key);
            // Whose change waits for somebody is not looked at until a row speaks of them again: an edit approves nothing.
            if !has_row && known.state == State::Waiting {
                return false;
            }
            let without_row = !has_row && (reasons.everybody || shared.contains(&known.patron) || could_be_one());
            known.patron != 0 && (is_edited || without_row) && stays(check, *who)
        };
        everybody(check).filter(wanted).collect()
    }

    /// Gathers everybody. `stored` holds the records asked for by [`People::needs_stored`].
    pub fn gather(
        check: &Check<'_>,
        verdicts: &'c BTreeMap<FileKind, FileVerdict>,
        none: &'c Rows,
        stored: HashMap<PersonRef, Vec<u8>>,
        sites: &mut Sites,
        weights: &SchoolWeights,
    ) -> Self {
        let rows = PersonKind::ALL.map(|kind| verdicts.get(&kind.file()).map_or(none, |verdict| &verdict.rows));
        let mut people = Self {
            rows,
            stored,
            lines: PersonKind::ALL
                .map(|kind| verdicts.get(&kind.file()).map_or(&[][..], |verdict| verdict.lines.as_slice())),
            kept_patrons: kept_patrons(check),
            sites: Vec::new(),
            list: Vec::new(),
            gone: Vec::new(),
            deleted: HashSet::new(),
            shielded: [0; 3],
            erased: [0; 3],
            unchanged: [0; 3],
            in_set: [0; 3],
        };
        let mut site_numbers = HashMap::new();
        for who in everybody(check) {
            people.take(check, who, sites, &mut site_numbers, weights);
        }
        people
    }

    fn take(
        &mut self,
        check: &Check<'_>,
        who: PersonRef,
        sites: &mut Sites,
        numbers: &mut HashMap<String, u32>,
        weights: &SchoolWeights,
    ) {
        let entities = check.roster.of(who.kind.file());
        let (seen, known) = (entities.seen(who.number), entities.known(who.number));
        let kind = who.kind.index();
        if entities.is_erased(who.number) {
            self.in_set[kind] += u64::from(seen.in_set());
            self.erased[kind] += u64::from(seen.in_set());
            return;
        }
        if seen.has(Seen::DELETE) && known.state.in_roster() && !seen.has(Seen::REFUSED) {
            self.deleted.insert(who);
            self.gone.push(Removal { person: who, school: known.school });
            return;
        }
        let is_shielded = seen.shielded() || (who.kind.is_employee() && self.kept_patrons.contains(&known.patron));
        if is_shielded && (seen.in_set() || known.state.in_roster()) {
            self.shielded[kind] += 1;
            self.in_set[kind] += 1;
            return;
        }
        let row = self.rows[kind].one(who.number);
        let is_stored = self.stored.contains_key(&who);
        // Someone of a kind that was not delivered is looked at too where settings or edits ask for it, and counts along.
        self.in_set[kind] += u64::from(is_stored || (seen.in_set() && !seen.has(Seen::DELETE)));
        if row.is_some() && !seen.has(Seen::DELETE) || is_stored {
            let person = self.person(check, who, row, sites, numbers, weights);
            self.list.push(person);
        } else if seen.has(Seen::UNCHANGED) {
            self.unchanged[kind] += 1;
        } else if known.state.in_roster() && is_gone(check, who) {
            self.gone.push(Removal { person: who, school: known.school });
        }
    }

    fn person(
        &mut self,
        check: &Check<'_>,
        who: PersonRef,
        row: Option<u32>,
        sites: &mut Sites,
        numbers: &mut HashMap<String, u32>,
        weights: &SchoolWeights,
    ) -> Person {
        let mut person = Person { who, fate: Fate::Write, school: 0, site: 0, row };
        let school = self.primary_school(check, &person, weights).to_owned();
        person.school = check.roster.of(FileKind::Schools).find(&school).map_or(0, |number| number + 1);
        let missing = row.is_some_and(|row| self.rows[who.kind.index()].entry(row).has(Entry::SCHOOL_MISSING));
        let site = sites.of(&school);
        person.fate = match (&site, missing) {
            _ if !check.settings.sync.writes(who.kind) => Fate::Skip,
            (Some(Site::Ignored), _) => Fate::Skip,
            (_, true) => Fate::Wait(Evidence::SchoolMissing),
            (Some(Site::Mapped(_)), _) => Fate::Write,
            (None, _) => Fate::Wait(Evidence::SchoolUnmapped),
        };
        if let Some(Site::Mapped(site)) = site {
            person.site = *numbers.entry(site.clone()).or_insert_with(|| {
                self.sites.push(site);
                self.sites.len() as u32 - 1
            });
        }
        person
    }

    /// Rule E8: of several schools the winning row's for students; for employees the stored one, the one with most
    /// enrollments, the smallest id.
    fn primary_school(&self, check: &Check<'_>, person: &Person, weights: &SchoolWeights) -> &str {
        let record = self.record(person);
        let schools: Vec<_> = record.all(Field::School).filter(|school| !school.is_empty()).collect();
        let first = schools.first().copied().unwrap_or("");
        if person.who.kind == PersonKind::Students || schools.len() < 2 {
            return first;
        }
        let known = check.roster.of(person.who.kind.file()).known(person.who.number);
        let stored = (known.school > 0).then(|| check.roster.of(FileKind::Schools).id(known.school - 1));
        let weight = |school: &str| weights.get(&(person.who, school.to_owned())).copied().unwrap_or(0);
        let heaviest = || schools.iter().copied().max_by(|a, b| weight(a).cmp(&weight(b)).then(b.cmp(a)));
        let still_there = schools.iter().copied().find(|school| Some(*school) == stored);
        still_there.or_else(heaviest).unwrap_or(first)
    }

    /// The record of a person.
    pub fn record(&self, person: &Person) -> Record<'_> {
        match person.row {
            Some(row) => self.rows[person.who.kind.index()].record(row),
            None => Record(self.stored.get(&person.who).map_or(&[], Vec::as_slice)),
        }
    }

    /// What the roster said of a person before this run, where that was asked for.
    pub fn previous(&self, person: &Person) -> Option<Record<'_>> {
        self.stored.get(&person.who).map(|record| Record(record))
    }

    /// The line of a person's first row; 0 where no row was delivered.
    pub fn line(&self, person: &Person) -> u32 {
        let kind = person.who.kind.index();
        let as_it_was = || self.lines[kind].get(person.who.number as usize).copied().unwrap_or(0);
        person.row.map_or_else(as_it_was, |row| self.rows[kind].entry(row).line)
    }

    /// Whether the record comes from a row of this set.
    pub fn has_row(&self, person: &Person) -> bool {
        person.row.is_some()
    }

    /// The site of a person who is written.
    pub fn site(&self, person: &Person) -> &str {
        self.sites.get(person.site as usize).map_or("", String::as_str)
    }

    /// Whether the person leaves the roster with this set, before any guard.
    pub fn is_gone(&self, who: PersonRef) -> bool {
        self.gone.binary_search_by(|removal| removal.person.cmp(&who)).is_ok()
    }

    /// The person, if it is looked at.
    pub fn find(&self, who: PersonRef) -> Option<&Person> {
        find(&self.list, who)
    }
}

/// The person in a list that is in order of kind and number.
pub fn find(list: &[Person], who: PersonRef) -> Option<&Person> {
    list.binary_search_by(|person| person.who.cmp(&who)).ok().map(|index| &list[index])
}

/// How many enrollments a teacher has at each school.
pub type SchoolWeights = HashMap<(PersonRef, String), u64>;

fn everybody<'r>(check: &'r Check<'_>) -> impl Iterator<Item = PersonRef> + 'r {
    let of = |kind: PersonKind| check.roster.of(kind.file()).numbers().map(move |number| PersonRef { kind, number });
    PersonKind::ALL.into_iter().flat_map(of)
}

/// Whether absence from this set means that the person left.
fn is_gone(check: &Check<'_>, who: PersonRef) -> bool {
    let kind = who.kind;
    check.mode == Mode::Full
        && check.standing[kind.file() as usize] == Standing::Read
        && check.settings.sync.writes(kind)
}

/// Whether the person is in the roster after this set, as far as the rows tell.
fn stays(check: &Check<'_>, who: PersonRef) -> bool {
    let entities = check.roster.of(who.kind.file());
    let (seen, state) = (entities.seen(who.number), entities.known(who.number).state);
    let here = state == State::Present || state == State::Waiting;
    !seen.shielded() && !seen.has(Seen::DELETE) && (seen.in_set() || (here && !is_gone(check, who)))
}

/// Patrons of employees who are shielded.
fn kept_patrons(check: &Check<'_>) -> HashSet<i64> {
    let of = |kind: PersonKind| {
        let entities = check.roster.of(kind.file());
        let shielded = entities.numbers().filter(move |&number| entities.seen(number).shielded());
        shielded.map(move |number| entities.known(number).patron).filter(|patron| *patron != 0)
    };
    of(PersonKind::Teachers).chain(of(PersonKind::Staff)).collect()
}

/// E-mails of employees who were looked at: whoever has the same one may be the same employee.
fn emails_of_employees(check: &Check<'_>, verdicts: &BTreeMap<FileKind, FileVerdict>) -> HashSet<u64> {
    let of = |kind: PersonKind| {
        let rows = verdicts.get(&kind.file()).map(|verdict| &verdict.rows);
        let email = move |rows: &Rows, number: u32| Some(key(rows.record(rows.one(number)?).text(Field::Email)));
        let numbers = check.roster.of(kind.file()).numbers();
        numbers.filter_map(move |number| rows.and_then(|rows| email(rows, number)))
    };
    of(PersonKind::Teachers).chain(of(PersonKind::Staff)).filter(|key| *key != 0).collect()
}

/// Patrons of employees who changed or left: whoever shares one must be looked at too.
fn shared_patrons(check: &Check<'_>, verdicts: &BTreeMap<FileKind, FileVerdict>) -> HashSet<i64> {
    let moves = |who: &PersonRef| {
        let touched = verdicts.get(&who.kind.file()).is_some_and(|verdict| verdict.rows.one(who.number).is_some());
        touched || !stays(check, *who)
    };
    let employees = everybody(check).filter(|who| who.kind.is_employee());
    let patrons = employees.filter(moves).map(|who| check.roster.of(who.kind.file()).known(who.number).patron);
    patrons.filter(|patron| *patron != 0).collect()
}
