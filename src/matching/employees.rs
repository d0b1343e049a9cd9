//! Teachers and staff who are one patron (rule D7): a teacher and a staff row with the same e-mail, unshared otherwise.

use std::collections::{BTreeMap, HashMap};

use crate::check::Check;
use crate::roster::PersonKind;
use crate::roster::entities::State;
use crate::roster::keys::key;
use crate::roster::plan::PersonRef;
use crate::roster::schema::Field;

use super::people::People;

/// Who of the other kind is the same employee.
#[derive(Debug, Default)]
pub struct Employees {
    twin: BTreeMap<PersonRef, PersonRef>,
}

impl Employees {
    /// Pairs up the employees of the set. Students never merge with them.
    pub fn pair(check: &Check<'_>, people: &People<'_>) -> Self {
        let mut by_mail: HashMap<u64, Vec<PersonRef>> = HashMap::new();
        for kind in [PersonKind::Teachers, PersonKind::Staff] {
            let entities = check.roster.of(kind.file());
            for number in entities.numbers() {
                let who = PersonRef { kind, number };
                let mail = mail(check, people, who);
                if mail != 0 {
                    by_mail.entry(mail).or_default().push(who);
                }
            }
        }
        let pairs = by_mail.into_values().filter(|who| who.len() == 2 && who[0].kind != who[1].kind);
        Self { twin: pairs.flat_map(|who| [(who[0], who[1]), (who[1], who[0])]).collect() }
    }

    /// The same employee in the other kind.
    pub fn twin(&self, who: PersonRef) -> Option<PersonRef> {
        self.twin.get(&who).copied()
    }
}

/// The key of an employee's e-mail, if he is in the roster after this set.
fn mail(check: &Check<'_>, people: &People<'_>, who: PersonRef) -> u64 {
    if let Some(person) = people.find(who) {
        return key(people.record(person).text(Field::Email));
    }
    let entities = check.roster.of(who.kind.file());
    let known = entities.known(who.number);
    let is_gone = people.is_gone(who);
    let here = matches!(known.state, State::Present | State::Waiting) && !is_gone;
    if here { known.email_key } else { 0 }
}
