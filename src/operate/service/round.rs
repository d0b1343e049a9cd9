//! One look around: every drop folder, what people asked for, and which alarms are on. It decides from what it finds, so that it does not
//! matter why it was made, nor whether one was missed.
//!
//! Called by the round's own thread, and once by `rosterd take`. Runs nothing and sends nothing itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::Result;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};

use super::alarms::{self, Alarm};
use super::facts::{Facts, ServiceFacts};
use super::folder::{DropFolder, Visit, place_of};
use super::schedule::Schedule;
use crate::files::free_bytes;
use crate::files::zones::Zones;
use crate::roster::schema::SchemaSet;
use crate::store::{AlarmRow, District, SERVICE, Store};

/// Below so many free bytes the disk counts as full.
const FULL_BELOW_BYTES: u64 = 64 << 20;

/// What a look around came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// When to look around again even if nothing happens.
    pub next: DateTime<Utc>,
    /// Deliveries that were taken.
    pub taken: Vec<i64>,
    /// Folders that should give events.
    pub folders: Vec<PathBuf>,
    /// Districts of which nothing could be taken, and why.
    pub troubles: Vec<(String, String)>,
}

/// What the service remembers from one look around to the next.
#[derive(Debug)]
pub struct Round<'s> {
    store: &'s Store,
    schemas: &'s SchemaSet,
    folders: BTreeMap<String, DropFolder>,
}

/// How to look around.
#[derive(Debug, Clone)]
pub struct Sight<'a> {
    /// The time.
    pub now: DateTime<Utc>,
    /// Where folders lie that no district names.
    pub drop_folders: &'a std::path::Path,
    /// The longest time until the next look.
    pub scan_interval: TimeDelta,
    /// Whether the newest settings of the service were refused.
    pub is_config_refused: bool,
}

impl<'s> Round<'s> {
    /// Nothing was seen yet.
    pub fn new(store: &'s Store, schemas: &'s SchemaSet) -> Self {
        Self { store, schemas, folders: BTreeMap::new() }
    }

    /// Looks around once.
    ///
    /// # Errors
    /// When the database fails; then it is looked around again, and nothing was lost.
    pub fn look(&mut self, sight: &Sight<'_>) -> Result<Seen> {
        let next = sight.now + sight.scan_interval;
        let mut seen = Seen { next, taken: Vec::new(), folders: Vec::new(), troubles: Vec::new() };
        let ids = self.store.district_ids()?;
        self.folders.retain(|id, _| ids.contains(id));
        let wishes: BTreeSet<String> = self.store.wishes()?.into_iter().map(|wish| wish.district).collect();
        for id in ids {
            if let Some(district) = self.store.district(&id)? {
                self.district(sight, &district, wishes.contains(&id), &mut seen)?;
            }
        }
        self.grant_wishes()?;
        self.service_alarms(sight)?;
        Ok(seen)
    }

    fn district(&mut self, sight: &Sight<'_>, district: &District, is_wanted: bool, seen: &mut Seen) -> Result<()> {
        let place = place_of(district, sight.drop_folders);
        self.make_ready(sight, district, &place)?;
        let folder = self.folders.entry(district.id.clone()).or_default();
        let visit = Visit {
            store: self.store,
            schemas: self.schemas,
            district,
            folder: &place,
            now: sight.now,
            is_wanted_now: is_wanted,
        };
        let looked = folder.visit(visit)?;
        seen.taken.extend(looked.taken);
        seen.next = looked.next.map_or(seen.next, |next| next.min(seen.next));
        seen.folders.push(place);
        seen.troubles.extend(looked.trouble.map(|trouble| (district.id.clone(), trouble)));
        self.alarms(sight, district)
    }

    /// A folder that nobody else makes, because it has the usual place, is made when a district is new. One that goes away later is missed.
    fn make_ready(&self, sight: &Sight<'_>, district: &District, place: &std::path::Path) -> Result<()> {
        let name = known_since(district);
        if !self.store.service_note(&name)?.is_empty() {
            return Ok(());
        }
        if district.settings.intake.folder.is_none()
            && let Err(error) = crate::files::private::create_folder_if_missing(place)
        {
            tracing::warn!(district.id = %district.id, %error, "the drop folder of a new district could not be made");
            return Ok(());
        }
        Ok(self.store.put_service_note(&name, &text(sight.now))?)
    }

    /// What was asked for is done once: what lies in the folder was taken, and all that waits may run.
    fn grant_wishes(&self) -> Result<()> {
        for wish in self.store.wishes()? {
            if let Some(district) = self.store.district(&wish.district)? {
                self.store.release(district.seq)?;
            }
            self.store.remove_wish(wish.seq)?;
        }
        Ok(())
    }

    fn alarms(&self, sight: &Sight<'_>, district: &District) -> Result<()> {
        let zone = Zones::newest().get(&district.settings.timezone).unwrap_or(jiff::tz::TimeZone::UTC);
        let folder = self.folders.get(&district.id);
        let mut facts = Facts::of_store(self.store, district)?;
        facts.is_late = self.is_late(sight, district, &facts.last_arrival, &zone)?;
        facts.folder = folder.and_then(|folder| folder.trouble);
        facts.is_disk_full = folder.is_some_and(|folder| folder.is_disk_full);
        facts.are_results_unwritable = self.store.is_telling_put_off(district.seq)?;
        facts.failed_attempts += folder.map_or(0, |folder| folder.failures);
        self.store_alarms(sight, district.seq, &alarms::alarms_of(&facts, &zone))
    }

    fn is_late(
        &self,
        sight: &Sight<'_>,
        district: &District,
        last_arrival: &str,
        zone: &jiff::tz::TimeZone,
    ) -> Result<bool> {
        let known = self.store.service_note(&known_since(district))?;
        let since = if last_arrival.is_empty() { known.as_str() } else { last_arrival };
        let schedule = Schedule::new(&district.settings.schedule, zone.clone());
        let late = schedule.ok().zip(since.parse().ok()).and_then(|(schedule, since)| schedule.late(since, sight.now));
        Ok(late.is_some())
    }

    fn service_alarms(&self, sight: &Sight<'_>) -> Result<()> {
        let free = self.store.folder().and_then(|folder| free_bytes(&folder).ok());
        let facts = ServiceFacts {
            is_disk_full: free.is_some_and(|free| free < FULL_BELOW_BYTES),
            letters_given_up: self.store.service_note("letters_given_up")?.parse().unwrap_or(0),
            is_config_refused: sight.is_config_refused,
        };
        self.store_alarms(sight, SERVICE, &alarms::alarms_of_service(&facts))
    }

    fn store_alarms(&self, sight: &Sight<'_>, district: i64, on: &[Alarm]) -> Result<()> {
        let change = alarms::change(&self.store.alarms()?, district, on, &text(sight.now));
        for row in &change.raised {
            tracing::warn!(alarm = %row.code, district.number = row.district, "an alarm is on");
        }
        change.to_put().try_for_each(|row| self.store.put_alarm(row))?;
        let gone = |row: &AlarmRow| self.store.remove_alarm(row.district, &row.code);
        Ok(change.forgotten.iter().try_for_each(gone)?)
    }
}

fn known_since(district: &District) -> String {
    format!("known_since {}", district.seq)
}

/// A time as it is stored.
pub fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Secs, true)
}
