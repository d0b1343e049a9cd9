//! Schemas as values: what columns a file kind has, what they must hold, and which roster field each feeds.
//!
//! Read from Frictionless Table Schema files by `load`; used by `stage` (names and headers), `read`, `check` and
//! `report`. No column name stands in Rust: everything a stage knows of a column comes from here.

mod accepts;
mod column;
mod date_format;
mod descriptor;
mod fold;
mod identity;
mod in_short;
mod link;
mod load;
mod shipped;
#[cfg(test)]
mod tests;
mod words;

pub use accepts::{decimal, integer, year};
pub use date_format::DateFormat;
pub use fold::fold_header;
pub use in_short::in_short;
pub use load::{SchemaError, load};
pub use shipped::{shipped, shipped_names};
pub use words::{Field, Normaliser};

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

impl Column {
    /// Every header that means this column: the official one, then the aliases.
    pub fn headers(&self) -> impl Iterator<Item = &str> {
        std::iter::once(self.name.as_str()).chain(self.aliases.iter().map(String::as_str))
    }
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
    Date(DateFormat),
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

impl Column {
    /// Whether a header that folds to `folded` means this column.
    pub fn answers_to(&self, folded: &str) -> bool {
        self.headers().any(|header| fold_header(header) == folded)
    }
}
