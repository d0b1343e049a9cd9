//! Rows of one id are folded into one record (rule C4), so that the order of rows never matters.

use std::collections::BTreeSet;

use super::recognise::Recogniser;
use super::row::RowJudge;
use super::unique::Unique;
use super::{Check, Entry, FileVerdict, Rows, rules};
use crate::roster::Problem;
use crate::roster::entities::Seen;
use crate::roster::keys::fold_name;
use crate::roster::record::{Packer, Record};
use crate::roster::schema::Field;

/// Fields of which a person may have several: one row a contact.
pub const CONTACT: [Field; 6] = [
    Field::ContactRelationship,
    Field::ContactType,
    Field::ContactName,
    Field::ContactPhone,
    Field::ContactPhoneType,
    Field::ContactEmail,
];

/// What folding gives, for those who read records later: the contacts of a person.
#[derive(Debug)]
pub struct Folded;

impl Folded {
    /// The contacts of a record in the order of their bytes, each as relationship, type, name, phone, phone type, e-mail.
    pub fn contacts(record: Record<'_>) -> Vec<[&str; 6]> {
        let mut columns = CONTACT.map(|field| record.all(field).collect::<Vec<_>>().into_iter());
        let count = columns.iter().map(ExactSizeIterator::len).max().unwrap_or(0);
        let mut one = || std::array::from_fn(|index| columns[index].next().unwrap_or(""));
        let contacts = (0..count).map(|_| one());
        contacts.filter(|contact: &[&str; 6]| contact.iter().any(|value| !value.is_empty())).collect()
    }
}

/// Values that must be unique and are not: the rows are refused, or lose an optional value.
pub(super) fn refuse_doubled(
    check: &mut Check<'_>,
    judge: &RowJudge<'_>,
    unique: &Unique,
    recogniser: &mut Recogniser,
    verdict: &mut FileVerdict,
) {
    for (column, row, other) in unique.doubled() {
        let spec = &judge.schema.columns[column];
        let other = other.map(|other| u64::from(verdict.rows.entry(other).line));
        let line = u64::from(verdict.rows.entry(row).line);
        let name = judge.layout.spelled(judge.schema, column);
        let problem = rules::unique::problem(name, spec.required, other);
        check.problems.push(judge.place(problem, column, line));
        verdict.rows.flag(row, Entry::FINDING);
        if spec.required {
            refuse(check, judge, recogniser, verdict, row);
        } else if let Some(field) = spec.field {
            let kept = without(verdict.rows.record(row), field);
            verdict.rows.replace(row, kept.bytes());
        }
    }
}

/// Folds the rows of every entity that has several.
pub(super) fn fold(
    check: &mut Check<'_>,
    judge: &RowJudge<'_>,
    recogniser: &mut Recogniser,
    verdict: &mut FileVerdict,
) {
    let several: Vec<u32> =
        verdict.rows.entities().filter(|&entity| verdict.rows.of(entity).nth(1).is_some()).collect();
    for entity in several {
        let mut rows: Vec<u32> =
            verdict.rows.of(entity).filter(|&row| !verdict.rows.entry(row).has(Entry::REFUSED)).collect();
        rows.sort_by(|&a, &b| rank(&verdict.rows, a).cmp(&rank(&verdict.rows, b)));
        let wrong = [contradictions(judge, verdict, &rows), clashes(judge, verdict, &rows)];
        if let Some(problems) = wrong.into_iter().find(|problems| !problems.is_empty()) {
            for (row, problem) in problems {
                check.problems.push(problem);
                refuse(check, judge, recogniser, verdict, row);
            }
            continue;
        }
        tell_disagreements(check, judge, verdict, &rows);
        join(&mut verdict.rows, entity, &rows);
    }
}

/// The fullest row first, then the smallest in byte order; the line decides nothing that could be seen.
fn rank(rows: &Rows, row: u32) -> (std::cmp::Reverse<u16>, &[u8], u32) {
    let entry = rows.entry(row);
    (std::cmp::Reverse(entry.filled), rows.record(row).0, entry.line)
}

/// Two people under one id: what is wrong with each of the rows that take part.
fn contradictions(judge: &RowJudge<'_>, verdict: &FileVerdict, rows: &[u32]) -> Vec<(u32, Problem)> {
    if judge.schema.kind.person().is_none() {
        return Vec::new();
    }
    let line = |row: u32| u64::from(verdict.rows.entry(row).line);
    let differ = |row: u32, other: u32| are_two_people(verdict.rows.record(row), verdict.rows.record(other));
    let found = rows.iter().filter_map(|&row| {
        let other = rows.iter().copied().find(|&other| differ(row, other))?;
        Some((row, rules::person_contradictory::problem(line(other)).in_file(judge.file).at(line(row))))
    });
    found.collect()
}

fn are_two_people(one: Record<'_>, other: Record<'_>) -> bool {
    let name =
        |record: Record<'_>| fold_name(record.text(Field::FirstName)) + " " + &fold_name(record.text(Field::LastName));
    let (born, other_born) = (one.text(Field::Birthdate), other.text(Field::Birthdate));
    !born.is_empty() && !other_born.is_empty() && born != other_born && name(one) != name(other)
}

/// Rows of one key where the schema says that there is one row a key: what is wrong with each, unless they are alike.
fn clashes(judge: &RowJudge<'_>, verdict: &FileVerdict, rows: &[u32]) -> Vec<(u32, Problem)> {
    let alike = |pair: &[u32]| verdict.rows.record(pair[0]) == verdict.rows.record(pair[1]);
    if judge.schema.fold || rows.windows(2).all(alike) {
        return Vec::new();
    }
    let Some(&column) = judge.schema.primary_key.first() else { return Vec::new() };
    let line = |row: u32| u64::from(verdict.rows.entry(row).line);
    let found = rows.iter().map(|&row| {
        let other = rows.iter().find(|&&other| other != row).map(|&other| line(other));
        let problem = rules::unique::problem(judge.layout.spelled(judge.schema, column), true, other);
        (row, judge.place(problem, column, line(row)))
    });
    found.collect()
}

/// Refuses a row that was accepted: whoever it is about stays as he is, and so does whoever else is named in it (rule C7).
fn refuse(
    check: &mut Check<'_>,
    judge: &RowJudge<'_>,
    recogniser: &mut Recogniser,
    verdict: &mut FileVerdict,
    row: u32,
) {
    let (entry, kind) = (*verdict.rows.entry(row), judge.schema.kind);
    if entry.has(Entry::REFUSED) {
        return;
    }
    verdict.rows.flag(row, Entry::REFUSED);
    verdict.refused.push(entry.line);
    check.roster.of_mut(kind).see(entry.entity, Seen::REFUSED);
    recogniser.mark(&mut check.roster, kind, verdict.rows.record(row).values().map(|(_, value)| value));
}

fn tell_disagreements(check: &mut Check<'_>, judge: &RowJudge<'_>, verdict: &mut FileVerdict, rows: &[u32]) {
    let Some((&winner, losers)) = rows.split_first() else { return };
    let line = |row: u32| u64::from(verdict.rows.entry(row).line);
    let lost = losers.iter().map(|&row| (row, disagreements(verdict.rows.record(winner), verdict.rows.record(row))));
    let lost: Vec<_> = lost.filter(|(_, fields)| !fields.is_empty()).collect();
    for (row, fields) in &lost {
        let columns = fields.iter().filter_map(|&field| judge.schema.feeding(field));
        let names: Vec<_> = columns.map(|column| judge.layout.spelled(judge.schema, column)).collect();
        let problems = rules::rows_disagree::problems(line(winner), line(*row), &names);
        check.problems.extend(problems.map(|problem| problem.in_file(judge.file)));
    }
    if !lost.is_empty() {
        verdict.rows.flag(winner, Entry::FINDING);
    }
}

/// Fields in which both rows have a value, and not the same. Contacts and schools may differ.
fn disagreements(one: Record<'_>, other: Record<'_>) -> Vec<Field> {
    let may_differ = |field: &Field| *field == Field::School || CONTACT.contains(field);
    let differs = |field: &Field| {
        let lists = |record: Record<'_>| {
            record.all(*field).filter(|value| !value.is_empty()).map(str::to_owned).collect::<Vec<_>>()
        };
        let (mine, theirs) = (lists(one), lists(other));
        !mine.is_empty() && !theirs.is_empty() && mine != theirs
    };
    Field::ALL.iter().copied().filter(|field| !may_differ(field) && differs(field)).collect()
}

/// Makes one record of `rows`, the best first, and lets it stand for the entity.
fn join(rows: &mut Rows, entity: u32, best_first: &[u32]) {
    let Some(&winner) = best_first.first() else { return };
    let records: Vec<Record<'_>> = best_first.iter().map(|&row| rows.record(row)).collect();
    let mut packer = Packer::default();
    for &field in Field::ALL {
        if field == CONTACT[0] {
            pack_contacts(&records, &mut packer);
        } else if field == Field::School {
            schools(&records).iter().for_each(|school| packer.push(field, school));
        } else if !CONTACT.contains(&field) {
            best(&records, field).iter().for_each(|value| packer.push(field, value));
        }
    }
    let bytes = packer.bytes().to_vec();
    let flags = best_first.iter().fold(0, |flags, &row| flags | rows.entry(row).flags);
    rows.replace(winner, &bytes);
    rows.flag(winner, flags);
    let first_line = best_first.iter().map(|&row| rows.entry(row).line).min().unwrap_or(0);
    rows.stand_alone(entity, winner, first_line);
}

/// The values of the best row that has any; blank where one says so.
fn best<'r>(records: &[Record<'r>], field: Field) -> Vec<&'r str> {
    let filled = records.iter().find(|record| record.all(field).any(|value| !value.is_empty()));
    let chosen = filled.or_else(|| records.iter().find(|record| record.get(field).is_some()));
    chosen.map(|record| record.all(field).collect()).unwrap_or_default()
}

/// The winner's school first, the others in order.
fn schools<'r>(records: &[Record<'r>]) -> Vec<&'r str> {
    let first = records.first().and_then(|record| record.get(Field::School));
    let others: BTreeSet<_> = records.iter().filter_map(|record| record.get(Field::School)).collect();
    first.into_iter().chain(others.into_iter().filter(|school| Some(*school) != first && !school.is_empty())).collect()
}

fn pack_contacts(records: &[Record<'_>], packer: &mut Packer) {
    let distinct: BTreeSet<[&str; 6]> = records.iter().flat_map(|record| Folded::contacts(*record)).collect();
    let has_columns = records.iter().any(|record| CONTACT.iter().any(|field| record.get(*field).is_some()));
    let none = [""; 6];
    let contacts: Vec<_> = if distinct.is_empty() && has_columns { vec![none] } else { distinct.into_iter().collect() };
    for (index, field) in CONTACT.into_iter().enumerate() {
        contacts.iter().for_each(|contact| packer.push(field, contact[index]));
    }
}

fn without(record: Record<'_>, field: Field) -> Packer {
    let mut packer = Packer::default();
    let kept = record.values().filter(|(tag, _)| *tag != field as u8);
    for (tag, value) in kept {
        packer.push(Field::ALL[tag as usize], value);
    }
    packer
}
