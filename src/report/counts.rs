//! What became of people, sections and enrollments, in numbers.
//!
//! Filled by the pipeline, part of every run's report. Knows names of counts, not who was counted.

use serde::{Deserialize, Serialize};

use crate::roster::PersonKind;

macro_rules! counts {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $fdoc:literal])+ $field:ident,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct $name { $($(#[doc = $fdoc])+ pub $field: u64,)+ }
        impl $name {
            /// Every count with its name, in the order of reports.
            pub fn named(&self) -> Vec<(&'static str, u64)> { vec![$((stringify!($field), self.$field),)+] }
        }
    };
}

counts! {
    /// What became of the people of one kind.
    PeopleCounts {
        /// Patrons created.
        created,
        /// Patrons of whom a field changed.
        updated,
        /// Patrons who are as they were.
        unchanged,
        /// Patrons set from 4 back to 1.
        reactivated,
        /// People who wait for approval.
        held,
        /// People who wait for a decision.
        conflicting,
        /// People whom a refused row keeps as they are.
        shielded,
        /// People whom the settings leave out.
        skipped,
        /// Patrons set to 4; these people are not in the set.
        removed,
        /// People gone but still in their days of grace; not in the set either.
        missing,
    }
}

impl PeopleCounts {
    /// Everybody who is in the set: all but the removed and the missing.
    pub fn of_the_set(&self) -> u64 {
        let named = self.named();
        named.iter().map(|(_, count)| count).sum::<u64>() - self.removed - self.missing
    }
}

/// The counts by person kind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PeopleReport {
    /// Students.
    pub students: PeopleCounts,
    /// Teachers.
    pub teachers: PeopleCounts,
    /// Staff.
    pub staff: PeopleCounts,
}

impl PeopleReport {
    /// The counts of `kind`.
    pub fn of(&self, kind: PersonKind) -> &PeopleCounts {
        match kind {
            PersonKind::Students => &self.students,
            PersonKind::Teachers => &self.teachers,
            PersonKind::Staff => &self.staff,
        }
    }

    /// The counts of `kind`, to be filled.
    pub fn of_mut(&mut self, kind: PersonKind) -> &mut PeopleCounts {
        match kind {
            PersonKind::Students => &mut self.students,
            PersonKind::Teachers => &mut self.teachers,
            PersonKind::Staff => &mut self.staff,
        }
    }

    /// One count over all kinds.
    pub fn sum(&self, count: impl Fn(&PeopleCounts) -> u64) -> u64 {
        PersonKind::ALL.into_iter().map(|kind| count(self.of(kind))).sum()
    }
}

counts! {
    /// What became of the sections.
    SectionCounts {
        /// New ones.
        created,
        /// Changed ones.
        updated,
        /// Gone ones.
        removed,
        /// The same as before.
        unchanged,
    }
}

counts! {
    /// What became of the enrollments.
    EnrollmentCounts {
        /// New ones.
        created,
        /// Gone ones.
        removed,
        /// The same as before.
        unchanged,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_removed_and_the_missing_are_not_of_the_set() {
        let counts = PeopleCounts { created: 1, held: 2, removed: 4, missing: 8, ..PeopleCounts::default() };
        assert_eq!(counts.of_the_set(), 3);
    }

    #[test]
    fn a_sum_goes_over_all_kinds() {
        let mut people = PeopleReport::default();
        PersonKind::ALL.into_iter().for_each(|kind| people.of_mut(kind).created = 2);
        assert_eq!(people.sum(|counts| counts.created), 6);
    }
}
