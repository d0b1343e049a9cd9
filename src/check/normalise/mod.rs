//! Normalisers: the forms that districts send become the official one. One file per family.
//!
//! Called by `cell` for values that are not already official. A normaliser knows no column and no schema: whether its
//! answer is allowed, the schema decides. What it does not know it leaves alone (`None`); it never guesses.

mod contact;
mod date;
mod grade;
mod person;
mod place;
mod subject;
mod word;

use std::borrow::Cow;

pub use date::{is_plausible, iso_text};

use crate::roster::schema::Normaliser;
use crate::roster::settings::DateOrder;

/// The official form of `raw`, which is trimmed and not blank; a date as ISO. `None`: not known.
pub fn normalise(normaliser: Normaliser, raw: &str, dates: DateOrder) -> Option<Cow<'_, str>> {
    match normaliser {
        Normaliser::Grade => grade::grade(raw).map(Cow::Borrowed),
        Normaliser::Gender => person::gender(raw).map(Cow::Borrowed),
        Normaliser::Race => person::race(raw).map(Cow::Borrowed),
        Normaliser::YesNo => person::yes_no(raw).map(Cow::Borrowed),
        Normaliser::Lunch => person::lunch(raw).map(Cow::Borrowed),
        Normaliser::Subject => subject::subject(raw).map(Cow::Borrowed),
        Normaliser::PhoneType => contact::phone_type(raw).map(Cow::Borrowed),
        Normaliser::Phone => contact::phone(raw),
        Normaliser::Email => contact::email(raw).map(Cow::Borrowed),
        Normaliser::Date => date::date(raw, dates),
        Normaliser::Zip => place::zip(raw),
        Normaliser::State => place::state(raw).map(Cow::Borrowed),
        // Only the enumeration knows the words; `cell` compares with it before it asks any normaliser.
        Normaliser::Word => None,
    }
}
