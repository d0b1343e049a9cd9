//! File kinds and person kinds: what a file holds, and which of its rows are people.

use serde::{Deserialize, Serialize};

/// What one file of a set holds. The order is the order in which a set is checked: parents before those who name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// schools.csv
    Schools,
    /// teachers.csv
    Teachers,
    /// staff.csv, or the older admins.csv
    Staff,
    /// students.csv
    Students,
    /// sections.csv
    Sections,
    /// enrollments.csv
    Enrollments,
}

impl FileKind {
    /// All kinds, parents first.
    pub const ALL: [FileKind; 6] =
        [Self::Schools, Self::Teachers, Self::Staff, Self::Students, Self::Sections, Self::Enrollments];

    /// The word used in settings, JSON and file names: `schools`, `students`, …
    pub fn word(self) -> &'static str {
        match self {
            Self::Schools => "schools",
            Self::Teachers => "teachers",
            Self::Staff => "staff",
            Self::Students => "students",
            Self::Sections => "sections",
            Self::Enrollments => "enrollments",
        }
    }

    /// The kind that `word` names, if any.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// The person kind of a file whose rows are people.
    pub fn person(self) -> Option<PersonKind> {
        match self {
            Self::Students => Some(PersonKind::Students),
            Self::Teachers => Some(PersonKind::Teachers),
            Self::Staff => Some(PersonKind::Staff),
            _ => None,
        }
    }
}

impl std::fmt::Display for FileKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}

/// The kinds of people. A person never changes kind; students never merge with employees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PersonKind {
    /// A row of students.csv.
    Students,
    /// A row of teachers.csv.
    Teachers,
    /// A row of staff.csv.
    Staff,
}

impl PersonKind {
    /// All kinds, in the order of reports.
    pub const ALL: [PersonKind; 3] = [Self::Students, Self::Teachers, Self::Staff];

    /// The file kind in which such people are delivered.
    pub fn file(self) -> FileKind {
        match self {
            Self::Students => FileKind::Students,
            Self::Teachers => FileKind::Teachers,
            Self::Staff => FileKind::Staff,
        }
    }

    /// The word used in settings, JSON and tables.
    pub fn word(self) -> &'static str {
        self.file().word()
    }

    /// The kind that `word` names, if any.
    pub fn from_word(word: &str) -> Option<Self> {
        FileKind::from_word(word).and_then(FileKind::person)
    }

    /// The patron role of such a person.
    pub fn role(self) -> &'static str {
        match self {
            Self::Students => "student",
            Self::Teachers => "teacher",
            Self::Staff => "staff",
        }
    }

    /// Position in arrays that hold one entry per person kind.
    pub fn index(self) -> usize {
        self as usize
    }

    /// Teachers and staff, who may be one patron with two roles.
    pub fn is_employee(self) -> bool {
        self != Self::Students
    }
}

impl std::fmt::Display for PersonKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}
