//! Districts: settings, sites, and what the last run saw.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, params};

use super::{Store, StoreError};
use crate::files::fail_point;
use crate::roster::FileKind;
use crate::roster::entities::State;
use crate::roster::record::Record;
use crate::roster::schema::Field;
use crate::roster::settings::Settings;

/// A district as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct District {
    /// Its number in the large tables.
    pub seq: i64,
    /// Its id.
    pub id: String,
    /// Its settings.
    pub settings: Settings,
    /// The batch of the last run that was applied or had nothing to do.
    pub last_batch: String,
    /// What settings, schemas and sites were then.
    pub last_salt: i64,
    /// That run.
    pub last_run: String,
    /// The day of the newest set that was applied.
    pub applied_as_of: String,
    /// Whether a run has been let loose on patrons who were there before it.
    pub has_touched: bool,
}

/// One line of a district's site map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteRow {
    /// The school's id.
    pub school: String,
    /// The library's code; blank where the school is ignored.
    pub site: String,
    /// Whether its people are out of scope.
    pub is_ignored: bool,
}

impl Store {
    /// The district with this id, if there is one.
    pub fn district(&self, id: &str) -> Result<Option<District>, StoreError> {
        let sql = "SELECT seq, settings, last_batch, last_salt, last_run, applied_as_of, has_touched FROM districts WHERE id = ?";
        let read = |row: &rusqlite::Row<'_>| {
            let text: String = row.get(1)?;
            let settings = toml::from_str(&text).map_err(|error| {
                rusqlite::Error::FromSqlConversionFailure(1, rusqlite::types::Type::Text, Box::new(error))
            })?;
            Ok(District {
                seq: row.get(0)?,
                id: id.to_owned(),
                settings,
                last_batch: row.get(2)?,
                last_salt: row.get(3)?,
                last_run: row.get(4)?,
                applied_as_of: row.get(5)?,
                has_touched: row.get(6)?,
            })
        };
        self.connection.query_row(sql, [id], read).optional().map_err(|error| self.explain("read a district of", error))
    }

    /// Ids of all districts.
    pub fn district_ids(&self) -> Result<Vec<String>, StoreError> {
        self.rows("list the districts of", "SELECT id FROM districts ORDER BY id", params![], |row| row.get(0))
    }

    /// Creates a district or changes its settings.
    pub fn put_district(&self, settings: &Settings) -> Result<(), StoreError> {
        let text = toml::to_string(settings).unwrap_or_default();
        let sql = "INSERT INTO districts (seq, id, settings) VALUES ((SELECT coalesce(max(seq) + 1, 0) FROM districts), ?1, ?2)
            ON CONFLICT (id) DO UPDATE SET settings = excluded.settings";
        self.change("store the settings in", sql, params![settings.id, text])
    }

    /// Remembers what a run saw.
    pub fn set_last(&self, seq: i64, batch: &str, salt: i64, run: &str, applied_as_of: &str) -> Result<(), StoreError> {
        let sql =
            "UPDATE districts SET last_batch = ?2, last_salt = ?3, last_run = ?4, applied_as_of = ?5 WHERE seq = ?1";
        self.change("write", sql, params![seq, batch, salt, run, applied_as_of])
    }

    /// Remembers that patrons who were there before may be touched from now on.
    pub fn set_touched(&self, seq: i64) -> Result<(), StoreError> {
        self.change("write", "UPDATE districts SET has_touched = 1 WHERE seq = ?", params![seq])
    }

    /// The site map.
    pub fn sites(&self, seq: i64) -> Result<Vec<SiteRow>, StoreError> {
        let sql = "SELECT school, site, is_ignored FROM sites WHERE district = ? ORDER BY school";
        let read =
            |row: &rusqlite::Row<'_>| Ok(SiteRow { school: row.get(0)?, site: row.get(1)?, is_ignored: row.get(2)? });
        self.rows("read the sites of", sql, params![seq], read)
    }

    /// Maps or ignores a school.
    pub fn put_site(&self, seq: i64, site: &SiteRow) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO sites VALUES (?, ?, ?, ?)";
        self.change("store a site in", sql, params![seq, site.school, site.site, site.is_ignored])
    }

    /// Forgets what was said of a school.
    pub fn clear_site(&self, seq: i64, school: &str) -> Result<(), StoreError> {
        self.change("store a site in", "DELETE FROM sites WHERE district = ? AND school = ?", params![seq, school])
    }

    /// Schools of the roster that have not left it: id and name.
    pub fn schools(&self, seq: i64) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT id, record FROM entities e LEFT JOIN records r USING (district, kind, number)
            WHERE e.district = ? AND e.kind = ? AND e.state IN (?, ?, ?) ORDER BY id";
        let states = [State::Present, State::Missing, State::Waiting].map(|state| state as i64);
        let values = params![seq, FileKind::Schools as i64, states[0], states[1], states[2]];
        let read = |row: &rusqlite::Row<'_>| {
            let record: Option<Vec<u8>> = row.get(1)?;
            Ok((row.get(0)?, Record(&record.unwrap_or_default()).text(Field::Name).to_owned()))
        };
        self.rows("read the schools of", sql, values, read)
    }

    /// How many people of each state a district has, by kind and state, for `district show`.
    pub fn people_by_state(&self, seq: i64) -> Result<BTreeMap<(i64, i64), i64>, StoreError> {
        let sql = "SELECT kind, state, count(*) FROM entities WHERE district = ? GROUP BY kind, state";
        let rows =
            self.rows("count the people of", sql, params![seq], |row| Ok(((row.get(0)?, row.get(1)?), row.get(2)?)))?;
        Ok(rows.into_iter().collect())
    }

    /// Runs a statement that changes something.
    pub(crate) fn change(
        &self,
        doing: &'static str,
        sql: &str,
        values: impl rusqlite::Params,
    ) -> Result<(), StoreError> {
        if fail_point::fails("write") {
            let full = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
            return Err(self.explain(doing, rusqlite::Error::SqliteFailure(full, None)));
        }
        let changed = self.connection.prepare_cached(sql).and_then(|mut statement| statement.execute(values));
        changed.map(|_| ()).map_err(|error| self.explain(doing, error))
    }

    /// Reads all rows of a query.
    pub(crate) fn rows<T>(
        &self,
        doing: &'static str,
        sql: &str,
        values: impl rusqlite::Params,
        read: impl FnMut(&rusqlite::Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let rows =
            || self.connection.prepare_cached(sql)?.query_map(values, read)?.collect::<rusqlite::Result<Vec<T>>>();
        rows().map_err(|error| self.explain(doing, error))
    }
}
