//! Questions about single people, the answers to them, and changes that a person refused. Called by `pipeline` and by undoing.

use rusqlite::params;

use super::{Store, StoreError};

/// A change that a person refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// Position of the file kind.
    pub kind: i64,
    /// The person; 0 where the line stands for all rows of a hold.
    pub number: i64,
    /// Of the record that was refused; 0 for being absent.
    pub record_hash: i64,
    /// `discarded` or `undone`.
    pub why: String,
    /// The run that it was about.
    pub run: String,
    /// When, RFC 3339.
    pub at: String,
}

/// A person who waits for an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionRow {
    /// Position of the file kind.
    pub kind: i64,
    /// The person.
    pub number: i64,
    /// Its id; read only.
    pub id: String,
    /// The run that asked last; read only.
    pub run: String,
    /// Over the candidates and what speaks for them.
    pub evidence_hash: i64,
    /// The candidates as JSON: `[[patron, evidence], …]`.
    pub candidates: String,
}

/// What somebody answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionRow {
    /// Position of the file kind.
    pub kind: i64,
    /// The person.
    pub number: i64,
    /// Over the candidates then.
    pub evidence_hash: i64,
    /// `link`, `create` or `skip`.
    pub answer: String,
    /// The patron to link; else 0.
    pub patron: i64,
}

impl Store {
    /// Remembers that a change was refused.
    pub fn put_refused(&self, seq: i64, row: &RefusedRow) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO refused_changes VALUES (?, ?, ?, ?, ?, ?, ?)";
        self.change("write", sql, params![seq, row.kind, row.number, row.record_hash, row.why, row.run, row.at])
    }

    /// Everything that was refused.
    pub fn refused(&self, seq: i64) -> Result<Vec<RefusedRow>, StoreError> {
        let sql = "SELECT kind, number, record_hash, why, run, at FROM refused_changes WHERE district = ?";
        self.rows("read what was refused in", sql, params![seq], |row| {
            Ok(RefusedRow {
                kind: row.get(0)?,
                number: row.get(1)?,
                record_hash: row.get(2)?,
                why: row.get(3)?,
                run: row.get(4)?,
                at: row.get(5)?,
            })
        })
    }

    /// Forgets that something was refused.
    pub fn forget_refused(&self, seq: i64, kind: i64, number: i64) -> Result<(), StoreError> {
        let sql = "DELETE FROM refused_changes WHERE district = ? AND kind = ? AND number = ?";
        self.change("write", sql, params![seq, kind, number])
    }

    /// Puts a question.
    pub fn put_question(&self, seq: i64, run: i64, row: &QuestionRow) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO questions VALUES (?, ?, ?, ?, ?, ?)";
        self.change("write", sql, params![seq, row.kind, row.number, run, row.evidence_hash, row.candidates])
    }

    /// Takes a question back.
    pub fn close_question(&self, seq: i64, kind: i64, number: i64) -> Result<(), StoreError> {
        let sql = "DELETE FROM questions WHERE district = ? AND kind = ? AND number = ?";
        self.change("write", sql, params![seq, kind, number])
    }

    /// All open questions, in order of kind and number.
    pub fn questions(&self, seq: i64) -> Result<Vec<QuestionRow>, StoreError> {
        let sql = "SELECT q.kind, q.number, e.id, coalesce(r.run, ''), q.evidence_hash, q.candidates FROM questions q
            JOIN entities e USING (district, kind, number) LEFT JOIN runs r ON r.seq = q.run
            WHERE q.district = ? ORDER BY q.kind, q.number";
        self.rows("read the questions of", sql, params![seq], |row| {
            Ok(QuestionRow {
                kind: row.get(0)?,
                number: row.get(1)?,
                id: row.get(2)?,
                run: row.get(3)?,
                evidence_hash: row.get(4)?,
                candidates: row.get(5)?,
            })
        })
    }

    /// Remembers an answer.
    pub fn put_decision(&self, seq: i64, row: &DecisionRow, run: &str, who: &str, at: &str) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO decisions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let values = params![seq, row.kind, row.number, row.evidence_hash, row.answer, row.patron, run, who, at];
        self.change("write", sql, values)
    }

    /// What was answered about the person with this id: the word, the patron or 0, and who said so.
    pub fn answer_of(&self, seq: i64, kind: i64, id: &str) -> Result<Option<(String, i64, String)>, StoreError> {
        let sql = "SELECT d.answer, d.patron, d.who FROM decisions d JOIN entities e USING (district, kind, number)
            WHERE d.district = ? AND d.kind = ? AND e.id = ?";
        let read = |row: &rusqlite::Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        Ok(self.rows("read the answers of", sql, params![seq, kind, id], read)?.pop())
    }

    /// All answers.
    pub fn decisions(&self, seq: i64) -> Result<Vec<DecisionRow>, StoreError> {
        let sql = "SELECT kind, number, evidence_hash, answer, patron FROM decisions WHERE district = ?";
        self.rows("read the answers of", sql, params![seq], |row| {
            Ok(DecisionRow {
                kind: row.get(0)?,
                number: row.get(1)?,
                evidence_hash: row.get(2)?,
                answer: row.get(3)?,
                patron: row.get(4)?,
            })
        })
    }
}
