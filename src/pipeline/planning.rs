//! Makes the plan: whom to look at, which patron each is, what changes, and what the guards hold.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::Result;

use super::job::Job;
use super::reading::Memory;
use crate::check::{Check, FileVerdict, Pairs, Rows, Standing};
use crate::files::spill::TemporaryFile;
use crate::matching::employees::Employees;
use crate::matching::enrollments::{self, EnrollmentPlan, OldPairs};
use crate::matching::guards::{Hold, Leaving, rows_guard, waiting_holds};
use crate::matching::removals::{self, Absent};
use crate::matching::sections::{self, SectionPlan};
use crate::matching::{
    self, Decisions, People, Person, Planned, Planner, Reasons, SchoolWeights, Search, Site, Sites, hash,
};
use crate::roster::entities::State;
use crate::roster::plan::{Actions, Changes, PersonRef};
use crate::roster::record::Record;
use crate::roster::schema::Field;
use crate::roster::section::SectionRows;
use crate::roster::set::Mode;
use crate::roster::{FileKind, PersonKind, Problem};
use crate::store::{District, Store};
use crate::write::Patrons;

/// Everything a run would change.
pub struct Plan {
    /// Actions for patrons, removals included that no guard holds.
    pub planned: Planned,
    /// The record and school of everybody who was looked at.
    pub kept: Kept,
    /// Sections.
    pub sections: SectionPlan,
    /// Enrollments.
    pub enrollments: EnrollmentPlan,
    /// What waits, and why.
    pub holds: Vec<Hold>,
    /// Whose removal is held.
    pub held: HashSet<PersonRef>,
    /// Who leaves, held ones left out.
    pub leaving: Vec<PersonRef>,
    /// Who is missing, within the grace days.
    pub missing: Vec<PersonRef>,
    /// Whose patron became somebody else's: the same person under a new id.
    pub moved: Vec<PersonRef>,
    /// Sites that were given by themselves.
    pub sites: Sites,
    /// The hash.
    pub hash: String,
}

/// What is needed of the people when the plan is written.
#[derive(Debug, Default)]
pub struct Kept {
    /// Everybody who was looked at, in order of kind and number.
    pub people: Vec<Person>,
    /// By kind: shielded, unchanged without a look, in the set.
    pub counts: [(u64, u64, u64); 3],
}

impl Plan {
    /// Makes the plan of one checked set.
    #[expect(clippy::too_many_arguments, reason = "the inputs of a run, once")]
    pub fn make(
        store: &Store,
        job: &Job<'_>,
        district: &District,
        memory: &Memory,
        check: &Check<'_>,
        verdicts: &BTreeMap<FileKind, FileVerdict>,
        mut pairs: Pairs,
        patrons: &Patrons<'_>,
    ) -> Result<Self> {
        let as_of = job.as_of.unwrap_or_else(|| job.now.date_naive());
        let mut sites = read_sites(store, district, patrons)?;
        let students = students_of_sections(check, &pairs);
        let reasons = Reasons { edited: &memory.edited, everybody: memory.everybody };
        let stored = store.records(district.seq, &People::needs_stored(check, verdicts, &reasons))?;
        let nobody = Rows::default();
        let weights = school_weights(check, verdicts, &students);
        let people = People::gather(check, verdicts, &nobody, stored, &mut sites, &weights);
        let employees = Employees::pair(check, &people);
        let decisions = decide(check, &people, &employees, patrons)?;
        let moved = moved(check, &people, &decisions);
        let mut planned = plan_patrons(check, &people, &employees, decisions, &reasons, patrons)?;

        planned.problems.extend(suggestions(store, district, check, &people, &planned)?);

        let mut absent = removals::sort(check, &people, as_of);
        absent.leaving.retain(|removal| !moved.contains(&removal.person));
        let (mut holds, held) = Leaving { check, removals: &absent.leaving, as_of }.guard();
        let leaving = plan_removals(check, &people, &absent, &held, &mut planned, patrons)?;

        let names = last_names(store, district, check, verdicts, &people)?;
        let rows = SectionRows::spilling_to(Box::new(TemporaryFile::new()?));
        let mut sections =
            sections::plan(check, verdicts.get(&FileKind::Sections), &students, &names, &mut sites, rows);
        let stays: HashSet<u32> =
            held.iter().filter(|who| who.kind == PersonKind::Students).map(|who| who.number).collect();
        let mut enrollments =
            plan_enrollments(store, district, memory, check, &mut pairs, &stays, (&leaving, &sections))?;
        holds.extend(guard_rows(check, &mut sections, &mut enrollments));
        let school = |who: PersonRef| {
            let person = people.find(who).map(|person| people.record(person).text(Field::School));
            person.unwrap_or("")
        };
        holds.extend(waiting_holds(check, &planned.waiting, school));
        planned.actions.check()?;
        sections.written.check()?;
        let hash = hash::plan_hash(check, &planned.actions, &sections, &enrollments);
        let kept = Kept {
            counts: PersonKind::ALL.map(|kind| {
                let at = kind.index();
                (people.shielded[at], people.unchanged[at], people.in_set[at])
            }),
            people: people.list,
        };
        Ok(Self {
            planned,
            kept,
            sections,
            enrollments,
            holds,
            held,
            leaving,
            missing: absent.missing,
            moved,
            sites,
            hash,
        })
    }

    /// Counts the rows of enrollments, whose records are known only now: distinct pairs.
    pub fn count_enrollments(&self, verdicts: &mut BTreeMap<FileKind, FileVerdict>) {
        if let Some(verdict) = verdicts.get_mut(&FileKind::Enrollments) {
            verdict.tally.fold_into(self.enrollments.accepted);
        }
    }

    /// Whether a guard holds removals.
    pub fn has_held_removals(&self) -> bool {
        self.holds.iter().any(|hold| matches!(hold.guard, "removals" | "school_removals" | "unrecognised_row"))
    }

    /// Whether anything is to be written for patrons, sections or enrollments.
    pub fn changes_anything(&self) -> bool {
        use crate::roster::plan::What;
        self.planned.actions.iter().any(|action| !matches!(action.what, What::Hold | What::Conflict))
            || !self.sections.written.is_empty()
            || !self.sections.removed.is_empty()
            || !self.enrollments.created.is_empty()
            || !self.enrollments.removed.is_empty()
    }
}

fn read_sites(store: &Store, district: &District, patrons: &Patrons<'_>) -> Result<Sites> {
    let site =
        |row: crate::store::SiteRow| (row.school, if row.is_ignored { Site::Ignored } else { Site::Mapped(row.site) });
    let map = store.sites(district.seq)?.into_iter().map(site).collect();
    Ok(Sites::new(map, patrons.is_empty()?))
}

/// How many students each section has in this set.
fn students_of_sections(check: &Check<'_>, pairs: &Pairs) -> Vec<u32> {
    let mut students = vec![0; check.roster.of(FileKind::Sections).len()];
    for pair in pairs.looked_at.iter().chain(&pairs.unchanged) {
        students[crate::roster::enrollment::parts(*pair).1 as usize] += 1;
    }
    students
}

/// How many enrollments each teacher has at each school; only needed where somebody has several schools.
fn school_weights(check: &Check<'_>, verdicts: &BTreeMap<FileKind, FileVerdict>, students: &[u32]) -> SchoolWeights {
    let mut weights = HashMap::new();
    let (Some(teachers), Some(sections)) = (verdicts.get(&FileKind::Teachers), verdicts.get(&FileKind::Sections))
    else {
        return weights;
    };
    let several =
        |rows: &Rows, who: u32| rows.one(who).is_some_and(|row| rows.record(row).all(Field::School).nth(1).is_some());
    let somebody: HashSet<u32> = teachers.rows.entities().filter(|&who| several(&teachers.rows, who)).collect();
    if somebody.is_empty() {
        return weights;
    }
    for section in sections.rows.entities() {
        let Some(row) = sections.rows.one(section) else { continue };
        let record = sections.rows.record(row);
        let known = record.all(Field::Teacher).filter_map(|id| check.roster.of(FileKind::Teachers).find(id));
        for number in known.filter(|number| somebody.contains(number)) {
            let who = PersonRef { kind: PersonKind::Teachers, number };
            *weights.entry((who, record.text(Field::School).to_owned())).or_default() +=
                u64::from(students[section as usize]);
        }
    }
    weights
}

/// When so many seek a patron, nearly every patron is of interest to somebody, and is read whole at once.
const MANY_SEEKERS: usize = 20_000;

fn decide(check: &Check<'_>, people: &People<'_>, employees: &Employees, patrons: &Patrons<'_>) -> Result<Decisions> {
    let mut search = Search::new(check, people, employees);
    if search.len() >= MANY_SEEKERS {
        patrons.each(|patron| search.see(patron))?;
    } else if !search.is_empty() {
        let mut ids = Vec::new();
        patrons.each_in_part(&Search::KEY_FIELDS, |patron| {
            ids.extend(search.is_of_interest(patron).then_some(patron.id))
        })?;
        patrons.each_of(&ids, |patron| search.see(patron))?;
    }
    Ok(search.decide(employees))
}

/// People who vanished and whose patron somebody else of the set turned out to be.
fn moved(check: &Check<'_>, people: &People<'_>, decisions: &Decisions) -> Vec<PersonRef> {
    let taken: HashSet<i64> = if people.gone.is_empty() { HashSet::new() } else { decisions.patrons().collect() };
    let patron = |who: PersonRef| check.roster.of(who.kind.file()).known(who.number).patron;
    let gone = people.gone.iter().map(|removal| removal.person);
    gone.filter(|who| patron(*who) != 0 && taken.contains(&patron(*who))).collect()
}

fn plan_patrons(
    check: &Check<'_>,
    people: &People<'_>,
    employees: &Employees,
    decisions: Decisions,
    reasons: &Reasons<'_>,
    patrons: &Patrons<'_>,
) -> Result<Planned> {
    let mut planner = {
        let actions = Actions::spilling_to(Box::new(TemporaryFile::new()?));
        Planner::new(check, people, employees, &decisions, reasons.edited, reasons.everybody, actions)
    };
    drop(decisions);
    patrons.each_of(&planner.patrons(), |patron| planner.compare(patron))?;
    planner.recreate();
    let barcodes = planner.create();
    Ok(planner.finish(&patrons.holders(&barcodes)?))
}

/// New employees who could be somebody whom the roster knows under another kind.
fn suggestions(
    store: &Store,
    district: &District,
    check: &Check<'_>,
    people: &People<'_>,
    planned: &Planned,
) -> Result<Vec<Problem>> {
    if planned.new_employees.is_empty() {
        return Ok(Vec::new());
    }
    let of = |kind: PersonKind| {
        let entities = check.roster.of(kind.file());
        let here = entities.numbers().filter(move |&number| entities.known(number).state.in_roster());
        here.map(move |number| PersonRef { kind, number })
    };
    let everybody: Vec<PersonRef> = of(PersonKind::Teachers).chain(of(PersonKind::Staff)).collect();
    let stored = store.records(district.seq, &everybody)?;
    Ok(matching::suggestions::employees(people, &planned.new_employees, &stored))
}

/// Adds the removals that nobody holds. A patron that is somebody else's too stays.
fn plan_removals(
    check: &Check<'_>,
    people: &People<'_>,
    absent: &Absent,
    held: &HashSet<PersonRef>,
    planned: &mut Planned,
    patrons: &Patrons<'_>,
) -> Result<Vec<PersonRef>> {
    let leaving: Vec<PersonRef> =
        absent.leaving.iter().map(|removal| removal.person).filter(|who| !held.contains(who)).collect();
    let patron_of = |who: PersonRef| check.roster.of(who.kind.file()).known(who.number).patron;
    if leaving.is_empty() {
        return Ok(leaving);
    }
    let stays: HashSet<i64> = staying_patrons(check, people, &leaving, planned);
    let mut by_patron: BTreeMap<i64, PersonRef> = leaving
        .iter()
        .map(|who| (patron_of(*who), *who))
        .filter(|(patron, _)| *patron != 0 && !stays.contains(patron))
        .collect();
    let ids: Vec<i64> = by_patron.keys().copied().collect();
    let mut changes = Changes::default();
    patrons.each_of(&ids, |patron| {
        if let Some(who) = by_patron.remove(&patron.id) {
            let (action, problem) = removals::act(check, who, patron, people.deleted.contains(&who), &mut changes);
            planned.actions.push(action, &changes);
            planned.problems.extend(problem);
        }
    })?;
    Ok(leaving)
}

/// Patrons of leaving employees that belong to somebody who stays.
fn staying_patrons(check: &Check<'_>, people: &People<'_>, leaving: &[PersonRef], planned: &Planned) -> HashSet<i64> {
    let employees = planned.present.iter().filter(|(who, ..)| who.kind.is_employee());
    let mut stays: HashSet<i64> = employees.map(|(_, patron, _)| *patron).collect();
    for kind in [PersonKind::Teachers, PersonKind::Staff] {
        let entities = check.roster.of(kind.file());
        for number in entities.numbers() {
            let known = entities.known(number);
            let who = PersonRef { kind, number };
            if known.patron != 0 && known.state.in_roster() && !people.is_gone(who) && !leaving.contains(&who) {
                stays.insert(known.patron);
            }
        }
    }
    stays
}

/// Last names of teachers for the names of sections: of this set, else of the roster.
fn last_names(
    store: &Store,
    district: &District,
    check: &Check<'_>,
    verdicts: &BTreeMap<FileKind, FileVerdict>,
    people: &People<'_>,
) -> Result<HashMap<u32, String>> {
    let has_sections = verdicts.get(&FileKind::Sections).is_some_and(|verdict| !verdict.rows.is_empty());
    if !has_sections {
        return Ok(HashMap::new());
    }
    let mut names = store.teachers_last_names(district.seq)?;
    let teachers = check.roster.of(FileKind::Teachers);
    for person in people.list.iter().filter(|person| person.who.kind == PersonKind::Teachers) {
        let record: Record<'_> = people.record(person);
        names.insert(person.who.number, record.text(Field::LastName).to_owned());
    }
    names.retain(|number, _| (*number as usize) < teachers.len());
    Ok(names)
}

fn plan_enrollments(
    store: &Store,
    district: &District,
    memory: &Memory,
    check: &Check<'_>,
    pairs: &mut Pairs,
    stays: &HashSet<u32>,
    leaving: (&[PersonRef], &SectionPlan),
) -> Result<EnrollmentPlan> {
    let count = store.enrolled_count(district.seq)?;
    if check.standing[FileKind::Enrollments as usize] != Standing::Read && check.mode == Mode::Full {
        return Ok(EnrollmentPlan { unchanged: count, ..EnrollmentPlan::default() });
    }
    let covered = memory.pairs == Some(count) && pairs.left_over.is_some();
    let old = if covered { OldPairs::InSnapshot(count) } else { OldPairs::All(store.enrolled(district.seq)?) };
    let leaves = |student: u32, section: u32| {
        let who = PersonRef { kind: PersonKind::Students, number: student };
        leaving.0.contains(&who) || leaving.1.gone.contains(&section)
    };
    Ok(enrollments::plan(check, pairs, old, stays, leaves))
}

/// Holds removals of sections and enrollments beyond their limit.
fn guard_rows(check: &Check<'_>, sections: &mut SectionPlan, enrollments: &mut EnrollmentPlan) -> Vec<Hold> {
    let entities = check.roster.of(FileKind::Sections);
    let before = entities.numbers().filter(|&number| entities.known(number).state == State::Present).count() as u64;
    let unreadable = check.unrecognised[FileKind::Sections as usize] > 0;
    let of_sections = rows_guard(FileKind::Sections, sections.removed.len() as u64, before);
    if of_sections.is_some() || unreadable {
        sections.hold_removals();
    }
    let pairs = enrollments.unchanged + enrollments.removed.len() as u64;
    let of_pairs = rows_guard(FileKind::Enrollments, enrollments.removed.len() as u64, pairs);
    if of_pairs.is_some() {
        enrollments.unchanged = pairs;
        enrollments.removed.clear();
    }
    of_sections.into_iter().chain(of_pairs).collect()
}
