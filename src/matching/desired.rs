//! What a patron's fields should be, by the record of its person (rule table "patron field" of the product).

use std::borrow::Cow;

use uuid::Uuid;

use crate::check::Folded;
use crate::roster::PersonKind;
use crate::roster::patron::PatronField;
use crate::roster::record::{Record, Unpacked};
use crate::roster::schema::Field;
use crate::roster::settings::{NumberSource, Settings};

/// One person as its patron should be.
#[derive(Debug, Clone, Copy)]
pub struct Desired<'a> {
    /// The kind.
    pub kind: PersonKind,
    /// The id in the delivering system.
    pub id: &'a str,
    /// What the rows say.
    pub fields: Unpacked<'a>,
    record: Record<'a>,
    /// The site of the primary school.
    pub site: &'a str,
}

impl<'a> Desired<'a> {
    /// A person as the rows tell of it.
    pub fn new(kind: PersonKind, id: &'a str, record: Record<'a>, site: &'a str) -> Self {
        Self { kind, id, fields: record.unpack(), record, site }
    }

    /// What `field` should be; `None` where the rows say nothing, so that the field stays as it is.
    pub fn get(&self, field: PatronField, settings: &Settings) -> Option<Cow<'a, str>> {
        use PatronField as P;
        match field {
            P::Guid => Some(guid(&settings.id, self.kind, self.id).into()),
            P::Barcode => self.number(settings.map.of(self.kind).barcode),
            P::CommunityId => self.number(settings.map.of(self.kind).community_id),
            P::Site => Some(self.site.into()),
            P::AdditionalContact => self.contacts(Field::ContactName, 2),
            P::OtherEmails => self.contacts(Field::ContactEmail, 5),
            P::Roles | P::Status | P::Policy | P::SecurityGroup => None,
            _ => source(field).and_then(|source| self.fields.get(source)).map(Cow::Borrowed),
        }
    }

    fn number(&self, source: Option<NumberSource>) -> Option<Cow<'a, str>> {
        let value = match source? {
            NumberSource::StudentNumber | NumberSource::TeacherNumber => self.fields.get(Field::Number),
            NumberSource::SisId | NumberSource::StaffId => Some(self.id),
            NumberSource::StateId => self.fields.get(Field::StateId),
        };
        value.map(Cow::Borrowed)
    }

    /// The contacts' values of one column, each once, in the order of the contact rows.
    fn contacts(&self, field: Field, index: usize) -> Option<Cow<'a, str>> {
        self.fields.get(field)?;
        let mut values: Vec<&str> = Vec::new();
        for contact in Folded::contacts(self.record) {
            if !contact[index].is_empty() && !values.contains(&contact[index]) {
                values.push(contact[index]);
            }
        }
        Some(values.join("; ").into())
    }
}

/// The roster field that feeds a patron field directly.
fn source(field: PatronField) -> Option<Field> {
    use PatronField as P;
    Some(match field {
        P::StudentNumber => Field::Number,
        P::FirstName => Field::FirstName,
        P::MiddleName => Field::MiddleName,
        P::LastName => Field::LastName,
        P::Email => Field::Email,
        P::Username => Field::Username,
        P::Birthdate => Field::Birthdate,
        P::Sex => Field::Sex,
        P::Address => Field::Address,
        P::City => Field::City,
        P::State => Field::State,
        P::PostalCode => Field::PostalCode,
        P::Level => Field::Level,
        P::Notes => Field::Notes,
        _ => return None,
    })
}

/// The guid of a person in files, who has no Clever id: the same file gives the same patron everywhere.
pub fn guid(district: &str, kind: PersonKind, id: &str) -> String {
    Uuid::new_v5(&Uuid::NAMESPACE_URL, format!("rosterd:{district}:{kind}:{id}").as_bytes()).to_string()
}

/// The roles of a patron: those of its people, and those that nobody delivers, in their order.
pub fn roles(kinds: &[PersonKind], existing: &str) -> String {
    let order = ["student", "teacher", "staff", "district_admin"];
    let delivered = |role: &str| kinds.iter().any(|kind| kind.role() == role);
    let kept = |role: &str| role == "district_admin" && existing.split(',').any(|one| one.trim() == role);
    order.into_iter().filter(|role| delivered(role) || kept(role)).collect::<Vec<_>>().join(",")
}
