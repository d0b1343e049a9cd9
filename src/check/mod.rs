//! Check: rows and schemas become records and problems. All problems of a delivery are found in one pass.
//!
//! Pure: takes rows, schemas, settings and what the roster knows; knows no column by name. Called by `pipeline`, kind
//! by kind, parents first. A bad row is data here, never an `Err`.

mod ahead;
pub mod cell;
mod enrollments;
mod file;
mod fold;
mod judged;
pub mod normalise;
mod recognise;
mod record_rows;
mod repair;
mod row;
mod row_checks;
mod rows;
pub mod rules;
#[cfg(test)]
pub mod testing;
mod unique;
pub mod value;

pub use enrollments::Pairs;
pub use file::{FileChecker, FileVerdict};
pub use fold::Folded;
pub use recognise::Recogniser;
pub use rows::{Entry, Rows};

use std::io;

use crate::diff::Snapshot;
use crate::roster::entities::{Roster, Seen};
use crate::roster::plan::PersonRef;
use crate::roster::record::Spill;
use crate::roster::schema::{Reference, Schema, SchemaSet};
use crate::roster::set::Mode;
use crate::roster::settings::Settings;
use crate::roster::{FileKind, ProblemList};

/// How far a kind of this set can be relied on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// Not delivered, or not usable and optional: its people and rows stay as they are.
    #[default]
    Absent,
    /// Delivered without rows where that must not mean "all gone": the old ones stay.
    Kept,
    /// Delivered, and refused as a whole with the set: who is in it is not known, so what names them is not judged.
    Refused,
    /// Delivered and read.
    Read,
}

/// What a reference leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Named {
    /// Whether it exists; `None` where that cannot be judged.
    exists: Option<bool>,
    /// Whether it will be noticed when the entity goes: it is in the roster, or will be, as nothing shields it.
    is_firm: bool,
    /// The entity's number, if it has one.
    number: Option<u32>,
}

/// Makes a place for what need not stay in memory.
pub type MakeRoom = fn() -> io::Result<Box<dyn Spill>>;

/// What a check works with, and what it gathers over all files of a set.
#[derive(Debug)]
pub struct Check<'a> {
    /// The district's settings.
    pub settings: &'a Settings,
    /// The schemas of the format.
    pub schemas: &'a SchemaSet,
    /// Full set or delta.
    pub mode: Mode,
    /// Whether a roster is there to compare with; `rosterd check` has none.
    pub has_roster: bool,
    /// Whether what was read is remembered for tomorrow.
    pub remembers: bool,
    /// Makes room for what is remembered, where it need not all stay in memory.
    pub room: Option<MakeRoom>,
    /// People whose rows are looked at even if they are as they were.
    pub look_again: Vec<PersonRef>,
    /// Every entity by id, and what this set says of it.
    pub roster: Roster,
    /// By kind.
    pub standing: [Standing; 6],
    /// Kinds with a refused row in which nobody was recognised.
    pub unrecognised: [u64; 6],
    /// By kind: whether a record differs from the roster's.
    pub changed: [bool; 6],
    /// Everything found so far.
    pub problems: ProblemList,
    /// Set when the whole set is refused.
    pub set_refused: bool,
}

impl<'a> Check<'a> {
    /// Nothing is checked yet.
    pub fn new(settings: &'a Settings, schemas: &'a SchemaSet, mode: Mode, roster: Option<Roster>) -> Self {
        Self {
            settings,
            schemas,
            mode,
            has_roster: roster.is_some(),
            remembers: false,
            room: None,
            look_again: Vec::new(),
            roster: roster.unwrap_or_default(),
            standing: [Standing::Absent; 6],
            unrecognised: [0; 6],
            changed: [false; 6],
            problems: ProblemList::default(),
            set_refused: false,
        }
    }

    /// Where rows are kept that are remembered.
    fn empty_snapshot(&self) -> io::Result<Snapshot> {
        match self.room.filter(|_| self.remembers) {
            Some(room) => room().map(Snapshot::spilling_to),
            None => Ok(Snapshot::default()),
        }
    }

    /// Refuses the set because of a file of `kind` that cannot be used.
    fn refuse_set_for(&mut self, kind: FileKind) {
        self.set_refused = true;
        self.standing[kind as usize] = Standing::Refused;
    }

    /// What a value that names an entity of `kind` leads to.
    fn resolve(&self, kind: FileKind, id: &str) -> Named {
        let entities = self.roster.of(kind);
        let number = entities.find(id);
        let seen = number.map_or_else(Seen::default, |number| entities.seen(number));
        let in_roster = number.is_some_and(|number| entities.known(number).state.in_roster());
        let exists = match (self.standing[kind as usize], self.mode) {
            (Standing::Refused, _) => None,
            (Standing::Read, Mode::Full) => Some(seen.in_set()),
            _ if self.has_roster => Some(seen.in_set() || in_roster),
            (Standing::Read, Mode::Delta) => Some(seen.in_set()),
            _ => None,
        };
        Named { exists, is_firm: in_roster || (seen.in_set() && !seen.shielded()), number }
    }

    /// Whether rows of `schema` that are as they were may be skipped: nothing that they refer to has left the set, and
    /// nothing that is derived from their parents has changed.
    fn may_skip(&self, schema: &Schema) -> bool {
        let stands = |reference: &Reference| {
            let derives = reference.kind.person().is_some() && self.changed[reference.kind as usize];
            !derives && !self.lost(reference.kind)
        };
        unique::Unique::can_compare(schema) && schema.references.iter().all(stands)
    }

    /// Whether the roster has an entity of `kind` that a complete file of this set does not name.
    fn lost(&self, kind: FileKind) -> bool {
        let entities = self.roster.of(kind);
        let is_lost = |number| entities.known(number).state.in_roster() && !entities.seen(number).in_set();
        self.standing[kind as usize] == Standing::Read && entities.numbers().any(is_lost)
    }
}
