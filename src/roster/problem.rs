//! Problems: what is wrong with a delivery, where, and what to do next.
//!
//! A problem is data and travels with the report of the district that caused it; it is never an `Err` and never logged.

use serde::{Deserialize, Serialize};

/// How much a problem matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Refuses the row, the file or the set.
    Error,
    /// Only tells; the row is kept.
    Warning,
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $name:ident = $word:literal,)+) => {
        /// Stable words for problems. They are a contract: more may be added, none is renamed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $($(#[doc = $doc])+ $name,)+ }

        impl Code {
            /// Every code, in the order of this list, which is the order of reports.
            pub const ALL: &'static [Code] = &[$(Code::$name,)+];

            /// The code as it stands in JSON and reports.
            pub fn word(self) -> &'static str {
                match self { $(Code::$name => $word,)+ }
            }

            /// The code that `word` names, if any.
            pub fn from_word(word: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|code| code.word() == word)
            }

            /// What the code means, for the documentation that is generated from it.
            pub fn meaning(self) -> &'static str {
                match self { $(Code::$name => concat!($($doc),+).trim_ascii(),)+ }
            }
        }
    };
}

codes! {
    /// A required file is missing from a full set; the set is refused.
    SetIncomplete = "set_incomplete",
    /// A file was cut off in transfer, or is not of the size or SHA-256 that the manifest gives; the set is refused.
    FileTruncated = "file_truncated",
    /// A file of schools, students or teachers is empty although the roster has such people; or an empty file of another kind, which removes nothing.
    FileEmpty = "file_empty",
    /// Two files of one kind and nothing says which is newer; the set is refused.
    FileDuplicate = "file_duplicate",
    /// A file that is no roster file, or not a CSV at all.
    FileUnknown = "file_unknown",
    /// A file is much older than the others of its set.
    FileStale = "file_stale",
    /// A zip that is dangerous or unreadable; the set is refused.
    ZipUnsafe = "zip_unsafe",
    /// The files are larger than the district allows; nothing is taken.
    SetTooLarge = "set_too_large",
    /// A file changed while it was being copied; nothing is taken.
    FileChanging = "file_changing",
    /// More rows are refused than the district allows; the set is refused.
    ErrorRateExceeded = "error_rate_exceeded",
    /// A required column is not in the header; the file is refused.
    ColumnMissing = "column_missing",
    /// A column stands twice in the header; the file is refused.
    ColumnDuplicate = "column_duplicate",
    /// Columns that the schema does not know; they are ignored.
    ColumnUnknown = "column_unknown",
    /// A header differs from the official one in case, blanks or invisible characters and was understood all the same.
    HeaderRepaired = "header_repaired",
    /// The file is not UTF-8; its encoding was detected.
    EncodingGuessed = "encoding_guessed",
    /// Bytes that cannot be read in the encoding asked for, or a replacement character where a letter was lost.
    EncodingInvalid = "encoding_invalid",
    /// The file is separated by something other than commas.
    DelimiterOther = "delimiter_other",
    /// A quote is opened and never closed.
    QuoteOpen = "quote_open",
    /// A row has fewer cells than the header.
    RowTooShort = "row_too_short",
    /// A row has more cells than the header.
    RowTooLong = "row_too_long",
    /// A cell of more than 64 KiB, or a row of more than 1 MiB.
    CellTooLarge = "cell_too_large",
    /// A cell contains a NUL byte.
    CellNul = "cell_nul",
    /// A required cell is blank.
    RequiredCellBlank = "required_cell_blank",
    /// A value is not one of those that the schema lists.
    ValueNotAllowed = "value_not_allowed",
    /// A value does not have the form that the schema asks for.
    ValueFormat = "value_format",
    /// A date that cannot be understood.
    DateFormat = "date_format",
    /// An e-mail address that is none.
    EmailFormat = "email_format",
    /// A value that must be unique in the district stands in rows of different ids.
    IdDuplicate = "id_duplicate",
    /// Rows of one id differ in name and birth date: two people share an id.
    PersonContradictory = "person_contradictory",
    /// A required reference names a row that does not exist.
    ReferenceUnknown = "reference_unknown",
    /// An optional reference names a row that does not exist; the value is dropped.
    OptionalReferenceUnknown = "optional_reference_unknown",
    /// People of a school that is not in schools.csv; they are held.
    SchoolMissing = "school_missing",
    /// Rows of one id disagree; the fullest row wins.
    RowsDisagree = "rows_disagree",
    /// A barcode is in use by another patron; the patron keeps, or is created without, one.
    BarcodeTaken = "barcode_taken",
    /// A value that people edited was restored, because the file owns the field; or, where its owner is `ask`, is kept and is a question.
    PatronEdited = "patron_edited",
    /// A status that a person set was kept.
    StatusKept = "status_kept",
    /// Several patrons could be this person, or the evidence is not enough; nothing is written until someone decides.
    PatronUndecided = "patron_undecided",
    /// In `update_only` mode, no patron has the chosen identity.
    PatronUnmatched = "patron_unmatched",
    /// A teacher and a staff member could be one patron, but no unshared e-mail proves it.
    EmployeeMaybeOne = "employee_maybe_one",
    /// Changes are not done, because somebody discarded the same before.
    DiscardedEarlier = "discarded_earlier",
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.word())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.word())
    }
}

impl<'de> Deserialize<'de> for Code {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let word = String::deserialize(deserializer)?;
        Self::from_word(&word).ok_or_else(|| serde::de::Error::custom(format!("{word:?} is not a problem code")))
    }
}

/// One problem of a delivery.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The stable word.
    pub code: Code,
    /// Whether something was refused.
    pub severity: Severity,
    /// The file as it was named in the delivery; absent when the whole set is meant.
    pub file: Option<String>,
    /// The row as a spreadsheet shows it: the header is line 1, a cell with line breaks is one row, blank rows count.
    pub line: Option<u64>,
    /// The column as the file's own header spells it.
    pub column: Option<String>,
    /// A sentence for people.
    pub message: String,
    /// What to do next, a sentence too.
    pub proposal: Option<String>,
    /// What the report groups by beside code, file and column (for example the section that 412 rows name).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
}

impl Problem {
    /// An error without a place; add one with [`Problem::in_file`], [`Problem::at`] and so on.
    pub fn error(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Error, message)
    }

    /// A warning without a place.
    pub fn warning(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, Severity::Warning, message)
    }

    fn new(code: Code, severity: Severity, message: impl Into<String>) -> Self {
        Self {
            code,
            severity,
            file: None,
            line: None,
            column: None,
            message: message.into(),
            proposal: None,
            subject: None,
        }
    }

    /// The file it is in.
    pub fn in_file(mut self, file: impl Into<String>) -> Self {
        self.file = Some(file.into());
        self
    }

    /// The line, counted as a spreadsheet does.
    pub fn at(mut self, line: u64) -> Self {
        self.line = Some(line);
        self
    }

    /// The column, spelled as in the file's header.
    pub fn column(mut self, column: impl Into<String>) -> Self {
        self.column = Some(column.into());
        self
    }

    /// What to do next.
    pub fn propose(mut self, proposal: impl Into<String>) -> Self {
        self.proposal = Some(proposal.into());
        self
    }

    /// What the report groups by.
    pub fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Whether this refuses something.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
