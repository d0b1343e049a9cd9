//! Patrons of one district: shown to the matcher, created, changed, and asked who was edited.

use std::collections::{HashMap, HashSet};

use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, Result, ToSql, params};

use crate::roster::patron::{Patron, PatronField, PatronIds};
use crate::roster::plan::FieldChange;

/// The patrons of a district.
#[derive(Debug)]
pub struct Patrons<'c> {
    pub(super) connection: &'c Connection,
    pub(super) district: String,
    pub(super) now: String,
}

/// Of so many patrons it is quicker to read all than to look up each.
const READ_ALL_FROM: usize = 20_000;

impl<'c> Patrons<'c> {
    /// Those of `district`; `now` (RFC 3339) becomes their time of change.
    pub fn new(connection: &'c Connection, district: &str, now: &str) -> Self {
        Self { connection, district: district.to_owned(), now: now.to_owned() }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> Result<bool> {
        let sql = "SELECT NOT EXISTS (SELECT 1 FROM patrons WHERE district = ?)";
        self.connection.query_row(sql, [&self.district], |row| row.get(0))
    }

    /// Shows every patron, in order of their ids.
    pub fn each(&self, show: impl FnMut(&Patron)) -> Result<()> {
        self.each_in_part(PatronField::ALL, show)
    }

    /// Shows every patron, in order of their ids, with these fields only: a million patrons are read in half the time.
    pub fn each_in_part(&self, fields: &[PatronField], mut show: impl FnMut(&Patron)) -> Result<()> {
        let sql = format!("SELECT patron_id, {} FROM patrons WHERE district = ? ORDER BY patron_id", columns(fields));
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut rows = statement.query([&self.district])?;
        let mut patron = Patron::default();
        while let Some(row) = rows.next()? {
            read_into(row, fields, &mut patron)?;
            show(&patron);
        }
        Ok(())
    }

    /// Shows the patrons with these ids (sorted). One that is not there any more is not shown.
    pub fn each_of(&self, ids: &[i64], mut show: impl FnMut(&Patron)) -> Result<()> {
        if ids.len() >= READ_ALL_FROM {
            return self.each(|patron| {
                if ids.binary_search(&patron.id).is_ok() {
                    show(patron);
                }
            });
        }
        let sql = format!(
            "SELECT patron_id, {} FROM patrons WHERE patron_id = ? AND district = ?",
            columns(PatronField::ALL)
        );
        let mut statement = self.connection.prepare_cached(&sql)?;
        let mut patron = Patron::default();
        for id in ids {
            let mut rows = statement.query(params![id, self.district])?;
            if let Some(row) = rows.next()? {
                read_into(row, PatronField::ALL, &mut patron)?;
                show(&patron);
            }
        }
        Ok(())
    }

    /// Which of these patrons are still there.
    pub fn existing(&self, ids: &HashSet<i64>) -> Result<HashSet<i64>> {
        let mut statement =
            self.connection.prepare_cached("SELECT 1 FROM patrons WHERE patron_id = ? AND district = ?")?;
        let mut found = HashSet::new();
        for &id in ids {
            if statement.exists(params![id, self.district])? {
                found.insert(id);
            }
        }
        Ok(found)
    }

    /// Patrons that people or other programs touched since the last run.
    pub fn edited(&self) -> Result<PatronIds> {
        let mut statement = self.connection.prepare_cached("SELECT patron_id FROM patron_edits WHERE district = ?")?;
        statement.query_map([&self.district], |row| row.get(0))?.collect()
    }

    /// Which patron has each of these barcodes.
    pub fn holders(&self, barcodes: &[String]) -> Result<HashMap<String, i64>> {
        let mut holders = HashMap::new();
        if barcodes.is_empty() {
            return Ok(holders);
        }
        let wanted: HashSet<&str> = barcodes.iter().map(String::as_str).collect();
        let mut statement = self
            .connection
            .prepare_cached("SELECT barcode, patron_id FROM patrons WHERE district = ? AND barcode <> ''")?;
        let mut rows = statement.query([&self.district])?;
        while let Some(row) = rows.next()? {
            let barcode: String = row.get(0)?;
            if wanted.contains(barcode.as_str()) {
                holders.insert(barcode, row.get(1)?);
            }
        }
        Ok(holders)
    }

    /// From here on changes are ours and no edits.
    pub fn begin(&self) -> Result<()> {
        self.connection.execute("UPDATE own_write SET is_running = 1", []).map(|_| ())
    }

    /// Edits so far were seen, but for those of the patrons in `edits_left`; from here on changes are somebody else's again.
    pub fn end(&self, edits_left: &[i64]) -> Result<()> {
        self.connection.execute("UPDATE own_write SET is_running = 0", [])?;
        self.connection.execute("DELETE FROM patron_edits WHERE district = ?", [&self.district])?;
        let mut statement = self.connection.prepare_cached("INSERT OR REPLACE INTO patron_edits VALUES (?, ?)")?;
        edits_left.iter().try_for_each(|patron| statement.execute(params![patron, self.district]).map(|_| ()))
    }

    /// Creates a patron; gives its id.
    pub fn create<'a>(&self, changes: impl Iterator<Item = FieldChange<'a>>) -> Result<i64> {
        let changes: Vec<_> = changes.collect();
        let names: Vec<_> = changes.iter().map(|change| change.field.column()).collect();
        let marks = vec!["?"; names.len() + 3].join(", ");
        let comma = if names.is_empty() { "" } else { ", " };
        let sql = format!(
            "INSERT INTO patrons (district, created_at, updated_at{comma}{}) VALUES ({marks})",
            names.join(", ")
        );
        let values = [&self.district as &dyn ToSql, &self.now, &self.now];
        let fields: Vec<Value<'_>> = changes.iter().map(Value::of).collect();
        let all = values.into_iter().chain(fields.iter().map(|value| value as &dyn ToSql));
        self.connection.prepare_cached(&sql)?.insert(rusqlite::params_from_iter(all))
    }

    /// Changes fields of a patron.
    pub fn update<'a>(&self, id: i64, changes: impl Iterator<Item = FieldChange<'a>>) -> Result<()> {
        let changes: Vec<_> = changes.collect();
        let sets: Vec<_> = changes.iter().map(|change| format!("{} = ?", change.field.column())).collect();
        let sql = format!("UPDATE patrons SET {}, updated_at = ? WHERE patron_id = ?", sets.join(", "));
        let fields: Vec<Value<'_>> = changes.iter().map(Value::of).collect();
        let values = [&self.now as &dyn ToSql, &id];
        let all = fields.iter().map(|value| value as &dyn ToSql).chain(values);
        self.connection.prepare_cached(&sql)?.execute(rusqlite::params_from_iter(all)).map(|_| ())
    }
}

/// A field's value as the table stores it: the status is a number.
enum Value<'a> {
    Text(&'a str),
    Number(i64),
}

impl<'a> Value<'a> {
    fn of(change: &FieldChange<'a>) -> Self {
        match (change.field, change.new.parse()) {
            (PatronField::Status, Ok(number)) => Self::Number(number),
            _ => Self::Text(change.new),
        }
    }
}

impl ToSql for Value<'_> {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        Ok(match self {
            Self::Text(text) => ToSqlOutput::from(*text),
            Self::Number(number) => ToSqlOutput::from(*number),
        })
    }
}

fn columns(fields: &[PatronField]) -> String {
    fields.iter().map(|field| field.column()).collect::<Vec<_>>().join(", ")
}

fn read_into(row: &rusqlite::Row<'_>, fields: &[PatronField], patron: &mut Patron) -> Result<()> {
    patron.id = row.get(0)?;
    for (index, &field) in fields.iter().enumerate() {
        let slot = patron.slot(field);
        slot.clear();
        match row.get_ref(index + 1)? {
            rusqlite::types::ValueRef::Text(text) => slot.push_str(&String::from_utf8_lossy(text)),
            rusqlite::types::ValueRef::Integer(number) => slot.push_str(&number.to_string()),
            rusqlite::types::ValueRef::Real(number) => slot.push_str(&number.to_string()),
            _ => {}
        }
    }
    Ok(())
}
