//! The problems of one run: the first ten thousand of each code as they are, all of them counted.
//!
//! Filled by the stages through the pipeline, printed by the reports. Does not decide what an error means for the run.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::roster::{Code, Problem};

/// Problems of one code beyond this are only counted, so that a broken file cannot fill the memory.
pub const KEPT_PER_CODE: u64 = 10_000;

/// Collects problems.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ProblemList {
    problems: Vec<Problem>,
    problem_counts: BTreeMap<Code, u64>,
    #[serde(skip)]
    errors: u64,
}

impl ProblemList {
    /// Nothing is wrong yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Counts `problem`, and keeps it while there are few of its code.
    pub fn push(&mut self, problem: Problem) {
        let count = self.problem_counts.entry(problem.code).or_default();
        *count += 1;
        self.errors += u64::from(problem.is_error());
        if *count <= KEPT_PER_CODE {
            self.problems.push(problem);
        }
    }

    /// Takes over everything that `other` kept and counted.
    pub fn merge(&mut self, other: ProblemList) {
        self.errors += other.errors();
        for (code, count) in other.problem_counts {
            *self.problem_counts.entry(code).or_default() += count;
        }
        self.problems.extend(other.problems);
        self.drop_surplus();
    }

    fn drop_surplus(&mut self) {
        let mut kept: BTreeMap<Code, u64> = BTreeMap::new();
        self.problems.retain(|problem| {
            let kept = kept.entry(problem.code).or_default();
            *kept += 1;
            *kept <= KEPT_PER_CODE
        });
    }

    /// Puts the most important first: errors before warnings; the set, files, then rows; then by code and place.
    pub fn sort(&mut self) {
        self.problems.sort_by(|a, b| order(a).cmp(&order(b)));
    }

    /// The problems that were kept.
    pub fn kept(&self) -> &[Problem] {
        &self.problems
    }

    /// How many there were of each code, kept or not.
    pub fn counts(&self) -> &BTreeMap<Code, u64> {
        &self.problem_counts
    }

    /// How many of `code` were counted and not kept.
    pub fn only_counted(&self, code: Code) -> u64 {
        self.problem_counts.get(&code).map_or(0, |count| count.saturating_sub(KEPT_PER_CODE))
    }

    /// Whether anything is refused.
    pub fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// How many errors there were. A list that was read back knows only of those that were kept.
    pub fn errors(&self) -> u64 {
        let kept = self.problems.iter().filter(|problem| problem.is_error()).count();
        self.errors.max(kept as u64)
    }

    /// How many problems there were that refused nothing.
    pub fn warnings(&self) -> u64 {
        self.problem_counts.values().sum::<u64>().saturating_sub(self.errors())
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.problem_counts.is_empty()
    }
}

impl Extend<Problem> for ProblemList {
    fn extend<T: IntoIterator<Item = Problem>>(&mut self, problems: T) {
        problems.into_iter().for_each(|problem| self.push(problem));
    }
}

impl FromIterator<Problem> for ProblemList {
    fn from_iter<T: IntoIterator<Item = Problem>>(problems: T) -> Self {
        let mut list = Self::new();
        list.extend(problems);
        list
    }
}

/// What a problem is about: the set (0), a file (1) or a row (2).
pub(crate) fn scope(problem: &Problem) -> u8 {
    match (&problem.file, problem.line) {
        (None, _) => 0,
        (Some(_), None) => 1,
        (Some(_), Some(_)) => 2,
    }
}

type Order<'a> =
    (crate::roster::Severity, u8, Code, Option<&'a str>, Option<u64>, Option<&'a str>, &'a str, Option<&'a str>);

fn order(problem: &Problem) -> Order<'_> {
    let column = problem.column.as_deref();
    let file = problem.file.as_deref();
    let subject = problem.subject.as_deref();
    (problem.severity, scope(problem), problem.code, file, problem.line, column, &problem.message, subject)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(line: u64) -> Problem {
        Problem::error(Code::RequiredCellBlank, "The cell is blank.").in_file("students.csv").at(line)
    }

    #[test]
    fn beyond_ten_thousand_of_a_code_only_the_count_goes_on() {
        let mut list: ProblemList = (0..KEPT_PER_CODE + 5).map(row).collect();
        list.push(Problem::warning(Code::ColumnUnknown, "There are columns that nobody knows."));
        assert_eq!(list.kept().len() as u64, KEPT_PER_CODE + 1);
        assert_eq!(list.counts()[&Code::RequiredCellBlank], KEPT_PER_CODE + 5);
        assert_eq!(list.only_counted(Code::RequiredCellBlank), 5);
        assert_eq!((list.errors(), list.warnings()), (KEPT_PER_CODE + 5, 1));
    }

    #[test]
    fn a_merged_list_counts_like_one_that_was_filled_at_once() {
        let mut one: ProblemList = (0..KEPT_PER_CODE - 1).map(row).collect();
        let two: ProblemList = (KEPT_PER_CODE..KEPT_PER_CODE + 3).map(row).collect();
        one.merge(two);
        assert_eq!(one.kept().len() as u64, KEPT_PER_CODE);
        assert_eq!(one.errors(), KEPT_PER_CODE + 2);
    }

    #[test]
    fn errors_come_before_warnings_and_the_set_before_files_and_rows() {
        let file = Problem::error(Code::ColumnMissing, "b").in_file("students.csv");
        let set = Problem::error(Code::SetIncomplete, "a");
        let warning = Problem::warning(Code::FileUnknown, "d").in_file("a.txt");
        let mut list: ProblemList = [warning.clone(), row(3), row(2), file.clone(), set.clone()].into_iter().collect();
        list.sort();
        assert_eq!(list.kept(), &[set, file, row(2), row(3), warning]);
    }

    #[test]
    fn a_list_reads_what_it_wrote() {
        let list: ProblemList =
            [row(2).about("x"), row(3).column("Last_name").propose("Fill it.")].into_iter().collect();
        let json = serde_json::to_string(&list).unwrap();
        let back: ProblemList = serde_json::from_str(&json).unwrap();
        assert_eq!((back.kept(), back.counts(), back.errors()), (list.kept(), list.counts(), list.errors()));
    }
}
