//! The schema files as they are written: Frictionless Data Package and Table Schema, with our `rosterd` property.
//!
//! Only `load` and `link` see these; they turn them into [`super::Schema`]. Unknown keys are refused where a slip would
//! otherwise change what a schema means, and where the standard has properties that we do not carry out.

use serde::Deserialize;
use serde_json::Value;

/// datapackage.json. Other keys of the standard (licenses, sources, …) say nothing to us.
#[derive(Deserialize)]
pub(super) struct PackageFile {
    pub name: String,
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub rosterd: PackageExtras,
    pub resources: Vec<ResourceEntry>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct PackageExtras {
    #[serde(default)]
    pub version: Option<u32>,
}

#[derive(Deserialize)]
pub(super) struct ResourceEntry {
    pub name: String,
    pub schema: String,
}

/// The schema of one resource.
#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct SchemaFile {
    #[serde(default, rename = "$schema")]
    _schema: Option<String>,
    #[serde(default, rename = "name")]
    _name: Option<String>,
    #[serde(default, rename = "title")]
    _title: Option<String>,
    #[serde(default, rename = "fieldsMatch")]
    _fields_match: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub missing_values: Option<Vec<MissingValue>>,
    pub rosterd: SchemaExtras,
    pub fields: Vec<FieldFile>,
    #[serde(default)]
    pub primary_key: Names,
    #[serde(default)]
    pub foreign_keys: Vec<ForeignKey>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SchemaExtras {
    pub kind: String,
    #[serde(default)]
    pub file_names: Vec<String>,
    #[serde(default)]
    pub fold: bool,
    #[serde(default)]
    pub extension_prefix: Option<String>,
}

/// A missing value: the text alone, or with a label.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum MissingValue {
    Text(String),
    Labelled { value: String },
}

/// The first edition of the standard allows a single name where the second asks for a list.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum Names {
    One(String),
    Many(Vec<String>),
}

impl Default for Names {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl Names {
    pub fn as_slice(&self) -> &[String] {
        match self {
            Self::One(name) => std::slice::from_ref(name),
            Self::Many(names) => names,
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldFile {
    pub name: String,
    #[serde(default, rename = "type")]
    pub value_type: Option<String>,
    #[serde(default)]
    pub format: Option<String>,
    #[serde(default)]
    pub description: Option<String>,
    #[serde(default)]
    pub constraints: Constraints,
    #[serde(default)]
    pub rosterd: FieldExtras,
    #[serde(default, rename = "title")]
    _title: Option<String>,
    #[serde(default, rename = "example")]
    _example: Option<Value>,
    #[serde(default, rename = "rdfType")]
    _rdf_type: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct Constraints {
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub unique: bool,
    #[serde(default, rename = "enum")]
    pub allowed: Option<Vec<Value>>,
    #[serde(default)]
    pub pattern: Option<String>,
    #[serde(default)]
    pub min_length: Option<usize>,
    #[serde(default)]
    pub max_length: Option<usize>,
    #[serde(default)]
    pub minimum: Option<Value>,
    #[serde(default)]
    pub maximum: Option<Value>,
}

impl Constraints {
    /// The names of those that are there, apart from `required`, `unique` and `enum`, which fit every type.
    pub fn particular(&self) -> impl Iterator<Item = &'static str> {
        let there = [
            ("pattern", self.pattern.is_some()),
            ("minLength", self.min_length.is_some()),
            ("maxLength", self.max_length.is_some()),
            ("minimum", self.minimum.is_some()),
            ("maximum", self.maximum.is_some()),
        ];
        there.into_iter().filter(|(_, is_there)| *is_there).map(|(name, _)| name)
    }
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct FieldExtras {
    #[serde(default)]
    pub aliases: Vec<String>,
    #[serde(default)]
    pub field: Option<String>,
    #[serde(default)]
    pub normalise: Option<String>,
    #[serde(default)]
    pub required_with: Vec<String>,
    #[serde(default)]
    pub secret: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ForeignKey {
    pub fields: Names,
    pub reference: ReferenceFile,
    #[serde(default)]
    pub rosterd: ReferenceExtras,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReferenceFile {
    pub resource: String,
    pub fields: Names,
}

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(super) struct ReferenceExtras {
    #[serde(default)]
    pub also: Vec<String>,
    #[serde(default)]
    pub holds_person: bool,
}
