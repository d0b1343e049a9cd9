//! All problems of one delivery: every one is counted, the first ten thousand of a code are kept.

use std::collections::BTreeMap;

use super::{Code, Problem};

/// Problems and their counts.
#[derive(Debug, Clone, Default)]
pub struct ProblemList {
    kept: Vec<Problem>,
    counts: BTreeMap<Code, u64>,
}

impl ProblemList {
    /// Beyond this many of one code only the count goes on (rule C8).
    pub const KEPT_PER_CODE: u64 = 10_000;

    /// Adds a problem.
    pub fn push(&mut self, problem: Problem) {
        let count = self.counts.entry(problem.code).or_default();
        *count += 1;
        if *count <= Self::KEPT_PER_CODE {
            self.kept.push(problem);
        }
    }

    /// The problems that were kept, in the order in which they were found.
    pub fn kept(&self) -> &[Problem] {
        &self.kept
    }

    /// How many of each code there were.
    pub fn counts(&self) -> &BTreeMap<Code, u64> {
        &self.counts
    }

    /// Whether any of them refuses something.
    pub fn has_errors(&self) -> bool {
        self.kept.iter().any(Problem::is_error)
    }
}

impl Extend<Problem> for ProblemList {
    fn extend<I: IntoIterator<Item = Problem>>(&mut self, problems: I) {
        problems.into_iter().for_each(|problem| self.push(problem));
    }
}
