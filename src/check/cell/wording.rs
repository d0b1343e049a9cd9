//! The sentences about a cell, for a district's IT person: what stands there, what should, and the nearest value allowed.

use super::Finding;
use crate::check::value::Violation;
use crate::roster::Code;
use crate::roster::nearest::nearest;
use crate::roster::schema::{Column, DateFormat, Normaliser, ValueType, in_short};
use crate::roster::settings::DateOrder;

/// Characters of a cell that a sentence quotes; the rest is in the file.
const QUOTED: usize = 60;
/// Lists up to this length are shown whole.
const SHORT_LIST: usize = 6;
/// Items shown of a longer list.
const SHOWN: usize = 2;

pub fn lost_letters(raw: &str) -> Finding {
    let proposal = "Export the file again as UTF-8: a program before this one could not read a letter, and what it was cannot be told.";
    Finding {
        code: Code::EncodingInvalid,
        message: format!("{} has lost a letter to a wrong encoding.", quoted(raw)),
        proposal: Some(proposal.to_owned()),
    }
}

pub fn finding(column: &Column, raw: &str, violation: Violation, dates: DateOrder) -> Finding {
    let raw_quoted = quoted(raw);
    match (violation, &column.value_type) {
        (Violation::Enum, _) => not_allowed(column, raw),
        (Violation::Type, ValueType::Date(format)) => date(format, raw, dates),
        (Violation::Type, ValueType::Email) => email(&raw_quoted),
        (Violation::Pattern, _) if column.normaliser == Some(Normaliser::Email) => email(&raw_quoted),
        (Violation::Type, value_type) => {
            format_finding(column, format!("{raw_quoted} is not {}.", type_name(value_type)))
        }
        (Violation::Pattern, _) => format_finding(column, format!("{raw_quoted} is not {}.", form_name(column))),
        (Violation::Length, _) => format_finding(column, format!("{raw_quoted} is {}.", wrong_length(column, raw))),
        (Violation::Range, _) => format_finding(column, format!("{raw_quoted} is not {}.", range(column))),
    }
}

fn not_allowed(column: &Column, raw: &str) -> Finding {
    let allowed = column.allowed.as_deref().unwrap_or_default();
    let noun = noun(column.normaliser).map_or_else(String::new, |noun| format!("{noun} "));
    let message = match noun.as_str() {
        "" => format!("{} is not one of the values allowed ({}).", quoted(raw), short_list(allowed)),
        noun => format!("{} is not {noun}({}).", quoted(raw), short_list(allowed)),
    };
    let proposal = match nearest(raw, allowed.iter().map(String::as_str)) {
        Some(word) => format!("Write {word:?} if that is meant."),
        None => format!("Write one of {}, or leave the cell blank.", in_short(allowed).join(", ")),
    };
    Finding { code: Code::ValueNotAllowed, message, proposal: Some(proposal) }
}

fn noun(normaliser: Option<Normaliser>) -> Option<&'static str> {
    Some(match normaliser? {
        Normaliser::Grade => "a grade",
        Normaliser::Gender => "a gender code",
        Normaliser::Race => "a race code",
        Normaliser::YesNo => "an answer",
        Normaliser::Lunch => "a lunch code",
        Normaliser::Subject => "a subject",
        Normaliser::PhoneType => "a phone type",
        Normaliser::State => "a state",
        _ => return None,
    })
}

fn date(format: &DateFormat, raw: &str, dates: DateOrder) -> Finding {
    let (form, example) = match (format.is_month_first(), dates) {
        (true, DateOrder::Dmy) => ("DD/MM/YYYY".to_owned(), ", for example 31/08/2012"),
        (true, DateOrder::Mdy) => ("MM/DD/YYYY".to_owned(), ", for example 08/31/2012"),
        (false, _) => (format.for_people(), ""),
    };
    let message = format!("{} is not a date ({form}{example}).", quoted(raw));
    let proposal = if has_short_year(raw) {
        "Write the year with four digits."
    } else if is_day_first(raw) && dates == DateOrder::Mdy {
        "Write the month first. If all dates of the district have the day first, set reading.date_order = \"dmy\" in its settings."
    } else {
        "Correct the date, or leave the cell blank."
    };
    Finding { code: Code::DateFormat, message, proposal: Some(proposal.to_owned()) }
}

fn has_short_year(raw: &str) -> bool {
    raw.rsplit(['/', '-', '.'])
        .next()
        .is_some_and(|year| year.len() == 2 && year.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `31/12/2012`: no month, and right if the first number is the day.
fn is_day_first(raw: &str) -> bool {
    let mut parts = raw.split('/').map(|part| part.parse::<u32>().unwrap_or_default());
    let (day, month) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
    (13..=31).contains(&day) && (1..=12).contains(&month)
}

fn email(quoted: &str) -> Finding {
    Finding {
        code: Code::EmailFormat,
        message: format!("{quoted} is not an e-mail address (name@domain)."),
        proposal: Some("Correct the address, or leave the cell blank.".to_owned()),
    }
}

fn format_finding(column: &Column, message: String) -> Finding {
    let says = (!column.description.is_empty()).then(|| format!("The column should hold: {}", column.description));
    Finding { code: Code::ValueFormat, message, proposal: says }
}

fn type_name(value_type: &ValueType) -> &'static str {
    match value_type {
        ValueType::Integer => "a whole number",
        ValueType::Number => "a number",
        ValueType::Boolean => "true or false",
        ValueType::Year => "a year of four digits",
        ValueType::Uri => "a web address",
        ValueType::Uuid => "a UUID",
        ValueType::Date(_) => "a date",
        ValueType::Email => "an e-mail address",
        ValueType::Text | ValueType::Any => "a text",
    }
}

fn form_name(column: &Column) -> &'static str {
    match column.normaliser {
        Some(Normaliser::Phone) => "a phone number",
        Some(Normaliser::Zip) => "a ZIP code",
        Some(Normaliser::State) => "a state",
        _ => "written in the form that this column asks for",
    }
}

fn wrong_length(column: &Column, raw: &str) -> String {
    match column.max_length {
        Some(most) if raw.chars().count() > most => format!("longer than {most} characters"),
        _ => format!("shorter than {} characters", column.min_length.unwrap_or_default()),
    }
}

fn range(column: &Column) -> String {
    match (&column.minimum, &column.maximum) {
        (Some(least), Some(most)) => format!("between {least} and {most}"),
        (Some(least), None) => format!("{least} or more"),
        (None, most) => format!("{} or less", most.as_deref().unwrap_or_default()),
    }
}

fn short_list(allowed: &[String]) -> String {
    let items = in_short(allowed);
    if items.len() <= SHORT_LIST { items.join(", ") } else { format!("{}, …", items[..SHOWN].join(", ")) }
}

pub fn quoted(raw: &str) -> String {
    match raw.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("\"{}…\"", &raw[..end]),
        None => format!("\"{raw}\""),
    }
}
