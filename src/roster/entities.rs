//! Entities: every school, person and section of a district by its id, with what is known of it so far.
//!
//! An entity has a number, dense within its district and kind, which never changes and is never given again; the
//! roster tables and the snapshot use it instead of the id.

use std::collections::{HashMap, HashSet};

use hashbrown::HashTable;
use xxhash_rust::xxh3::xxh3_64;

use super::FileKind;

/// What the roster says of an entity before this run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[repr(u8)]
pub enum State {
    /// Not in the roster: named in this set only, or erased.
    #[default]
    Unknown = 0,
    /// In the roster.
    Present = 1,
    /// In the roster, absent from the last sets, within the grace days.
    Missing = 2,
    /// Left the roster.
    Gone = 3,
    /// In the roster, and waiting: for a school, a site or a decision.
    Waiting = 4,
}

impl State {
    /// From the number that is stored.
    pub fn from_number(number: i64) -> Self {
        match number {
            1 => Self::Present,
            2 => Self::Missing,
            3 => Self::Gone,
            4 => Self::Waiting,
            _ => Self::Unknown,
        }
    }

    /// Whether the roster holds it, so that its absence from a full set means that it left.
    pub fn in_roster(self) -> bool {
        matches!(self, Self::Present | Self::Missing | Self::Waiting)
    }
}

/// Everything known of one entity, small enough to hold for everybody.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Known {
    /// State before this run.
    pub state: State,
    /// Hash of the stored record; 0 where there is none.
    pub record_hash: u64,
    /// Hash of the folded number; 0 where blank.
    pub number_key: u64,
    /// Hash of the folded e-mail; 0 where blank.
    pub email_key: u64,
    /// Number of its primary school, plus one; 0 where none.
    pub school: u32,
    /// The patron it is linked to; 0 where none.
    pub patron: i64,
    /// Whether a run set that patron's status to 4.
    pub removed_by_run: bool,
    /// First day it was missing, as days from the common era; 0 where it is not.
    pub missing_since: i32,
}

/// What this set says of an entity.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seen(u8);

impl Seen {
    /// A row of it was accepted.
    pub const ACCEPTED: u8 = 1;
    /// A row of it was refused.
    pub const REFUSED: u8 = 2;
    /// A row of it is as it was accepted last night.
    pub const UNCHANGED: u8 = 4;
    /// A refused row, or a cell with line breaks, names it somewhere.
    pub const NAMED: u8 = 8;
    /// A row asks for its removal (`_action` in a delta).
    pub const DELETE: u8 = 16;

    /// Whether any of `bits` is set.
    pub fn has(self, bits: u8) -> bool {
        self.0 & bits != 0
    }

    /// Whether the set holds it, in whatever form.
    pub fn in_set(self) -> bool {
        self.has(Self::ACCEPTED | Self::REFUSED | Self::UNCHANGED)
    }

    /// Whether it must neither change nor go.
    pub fn shielded(self) -> bool {
        self.has(Self::REFUSED | Self::NAMED)
    }
}

/// All entities of one kind in one district.
#[derive(Debug)]
pub struct Entities {
    /// The kind.
    pub kind: FileKind,
    ids: Vec<u8>,
    ends: Vec<u32>,
    table: HashTable<u32>,
    /// What the roster knows; entities that only this set names are beyond its end.
    pub known: Vec<Known>,
    /// What this set says, by number.
    pub seen: Vec<Seen>,
    /// Numbers of erased people, by the tombstone of their id; and the district, which is part of it.
    erased: HashMap<String, u32>,
    erased_numbers: HashSet<u32>,
    district: String,
}

impl Entities {
    /// None yet.
    pub fn new(kind: FileKind) -> Self {
        Self {
            kind,
            ids: Vec::new(),
            ends: Vec::new(),
            table: HashTable::new(),
            known: Vec::new(),
            seen: Vec::new(),
            erased: HashMap::new(),
            erased_numbers: HashSet::new(),
            district: String::new(),
        }
    }

    /// Makes room for so many.
    pub fn reserve(&mut self, count: usize) {
        self.ends.reserve(count);
        self.seen.reserve(count);
        self.known.reserve(count);
    }

    /// How many there are; also the next free number.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The id of entity `number`.
    pub fn id(&self, number: u32) -> &str {
        std::str::from_utf8(id_bytes(&self.ids, &self.ends, number)).unwrap_or("")
    }

    /// The number of the entity with this id.
    pub fn find(&self, id: &str) -> Option<u32> {
        let same = |&number: &u32| id_bytes(&self.ids, &self.ends, number) == id.as_bytes();
        self.table.find(xxh3_64(id.as_bytes()), same).copied().or_else(|| self.find_erased(id))
    }

    /// Remembers that the person with this number was erased.
    pub fn add_erased(&mut self, district: &str, tombstone: String, number: u32) {
        district.clone_into(&mut self.district);
        self.erased.insert(tombstone, number);
        self.erased_numbers.insert(number);
    }

    /// Whether the person with this number was erased, and is to be left out.
    pub fn is_erased(&self, number: u32) -> bool {
        self.erased_numbers.contains(&number)
    }

    /// Costs nothing where nobody was erased.
    fn find_erased(&self, id: &str) -> Option<u32> {
        if self.erased.is_empty() { None } else { self.erased.get(&tombstone(&self.district, self.kind, id)).copied() }
    }

    /// The number of the entity with this id, a new one if it has none.
    pub fn number(&mut self, id: &str) -> u32 {
        if !self.erased.is_empty()
            && let Some(number) = self.find(id)
        {
            return number;
        }
        let Self { ids, ends, table, seen, .. } = self;
        let hash = xxh3_64(id.as_bytes());
        let same = |&number: &u32| id_bytes(ids, ends, number) == id.as_bytes();
        if let Some(&number) = table.find(hash, same) {
            return number;
        }
        let number = ends.len() as u32;
        ids.extend_from_slice(id.as_bytes());
        ends.push(ids.len() as u32);
        seen.push(Seen::default());
        table.insert_unique(hash, number, |&other| xxh3_64(id_bytes(ids, ends, other)));
        number
    }

    /// Adds an entity of the roster, which is found once all are added and [`Self::index`] was called. They come in order of their
    /// numbers, without gaps.
    pub fn add_known(&mut self, id: &str, known: Known) {
        debug_assert_eq!(self.ends.len(), self.known.len());
        self.ids.extend_from_slice(id.as_bytes());
        self.ends.push(self.ids.len() as u32);
        self.seen.push(Seen::default());
        self.known.push(known);
    }

    /// Lets all entities be found that were added. They are put into the table in the order of their places there: a million in any
    /// other order would each wait for memory.
    pub fn index(&mut self) {
        let Self { ids, ends, table, .. } = self;
        let hash_of = |number: u32| xxh3_64(id_bytes(ids, ends, number));
        let mut hashed: Vec<(u64, u32)> = (0..ends.len() as u32).map(|number| (hash_of(number), number)).collect();
        table.clear();
        table.reserve(hashed.len(), |&number| hash_of(number));
        let places = table.num_buckets() as u64;
        hashed.sort_unstable_by_key(|(hash, _)| hash & places.saturating_sub(1));
        for (hash, number) in hashed {
            table.insert_unique(hash, number, |&other| hash_of(other));
        }
    }

    /// What the roster knows of `number`.
    pub fn known(&self, number: u32) -> Known {
        self.known.get(number as usize).copied().unwrap_or_default()
    }

    /// What this set says of `number`.
    pub fn seen(&self, number: u32) -> Seen {
        self.seen[number as usize]
    }

    /// Notes `bits` of [`Seen`] for `number`.
    pub fn see(&mut self, number: u32, bits: u8) {
        self.seen[number as usize].0 |= bits;
    }

    /// Takes `bits` of [`Seen`] back.
    pub fn unsee(&mut self, number: u32, bits: u8) {
        self.seen[number as usize].0 &= !bits;
    }

    /// All numbers.
    pub fn numbers(&self) -> std::ops::Range<u32> {
        0..self.len() as u32
    }
}

fn id_bytes<'a>(ids: &'a [u8], ends: &[u32], number: u32) -> &'a [u8] {
    let start = if number == 0 { 0 } else { ends[number as usize - 1] };
    &ids[start as usize..ends[number as usize] as usize]
}

/// What is left of the id of an erased person: a hash of district, kind and id.
pub fn tombstone(district: &str, kind: FileKind, id: &str) -> String {
    use sha2::{Digest, Sha256};
    let digest = Sha256::digest(format!("{district}:{kind}:{id}"));
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The entities of one district, by kind. Enrollments are pairs of entities, not entities.
#[derive(Debug)]
pub struct Roster {
    kinds: [Entities; 5],
}

impl Default for Roster {
    fn default() -> Self {
        Self::new()
    }
}

impl Roster {
    /// A district of which nothing is known.
    pub fn new() -> Self {
        use FileKind::{Schools, Sections, Staff, Students, Teachers};
        Self { kinds: [Schools, Teachers, Staff, Students, Sections].map(Entities::new) }
    }

    /// The entities of `kind`. Enrollments have none.
    pub fn of(&self, kind: FileKind) -> &Entities {
        &self.kinds[kind as usize]
    }

    /// The entities of `kind`, to add to.
    pub fn of_mut(&mut self, kind: FileKind) -> &mut Entities {
        &mut self.kinds[kind as usize]
    }
}
