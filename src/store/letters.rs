//! E-mail that waits to be sent.

use rusqlite::params;

use super::{Store, StoreError};

/// A letter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LetterRow {
    /// Its number.
    pub seq: i64,
    /// The district's number, or that of the service.
    pub district: i64,
    /// Addresses, as JSON.
    pub recipients: String,
    /// Its subject.
    pub subject: String,
    /// Its text.
    pub body: String,
    /// When it was written, RFC 3339.
    pub written_at: String,
    /// How often it could not be sent.
    pub attempts: i64,
    /// When it may be tried again, RFC 3339; blank: at any time.
    pub not_before: String,
}

impl Store {
    /// Lets a letter wait to be sent.
    pub fn put_letter(&self, row: &LetterRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO letters (district, recipients, subject, body, written_at) VALUES (?, ?, ?, ?, ?)";
        let values = params![row.district, row.recipients, row.subject, row.body, row.written_at];
        self.change("write a letter in", sql, values)
    }

    /// Letters that wait, oldest first.
    pub fn letters(&self) -> Result<Vec<LetterRow>, StoreError> {
        let sql = "SELECT seq, district, recipients, subject, body, written_at, attempts, not_before FROM letters ORDER BY seq";
        self.rows("read the letters of", sql, [], |row| {
            Ok(LetterRow {
                seq: row.get(0)?,
                district: row.get(1)?,
                recipients: row.get(2)?,
                subject: row.get(3)?,
                body: row.get(4)?,
                written_at: row.get(5)?,
                attempts: row.get(6)?,
                not_before: row.get(7)?,
            })
        })
    }

    /// A letter is on its way, or is given up.
    pub fn remove_letter(&self, seq: i64) -> Result<(), StoreError> {
        self.change("send a letter of", "DELETE FROM letters WHERE seq = ?", [seq])
    }

    /// A letter could not be sent, and may be tried again at `not_before`.
    pub fn mark_letter_failed(&self, seq: i64, not_before: &str) -> Result<(), StoreError> {
        let sql = "UPDATE letters SET attempts = attempts + 1, not_before = ?2 WHERE seq = ?1";
        self.change("send a letter of", sql, params![seq, not_before])
    }
}
