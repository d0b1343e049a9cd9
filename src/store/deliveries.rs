//! Deliveries that were received, in the order of their arrival: which wait, which ran, and of which the sender knows.

use rusqlite::params;

use super::{Store, StoreError};

const DOING: &str = "read the deliveries of";

const COLUMNS: &str =
    "SELECT e.seq, d.id, e.source, e.arrived_at, e.batch, e.mode, e.bytes, e.folder, e.received, e.results, e.run,
        e.outcome, e.attempts, e.not_before, e.is_released
    FROM deliveries e JOIN districts d ON d.seq = e.district";

/// A delivery that is not finished.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeliveryRow {
    /// Its number; later ones are larger.
    pub seq: i64,
    /// The district's id.
    pub district: String,
    /// Where it came from.
    pub source: String,
    /// When, RFC 3339.
    pub arrived_at: String,
    /// The hash of the batch.
    pub batch: String,
    /// `full` or `delta`.
    pub mode: String,
    /// Size of all files.
    pub bytes: i64,
    /// The private copy, relative to the database's own folder.
    pub folder: String,
    /// What was received, as JSON.
    pub received: String,
    /// Where the sender finds the report; blank: nowhere.
    pub results: String,
    /// The run that it became; blank while it waits.
    pub run: String,
    /// How that ended.
    pub outcome: String,
    /// How often a run of it failed.
    pub attempts: i64,
    /// When it may be tried again, RFC 3339; blank: at any time.
    pub not_before: String,
    /// Whether somebody asked for it, so that it does not wait for its time.
    pub is_released: bool,
}

impl DeliveryRow {
    /// Whether it still has to run; otherwise only the sender has to be told.
    pub fn waits(&self) -> bool {
        self.run.is_empty()
    }
}

impl Store {
    /// Records a delivery. Gives its number.
    pub fn put_delivery(&self, district: i64, row: &DeliveryRow) -> Result<i64, StoreError> {
        let sql = "INSERT INTO deliveries (district, source, arrived_at, batch, mode, bytes, folder, received, results)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)";
        let values = params![
            district,
            row.source,
            row.arrived_at,
            row.batch,
            row.mode,
            row.bytes,
            row.folder,
            row.received,
            row.results
        ];
        self.change("record the delivery in", sql, values)?;
        Ok(self.connection.last_insert_rowid())
    }

    /// Deliveries of all districts that are not finished, in the order of arrival.
    pub fn open_deliveries(&self) -> Result<Vec<DeliveryRow>, StoreError> {
        self.rows(DOING, &format!("{COLUMNS} WHERE e.is_told = 0 ORDER BY e.seq"), [], read_delivery)
    }

    /// One delivery.
    pub fn delivery(&self, seq: i64) -> Result<Option<DeliveryRow>, StoreError> {
        Ok(self.rows(DOING, &format!("{COLUMNS} WHERE e.seq = ?"), [seq], read_delivery)?.pop())
    }

    /// Notes that a delivery became a run. In the transaction of that run.
    pub fn mark_run(&self, delivery: i64, run: &str, outcome: &str) -> Result<(), StoreError> {
        let sql = "UPDATE deliveries SET run = ?2, outcome = ?3, attempts = 0, not_before = '' WHERE seq = ?1";
        self.change("record the run in", sql, params![delivery, run, outcome])
    }

    /// Notes that the sender was told, so that the delivery is finished and its copy not needed any more.
    pub fn mark_told(&self, delivery: i64) -> Result<(), StoreError> {
        let sql = "UPDATE deliveries SET is_told = 1, attempts = 0, not_before = '', folder = '', received = '' WHERE seq = ?";
        self.change("record the delivery in", sql, [delivery])
    }

    /// Notes that a run of it failed, and when it may be tried again.
    pub fn mark_failed(&self, delivery: i64, not_before: &str) -> Result<(), StoreError> {
        let sql = "UPDATE deliveries SET attempts = attempts + 1, not_before = ?2 WHERE seq = ?1";
        self.change("record the delivery in", sql, params![delivery, not_before])
    }

    /// Lets everything that waits of the district run whatever the schedule says, and what failed be tried at once.
    pub fn release(&self, district: i64) -> Result<(), StoreError> {
        let sql = "UPDATE deliveries SET is_released = 1, not_before = '' WHERE district = ? AND is_told = 0";
        self.change("record the delivery in", sql, [district])
    }

    /// Whether the sender of a run could not be told.
    pub fn is_telling_put_off(&self, district: i64) -> Result<bool, StoreError> {
        let sql = "SELECT 1 FROM deliveries WHERE district = ? AND is_told = 0 AND run <> '' AND attempts > 0 LIMIT 1";
        Ok(!self.rows(DOING, sql, [district], |_| Ok(()))?.is_empty())
    }

    /// When the newest delivery of the district came, RFC 3339; blank: none ever did.
    pub fn last_arrival(&self, district: i64) -> Result<String, StoreError> {
        let sql = "SELECT arrived_at FROM deliveries WHERE district = ? ORDER BY seq DESC LIMIT 1";
        Ok(self.rows(DOING, sql, [district], |row| row.get(0))?.pop().unwrap_or_default())
    }

    /// How many of the newest deliveries hold the same bytes, the newest included.
    pub fn same_again(&self, district: i64) -> Result<u64, StoreError> {
        let sql = "SELECT count(*) FROM deliveries e WHERE district = ?1
            AND seq > (SELECT coalesce(max(seq), 0) FROM deliveries o WHERE o.district = ?1
                AND o.batch <> (SELECT batch FROM deliveries n WHERE n.district = ?1 ORDER BY seq DESC LIMIT 1))";
        Ok(self.rows(DOING, sql, [district], |row| row.get::<_, i64>(0))?.pop().unwrap_or(0).cast_unsigned())
    }
}

fn read_delivery(row: &rusqlite::Row<'_>) -> rusqlite::Result<DeliveryRow> {
    Ok(DeliveryRow {
        seq: row.get(0)?,
        district: row.get(1)?,
        source: row.get(2)?,
        arrived_at: row.get(3)?,
        batch: row.get(4)?,
        mode: row.get(5)?,
        bytes: row.get(6)?,
        folder: row.get(7)?,
        received: row.get(8)?,
        results: row.get(9)?,
        run: row.get(10)?,
        outcome: row.get(11)?,
        attempts: row.get(12)?,
        not_before: row.get(13)?,
        is_released: row.get(14)?,
    })
}
