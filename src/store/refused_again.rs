//! What an undone run wrote is remembered, so that the same delivery does not write it again by itself.
//!
//! Called by `pipeline`: by an undo, by planning, and when somebody has approved it after all.

use rusqlite::params;

use super::{Store, StoreError, read_pairs};

const DOING: &str = "remember what was undone in";

impl Store {
    /// Remembers everybody, and every section, that a run created, changed or removed, as the roster says it now. To be called
    /// before the roster goes back.
    pub fn refuse_again(&self, seq: i64, run: i64, name: &str, at: &str) -> Result<(), StoreError> {
        let people = "INSERT OR REPLACE INTO refused_changes
            SELECT ?1, kind, number, iif(state = 3, 0, record_hash), 'undone', ?3, ?4 FROM entities
            WHERE district = ?1 AND kind IN (1, 2, 3) AND state IN (1, 3)
                AND (run = ?2 OR (kind, number) IN (SELECT kind, number FROM changes WHERE run = ?2))";
        self.change(DOING, people, params![seq, run, name, at])?;
        let sections = "INSERT OR REPLACE INTO undone_sections
            SELECT ?1, c.number, iif(c.action = 'remove', 0, e.record_hash), ?2 FROM changes c
                JOIN entities e ON e.district = ?1 AND e.kind = 4 AND e.number = c.number
            WHERE c.run = ?2 AND c.kind = 4 AND e.run = ?2";
        self.change(DOING, sections, params![seq, run])
    }

    /// Whether a run of the district was undone whose rows may come again.
    pub fn has_undone_runs(&self, seq: i64) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT 1 FROM undone_runs WHERE district = ?)";
        self.connection.query_row(sql, [seq], |row| row.get(0)).map_err(|error| self.explain(DOING, error))
    }

    /// Patrons of people whose change was undone and may come again.
    pub fn patrons_of_undone(&self, seq: i64) -> Result<Vec<i64>, StoreError> {
        let sql = "SELECT DISTINCT e.patron FROM refused_changes r JOIN entities e USING (district, kind, number)
            WHERE r.district = ? AND r.why = 'undone' AND e.patron > 0";
        self.rows(DOING, sql, [seq], |row| row.get(0))
    }

    /// Undone runs whose rows may come again, oldest first.
    pub fn undone_runs(&self, seq: i64) -> Result<Vec<String>, StoreError> {
        let sql = "SELECT r.run FROM undone_runs u JOIN runs r ON r.seq = u.run WHERE u.district = ? ORDER BY r.seq";
        self.rows(DOING, sql, [seq], |row| row.get(0))
    }

    /// Sections of undone runs, and the hash of each as it was written; 0: it was removed.
    pub fn undone_sections(&self, seq: i64) -> Result<Vec<(u32, u64)>, StoreError> {
        let sql = "SELECT number, record_hash FROM undone_sections WHERE district = ?";
        self.rows(DOING, sql, [seq], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned())))
    }

    /// Pairs that undone runs created (`create`) or removed (`remove`), but for those that were approved since.
    pub fn undone_pairs(&self, seq: i64, action: &str) -> Result<Vec<u64>, StoreError> {
        let sql = "SELECT fields FROM changes c JOIN undone_runs u ON u.run = c.run
            WHERE u.district = ? AND NOT u.is_settled AND c.kind = 5 AND c.action = ?";
        let blocks: Vec<Vec<u8>> = self.rows(DOING, sql, params![seq, action], |row| row.get(0))?;
        Ok(blocks.iter().flat_map(|block| read_pairs(block)).collect())
    }

    /// What run `run` wrote although it was undone once was approved, and is an ordinary change from now on.
    pub fn settle_undone(&self, seq: i64, run: i64, with_pairs: bool) -> Result<(), StoreError> {
        let people = "DELETE FROM refused_changes WHERE district = ?1 AND why = 'undone'
            AND (kind, number) IN (SELECT kind, number FROM changes WHERE run = ?2)";
        self.change(DOING, people, params![seq, run])?;
        let sections = "DELETE FROM undone_sections WHERE district = ?1
            AND number IN (SELECT number FROM changes WHERE run = ?2 AND kind = 4)";
        self.change(DOING, sections, params![seq, run])?;
        if with_pairs {
            self.change(DOING, "UPDATE undone_runs SET is_settled = 1 WHERE district = ?", [seq])?;
        }
        Ok(())
    }

    /// What waits for a person: the run and the hold as JSON, of every open hold that holds this one.
    pub fn open_holds_of(&self, seq: i64, kind: i64, number: u32) -> Result<Vec<(String, String)>, StoreError> {
        let sql = "SELECT DISTINCT r.run, h.hold FROM held_actions a
                JOIN holds h ON h.district = a.district AND h.hash = a.hash AND h.is_open JOIN runs r ON r.seq = h.run
            WHERE a.district = ? AND a.kind = ? AND a.number = ?";
        self.rows("read the holds of", sql, params![seq, kind, number], |row| Ok((row.get(0)?, row.get(1)?)))
    }
}
