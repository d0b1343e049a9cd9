//! One patron against what it should be: which fields change, by who owns them (rules E1 to E4, D4, D6).

use std::borrow::Cow;

use super::desired::{Desired, roles};
use crate::roster::PersonKind;
use crate::roster::keys::{differ_by_zeros, names_agree};
use crate::roster::patron::{Patron, PatronField as P};
use crate::roster::plan::Changes;
use crate::roster::schema::Field;
use crate::roster::settings::{Blank, DefaultWhen, Owner, Settings};

/// What the rows want of one patron: a person, or a teacher and a staff member who are one.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The person; of an employee with both roles the teacher.
    pub main: Desired<'a>,
    /// The staff member.
    pub second: Option<Desired<'a>>,
    /// What the rows said of `main` last time, where the patron was edited since.
    pub previous: Option<Desired<'a>>,
}

/// What is known of the patron beside its fields.
#[derive(Debug, Clone, Copy, Default)]
pub struct History {
    /// People or other programs changed it since the last run.
    pub edited: bool,
    /// A run made it 4, and the person was not back since.
    pub removed_by_run: bool,
    /// The link is new.
    pub is_new_link: bool,
    /// The person was not in the roster before.
    pub returns: bool,
}

/// What a comparison says beside the changes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Fields that an edit had changed and that are set back.
    pub restored: Vec<P>,
    /// A status that a person set was kept.
    pub status_kept: bool,
    /// The status goes back to 1.
    pub reactivated: bool,
    /// A barcode is to be given, if nobody has it.
    pub wants_barcode: bool,
}

impl<'a> Wanted<'a> {
    /// What `field` should be; the teacher's word first, then the staff member's where the teacher's is blank.
    pub fn get(&self, field: P, settings: &Settings) -> Option<Cow<'a, str>> {
        let own = self.main.get(field, settings);
        let is_filled = own.as_deref().is_some_and(|value| !value.is_empty());
        let other = self.second.and_then(|second| second.get(field, settings));
        if is_filled || other.is_none() { own } else { other }
    }

    /// The kinds of people that the patron is.
    pub fn kinds(&self) -> Vec<PersonKind> {
        [Some(self.main.kind), self.second.map(|second| second.kind)].into_iter().flatten().collect()
    }

    /// Rule D4: a linked patron whose name and more differ is somebody else.
    pub fn is_somebody_else(&self, patron: &Patron) -> bool {
        let of = |field: Field, existing: P| {
            let (wanted, existing) = (self.main.fields.text(field), patron.get(existing).trim());
            (!wanted.is_empty() && !existing.is_empty()).then(|| names_agree(wanted, existing))
        };
        let first_differs = of(Field::FirstName, P::FirstName) == Some(false);
        let last_differs = of(Field::LastName, P::LastName) == Some(false);
        let (born, was_born) = (self.main.fields.text(Field::Birthdate), patron.get(P::Birthdate).trim());
        let both_dates = !born.is_empty() && !was_born.is_empty();
        let same_date = both_dates && born == was_born;
        last_differs && !same_date && (first_differs || both_dates)
    }

    /// Fills `changes` with what differs between the patron and what is wanted.
    pub fn compare(&self, patron: &Patron, history: History, settings: &Settings, changes: &mut Changes) -> Findings {
        changes.clear();
        let mut findings = Findings::default();
        let is_operator = settings.operators.groups.iter().any(|group| group == patron.get(P::SecurityGroup));
        for &field in P::ALL {
            let wanted = match field {
                P::Status => self.status(patron, history, is_operator, &mut findings),
                P::Roles => Some(roles(&self.kinds(), patron.get(P::Roles)).into()),
                P::Username if is_operator => None,
                _ => self.get(field, settings),
            };
            let old = patron.get(field);
            if let Some(new) = wanted.filter(|new| may_write(field, old, new, history, settings)) {
                changes.push(field, old, &new);
                findings.wants_barcode |= field == P::Barcode;
                if history.edited && self.was_wanted(field, &new, settings) {
                    findings.restored.push(field);
                }
            }
        }
        findings
    }

    /// Whether the rows said the same of `field` last time, so that a difference can only come from an edit.
    fn was_wanted(&self, field: P, new: &str, settings: &Settings) -> bool {
        let previous = self.previous.and_then(|previous| previous.get(field, settings));
        field == P::Roles || previous.is_some_and(|value| value == new)
    }

    /// Rule E4: what a run took it gives back; what a person set stays.
    fn status(
        &self,
        patron: &Patron,
        history: History,
        is_operator: bool,
        findings: &mut Findings,
    ) -> Option<Cow<'a, str>> {
        let status = patron.get(P::Status).trim();
        if is_operator || status == "1" {
            return None;
        }
        if status.is_empty() || status == "0" || (status == "4" && history.removed_by_run) {
            findings.reactivated = status == "4";
            return Some("1".into());
        }
        findings.status_kept = history.is_new_link || history.returns || history.edited || history.removed_by_run;
        None
    }

    /// Fills `changes` with everything that a new patron starts with.
    pub fn create(&self, settings: &Settings, changes: &mut Changes) -> Findings {
        changes.clear();
        for &field in P::ALL {
            let value = match field {
                P::Status => Some("1".into()),
                P::Roles => Some(roles(&self.kinds(), "").into()),
                P::Policy | P::SecurityGroup => Some(self.default(field, settings).into()),
                _ => self.get(field, settings),
            };
            if let Some(value) = value.filter(|value| !value.is_empty()) {
                changes.push(field, "", &value);
            }
        }
        let wants_barcode = self.get(P::Barcode, settings).is_some_and(|barcode| !barcode.is_empty());
        Findings { wants_barcode, ..Findings::default() }
    }

    /// Rule E7: the library's defaults; the first exception that fits wins, field by field.
    fn default(&self, field: P, settings: &Settings) -> String {
        let of =
            |when: &DefaultWhen| if field == P::Policy { when.policy.clone() } else { when.security_group.clone() };
        let exception = settings.defaults.when.iter().filter(|when| self.fits(when)).find_map(of);
        let usual = if field == P::Policy { &settings.defaults.policy } else { &settings.defaults.security_group };
        exception.unwrap_or_else(|| usual.clone())
    }

    fn fits(&self, when: &DefaultWhen) -> bool {
        when.kind.is_none_or(|kind| self.kinds().contains(&kind))
            && when.grade.as_deref().is_none_or(|grade| grade == self.main.fields.text(Field::Level))
            && when.site.as_deref().is_none_or(|site| site == self.main.site)
    }
}

/// Whether the owner of a field lets a run write `new` over `old`.
fn may_write(field: P, old: &str, new: &str, history: History, settings: &Settings) -> bool {
    let spec = settings.field(field.column());
    if old == new || (new.is_empty() && spec.blank == Blank::Keep) {
        return false;
    }
    if matches!(field, P::StudentNumber | P::Barcode | P::CommunityId | P::PostalCode) && differ_by_zeros(old, new) {
        return false;
    }
    if matches!(field, P::Status | P::Roles) {
        return true;
    }
    let usual = if matches!(field, P::Barcode | P::Notes) { Owner::Fill } else { Owner::Sis };
    match spec.owner.unwrap_or(usual) {
        Owner::Sis => true,
        Owner::Library => false,
        Owner::Fill => old.trim().is_empty(),
        Owner::Ask => !history.edited,
    }
}
