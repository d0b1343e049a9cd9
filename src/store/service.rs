//! What the running service says of itself, and what people ask of it; so that commands in other processes know and can ask.

use rusqlite::params;

use super::{Store, StoreError};

/// Something that a person asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WishRow {
    /// Its number.
    pub seq: i64,
    /// The district's id.
    pub district: String,
    /// What: `now`.
    pub wish: String,
    /// When, RFC 3339.
    pub at: String,
}

impl Store {
    /// What the service noted under `name`; blank: nothing.
    pub fn service_note(&self, name: &str) -> Result<String, StoreError> {
        let sql = "SELECT value FROM service WHERE name = ?";
        Ok(self.rows("read the notes of the service in", sql, [name], |row| row.get(0))?.pop().unwrap_or_default())
    }

    /// Notes `value` under `name`.
    pub fn put_service_note(&self, name: &str, value: &str) -> Result<(), StoreError> {
        self.change("write", "INSERT OR REPLACE INTO service VALUES (?, ?)", params![name, value])
    }

    /// Asks the service for something.
    pub fn put_wish(&self, district: i64, wish: &str, at: &str) -> Result<(), StoreError> {
        self.change("write", "INSERT INTO wishes (district, wish, at) VALUES (?, ?, ?)", params![district, wish, at])
    }

    /// What was asked for and is not done yet.
    pub fn wishes(&self) -> Result<Vec<WishRow>, StoreError> {
        let sql =
            "SELECT w.seq, d.id, w.wish, w.at FROM wishes w JOIN districts d ON d.seq = w.district ORDER BY w.seq";
        self.rows("read the wishes of", sql, [], |row| {
            Ok(WishRow { seq: row.get(0)?, district: row.get(1)?, wish: row.get(2)?, at: row.get(3)? })
        })
    }

    /// Whether another connection has written since this was asked last. A database that cannot tell counts as unchanged.
    pub fn is_changed_by_others(&self) -> bool {
        let version = self.connection.query_row("PRAGMA data_version", [], |row| row.get(0)).unwrap_or(0);
        self.seen.replace(version) != version
    }

    /// A wish came true.
    pub fn remove_wish(&self, seq: i64) -> Result<(), StoreError> {
        self.change("write", "DELETE FROM wishes WHERE seq = ?", [seq])
    }
}
