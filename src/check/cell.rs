//! One cell: what is kept of it, or what is wrong with it. Called by `check` for every filled cell.
//!
//! The schema has the last word: what a normaliser makes must be allowed there too. Knows no row and no severity.

use std::borrow::Cow;

use super::normalise::{is_plausible, iso_text, normalise};
use super::value::{Violation, is_allowed, is_valid};
use crate::roster::Code;
use crate::roster::schema::{Column, DateFormat, Normaliser, ValueType};
use crate::roster::settings::DateOrder;

mod wording;

pub(super) use wording::quoted;

/// Something wrong with a cell. Whether that refuses the row depends on the column, and is decided by the caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The stable word.
    pub code: Code,
    /// A sentence for people.
    pub message: String,
    /// What to do next.
    pub proposal: Option<String>,
}

/// The value to keep of `raw`, which is trimmed and not blank. Dates are kept as ISO, whatever the file's form was.
pub fn cell<'a>(column: &Column, raw: &'a str, dates: DateOrder) -> Result<Cow<'a, str>, Finding> {
    if has_lost_letters(raw) {
        return Err(wording::lost_letters(raw));
    }
    match (&column.value_type, column.normaliser) {
        (ValueType::Date(format), normaliser) => date(column, format, normaliser, raw, dates),
        (_, Some(normaliser)) => normalised(column, normaliser, raw, dates),
        (_, None) => as_it_is(column, raw, dates),
    }
}

/// U+FFFD stands where some program before us could not read a letter.
fn has_lost_letters(raw: &str) -> bool {
    !raw.is_ascii() && raw.contains('\u{FFFD}')
}

fn as_it_is<'a>(column: &Column, raw: &'a str, dates: DateOrder) -> Result<Cow<'a, str>, Finding> {
    is_valid(column, raw).map_err(|violation| wording::finding(column, raw, violation, dates))?;
    Ok(Cow::Borrowed(raw))
}

fn normalised<'a>(
    column: &Column,
    normaliser: Normaliser,
    raw: &'a str,
    dates: DateOrder,
) -> Result<Cow<'a, str>, Finding> {
    if column.allowed.is_some() && is_allowed(column, raw) {
        return if is_listed_alone(column) { Ok(Cow::Borrowed(raw)) } else { as_it_is(column, raw, dates) };
    }
    if let Some(word) = in_other_case(column, raw) {
        return Ok(Cow::Owned(word.to_owned()));
    }
    match normalise(normaliser, raw, dates) {
        Some(value) if is_valid(column, &value).is_ok() => Ok(value),
        _ => as_it_is(column, raw, dates),
    }
}

/// Whether a text that the enumeration lists needs no further look, as in every shipped schema.
fn is_listed_alone(column: &Column) -> bool {
    column.value_type == ValueType::Text
        && column.pattern.is_none()
        && column.min_length.is_none()
        && column.max_length.is_none()
}

/// The word of the enumeration that differs from `raw` in case alone.
fn in_other_case<'a>(column: &'a Column, raw: &str) -> Option<&'a str> {
    let words = column.allowed.as_deref().unwrap_or_default().iter();
    words.map(String::as_str).find(|word| word.eq_ignore_ascii_case(raw))
}

/// The schema's own format comes first, except that the district's date order decides what `03/04/2012` is.
fn date<'a>(
    column: &Column,
    format: &DateFormat,
    normaliser: Option<Normaliser>,
    raw: &'a str,
    dates: DateOrder,
) -> Result<Cow<'a, str>, Finding> {
    let finding = |violation| wording::finding(column, raw, violation, dates);
    let is_ours_to_read = format.is_month_first() && normaliser.is_some() && dates == DateOrder::Dmy;
    match format.parse(raw).filter(|_| !is_ours_to_read) {
        Some(day) if normaliser.is_some() && !is_plausible(day) => Err(finding(Violation::Type)),
        Some(day) if is_any_date_right(column) => Ok(iso(day, raw)),
        Some(day) => is_valid(column, raw).map_err(finding).map(|()| iso(day, raw)),
        None => normaliser.and_then(|one| normalise(one, raw, dates)).ok_or_else(|| finding(Violation::Type)),
    }
}

/// Whether a date of the right format needs no further look, as in every shipped schema.
fn is_any_date_right(column: &Column) -> bool {
    column.allowed.is_none() && column.minimum.is_none() && column.maximum.is_none()
}

fn iso(day: chrono::NaiveDate, raw: &str) -> Cow<'_, str> {
    let text = iso_text(day);
    if text == raw { Cow::Borrowed(raw) } else { Cow::Owned(text) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::check::testing::column;

    fn grade() -> Column {
        let words: Vec<String> =
            (1..=13).map(|grade| grade.to_string()).chain(["Kindergarten".into(), "PreKindergarten".into()]).collect();
        let words: Vec<String> = words.into_iter().chain(["a", "b", "c", "d", "Other"].map(String::from)).collect();
        column(json!({"constraints": {"enum": words}, "rosterd": {"normalise": "grade"}}))
    }

    fn birthdate(format: &str) -> Column {
        column(json!({"type": "date", "format": format, "rosterd": {"normalise": "date"}}))
    }

    fn kept<'a>(column: &Column, raw: &'a str) -> Option<Cow<'a, str>> {
        cell(column, raw, DateOrder::Mdy).ok()
    }

    #[test]
    fn an_official_value_is_kept_without_a_copy() {
        assert!(matches!(kept(&grade(), "5"), Some(Cow::Borrowed("5"))));
        assert!(matches!(kept(&column(json!({})), "anything"), Some(Cow::Borrowed("anything"))));
    }

    #[test]
    fn a_value_in_other_case_or_another_form_becomes_official() {
        for (raw, expected) in [
            ("05", "5"),
            ("kindergarten", "Kindergarten"),
            ("PK", "PreKindergarten"),
            ("OTHER", "Other"),
            ("9-12", "9"),
        ] {
            assert_eq!(kept(&grade(), raw).as_deref(), Some(expected), "{raw:?}");
        }
    }

    #[test]
    fn what_a_normaliser_makes_must_be_allowed_by_the_schema() {
        let finding = cell(&grade(), "TK", DateOrder::Mdy).expect_err("the list has no such grade");
        assert_eq!(finding.code, Code::ValueNotAllowed);
        let phone = column(json!({"constraints": {"pattern": "^[0-9]{10}$"}, "rosterd": {"normalise": "phone"}}));
        assert_eq!(kept(&phone, "(718) 555-4567").as_deref(), Some("7185554567"));
        assert_eq!(cell(&phone, "1 718 555 4567", DateOrder::Mdy).expect_err("11 digits").code, Code::ValueFormat);
    }

    #[test]
    fn the_sentence_says_what_stands_there_and_what_should() {
        let finding = cell(&grade(), "14", DateOrder::Mdy).expect_err("no grade");
        assert_eq!(finding.message, "\"14\" is not a grade (1-13, Kindergarten, …).");
        let near = cell(&grade(), "Kindergraten", DateOrder::Mdy).expect_err("a slip");
        assert_eq!(near.proposal.as_deref(), Some("Write \"Kindergarten\" if that is meant."));
    }

    #[test]
    fn dates_are_kept_as_iso_in_the_order_of_the_district() {
        let column = birthdate("%m/%d/%Y");
        let read = |raw: &'static str, dates| cell(&column, raw, dates).ok().map(Cow::into_owned);
        assert_eq!(read("03/04/2012", DateOrder::Mdy).as_deref(), Some("2012-03-04"));
        assert_eq!(read("03/04/2012", DateOrder::Dmy).as_deref(), Some("2012-04-03"));
        assert_eq!(read("12/25/2012", DateOrder::Dmy), None);
        assert_eq!(read("20120304", DateOrder::Mdy).as_deref(), Some("2012-03-04"));
        assert_eq!(read("3/4/12", DateOrder::Mdy), None);
        assert_eq!(read("03/04/0212", DateOrder::Mdy), None);
    }

    #[test]
    fn a_schema_may_ask_for_another_form_of_date() {
        let column = birthdate("%d.%m.%Y");
        assert_eq!(kept(&column, "4.3.2012").as_deref(), Some("2012-03-04"));
        let finding = cell(&column, "4.3.12", DateOrder::Mdy).expect_err("two digits");
        assert_eq!(
            (finding.code, finding.proposal.as_deref()),
            (Code::DateFormat, Some("Write the year with four digits."))
        );
        assert!(finding.message.contains("DD.MM.YYYY"), "{}", finding.message);
    }

    #[test]
    fn an_address_without_at_is_no_address() {
        let column = column(
            json!({"constraints": {"pattern": r"^[^@\s]+@[^@\s]+\.[^@\s]+$"}, "rosterd": {"normalise": "email"}}),
        );
        assert_eq!(kept(&column, "mailto:Ana@example.org").as_deref(), Some("Ana@example.org"));
        assert_eq!(cell(&column, "ana.example.org", DateOrder::Mdy).expect_err("no @").code, Code::EmailFormat);
    }

    #[test]
    fn a_letter_that_was_lost_is_told_wherever_it_stands() {
        let finding = cell(&column(json!({})), "Nu\u{FFFD}ez", DateOrder::Mdy).expect_err("a lost letter");
        assert_eq!(finding.code, Code::EncodingInvalid);
        assert!(kept(&column(json!({})), "Nuñez").is_some());
    }
}
