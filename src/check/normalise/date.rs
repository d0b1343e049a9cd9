//! Dates: `MM/DD/YYYY`, `M/D/YYYY`, `YYYY-MM-DD`, `YYYYMMDD`; day first only where the district says so. The answer is ISO.
//!
//! A year of two digits is not known: it would make grandparents of children.

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate};

use crate::roster::settings::DateOrder;

pub fn date(raw: &str, dates: DateOrder) -> Option<Cow<'_, str>> {
    let day = parse(raw.as_bytes(), dates).filter(|day| is_plausible(*day))?;
    let is_iso = raw.len() == 10 && raw.as_bytes()[4] == b'-';
    Some(if is_iso { Cow::Borrowed(raw) } else { Cow::Owned(iso_text(day)) })
}

/// Whether somebody in a school, or a term, can have this date.
pub fn is_plausible(day: NaiveDate) -> bool {
    (1900..=2100).contains(&day.year())
}

/// `2012-08-01`. Written out, because every student has a birth date and the general formatter takes its time.
pub fn iso_text(day: NaiveDate) -> String {
    let digit = |value: u32| char::from_digit(value % 10, 10).unwrap_or('0');
    let year = day.year().unsigned_abs();
    let mut text = String::with_capacity(10);
    text.extend([year / 1000, year / 100, year / 10, year].map(digit));
    for part in [day.month(), day.day()] {
        text.extend(['-', digit(part / 10), digit(part)]);
    }
    text
}

fn parse(raw: &[u8], dates: DateOrder) -> Option<NaiveDate> {
    match raw {
        [year @ .., b'-', m1, m2, b'-', d1, d2] if year.len() == 4 => from_digits(year, &[*m1, *m2], &[*d1, *d2]),
        [year @ .., m1, m2, d1, d2] if year.len() == 4 && !raw.contains(&b'/') => {
            from_digits(year, &[*m1, *m2], &[*d1, *d2])
        }
        _ => with_slashes(raw, dates),
    }
}

fn with_slashes(raw: &[u8], dates: DateOrder) -> Option<NaiveDate> {
    let mut parts = raw.split(|byte| *byte == b'/');
    let (first, second, year) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 || first.len() > 2 || second.len() > 2 {
        return None;
    }
    match dates {
        DateOrder::Mdy => from_digits(year, first, second),
        DateOrder::Dmy => from_digits(year, second, first),
    }
}

fn from_digits(year: &[u8], month: &[u8], day: &[u8]) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(i32::try_from(number(year)?).ok()?, number(month)?, number(day)?)
}

fn number(digits: &[u8]) -> Option<u32> {
    let add = |value: u32, digit: &u8| digit.is_ascii_digit().then(|| value * 10 + u32::from(digit - b'0'));
    (!digits.is_empty()).then(|| digits.iter().try_fold(0, add)).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_four_forms_become_iso_and_anything_else_nothing() {
        let cases = [
            ("08/01/2012", Some("2012-08-01")),
            ("8/1/2012", Some("2012-08-01")),
            ("2012-08-01", Some("2012-08-01")),
            ("20120801", Some("2012-08-01")),
            ("8/1/12", None),
            ("08/32/2012", None),
            ("13/01/2012", None),
            ("02/29/2011", None),
            ("02/29/2012", Some("2012-02-29")),
            ("08/01/0212", None),
            ("08/01/9999", None),
            ("2012-8-1", None),
            ("08-01-2012", None),
            ("8/1/2012/1", None),
            ("", None),
            ("/1/2012", None),
            ("August 1, 2012", None),
            ("2012081", None),
            ("201208011", None),
            ("٠8/01/2012", None),
        ];
        for (raw, expected) in cases {
            assert_eq!(date(raw, DateOrder::Mdy).as_deref(), expected, "{raw:?}");
        }
    }

    #[test]
    fn day_first_where_the_district_says_so_and_never_else() {
        assert_eq!(date("03/04/2012", DateOrder::Dmy).as_deref(), Some("2012-04-03"));
        assert_eq!(date("12/25/2012", DateOrder::Dmy), None);
        assert_eq!(date("25/12/2012", DateOrder::Mdy), None);
        assert_eq!(date("2012-04-03", DateOrder::Dmy).as_deref(), Some("2012-04-03"));
    }

    #[test]
    fn iso_is_written_with_all_its_zeros() {
        for (year, month, day, expected) in
            [(2012, 8, 1, "2012-08-01"), (1999, 12, 31, "1999-12-31"), (1, 1, 1, "0001-01-01")]
        {
            assert_eq!(NaiveDate::from_ymd_opt(year, month, day).map(iso_text).as_deref(), Some(expected));
        }
    }

    #[test]
    fn a_date_that_is_official_already_is_not_copied() {
        assert!(matches!(date("2012-08-01", DateOrder::Mdy), Some(Cow::Borrowed(_))));
    }
}
