//! Sections: their names as Clever makes them, their teachers, and which are new, changed or gone (rules C10, E10).

use std::collections::HashMap;

use super::sites::{Site, Sites};
use crate::check::{Check, FileVerdict, Standing};
use crate::roster::FileKind;
use crate::roster::entities::{Seen, State};
use crate::roster::record::Record;
use crate::roster::schema::Field;
use crate::roster::section::{SectionRow, SectionRows};
use crate::roster::set::Mode;
use crate::roster::settings::{EmptySections, NameFrom, Settings};

/// What changes in sections.
#[derive(Debug, Default)]
pub struct SectionPlan {
    /// New and changed ones.
    pub written: SectionRows,
    /// Those that are gone, or have no students any more.
    pub removed: Vec<u32>,
    /// Those in the set that are not written, because they have no students or no site.
    pub waiting: Vec<u32>,
    /// Those that left the roster.
    pub gone: Vec<u32>,
    /// Those that stay as they are.
    pub unchanged: u64,
}

/// Plans the sections. `students` counts the students of each section by its number; `written` takes those to be written.
pub fn plan(
    check: &Check<'_>,
    verdict: Option<&FileVerdict>,
    students: &[u32],
    last_names: &HashMap<u32, String>,
    sites: &mut Sites,
    written: SectionRows,
) -> SectionPlan {
    let mut plan = SectionPlan { written, ..SectionPlan::default() };
    let entities = check.roster.of(FileKind::Sections);
    let complete = check.mode == Mode::Full && check.standing[FileKind::Sections as usize] == Standing::Read;
    for number in entities.numbers() {
        let (seen, known) = (entities.seen(number), entities.known(number));
        let row = verdict.and_then(|verdict| verdict.rows.one(number).map(|row| (verdict, row)));
        let was_written = known.state == State::Present;
        let has_students = has_students(check, number, students, was_written);
        match row {
            _ if seen.shielded() => plan.unchanged += u64::from(was_written),
            Some(_) if seen.has(Seen::DELETE) => plan.remove(number, was_written),
            Some((verdict, row)) => {
                let record = verdict.rows.record(row);
                let site = sites.of(record.text(Field::School));
                match site {
                    Some(Site::Mapped(site)) if has_students => {
                        let section =
                            section_row(check, number, record, &site, last_names, verdict.rows.entry(row).line);
                        plan.write(section, was_written, known.record_hash);
                    }
                    _ => plan.wait(number, was_written),
                }
            }
            None if seen.has(Seen::UNCHANGED) && !has_students => plan.wait(number, was_written),
            None if seen.has(Seen::UNCHANGED) || !complete => plan.unchanged += u64::from(was_written),
            None if known.state.in_roster() => plan.remove(number, was_written),
            None => {}
        }
    }
    plan
}

impl SectionPlan {
    fn write(&mut self, mut section: SectionRow<'_>, was_written: bool, old_hash: u64) {
        section.is_new = !was_written;
        if was_written && section.hash() == old_hash {
            self.unchanged += 1;
        } else {
            self.written.push(&section);
        }
    }

    fn wait(&mut self, number: u32, was_written: bool) {
        self.waiting.push(number);
        if was_written {
            self.removed.push(number);
        }
    }

    fn remove(&mut self, number: u32, was_written: bool) {
        self.gone.push(number);
        if was_written {
            self.removed.push(number);
        }
    }

    /// Leaves these sections (sorted) as they are.
    pub fn keep_back(&mut self, numbers: &[u32]) {
        let is_kept = |number: u32| numbers.binary_search(&number).is_ok();
        let changed = self.written.remove(is_kept);
        let removed = self.removed.iter().filter(|number| is_kept(**number)).count();
        self.unchanged += (changed + removed) as u64;
        for list in [&mut self.removed, &mut self.gone, &mut self.waiting] {
            list.retain(|number| !is_kept(*number));
        }
    }

    /// Keeps those of the sections (sorted) that would go: somebody stays in them.
    pub fn keep_with_students(&mut self, numbers: &[u32]) {
        let is_kept = |number: u32| numbers.binary_search(&number).is_ok();
        let before = self.removed.len();
        self.removed.retain(|number| !is_kept(*number));
        self.unchanged += (before - self.removed.len()) as u64;
        self.gone.retain(|number| !is_kept(*number));
        self.waiting.retain(|number| !is_kept(*number));
    }

    /// Keeps every section that would go: the guards hold it.
    pub fn hold_removals(&mut self) {
        self.unchanged += self.removed.len() as u64;
        self.removed.clear();
        self.gone.clear();
    }
}

/// Rule C10: a section without students is not written.
fn has_students(check: &Check<'_>, number: u32, students: &[u32], was_written: bool) -> bool {
    let counted = students.get(number as usize).is_some_and(|count| *count > 0);
    let complete = check.mode == Mode::Full && check.standing[FileKind::Enrollments as usize] == Standing::Read;
    counted || check.settings.sections.empty == EmptySections::Keep || (!complete && was_written)
}

fn section_row(
    check: &Check<'_>,
    number: u32,
    record: Record<'_>,
    site: &str,
    last_names: &HashMap<u32, String>,
    line: u32,
) -> SectionRow<'static> {
    let id = check.roster.of(FileKind::Sections).id(number);
    let teacher = |id: &str| check.roster.of(FileKind::Teachers).find(id);
    let teachers: Vec<u32> = record.all(Field::Teacher).filter_map(teacher).collect();
    let last_name = teachers.first().and_then(|teacher| last_names.get(teacher)).map_or("", String::as_str);
    let name = name(record, id, last_name, check.settings);
    let own = [
        Field::CourseName,
        Field::CourseNumber,
        Field::Period,
        Field::Subject,
        Field::SectionGrade,
        Field::TermName,
        Field::TermStart,
        Field::TermEnd,
    ];
    let mut values = [""; 12];
    values[..4].copy_from_slice(&[id, record.text(Field::School), site, &name]);
    values[4..].copy_from_slice(&own.map(|field| record.text(field)));
    SectionRow::new(number, line, values, &teachers)
}

/// `Course - Teacher last name - Period` if there is a course, else the name, else `Teacher last name - Period`.
fn name(record: Record<'_>, id: &str, last_name: &str, settings: &Settings) -> String {
    let (own, course, period) = (record.text(Field::Name), record.text(Field::CourseName), record.text(Field::Period));
    let join = |parts: &[&str]| parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(" - ");
    let own_first = settings.sections.name_from == NameFrom::Name && !own.is_empty();
    let name = match (own_first, course.is_empty(), own.is_empty()) {
        (true, ..) | (_, true, false) => own.to_owned(),
        (_, false, _) => join(&[course, last_name, period]),
        _ => join(&[last_name, period]),
    };
    if settings.sections.unique_names { join(&[&name, id]) } else { name }
}
