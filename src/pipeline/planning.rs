//! Makes the plan: whom to look at, which patron each is, what changes, and what the guards hold.

use std::collections::{BTreeMap, HashMap, HashSet};

use anyhow::Result;

use super::job::Job;
use super::reading::Memory;
use crate::check::{Check, FileVerdict, Pairs, Rows, Standing};
use crate::files::spill::TemporaryFile;
use crate::matching::answers::{Answer, Answers};
use crate::matching::employees::Employees;
use crate::matching::enrollments::{self, EnrollmentPlan, OldPairs, Stays};
use crate::matching::guards::{Approved, Guarding, Hold, Seen};
use crate::matching::refused::{self, Refused};
use crate::matching::removals::{self, Absent};
use crate::matching::sections::{self, SectionPlan};
use crate::matching::{
    self, Decisions, People, Person, Planned, Planner, Reasons, SchoolWeights, Search, Site, Sites, guards, hash,
};
use crate::roster::entities::State;
use crate::roster::keys::differ_by_zeros;
use crate::roster::plan::{Action, Actions, Changes, PersonRef, What};
use crate::roster::record::Record;
use crate::roster::schema::Field;
use crate::roster::section::SectionRows;
use crate::roster::set::Mode;
use crate::roster::{FileKind, PersonKind, Problem};
use crate::store::{District, Store};
use crate::write::Patrons;

/// Everything a run would change.
pub struct Plan {
    /// Actions for patrons, removals included; what a guard holds is not written.
    pub planned: Planned,
    /// The record and school of everybody who was looked at.
    pub kept: Kept,
    /// Sections.
    pub sections: SectionPlan,
    /// Enrollments.
    pub enrollments: EnrollmentPlan,
    /// What waits, and why.
    pub holds: Vec<Hold>,
    /// Who leaves, held ones left out.
    pub leaving: Vec<PersonRef>,
    /// Who is missing, within the grace days.
    pub missing: Vec<PersonRef>,
    /// Whose patron became somebody else's: the same person under a new id.
    pub moved: Vec<PersonRef>,
    /// Who leaves because somebody approved it.
    pub approved: HashSet<PersonRef>,
    /// Whose refusal is no longer of use.
    pub forgotten: Vec<PersonRef>,
    /// The old id of everybody to whom a patron moves with this plan.
    pub renumbered: HashMap<PersonRef, PersonRef>,
    /// Whether the library had no patron before this run.
    pub was_empty: bool,
    /// Whether something that was approved is not what would be done now.
    pub is_stale: bool,
    /// Whether somebody approved enrollments that were undone once.
    pub settles_undone_pairs: bool,
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
    /// By kind: erased, and therefore left out.
    pub erased: [u64; 3],
}

impl Plan {
    /// Makes the plan of one checked set. `approved` passes the guards.
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
        approved: &Approved,
    ) -> Result<Self> {
        let as_of = job.today();
        let was_empty = patrons.is_empty()?;
        let mut sites = read_sites(store, district, was_empty)?;
        let students = students_of_sections(check, &pairs);
        let reasons = Reasons { edited: &memory.edited, everybody: memory.everybody };
        let stored = store.records(district.seq, &People::needs_stored(check, verdicts, &reasons))?;
        let nobody = Rows::default();
        let weights = school_weights(check, verdicts, &students);
        let people = People::gather(check, verdicts, &nobody, stored, &mut sites, &weights);
        let employees = Employees::pair(check, &people);
        let answers = answers(store, district)?;
        let decisions = decide(check, &people, &employees, patrons, &answers)?;
        let moved = Moved::of(check, &people, &decisions);
        let mut planned = plan_patrons(check, &people, &employees, decisions, &reasons, patrons, &answers)?;
        planned.problems.extend(suggestions(store, district, check, &people, &planned)?);

        let mut absent = removals::sort(check, &people, as_of);
        absent.leaving.retain(|removal| !moved.is_found(removal.person));
        if job.settings.windows.is_additive(as_of) {
            absent.missing.extend(absent.leaving.drain(..).map(|removal| removal.person));
        }
        plan_removals(check, &people, &absent, &mut planned, patrons)?;
        let zeros_discarded = super::deciding::zeros_discarded(store, district)?;
        let refused = refused::sort(check, &people, &super::deciding::refusals(store, district)?, &mut planned);
        absent.leaving.retain(|removal| !refused.dropped.contains(&removal.person));
        let is_known = (!district.has_touched, zeros_discarded);
        let guarded = guard(check, &people, &absent, &moved, &refused, &mut planned, is_known, as_of, approved);
        let (mut holds, mut is_stale) = (guarded.holds, guarded.is_stale);
        planned.keep_back_held(&memory.edited);
        planned.edits_left.retain(|patron| !memory.undone.contains(*patron));

        let held = held_removals(&planned);
        let leaving: Vec<PersonRef> =
            absent.leaving.iter().map(|removal| removal.person).filter(|who| !held.contains(who)).collect();
        let forgotten = refused.of_no_use(|who| held.contains(&who) || planned.held.contains(&who));
        let approved_removals = guards::approved_removals(&planned.actions, approved);
        let (moved, renumbered, unmoved) = moved.unless_held(&planned);
        let names = last_names(store, district, check, verdicts, &people)?;
        let rows = SectionRows::spilling_to(Box::new(TemporaryFile::new()?));
        let mut sections =
            sections::plan(check, verdicts.get(&FileKind::Sections), &students, &names, &mut sites, rows);
        let stays = held.iter().chain(&refused.dropped).chain(&unmoved).chain(&absent.missing);
        let stays: HashSet<PersonRef> = stays.copied().filter(|who| people.is_gone(*who)).collect();
        let whole = super::hanging::keep_sections(store, district, check, &stays, &mut sections)?;
        let stays = Stays::new(&stays, whole);
        let mut enrollments =
            plan_enrollments(store, district, memory, check, &mut pairs, &stays, (&leaving, &sections))?;
        let of_rows =
            super::guarding_rows::guard(store, job, district, check, approved, (&mut sections, &mut enrollments))?;
        holds.extend(of_rows.holds);
        let kept_back =
            super::undone_rows::keep_back(store, district, check, approved, (&mut sections, &mut enrollments))?;
        holds.extend(kept_back.holds);
        is_stale |= of_rows.is_stale || kept_back.is_stale;
        planned.actions.check()?;
        sections.written.check()?;
        let hash = hash::plan_hash(check, &planned.actions, &sections, &enrollments);
        let kept = Kept {
            counts: PersonKind::ALL.map(|kind| {
                let at = kind.index();
                (people.shielded[at], people.unchanged[at], people.in_set[at])
            }),
            erased: people.erased,
            people: people.list,
        };
        Ok(Self {
            planned,
            kept,
            sections,
            enrollments,
            holds,
            leaving,
            missing: absent.missing,
            moved,
            approved: approved_removals,
            forgotten,
            renumbered,
            was_empty,
            is_stale,
            settles_undone_pairs: kept_back.settles_pairs,
            sites,
            hash,
        })
    }

    /// The places of the actions of each hold, in their canonical order. Holds of sections and enrollments have none.
    pub fn held_actions(&self, check: &Check<'_>) -> Vec<Vec<usize>> {
        let mut held = vec![Vec::new(); self.holds.len()];
        for (index, action) in self.planned.actions.iter().enumerate().filter(|(_, action)| action.hold > 0) {
            if let Some(of_hold) = held.get_mut(usize::from(action.hold) - 1) {
                of_hold.push(index);
            }
        }
        held.iter_mut().for_each(|of_hold| guards::sort_canonically(check, &self.planned.actions, of_hold));
        held
    }

    /// Counts the rows of enrollments, whose records are known only now: distinct pairs.
    pub fn count_enrollments(&self, verdicts: &mut BTreeMap<FileKind, FileVerdict>) {
        if let Some(verdict) = verdicts.get_mut(&FileKind::Enrollments) {
            verdict.tally.fold_into(self.enrollments.accepted);
        }
    }

    /// Whether too much happens at once, so that `guard.at_limit` decides what becomes of the rest.
    pub fn is_at_limit(&self) -> bool {
        self.holds.iter().any(Hold::is_limit)
    }

    /// Whether a hold is open under which nothing at all is written.
    pub fn waits_as_a_whole(&self) -> bool {
        self.holds.iter().any(Hold::is_of_the_whole_set)
    }

    /// Whether anything is to be written for patrons, sections or enrollments.
    pub fn changes_anything(&self) -> bool {
        let is_done = |action: &Action| action.hold == 0 && !matches!(action.what, What::Hold | What::Conflict);
        self.planned.actions.iter().any(is_done)
            || !self.sections.written.is_empty()
            || !self.sections.removed.is_empty()
            || !self.enrollments.created.is_empty()
            || !self.enrollments.removed.is_empty()
    }
}

fn read_sites(store: &Store, district: &District, was_empty: bool) -> Result<Sites> {
    let site =
        |row: crate::store::SiteRow| (row.school, if row.is_ignored { Site::Ignored } else { Site::Mapped(row.site) });
    let map = store.sites(district.seq)?.into_iter().map(site).collect();
    Ok(Sites::new(map, was_empty))
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

/// What somebody answered to single questions.
fn answers(store: &Store, district: &District) -> Result<Answers> {
    let mut answers = Answers::default();
    for row in store.decisions(district.seq)? {
        let answer = match row.answer.as_str() {
            "link" => Answer::Link(row.patron),
            "create" => Answer::Create,
            _ => Answer::Skip,
        };
        if let Some(who) = person(row.kind, row.number) {
            answers.add(who, row.evidence_hash, answer);
        }
    }
    Ok(answers)
}

/// The person that the tables name by position of the kind and number.
pub fn person(kind: i64, number: i64) -> Option<PersonRef> {
    let kind = PersonKind::ALL.into_iter().find(|one| one.file() as i64 == kind)?;
    Some(PersonRef { kind, number: u32::try_from(number).ok()? })
}

fn decide(
    check: &Check<'_>,
    people: &People<'_>,
    employees: &Employees,
    patrons: &Patrons<'_>,
    answers: &Answers,
) -> Result<Decisions> {
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
    Ok(search.decide(employees, answers))
}

/// People who vanished and whose patron somebody else of the set turned out to be (rule D5).
#[derive(Debug, Default)]
struct Moved {
    /// Old and new id, and the patron; of people who were there until tonight.
    tonight: Vec<(PersonRef, PersonRef, i64)>,
    /// People who left before and lose their link, each with who gets it.
    before: Vec<(PersonRef, PersonRef)>,
    people: HashSet<PersonRef>,
}

impl Moved {
    fn of(check: &Check<'_>, people: &People<'_>, decisions: &Decisions) -> Self {
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

    fn is_found(&self, who: PersonRef) -> bool {
        self.people.contains(&who)
    }

    /// How many of a kind have a new id that is the old one but for leading zeros, and those who have another.
    fn zeros(&self, check: &Check<'_>) -> ([u64; 3], Vec<(PersonRef, i64)>) {
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
    fn unless_held(self, planned: &Planned) -> (Vec<PersonRef>, HashMap<PersonRef, PersonRef>, Vec<PersonRef>) {
        let is_held = |new: &PersonRef| planned.held.contains(new) || planned.declined.contains(new);
        let renumbered = self.tonight.iter().map(|(old, new, _)| (*new, *old)).collect();
        let (held, free): (Vec<_>, Vec<_>) = self.tonight.into_iter().partition(|(_, new, _)| is_held(new));
        let old = |(old, ..): (PersonRef, PersonRef, i64)| old;
        let before = self.before.into_iter().filter(|(_, new)| !is_held(new)).map(|(old, _)| old);
        (free.into_iter().map(old).chain(before).collect(), renumbered, held.into_iter().map(old).collect())
    }
}

fn plan_patrons(
    check: &Check<'_>,
    people: &People<'_>,
    employees: &Employees,
    decisions: Decisions,
    reasons: &Reasons<'_>,
    patrons: &Patrons<'_>,
    answers: &Answers,
) -> Result<Planned> {
    let mut planner = {
        let actions = Actions::spilling_to(Box::new(TemporaryFile::new()?));
        Planner::new(check, people, employees, &decisions, reasons.edited, reasons.everybody, answers, actions)
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

/// Adds a removal for everybody who leaves. A patron that is somebody else's too stays, and then nothing is written for it.
fn plan_removals(
    check: &Check<'_>,
    people: &People<'_>,
    absent: &Absent,
    planned: &mut Planned,
    patrons: &Patrons<'_>,
) -> Result<()> {
    let leaving: Vec<PersonRef> = absent.leaving.iter().map(|removal| removal.person).collect();
    if leaving.is_empty() {
        return Ok(());
    }
    let patron_of = |who: PersonRef| check.roster.of(who.kind.file()).known(who.number).patron;
    let stays: HashSet<i64> = staying_patrons(check, people, &leaving, planned);
    let mut by_patron: BTreeMap<i64, PersonRef> = leaving
        .iter()
        .map(|who| (patron_of(*who), *who))
        .filter(|(patron, _)| *patron != 0 && !stays.contains(patron))
        .collect();
    let ids: Vec<i64> = by_patron.keys().copied().collect();
    let mut changes = Changes::default();
    let mut written = HashSet::new();
    patrons.each_of(&ids, |patron| {
        if let Some(who) = by_patron.remove(&patron.id) {
            let (action, problem) = removals::act(check, who, patron, people.deleted.contains(&who), &mut changes);
            planned.actions.push(action, &changes);
            planned.problems.extend(problem);
            written.insert(who);
        }
    })?;
    for who in leaving.into_iter().filter(|who| !written.contains(who)) {
        planned.actions.push(removals::without_patron(who, people.deleted.contains(&who)), &Changes::default());
    }
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "what the guards look at, once")]
fn guard(
    check: &Check<'_>,
    people: &People<'_>,
    absent: &Absent,
    moved: &Moved,
    refused: &Refused,
    planned: &mut Planned,
    (is_first, zeros_discarded): (bool, bool),
    as_of: chrono::NaiveDate,
    approved: &Approved,
) -> guards::Guarded {
    let (ids, others) = moved.zeros(check);
    let zeros = PersonKind::ALL.map(|kind| (ids[kind.index()], planned.zeros[kind.index()]));
    let seen = Seen {
        check,
        people,
        leaving: &absent.leaving,
        moved: &others,
        strangers: &planned.strangers,
        undone: &refused.undone,
        zeros,
        zeros_discarded,
        is_first,
        as_of,
    };
    Guarding::guard(seen, &mut planned.actions, approved)
}

/// Whose removal a guard holds.
fn held_removals(planned: &Planned) -> HashSet<PersonRef> {
    let held = planned.actions.iter().filter(|action| action.hold > 0 && action.what == What::Remove);
    held.map(|action| action.person).collect()
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
    stays: &Stays,
    leaving: (&[PersonRef], &SectionPlan),
) -> Result<EnrollmentPlan> {
    // Whoever writes enrollments writes the fingerprints anew or drops them, so that their count is the roster's.
    let remembered = memory.pairs.filter(|_| pairs.left_over.is_some());
    let count = remembered.map_or_else(|| store.enrolled_count(district.seq), Ok)?;
    if check.standing[FileKind::Enrollments as usize] != Standing::Read && check.mode == Mode::Full {
        return Ok(EnrollmentPlan { unchanged: count, ..EnrollmentPlan::default() });
    }
    let old =
        if remembered.is_some() { OldPairs::InSnapshot(count) } else { OldPairs::All(store.enrolled(district.seq)?) };
    let leaves = |student: u32, section: u32| {
        let who = PersonRef { kind: PersonKind::Students, number: student };
        leaving.0.contains(&who) || leaving.1.gone.contains(&section)
    };
    Ok(enrollments::plan(check, pairs, old, stays, leaves))
}
