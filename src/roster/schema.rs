//! Schemas as values: what columns a file kind has, what they must hold, and which roster field each feeds.
//!
//! Read from Frictionless Table Schema files by `load`; used by `stage` (names and headers), `read`, `check` and
//! `report`. No column name stands in Rust: everything a stage knows of a column comes from here.

use super::FileKind;

/// The schemas of one format, for example `clever-csv`.
#[derive(Debug, Clone, PartialEq)]
pub struct SchemaSet {
    /// The name of the package.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// One or more schemas a kind: the first whose file name or header fits is used (staff.csv before admins.csv).
    pub schemas: Vec<Schema>,
    /// Hash of all the schema bytes; a change makes everything be looked at again.
    pub hash: u64,
}

impl SchemaSet {
    /// The first schema of `kind`.
    pub fn of(&self, kind: FileKind) -> Option<&Schema> {
        self.schemas.iter().find(|schema| schema.kind == kind)
    }
}

/// The schema of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct Schema {
    /// Resource name: `students`, `admins`.
    pub name: String,
    /// What the rows are.
    pub kind: FileKind,
    /// File names (without ending, lower case) that mean this schema: `["staff"]`.
    pub file_names: Vec<String>,
    /// One sentence about the file.
    pub description: String,
    /// The columns in the official order.
    pub columns: Vec<Column>,
    /// Indexes into `columns` of the primary key.
    pub primary_key: Vec<usize>,
    /// Whether several rows of one key are one record (contacts, schools) or a mistake.
    pub fold: bool,
    /// References to other kinds.
    pub references: Vec<Reference>,
    /// Prefix of extension columns that are expected and ignored: `ext.`
    pub extension_prefix: Option<String>,
    /// Texts that count as blank, beside the empty one.
    pub missing_values: Vec<String>,
}

impl Schema {
    /// The index of the column that feeds `field`, if any.
    pub fn feeding(&self, field: Field) -> Option<usize> {
        self.columns.iter().position(|column| column.field == Some(field))
    }
}

/// One column.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    /// The official header.
    pub name: String,
    /// Other headers that mean the same.
    pub aliases: Vec<String>,
    /// A sentence for the district.
    pub description: String,
    /// Type and format of Table Schema.
    pub value_type: ValueType,
    /// constraints.required
    pub required: bool,
    /// constraints.unique (of rows with different keys)
    pub unique: bool,
    /// constraints.enum
    pub allowed: Option<Vec<String>>,
    /// constraints.pattern, anchored
    pub pattern: Option<Pattern>,
    /// constraints.minLength, in characters
    pub min_length: Option<usize>,
    /// constraints.maxLength, in characters
    pub max_length: Option<usize>,
    /// constraints.minimum and maximum of numbers, as written
    pub minimum: Option<String>,
    /// see `minimum`
    pub maximum: Option<String>,
    /// What turns the forms seen in the field into the official one.
    pub normaliser: Option<Normaliser>,
    /// The roster field it feeds; none: checked and never stored.
    pub field: Option<Field>,
    /// Columns of which one filled makes this one required (Contact_type with Contact_name); indexes into `columns`.
    pub required_with: Vec<usize>,
    /// Whether the cells are secrets that are blanked while staging (Password).
    pub secret: bool,
}

/// A compiled pattern that compares by its text.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// As written in the schema.
    pub text: String,
    /// Compiled, anchored at both ends, with a size limit.
    pub regex: regex::Regex,
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

/// Types of Table Schema that are understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ValueType {
    /// `string`, format `default`
    Text,
    /// `string`, format `email`
    Email,
    /// `string`, format `uri`
    Uri,
    /// `string`, format `uuid`
    Uuid,
    /// `integer`
    Integer,
    /// `number`
    Number,
    /// `boolean`
    Boolean,
    /// `date` with the given strptime format (`default` is `%Y-%m-%d`)
    Date(String),
    /// `year`
    Year,
    /// `any`
    Any,
}

/// A reference of one or more columns to the key of another kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Reference {
    /// Indexes into the columns of this schema; of a composite reference all must be filled to count.
    pub columns: Vec<usize>,
    /// The kind referred to.
    pub kind: FileKind,
    /// Names of the columns referred to, in the other schema.
    pub target: Vec<String>,
    /// Values that need no row there (DEFAULT_DISTRICT_OFFICE).
    pub always_known: Vec<String>,
    /// A person whose row breaks this reference is held as `school_missing` instead of refused.
    pub holds_person: bool,
}

macro_rules! vocabulary {
    ($(#[doc = $doc:literal])+ $name:ident { $($(#[doc = $vdoc:literal])+ $variant:ident = $word:literal,)+ }) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $name { $($(#[doc = $vdoc])+ $variant,)+ }
        impl $name {
            /// Every one, in order.
            pub const ALL: &'static [$name] = &[$($name::$variant,)+];
            /// The word as it stands in schema files.
            pub fn word(self) -> &'static str { match self { $($name::$variant => $word,)+ } }
            /// The one that `word` names.
            pub fn from_word(word: &str) -> Option<Self> { Self::ALL.iter().copied().find(|one| one.word() == word) }
        }
    };
}

vocabulary! {
    /// What a column can feed: the fields of the roster. The order is the order of the stored record; append only.
    Field {
        /// The row's own id.
        Id = "id",
        /// The school it belongs to.
        School = "school",
        /// Student number or teacher number; of a school its number.
        Number = "number",
        /// State id.
        StateId = "state_id",
        /// Last name.
        LastName = "last_name",
        /// First name.
        FirstName = "first_name",
        /// Middle name.
        MiddleName = "middle_name",
        /// Grade, in Clever's words.
        Level = "level",
        /// M, F or X.
        Sex = "sex",
        /// Birth date, ISO.
        Birthdate = "birthdate",
        /// Street.
        Address = "address",
        /// City.
        City = "city",
        /// State, two letters.
        State = "state",
        /// ZIP code.
        PostalCode = "postal_code",
        /// E-mail.
        Email = "email",
        /// Second e-mail, where a format has one.
        SecondaryEmail = "secondary_email",
        /// User name.
        Username = "username",
        /// Notes of a new patron.
        Notes = "notes",
        /// Name of a contact.
        ContactName = "contact_name",
        /// Relationship of a contact.
        ContactRelationship = "contact_relationship",
        /// Type of a contact.
        ContactType = "contact_type",
        /// Phone of a contact.
        ContactPhone = "contact_phone",
        /// Phone type of a contact.
        ContactPhoneType = "contact_phone_type",
        /// E-mail of a contact.
        ContactEmail = "contact_email",
        /// Name of a school or section.
        Name = "name",
        /// Course name.
        CourseName = "course_name",
        /// Course number.
        CourseNumber = "course_number",
        /// Period.
        Period = "period",
        /// Subject.
        Subject = "subject",
        /// Grade of a section.
        SectionGrade = "section_grade",
        /// Term name.
        TermName = "term_name",
        /// Term start, ISO.
        TermStart = "term_start",
        /// Term end, ISO.
        TermEnd = "term_end",
        /// Teachers of a section: several columns, the first of them the primary teacher.
        Teacher = "teacher",
        /// The section of an enrollment.
        Section = "section",
        /// The student of an enrollment.
        Student = "student",
        /// Role of a staff member, in the delivering system.
        StaffRole = "staff_role",
    }
}

vocabulary! {
    /// What turns forms seen in the field into the official one. One that does not know a value leaves it to the checks.
    Normaliser {
        /// `01`, `1st`, `K`, `Grade 3`, `6-8` …
        Grade = "grade",
        /// `Male`, `female` …
        Gender = "gender",
        /// Race words.
        Race = "race",
        /// `Yes`, `true`, `1` …
        YesNo = "yes_no",
        /// Lunch status.
        Lunch = "lunch",
        /// The date forms of the settings.
        Date = "date",
        /// Phone numbers: digits only.
        Phone = "phone",
        /// ZIP codes: lost zeros, ZIP+4.
        Zip = "zip",
        /// Trimmed, `mailto:` taken off; the case stays.
        Email = "email",
        /// Subjects.
        Subject = "subject",
        /// Phone types.
        PhoneType = "phone_type",
        /// Two-letter states from their names.
        State = "state",
        /// Words in any case, as the enumeration spells them.
        Word = "word",
    }
}

/// A header as it is compared: without case, blanks, `_`, `-` and characters that nobody can see (rule B1).
pub fn fold_header(header: &str) -> String {
    let counts = |c: &char| !matches!(c, '_' | '-' | '\u{200b}' | '\u{feff}' | '\u{2060}') && !c.is_whitespace();
    header.chars().filter(counts).flat_map(char::to_lowercase).collect()
}

impl Column {
    /// Whether a header that folds to `folded` means this column.
    pub fn answers_to(&self, folded: &str) -> bool {
        fold_header(&self.name) == folded || self.aliases.iter().any(|alias| fold_header(alias) == folded)
    }
}
