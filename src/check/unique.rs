//! Values that must be unique among rows of different ids.

use std::collections::BTreeMap;

use xxhash_rust::xxh3::xxh3_64;

use super::Rows;
use crate::roster::entities::{Entities, Seen};
use crate::roster::keys::{KeyMap, KeySet, key};
use crate::roster::schema::{Field, Schema};

/// Watches the unique columns of one file.
#[derive(Debug)]
pub struct Unique {
    columns: Vec<Watched>,
}

#[derive(Debug)]
struct Watched {
    column: usize,
    field: Option<Field>,
    first: KeyMap<u32>,
    /// Keys of the values seen, where some rows are not looked at.
    keys: Option<KeySet>,
    /// Rows whose value somebody else has, each with one of his rows.
    doubled: BTreeMap<u32, u32>,
    /// Further rows of the entity that was the first with a value, each with that first row.
    further: Vec<(u32, u32)>,
}

impl Unique {
    /// For the columns of `schema` that must be unique. The key itself is judged where rows of one id meet.
    /// `partly`: not every row will be looked at.
    pub fn new(schema: &Schema, partly: bool) -> Self {
        let watched = |(column, spec): (usize, &crate::roster::schema::Column)| {
            (spec.unique && !schema.primary_key.contains(&column)).then(|| Watched::new(column, spec.field, partly))
        };
        Self { columns: schema.columns.iter().enumerate().filter_map(watched).collect() }
    }

    /// Whether a value can be compared with rows that are not looked at, by what the roster knows of them.
    pub fn can_compare(schema: &Schema) -> bool {
        let fields = Self::new(schema, false).columns.into_iter().map(|watched| watched.field);
        fields.into_iter().all(|field| matches!(field, Some(Field::Number | Field::Email)))
    }

    /// Notes the values of row `number` of `rows`, unless they are blank.
    pub fn note<'v>(&mut self, rows: &Rows, number: u32, value: impl Fn(usize) -> &'v str) {
        for watched in &mut self.columns {
            let value = value(watched.column);
            if !value.is_empty() {
                watched.note(rows, number, value);
            }
        }
    }

    /// Entities that were not looked at, although a row that was has a value of theirs.
    pub fn unseen_twins(&self, entities: &Entities) -> Vec<u32> {
        let twin = |number: &u32| {
            let known = entities.known(*number);
            let clashes = |watched: &Watched| match watched.field {
                Some(Field::Number) => watched.has_key(known.number_key),
                Some(Field::Email) => watched.has_key(known.email_key),
                _ => false,
            };
            entities.seen(*number).has(Seen::UNCHANGED) && self.columns.iter().any(clashes)
        };
        entities.numbers().filter(twin).collect()
    }

    /// Rows that share a value: (column, row, the other row).
    pub fn doubled(&self) -> impl Iterator<Item = (usize, u32, Option<u32>)> + '_ {
        self.columns
            .iter()
            .flat_map(|watched| watched.all_doubled().map(|(row, other)| (watched.column, row, Some(other))))
    }
}

impl Watched {
    fn note(&mut self, rows: &Rows, number: u32, value: &str) {
        if let Some(keys) = &mut self.keys {
            keys.insert(key(value));
        }
        let first = *self.first.entry(xxh3_64(value.as_bytes())).or_insert(number);
        if rows.entry(first).entity != rows.entry(number).entity {
            self.doubled.entry(first).or_insert(number);
            self.doubled.entry(number).or_insert(first);
        } else if first != number {
            self.further.push((number, first));
        }
    }

    fn new(column: usize, field: Option<Field>, partly: bool) -> Self {
        let keys = partly.then(KeySet::default);
        Self { column, field, first: KeyMap::default(), keys, doubled: BTreeMap::new(), further: Vec::new() }
    }

    fn has_key(&self, key: u64) -> bool {
        self.keys.as_ref().is_some_and(|keys| keys.contains(&key))
    }

    /// Whichever of an entity's rows came first, all of them share what one shares.
    fn all_doubled(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        let further = self.further.iter().filter_map(|(row, first)| Some((*row, *self.doubled.get(first)?)));
        self.doubled.iter().map(|(row, other)| (*row, *other)).chain(further)
    }
}
