//! Answers that somebody gave to single questions: which patron a person is, a new one, or leave it (rule D3).
//!
//! An answer counts while the evidence is the same; then the question would be another one. Filled by `pipeline`.

use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_64;

use super::compare::Wanted;
use crate::roster::patron::{Patron, PatronField as P};
use crate::roster::plan::PersonRef;
use crate::roster::schema::Field;

/// What somebody answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// It is this patron.
    Link(i64),
    /// It is nobody who is there.
    Create,
    /// Leave it as it is.
    Skip,
}

/// All answers of a district.
#[derive(Debug, Default)]
pub struct Answers(HashMap<PersonRef, (i64, Answer)>);

impl Answers {
    /// Adds one, given to a question with this evidence.
    pub fn add(&mut self, who: PersonRef, evidence: i64, answer: Answer) {
        self.0.insert(who, (evidence, answer));
    }

    /// The answer for `who`, if the evidence is still what it was.
    pub fn get(&self, who: PersonRef, evidence: i64) -> Option<Answer> {
        self.0.get(&who).filter(|(then, _)| *then == evidence).map(|(_, answer)| *answer)
    }
}

/// A question about one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Who.
    pub who: PersonRef,
    /// Over the candidates and what speaks for them.
    pub evidence: i64,
    /// Patrons, and what speaks for each.
    pub candidates: Vec<(i64, String)>,
}

impl Question {
    /// Which of these patrons is it?
    pub fn which(who: PersonRef, candidates: &[(i64, String)]) -> Self {
        let text = candidates.iter().map(|(patron, words)| format!("{patron}\0{words}\n")).collect::<String>();
        Self { who, evidence: xxh3_64(text.as_bytes()).cast_signed(), candidates: candidates.to_vec() }
    }

    /// Is the linked patron still this person?
    pub fn is_it_still(who: PersonRef, wanted: &Wanted<'_>, patron: &Patron) -> Self {
        let says = [Field::FirstName, Field::LastName, Field::Birthdate].map(|field| wanted.main.fields.text(field));
        let stands = [P::FirstName, P::LastName, P::Birthdate].map(|field| patron.get(field));
        let text = format!("{}\0{}\0{}", patron.id, says.join("\0"), stands.join("\0"));
        let candidates = vec![(patron.id, "link, but another name".to_owned())];
        Self { who, evidence: xxh3_64(text.as_bytes()).cast_signed(), candidates }
    }
}
