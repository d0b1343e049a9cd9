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
    /// What the rows said of them last time, where the patron was edited since.
    pub previous: Option<(Desired<'a>, Option<Desired<'a>>)>,
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
    /// The rows say what they said last time.
    pub rows_unchanged: bool,
}

/// What a comparison says beside the changes.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// Fields that an edit had changed and that are set back.
    pub restored: Vec<P>,
    /// Fields that an edit had changed and that stay until someone says who is right.
    pub asked: Vec<P>,
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
        word(&self.main, self.second.as_ref(), field, settings)
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
            let Some(new) = wanted.filter(|new| differs(field, old, new, settings)) else { continue };
            match owner(field, settings) {
                Owner::Ask if self.is_others(field, old, history, settings) => findings.asked.push(field),
                Owner::Library => {}
                Owner::Fill if !old.trim().is_empty() => {}
                _ => {
                    changes.push(field, old, &new);
                    findings.wants_barcode |= field == P::Barcode;
                    if history.edited && !history.is_new_link && self.is_edit(field, old, settings) {
                        findings.restored.push(field);
                    }
                }
            }
        }
        findings
    }

    /// What the rows said of `field` last time.
    fn previously(&self, field: P, settings: &Settings) -> Option<Cow<'a, str>> {
        self.previous.and_then(|(main, second)| word(&main, second.as_ref(), field, settings))
    }

    /// Whether `old` is not what the rows said last time. Where they said nothing, nobody knows since when it is there.
    fn is_edit(&self, field: P, old: &str, settings: &Settings) -> bool {
        field == P::Roles || self.previously(field, settings).is_some_and(|value| differs(field, old, &value, settings))
    }

    /// Whether a person may have put `old` where the rows say otherwise: it was there before the link, or it is not what the rows
    /// said last time.
    fn is_others(&self, field: P, old: &str, history: History, settings: &Settings) -> bool {
        // What the settings or the site map make of a row may be another value although the row is as it was.
        let is_of_rows = !matches!(field, P::Site | P::Barcode | P::CommunityId);
        if history.is_new_link || (history.rows_unchanged && is_of_rows && !history.edited) {
            return !old.trim().is_empty();
        }
        history.edited && self.previously(field, settings).is_none_or(|value| value != old)
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

/// The teacher's word first, then the staff member's where the teacher's is blank.
fn word<'a>(main: &Desired<'a>, second: Option<&Desired<'a>>, field: P, settings: &Settings) -> Option<Cow<'a, str>> {
    let own = main.get(field, settings);
    let is_filled = own.as_deref().is_some_and(|value| !value.is_empty());
    let other = second.and_then(|second| second.get(field, settings));
    if is_filled || other.is_none() { own } else { other }
}

/// Whether the rows say something of a field that the patron does not have. Lost zeros, and blanks that keep, say nothing.
fn differs(field: P, old: &str, new: &str, settings: &Settings) -> bool {
    let keeps = new.is_empty() && settings.field(field.column()).blank == Blank::Keep;
    let may_lose_zeros = matches!(field, P::StudentNumber | P::Barcode | P::CommunityId | P::PostalCode);
    old != new && !keeps && !(may_lose_zeros && differ_by_zeros(old, new))
}

/// Who owns a field. Status and roles have rules of their own.
fn owner(field: P, settings: &Settings) -> Owner {
    match field {
        P::Status | P::Roles => Owner::Sis,
        P::Barcode | P::Notes => settings.field(field.column()).owner.unwrap_or(Owner::Fill),
        _ => settings.field(field.column()).owner.unwrap_or(Owner::Sis),
    }
}
