//! The plan: everything that a run would change, with reasons. A value; `write` carries it out, `report` shows it.

use std::borrow::Cow;

use super::PersonKind;
use super::patron::PatronField;
use super::record::{Heap, Packer, Spill, Spot};

/// What is done for one person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum What {
    /// A new patron.
    Create,
    /// Fields of a patron change.
    Update,
    /// The person left: status 4.
    Remove,
    /// The person is back.
    Reactivate,
    /// A patron is remembered as this person, and has all its values already.
    Link,
    /// The person waits.
    Hold,
    /// Someone must decide which patron it is.
    Conflict,
}

/// A person by kind and number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PersonRef {
    /// The kind.
    pub kind: PersonKind,
    /// The number within the district and kind.
    pub number: u32,
}

/// One line of the plan.
#[derive(Debug, Clone, Copy)]
pub struct Action {
    /// What is done.
    pub what: What,
    /// For whom.
    pub person: PersonRef,
    /// The staff member who is the same patron as the teacher `person`.
    pub second: Option<PersonRef>,
    /// The patron; 0 where one is created, or none is known.
    pub patron: i64,
    /// Why this patron.
    pub evidence: Evidence,
    /// The row that caused it; 0 where none did.
    pub line: u32,
    /// The place of the hold that holds it among the plan's holds, plus one; 0 where it is free.
    pub hold: u16,
    fields: Option<Spot>,
}

/// Why a person is a patron.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Evidence {
    /// It was found before, and remembered.
    Link,
    /// By guid.
    Guid,
    /// By number, and the birth date agrees.
    NumberAndBirthdate,
    /// By number, and a name agrees.
    NumberAndName,
    /// By e-mail, and the birth date agrees.
    EmailAndBirthdate,
    /// By e-mail, and both names agree.
    EmailAndNames,
    /// By barcode, and birth date or name agree.
    Barcode,
    /// By community id, and birth date or name agree.
    CommunityId,
    /// The id of someone who vanished, but for leading zeros, and birth date or name agree.
    IdButForZeros,
    /// By the one attribute of `update_only`.
    Identity,
    /// A teacher and a staff member with the same e-mail.
    SameEmployee,
    /// Nobody could be meant.
    NoCandidate,
    /// The person is in no row of a full set.
    Absent,
    /// A row says `delete`.
    Deleted,
    /// Its school is not in the set.
    SchoolMissing,
    /// Its school has no site.
    SchoolUnmapped,
    /// The patron seems to be somebody else.
    IdentityChanged,
    /// Several patrons are possible, or the evidence is not enough.
    Undecided,
    /// The name and birth date of someone who vanished.
    NamesAndBirthdate,
    /// Somebody decided it.
    Decided,
}

impl Evidence {
    /// As it stands in plans and reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Guid => "guid",
            Self::NumberAndBirthdate => "student_number, birthdate",
            Self::NumberAndName => "student_number, name",
            Self::EmailAndBirthdate => "email, birthdate",
            Self::EmailAndNames => "email, first and last name",
            Self::Barcode => "barcode, birthdate or name",
            Self::CommunityId => "community_id, birthdate or name",
            Self::IdButForZeros => "id but for leading zeros, birthdate or name",
            Self::Identity => "match.identity",
            Self::SameEmployee => "same employee by email",
            Self::NoCandidate => "no candidate",
            Self::Absent => "absent from a full set",
            Self::Deleted => "_action delete",
            Self::SchoolMissing => "school_missing",
            Self::SchoolUnmapped => "school_unmapped",
            Self::IdentityChanged => "identity_changed",
            Self::Undecided => "undecided",
            Self::NamesAndBirthdate => "first and last name, birthdate",
            Self::Decided => "decided by a person",
        }
    }
}

/// A value before and after.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FieldChange<'a> {
    /// Which field.
    pub field: PatronField,
    /// Before; blank for a new patron.
    pub old: &'a str,
    /// After.
    pub new: &'a str,
}

/// A removal that the guards may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removal {
    /// Who.
    pub person: PersonRef,
    /// Number of the school, plus one; 0 where none.
    pub school: u32,
}

/// Everything that a run would change in patrons.
#[derive(Debug, Default)]
pub struct Actions {
    list: Vec<Action>,
    heap: Heap,
}

impl Actions {
    /// None yet. The values of millions of lines go to `spill`.
    pub fn spilling_to(spill: Box<dyn Spill>) -> Self {
        Self { list: Vec::new(), heap: Heap::spilling_to(spill) }
    }

    /// Whether every value could be kept.
    ///
    /// # Errors
    /// When a value went nowhere; then the plan is of no use.
    pub fn check(&mut self) -> std::io::Result<()> {
        self.heap.check()
    }

    /// Whether a line changes any field.
    pub fn changes_fields(action: &Action) -> bool {
        action.fields.is_some()
    }

    /// Adds a line.
    pub fn push(&mut self, mut action: Action, changes: &Changes) {
        action.fields = (!changes.is_empty()).then(|| self.heap.keep(changes.packed.bytes()));
        self.list.push(action);
    }

    /// Makes room for as many lines as there are people, so that growing never doubles it.
    pub fn reserve(&mut self, lines: usize) {
        self.list.reserve_exact(lines);
    }

    /// All lines.
    pub fn iter(&self) -> impl Iterator<Item = &Action> {
        self.list.iter()
    }

    /// How many lines.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// Whether nothing is done.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Line `index`.
    pub fn at(&self, index: usize) -> &Action {
        &self.list[index]
    }

    /// Gives line `index` to a hold.
    pub fn hold(&mut self, index: usize, hold: u16) {
        self.list[index].hold = hold;
    }

    /// Takes the change of one field out of line `index`.
    pub fn drop_field(&mut self, index: usize, field: PatronField) {
        let mut kept = Changes::default();
        let packed = self.packed(&self.list[index]).into_owned();
        for change in unpack(&packed).filter(|change| change.field != field) {
            kept.push(change.field, change.old, change.new);
        }
        self.list[index].fields = (!kept.is_empty()).then(|| self.heap.keep(kept.packed.bytes()));
    }

    /// Keeps the lines for which `keep` holds.
    pub fn retain(&mut self, keep: impl FnMut(&Action) -> bool) {
        self.list.retain(keep);
    }

    /// The packed changes of a line, as they are stored; [`unpack`] reads them.
    pub fn packed(&self, action: &Action) -> Cow<'_, [u8]> {
        action.fields.map_or(Cow::Borrowed(&[]), |spot| self.heap.at(spot))
    }
}

impl Action {
    /// A line without changes yet.
    pub fn new(what: What, person: PersonRef, patron: i64, evidence: Evidence) -> Self {
        Self { what, person, second: None, patron, evidence, line: 0, hold: 0, fields: None }
    }
}

/// Changes of one patron on their way into the plan.
#[derive(Debug, Default)]
pub struct Changes {
    packed: Packer,
}

impl Changes {
    /// Starts over.
    pub fn clear(&mut self) {
        self.packed.clear();
    }

    /// Adds a change.
    pub fn push(&mut self, field: PatronField, old: &str, new: &str) {
        self.packed.push_raw(field as u8, old);
        self.packed.push_raw(field as u8, new);
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.packed.bytes().is_empty()
    }

    /// The changes as they are stored; [`unpack`] reads them.
    pub fn packed(&self) -> &[u8] {
        self.packed.bytes()
    }

    /// The changes so far.
    pub fn iter(&self) -> impl Iterator<Item = FieldChange<'_>> {
        unpack(self.packed.bytes())
    }
}

/// Reads packed changes, as plans and the store keep them.
pub fn unpack(packed: &[u8]) -> impl Iterator<Item = FieldChange<'_>> {
    let mut values = super::record::Record(packed).values();
    std::iter::from_fn(move || {
        let ((tag, old), (_, new)) = (values.next()?, values.next()?);
        Some(FieldChange { field: *PatronField::ALL.get(tag as usize)?, old, new })
    })
}
