//! Everything that people and machines are shown of the service, as one value: what waits, what is wrong, and since when.
//!
//! Read from the store by every round for `metrics`, and by `rosterd status`. Numbers, times and ids only.

use chrono::{DateTime, Utc};

use crate::store::{AlarmRow, DistrictState, Store, StoreError};

/// Where everything stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Picture {
    /// Each district, by id.
    pub districts: Vec<DistrictState>,
    /// The alarms that are on.
    pub alarms: Vec<AlarmRow>,
    /// Letters that wait to be sent.
    pub letters_waiting: u64,
}

impl Picture {
    /// Reads it.
    pub fn of_store(store: &Store) -> Result<Self, StoreError> {
        let is_on = |row: &AlarmRow| row.cleared_at.is_empty();
        Ok(Self {
            districts: store.district_states()?,
            alarms: store.alarms()?.into_iter().filter(is_on).collect(),
            letters_waiting: store.letters()?.len() as u64,
        })
    }

    /// The id of the district with this number; blank: the number is that of the service.
    pub fn id_of(&self, seq: i64) -> &str {
        self.districts.iter().find(|district| district.seq == seq).map_or("", |district| &district.id)
    }

    /// The alarms of the district, or of the service, with this number.
    pub fn alarms_of(&self, seq: i64) -> impl Iterator<Item = &AlarmRow> {
        self.alarms.iter().filter(move |row| row.district == seq)
    }
}

/// How many seconds ago `time` (RFC 3339) was; 0 if it is blank or still to come.
pub fn seconds_since(time: &str, now: DateTime<Utc>) -> u64 {
    let then: Option<DateTime<Utc>> = time.parse().ok();
    then.map_or(0, |then| (now - then).num_seconds().max(0).cast_unsigned())
}
