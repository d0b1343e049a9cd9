//! Keys of people who are not linked yet, so that each patron can be asked once whom it might be.

use hashbrown::HashTable;

use crate::roster::settings::MatchKey;

/// People of one group share keys among each other: students, or employees.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Group {
    Students,
    Employees,
}

/// What one key of the set leads to.
#[derive(Debug, Clone, Copy)]
pub struct Holder {
    /// Index of the seeker.
    pub seeker: u32,
    /// Whether somebody else of the group has the same value, so that it proves nothing (rule D2).
    pub shared: bool,
}

/// Every key of every seeker. There are millions on a first night, so each takes a dozen bytes and its place in a table.
#[derive(Debug, Default)]
pub struct Keys {
    keys: Vec<u64>,
    holders: Vec<u32>,
    table: HashTable<u32>,
}

/// The bit of a stored holder that says that somebody else has the key too.
const SHARED: u32 = 1 << 31;

/// Keys that patrons are searched by; beside the settings' keys the id but for leading zeros, name and birth date, names, and `match.identity`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyKind {
    Match(MatchKeyOrder),
    IdButForZeros,
    NamesAndBirthdate,
    Identity,
    Names,
}

/// `MatchKey` with an order, the strongest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MatchKeyOrder {
    Guid,
    StudentNumber,
    Barcode,
    CommunityId,
    Email,
}

impl From<MatchKey> for MatchKeyOrder {
    fn from(key: MatchKey) -> Self {
        match key {
            MatchKey::Guid => Self::Guid,
            MatchKey::StudentNumber => Self::StudentNumber,
            MatchKey::Barcode => Self::Barcode,
            MatchKey::CommunityId => Self::CommunityId,
            MatchKey::Email => Self::Email,
        }
    }
}

impl Keys {
    /// Adds a key of a seeker; blank keys (0) are none. `same_unit` tells whether two seekers are one employee.
    pub fn add(&mut self, group: Group, kind: KeyKind, key: u64, seeker: u32, same_unit: impl Fn(u32) -> bool) {
        if key == 0 {
            return;
        }
        let mixed = mix(group, kind, key);
        let Self { keys, holders, table } = self;
        match table.find(mixed, |&at| keys[at as usize] == mixed) {
            Some(&at) => {
                let holder = &mut holders[at as usize];
                if *holder & !SHARED != seeker && !same_unit(*holder & !SHARED) {
                    *holder |= SHARED;
                }
            }
            None => {
                table.insert_unique(mixed, keys.len() as u32, |&at| keys[at as usize]);
                keys.push(mixed);
                holders.push(seeker);
            }
        }
    }

    /// Marks a key as shared because somebody who is linked already has it too.
    pub fn share(&mut self, group: Group, kind: KeyKind, key: u64) {
        if let Some(at) = self.place(group, kind, key) {
            self.holders[at] |= SHARED;
        }
    }

    /// Who has this key.
    pub fn find(&self, group: Group, kind: KeyKind, key: u64) -> Option<Holder> {
        let holder = self.holders[self.place(group, kind, key)?];
        Some(Holder { seeker: holder & !SHARED, shared: holder & SHARED != 0 })
    }

    fn place(&self, group: Group, kind: KeyKind, key: u64) -> Option<usize> {
        if key == 0 {
            return None;
        }
        let mixed = mix(group, kind, key);
        self.table.find(mixed, |&at| self.keys[at as usize] == mixed).map(|&at| at as usize)
    }
}

/// One number for group, kind and key.
fn mix(group: Group, kind: KeyKind, key: u64) -> u64 {
    let kind = match kind {
        KeyKind::Match(order) => order as u64,
        KeyKind::IdButForZeros => 8,
        KeyKind::Identity => 9,
        KeyKind::Names => 10,
        KeyKind::NamesAndBirthdate => 11,
    };
    (key ^ (kind << 1 | group as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15))
        .wrapping_mul(0xff51_afd7_ed55_8ccd)
        .rotate_left(29)
}
