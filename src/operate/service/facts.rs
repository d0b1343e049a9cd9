//! What is true now about a district and about the service, as values from which alarms follow.
//!
//! What the store knows is read here; what only a look at folders, disk and clock can tell is added by the round.

use crate::store::{District, Store, StoreError};

/// Why a drop folder cannot be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FolderTrouble {
    /// It is not there.
    Missing,
    /// It is there, and may not be read.
    Unreadable,
}

/// About a district.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether nothing new has come by `schedule.expect_by`.
    pub is_late: bool,
    /// When the newest delivery came, RFC 3339; blank: none ever did.
    pub last_arrival: String,
    /// How many of the newest deliveries hold the same bytes.
    pub same_again: u64,
    /// How many of the same are one too many; 0: any number is fine.
    pub stale_after: u32,
    /// The newest run; blank: none yet.
    pub newest_run: String,
    /// How it ended.
    pub newest_outcome: String,
    /// Holds that a person has to do something about.
    pub open_holds: u64,
    /// Questions about single people.
    pub open_questions: u64,
    /// How often a run of what waits failed.
    pub failed_attempts: u64,
    /// What is wrong with the drop folder.
    pub folder: Option<FolderTrouble>,
    /// Whether the last attempt to take or run something ended because the disk is full.
    pub is_disk_full: bool,
    /// Whether the last report could not be left for the sender.
    pub are_results_unwritable: bool,
}

/// About the service itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceFacts {
    /// Whether the disk of the store is full.
    pub is_disk_full: bool,
    /// Letters that were given up since one was sent.
    pub letters_given_up: u64,
    /// Whether the newest settings were refused.
    pub is_config_refused: bool,
}

impl Facts {
    /// What the store knows about `district`; everything else is as if all were well.
    pub fn of_store(store: &Store, district: &District) -> Result<Self, StoreError> {
        let newest = store.newest_run(district.seq)?.unwrap_or_default();
        Ok(Self {
            last_arrival: store.last_arrival(district.seq)?,
            same_again: store.same_again(district.seq)?,
            stale_after: district.settings.schedule.stale_after,
            newest_run: newest.0,
            newest_outcome: newest.1,
            open_holds: store.holds_to_decide(district.seq)?,
            open_questions: store.open_questions(district.seq)?,
            failed_attempts: store.failed_attempts(district.seq)?,
            are_results_unwritable: store.is_telling_put_off(district.seq)?,
            ..Self::default()
        })
    }
}
