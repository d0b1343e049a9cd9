//! Holds: what waits for a person, the actions that it holds, and what was decided. Called by `pipeline` and `runs holds`.

use rusqlite::params;

use super::{Store, StoreError};

/// A hold as it is stored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HoldRow {
    /// The run that made it.
    pub run: String,
    /// That run's number.
    pub run_seq: i64,
    /// The district's id.
    pub district: String,
    /// Its place among the run's holds.
    pub position: i64,
    /// The hold as JSON, as it stands in the report.
    pub hold: String,
    /// The people concerned, as a JSON array of sentences; empty where the held actions tell.
    pub people: String,
    /// Over the actions it holds; blank where there is nothing that could be approved.
    pub hash: String,
    /// When the question was first asked, RFC 3339.
    pub opened_at: String,
    /// What was decided: blank, `approved`, `discarded`, `asked_again`, `over`.
    pub decision: String,
    /// Who decided; blank while nobody has.
    pub decided_by: String,
}

/// One action that a hold holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldActionRow {
    /// Position of the file kind.
    pub kind: i64,
    /// The person, section, or pair.
    pub number: i64,
    /// The patron; 0 where there is none yet.
    pub patron: i64,
    /// `create`, `update`, `remove` …
    pub action: String,
    /// Of the person's record as the row has it; 0 for being absent.
    pub record_hash: i64,
    /// Packed field changes.
    pub fields: Vec<u8>,
}

const COLUMNS: &str =
    "r.run, h.run, d.id, h.position, h.hold, h.actions, h.hash, h.opened_at, h.decision, h.decided_by";

impl Store {
    /// How many holds of a district are open.
    pub fn open_holds(&self, seq: i64) -> Result<i64, StoreError> {
        let sql = "SELECT count(*) FROM holds WHERE district = ? AND is_open";
        self.connection
            .query_row(sql, [seq], |row| row.get(0))
            .map_err(|error| self.explain("read the holds of", error))
    }

    /// Open holds, of one district or of all, in the order in which they were made.
    pub fn holds(&self, district: Option<&str>) -> Result<Vec<HoldRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM holds h JOIN runs r ON r.seq = h.run JOIN districts d ON d.seq = h.district
            WHERE is_open AND (?1 IS NULL OR d.id = ?1) ORDER BY h.run, h.position"
        );
        self.rows("read the holds of", &sql, params![district], read_hold)
    }

    /// All holds that a run made, decided or not.
    pub fn holds_of_run(&self, seq: i64, run: i64) -> Result<Vec<HoldRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM holds h JOIN runs r ON r.seq = h.run JOIN districts d ON d.seq = h.district
            WHERE h.district = ? AND h.run = ? ORDER BY h.position"
        );
        self.rows("read the holds of", &sql, params![seq, run], read_hold)
    }

    /// The number of a run.
    pub fn run_number(&self, run: &str) -> Result<i64, StoreError> {
        let sql = "SELECT seq FROM runs WHERE run = ?";
        let number = self.connection.query_row(sql, [run], |row| row.get(0));
        number.map_err(|error| self.explain("read the runs of", error))
    }

    /// Closes the district's open holds, because a run asks anew what still waits.
    pub fn close_holds(&self, seq: i64) -> Result<(), StoreError> {
        let sql = "UPDATE holds SET is_open = 0, decision = 'over' WHERE district = ? AND is_open";
        self.change("write", sql, params![seq])
    }

    /// Closes what only said that nothing is applied these days.
    pub fn close_notices(&self, seq: i64) -> Result<(), StoreError> {
        let sql = "UPDATE holds SET is_open = 0, decision = 'over' WHERE district = ? AND is_open AND hash = ''";
        self.change("write", sql, params![seq])
    }

    /// Holds with this hash wait on under a new run.
    pub fn ask_again(&self, seq: i64, hash: &str) -> Result<(), StoreError> {
        let sql = "UPDATE holds SET is_open = 0, decision = 'asked_again'
            WHERE district = ? AND hash = ? AND hash <> '' AND (is_open OR decision = 'over')";
        self.change("write", sql, params![seq, hash])
    }

    /// Decides every hold with this hash that nobody has decided.
    pub fn decide_holds(
        &self,
        seq: i64,
        hash: &str,
        decision: &str,
        by: &str,
        why: &str,
        at: &str,
    ) -> Result<(), StoreError> {
        let sql = "UPDATE holds SET is_open = 0, decision = ?3, decided_by = ?4, why = ?5, decided_at = ?6
            WHERE district = ?1 AND hash = ?2 AND decision IN ('', 'asked_again', 'over')";
        self.change("write", sql, params![seq, hash, decision, by, why, at])
    }

    /// Records a hold.
    pub fn put_hold(&self, seq: i64, hold: &HoldRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO holds (district, run, position, is_open, hold, actions, hash, opened_at) VALUES (?, ?, ?, 1, ?, ?, ?, ?)";
        let values = params![seq, hold.run_seq, hold.position, hold.hold, hold.people, hold.hash, hold.opened_at];
        self.change("write", sql, values)
    }

    /// Records an action of the hold with this hash; the same one again takes its place.
    pub fn put_held_action(
        &self,
        seq: i64,
        hash: &str,
        position: i64,
        action: &HeldActionRow,
    ) -> Result<(), StoreError> {
        let sql = "INSERT OR REPLACE INTO held_actions VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let values = params![
            seq,
            hash,
            position,
            action.kind,
            action.number,
            action.patron,
            action.action,
            action.record_hash,
            action.fields
        ];
        self.change("write", sql, values)
    }

    /// Shows the actions of the hold with this hash, in their order.
    pub fn each_held_action(
        &self,
        seq: i64,
        hash: &str,
        mut show: impl FnMut(HeldActionRow),
    ) -> Result<(), StoreError> {
        let sql = "SELECT kind, number, patron, action, record_hash, fields FROM held_actions
            WHERE district = ? AND hash = ? ORDER BY position";
        self.rows("read the holds of", sql, params![seq, hash], |row| {
            show(HeldActionRow {
                kind: row.get(0)?,
                number: row.get(1)?,
                patron: row.get(2)?,
                action: row.get(3)?,
                record_hash: row.get(4)?,
                fields: row.get(5)?,
            });
            Ok(())
        })
        .map(|_| ())
    }

    /// Forgets the actions of questions that were put anew before `day`, so that nights of asking do not pile up.
    pub fn forget_held_actions(&self, seq: i64, day: &str) -> Result<(), StoreError> {
        let sql = "DELETE FROM held_actions WHERE district = ?1 AND hash IN (SELECT hash FROM holds
            WHERE district = ?1 AND NOT is_open AND decision IN ('asked_again', 'over') AND opened_at < ?2 AND hash NOT IN (
                SELECT hash FROM holds WHERE district = ?1 AND (is_open OR decision IN ('approved', 'discarded') OR opened_at >= ?2)))";
        self.change("write", sql, params![seq, day])
    }

    /// The id of an entity.
    pub fn entity_id(&self, seq: i64, kind: i64, number: i64) -> Result<String, StoreError> {
        let sql = "SELECT id FROM entities WHERE district = ? AND kind = ? AND number = ?";
        Ok(self
            .rows("read the roster of", sql, params![seq, kind, number], |row| row.get(0))?
            .pop()
            .unwrap_or_default())
    }
}

fn read_hold(row: &rusqlite::Row<'_>) -> rusqlite::Result<HoldRow> {
    Ok(HoldRow {
        run: row.get(0)?,
        run_seq: row.get(1)?,
        district: row.get(2)?,
        position: row.get(3)?,
        hold: row.get(4)?,
        people: row.get(5)?,
        hash: row.get(6)?,
        opened_at: row.get(7)?,
        decision: row.get(8)?,
        decided_by: row.get(9)?,
    })
}
