//! The roster as a run needs it: every entity by id, records on demand, the pairs of enrollments.

use std::collections::HashMap;

use rusqlite::params;

use super::{Store, StoreError};
use crate::roster::FileKind;
use crate::roster::entities::{Known, Roster, State};
use crate::roster::plan::PersonRef;
use crate::roster::record::Record;
use crate::roster::schema::Field;

/// Kinds that are stored as entities.
const KINDS: [FileKind; 5] =
    [FileKind::Schools, FileKind::Teachers, FileKind::Staff, FileKind::Students, FileKind::Sections];

impl Store {
    /// Everything known of a district's entities.
    pub fn roster(&self, seq: i64) -> Result<Roster, StoreError> {
        let mut roster = Roster::new();
        let explain = |error| self.explain("read the roster of", error);
        let sql = "SELECT id, state, record_hash, number_key, email_key, school, patron, removed_by_run, missing_since
            FROM entities WHERE district = ? AND kind = ? ORDER BY number";
        let mut statement = self.connection.prepare_cached(sql).map_err(explain)?;
        for kind in KINDS {
            roster.of_mut(kind).reserve(self.next_number(seq, kind)?);
            let mut rows = statement.query(params![seq, kind as i64]).map_err(explain)?;
            while let Some(row) = rows.next().map_err(explain)? {
                let known = read_known(row).map_err(explain)?;
                let id =
                    row.get_ref(0).and_then(|value| value.as_str().map_err(rusqlite::Error::from)).map_err(explain)?;
                roster.of_mut(kind).add_known(id, known);
            }
            roster.of_mut(kind).index();
        }
        let tombstones = self.tombstones(seq)?;
        if !tombstones.is_empty() {
            let district =
                self.rows("read", "SELECT id FROM districts WHERE seq = ?", [seq], |row| row.get::<_, String>(0))?;
            let district = district.concat();
            for (kind, number, hash) in tombstones {
                if let Some(kind) = KINDS.into_iter().find(|one| *one as i64 == kind) {
                    roster.of_mut(kind).add_erased(&district, hash, number);
                }
            }
        }
        Ok(roster)
    }

    /// The number that the next new entity of a kind gets: as many have one already.
    fn next_number(&self, seq: i64, kind: FileKind) -> Result<usize, StoreError> {
        let sql = "SELECT max(number) + 1 FROM entities WHERE district = ? AND kind = ?";
        let found = self.connection.query_row(sql, params![seq, kind as i64], |row| row.get::<_, Option<i64>>(0));
        found.map(|next| next.unwrap_or(0) as usize).map_err(|error| self.explain("read the roster of", error))
    }

    /// The records of these people.
    pub fn records(&self, seq: i64, people: &[PersonRef]) -> Result<HashMap<PersonRef, Vec<u8>>, StoreError> {
        let explain = |error| self.explain("read records of", error);
        let sql = "SELECT record FROM records WHERE district = ? AND kind = ? AND number = ?";
        let mut statement = self.connection.prepare_cached(sql).map_err(explain)?;
        let mut records = HashMap::new();
        for who in people {
            let mut rows = statement.query(params![seq, who.kind.file() as i64, who.number]).map_err(explain)?;
            if let Some(row) = rows.next().map_err(explain)? {
                records.insert(*who, row.get(0).map_err(explain)?);
            }
        }
        Ok(records)
    }

    /// The last names of all teachers, by number, for the names of sections.
    pub fn teachers_last_names(&self, seq: i64) -> Result<HashMap<u32, String>, StoreError> {
        let sql = "SELECT number, record FROM records WHERE district = ? AND kind = ?";
        let read = |row: &rusqlite::Row<'_>| {
            let record: Vec<u8> = row.get(1)?;
            Ok((row.get(0)?, Record(&record).text(Field::LastName).to_owned()))
        };
        Ok(self.rows("read records of", sql, params![seq, FileKind::Teachers as i64], read)?.into_iter().collect())
    }

    /// How many people are missing within their grace days.
    pub fn missing(&self, seq: i64) -> Result<i64, StoreError> {
        let sql = "SELECT count(*) FROM entities WHERE district = ? AND state = 2 AND kind BETWEEN 1 AND 3";
        self.connection
            .query_row(sql, [seq], |row| row.get(0))
            .map_err(|error| self.explain("read the roster of", error))
    }

    /// Sections whose term was over on `day`.
    pub fn sections_that_ended(&self, seq: i64, day: &str) -> Result<Vec<u32>, StoreError> {
        let sql = "SELECT number FROM section_rows WHERE district = ? AND term_end <> '' AND term_end < ?";
        self.rows("read the sections of", sql, params![seq, day], |row| row.get(0))
    }

    /// Sections of which one of these teachers (sorted) is a teacher.
    pub fn sections_of_teachers(&self, seq: i64, teachers: &[u32]) -> Result<Vec<u32>, StoreError> {
        let sql = "SELECT number, teachers FROM section_rows WHERE district = ?";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, u32>(0)?, row.get::<_, String>(1)?));
        let is_one = |list: &str| {
            let list: Vec<u32> = serde_json::from_str(list).unwrap_or_default();
            list.iter().any(|teacher| teachers.binary_search(teacher).is_ok())
        };
        let all = self.rows("read the sections of", sql, params![seq], read)?;
        Ok(all.into_iter().filter(|(_, list)| is_one(list)).map(|(number, _)| number).collect())
    }

    /// Sections of a student.
    pub fn sections_of_student(&self, seq: i64, student: u32) -> Result<Vec<u32>, StoreError> {
        let sql = "SELECT section FROM enrolled WHERE district = ? AND student = ?";
        self.rows("read the enrollments of", sql, params![seq, student], |row| row.get(0))
    }

    /// How many enrollments there are.
    pub fn enrolled_count(&self, seq: i64) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM enrolled WHERE district = ?";
        let count = self.connection.query_row(sql, [seq], |row| row.get::<_, i64>(0));
        count.map(i64::cast_unsigned).map_err(|error| self.explain("read the enrollments of", error))
    }

    /// All pairs of student and section, sorted.
    pub fn enrolled(&self, seq: i64) -> Result<Vec<u64>, StoreError> {
        let sql = "SELECT student, section FROM enrolled WHERE district = ? ORDER BY student, section";
        self.rows("read the enrollments of", sql, params![seq], |row| {
            Ok(crate::roster::enrollment::pair(row.get(0)?, row.get(1)?))
        })
    }
}

fn read_known(row: &rusqlite::Row<'_>) -> rusqlite::Result<Known> {
    Ok(Known {
        state: State::from_number(row.get(1)?),
        record_hash: row.get::<_, i64>(2)?.cast_unsigned(),
        number_key: row.get::<_, i64>(3)?.cast_unsigned(),
        email_key: row.get::<_, i64>(4)?.cast_unsigned(),
        school: row.get(5)?,
        patron: row.get(6)?,
        removed_by_run: row.get(7)?,
        missing_since: row.get(8)?,
    })
}
