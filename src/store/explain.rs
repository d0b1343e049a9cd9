//! What the store knows of one person or patron, run by run. Called by the command that explains.
//!
//! Nothing here is indexed for it: explaining reads the changes of a district once, and no run pays for it.

use rusqlite::{OptionalExtension, params};

use super::{AuditRow, Store, StoreError};
use crate::roster::FileKind;
use crate::roster::entities::State;

const DOING: &str = "read the history of";

/// One recorded change of a person's patron, with its run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRow {
    /// The run's number.
    pub seq: i64,
    /// What was done.
    pub action: String,
    /// For which kind of person.
    pub kind: FileKind,
    /// Its id.
    pub id: String,
    /// The patron.
    pub patron: i64,
    /// Why this patron.
    pub evidence: String,
    /// The line of the file; 0 where none said so.
    pub line: u32,
    /// Old and new values, packed.
    pub fields: Vec<u8>,
}

/// What the roster said of a person after some run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RosterRow {
    /// The run that said so, by its number.
    pub seq: i64,
    /// The state.
    pub state: State,
    /// The line of the file; 0 where none said so.
    pub line: u32,
    /// First day missing, as days from the common era; 0 where it is not.
    pub missing_since: i32,
    /// The patron; 0 where none.
    pub patron: i64,
    /// Why this patron.
    pub evidence: String,
    /// The day it was first in a set.
    pub first_seen: String,
    /// The day it left.
    pub last_seen: String,
}

/// A person by number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownPerson {
    /// Its kind.
    pub kind: FileKind,
    /// Its number.
    pub number: u32,
    /// Its id.
    pub id: String,
    /// The patron it is linked to; 0 where none.
    pub patron: i64,
}

/// What is needed of a run to tell where a change came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunPlace {
    /// Its id.
    pub run: String,
    /// When it started.
    pub started_at: String,
    /// How it ended.
    pub outcome: String,
    /// Its report as JSON.
    pub report: String,
    /// Who undid it, when and with which run.
    pub undone: Option<(String, String, String)>,
    /// Approvals and answers that it carried out.
    pub decided: Vec<AuditRow>,
}

fn person(row: &rusqlite::Row<'_>) -> rusqlite::Result<KnownPerson> {
    let kind = FileKind::ALL[usize::try_from(row.get::<_, i64>(0)?).unwrap_or_default().min(5)];
    Ok(KnownPerson { kind, number: row.get(1)?, id: row.get(2)?, patron: row.get(3)? })
}

impl Store {
    /// The person of this kind with this id.
    pub fn find_person(&self, seq: i64, kind: FileKind, id: &str) -> Result<Option<KnownPerson>, StoreError> {
        let sql = "SELECT kind, number, id, patron FROM entities WHERE district = ? AND kind = ? AND id = ?";
        let found = self.connection.query_row(sql, params![seq, kind as i64, id], person).optional();
        found.map_err(|error| self.explain(DOING, error))
    }

    /// Everybody who is linked to a patron, or was.
    pub fn people_ever_of_patron(&self, seq: i64, patron: i64) -> Result<Vec<KnownPerson>, StoreError> {
        let sql = "SELECT DISTINCT e.kind, e.number, e.id, e.patron FROM changes c JOIN runs r ON r.seq = c.run AND r.district = ?1
                JOIN entities e ON e.district = ?1 AND e.kind = c.kind AND e.number = c.number
            WHERE c.patron = ?2 AND c.kind BETWEEN 1 AND 3
            UNION SELECT kind, number, id, patron FROM entities WHERE district = ?1 AND kind BETWEEN 1 AND 3 AND patron = ?2
            ORDER BY 1, 2";
        self.rows(DOING, sql, params![seq, patron], person)
    }

    /// Changes of a patron, or of a person whoever its patron was; oldest first.
    pub fn history(&self, seq: i64, patron: i64, who: Option<(FileKind, u32)>) -> Result<Vec<HistoryRow>, StoreError> {
        let (kind, number) = who.map_or((-1, 0), |(kind, number)| (kind as i64, number));
        let sql = "SELECT c.run, c.action, c.kind, coalesce(e.id, ''), c.patron, c.evidence, c.line, c.fields
            FROM changes c JOIN runs r ON r.seq = c.run AND r.district = ?1
                LEFT JOIN entities e ON e.district = ?1 AND e.kind = c.kind AND e.number = c.number
            WHERE c.kind BETWEEN 1 AND 3 AND (c.patron = ?2 AND ?2 > 0 OR c.kind = ?3 AND c.number = ?4)
            ORDER BY c.run, c.position";
        self.rows(DOING, sql, params![seq, patron, kind, number], |row| {
            Ok(HistoryRow {
                seq: row.get(0)?,
                action: row.get(1)?,
                kind: FileKind::ALL[usize::try_from(row.get::<_, i64>(2)?).unwrap_or_default().min(5)],
                id: row.get(3)?,
                patron: row.get(4)?,
                evidence: row.get(5)?,
                line: row.get(6)?,
                fields: row.get(7)?,
            })
        })
    }

    /// What the roster said of a person from run to run, oldest first; the last one is what it says now.
    pub fn roster_history(&self, seq: i64, kind: FileKind, number: u32) -> Result<Vec<RosterRow>, StoreError> {
        let sql = "SELECT b.was_run, b.state, b.line, b.missing_since, b.patron, b.evidence, b.first_seen, b.last_seen, b.run
            FROM runs r JOIN roster_before b ON b.run = r.seq AND b.kind = ?2 AND b.number = ?3 WHERE r.district = ?1
                AND NOT EXISTS (SELECT 1 FROM undone_runs u WHERE u.run = r.seq)
            UNION ALL SELECT run, state, line, missing_since, patron, evidence, first_seen, last_seen, 9223372036854775807
            FROM entities WHERE district = ?1 AND kind = ?2 AND number = ?3 ORDER BY 9";
        self.rows(DOING, sql, params![seq, kind as i64, number], |row| {
            Ok(RosterRow {
                seq: row.get(0)?,
                state: State::from_number(row.get(1)?),
                line: row.get(2)?,
                missing_since: row.get(3)?,
                patron: row.get(4)?,
                evidence: row.get(5)?,
                first_seen: row.get(6)?,
                last_seen: row.get(7)?,
            })
        })
    }

    /// A run by its number.
    pub fn run_place(&self, run: i64) -> Result<Option<RunPlace>, StoreError> {
        let sql = "SELECT r.run, r.started_at, r.outcome, r.report, u.who, u.at, w.run, r.district
            FROM runs r LEFT JOIN undone_runs u ON u.run = r.seq LEFT JOIN runs w ON w.seq = u.undo WHERE r.seq = ?";
        let read = |row: &rusqlite::Row<'_>| {
            let undone: (Option<String>, Option<String>, Option<String>) = (row.get(4)?, row.get(5)?, row.get(6)?);
            Ok(RunPlace {
                run: row.get(0)?,
                started_at: row.get(1)?,
                outcome: row.get(2)?,
                report: row.get(3)?,
                undone: undone.0.zip(undone.1).zip(undone.2).map(|((who, at), run)| (who, at, run)),
                decided: self.decisions_at(row.get(7)?, &row.get::<_, String>(1)?)?,
            })
        };
        self.connection.query_row(sql, [run], read).optional().map_err(|error| self.explain(DOING, error))
    }

    /// Approvals and answers that were carried out by the run which started then.
    fn decisions_at(&self, seq: i64, started_at: &str) -> rusqlite::Result<Vec<AuditRow>> {
        let sql = "SELECT at, who, action, run, subject, why FROM audit
            WHERE district = ? AND at = ? AND action IN ('approve', 'decide') ORDER BY seq";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(AuditRow {
                at: row.get(0)?,
                who: row.get(1)?,
                action: row.get(2)?,
                run: row.get(3)?,
                subject: row.get(4)?,
                why: row.get(5)?,
            })
        };
        self.connection.prepare_cached(sql)?.query_map(params![seq, started_at], read)?.collect()
    }

    /// Whether people or other programs touched a patron since the last run.
    pub fn is_edited(&self, patron: i64) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM patron_edits WHERE patron_id = ?";
        Ok(!self.rows(DOING, sql, [patron], |row| row.get::<_, i64>(0))?.is_empty())
    }
}
