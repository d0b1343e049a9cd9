//! The `format` of a date column, as Python's strptime reads it, because that is what Table Schema names.
//!
//! Two forms have a path of their own, since every student has a birth date; the others go through a pattern.

use std::sync::Arc;

use chrono::NaiveDate;
use regex::Regex;

/// A strptime format that was understood.
#[derive(Debug, Clone)]
pub struct DateFormat {
    text: String,
    reader: Reader,
}

#[derive(Debug, Clone)]
enum Reader {
    /// `%m/%d/%Y`
    MonthFirst,
    /// `%Y-%m-%d`
    Iso,
    /// Everything else.
    Pattern(Arc<Regex>),
}

impl PartialEq for DateFormat {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for DateFormat {}

impl DateFormat {
    /// The format of the specification, month first.
    pub const MONTH_FIRST: &'static str = "%m/%d/%Y";
    /// The format that Table Schema calls `default`.
    pub const ISO: &'static str = "%Y-%m-%d";

    /// Understands `text`, or says which part of it is not known.
    pub fn new(text: &str) -> Result<Self, String> {
        let text = if text == "default" { Self::ISO } else { text };
        let reader = match text {
            Self::MONTH_FIRST => Reader::MonthFirst,
            Self::ISO => Reader::Iso,
            other => Reader::Pattern(Arc::new(pattern_of(other)?)),
        };
        Ok(Self { text: text.to_owned(), reader })
    }

    /// As written in the schema.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether this is the form in which the district's date order decides what is day and what month.
    pub fn is_month_first(&self) -> bool {
        matches!(self.reader, Reader::MonthFirst)
    }

    /// As people write it: `MM/DD/YYYY`.
    pub fn for_people(&self) -> String {
        let mut text = self.text.clone();
        for (directive, people) in
            [("%m", "MM"), ("%d", "DD"), ("%Y", "YYYY"), ("%y", "YY"), ("%b", "Mon"), ("%B", "Month"), ("%j", "DDD")]
        {
            text = text.replace(directive, people);
        }
        text
    }

    /// The day that `raw` says, where the whole of `raw` has this format.
    pub fn parse(&self, raw: &str) -> Option<NaiveDate> {
        match &self.reader {
            Reader::MonthFirst => month_first(raw.as_bytes()),
            Reader::Iso => iso(raw.as_bytes()),
            Reader::Pattern(pattern) => by_pattern(pattern, raw),
        }
    }
}

fn month_first(raw: &[u8]) -> Option<NaiveDate> {
    let (month, rest) = month(raw)?;
    let (day, rest) = day(rest.strip_prefix(b"/")?)?;
    let (year, rest) = year(rest.strip_prefix(b"/")?)?;
    rest.is_empty().then(|| NaiveDate::from_ymd_opt(year, month, day)).flatten()
}

fn iso(raw: &[u8]) -> Option<NaiveDate> {
    let (year, rest) = year(raw)?;
    let (month, rest) = month(rest.strip_prefix(b"-")?)?;
    let (day, rest) = day(rest.strip_prefix(b"-")?)?;
    rest.is_empty().then(|| NaiveDate::from_ymd_opt(year, month, day)).flatten()
}

fn year(raw: &[u8]) -> Option<(i32, &[u8])> {
    let (digits, rest) = raw.split_at_checked(4)?;
    let value = digits.iter().try_fold(0, |value, digit| Some(value * 10 + i32::from(number(*digit)?)))?;
    (value > 0).then_some((value, rest))
}

/// One or two digits, 1 to 12.
fn month(raw: &[u8]) -> Option<(u32, &[u8])> {
    let (value, rest) = one_or_two_digits(raw)?;
    (1..=12).contains(&value).then_some((value, rest))
}

/// One or two digits, 1 to 31; strptime also takes a blank before a single digit.
fn day(raw: &[u8]) -> Option<(u32, &[u8])> {
    let (value, rest) = match raw {
        [b' ', digit, rest @ ..] => (u32::from(number(*digit)?), rest),
        _ => one_or_two_digits(raw)?,
    };
    (1..=31).contains(&value).then_some((value, rest))
}

fn one_or_two_digits(raw: &[u8]) -> Option<(u32, &[u8])> {
    let (first, rest) = raw.split_first()?;
    let first = u32::from(number(*first)?);
    match rest.split_first().and_then(|(second, rest)| Some((number(*second)?, rest))) {
        Some((second, rest)) => Some((first * 10 + u32::from(second), rest)),
        None => Some((first, rest)),
    }
}

fn number(digit: u8) -> Option<u8> {
    digit.is_ascii_digit().then(|| digit - b'0')
}

/// The pattern that strptime makes of a format; the order of alternatives decides, as it does there.
fn pattern_of(format: &str) -> Result<Regex, String> {
    let mut pattern = String::from(r"(?i)\A");
    let mut chars = format.chars();
    while let Some(c) = chars.next() {
        match c {
            '%' => pattern.push_str(directive(chars.next(), format)?),
            c if c.is_whitespace() => pattern.push_str(r"\s+"),
            c => pattern.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
        }
    }
    let regex = Regex::new(&pattern).map_err(|_| format!("{format:?} names a part of the date twice"))?;
    says_a_day(&regex).then_some(regex).ok_or_else(|| format!("{format:?} does not say year, month and day"))
}

fn directive(letter: Option<char>, format: &str) -> Result<&'static str, String> {
    Ok(match letter {
        Some('d') => "(?<d>3[0-1]|[1-2][0-9]|0[1-9]|[1-9]| [1-9])",
        Some('m') => "(?<m>1[0-2]|0[1-9]|[1-9])",
        Some('Y') => "(?<Y>[0-9]{4})",
        Some('y') => "(?<y>[0-9]{2})",
        Some('b') => "(?<b>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)",
        Some('B') => "(?<B>september|february|november|december|january|october|august|march|april|june|july|may)",
        Some('j') => "(?<j>36[0-6]|3[0-5][0-9]|[1-2][0-9]{2}|0[1-9][0-9]|00[1-9]|[1-9][0-9]|0[1-9]|[1-9])",
        Some('a') => "(?:mon|tue|wed|thu|fri|sat|sun)",
        Some('A') => "(?:wednesday|thursday|saturday|tuesday|monday|friday|sunday)",
        Some('H') => "(?:2[0-3]|[0-1][0-9]|[0-9])",
        Some('M') => "(?:[0-5][0-9]|[0-9])",
        Some('S') => "(?:6[0-1]|[0-5][0-9]|[0-9])",
        Some('%') => "%",
        Some(other) => return Err(format!("\"%{other}\" in the date format {format:?} is not understood")),
        None => return Err(format!("the date format {format:?} ends with %")),
    })
}

fn says_a_day(regex: &Regex) -> bool {
    let has = |names: &[&str]| regex.capture_names().flatten().any(|name| names.contains(&name));
    has(&["Y", "y"]) && (has(&["j"]) || has(&["d"]) && has(&["m", "b", "B"]))
}

fn by_pattern(pattern: &Regex, raw: &str) -> Option<NaiveDate> {
    let found = pattern.captures(raw)?;
    let number = |name: &str| found.name(name).and_then(|part| part.as_str().trim().parse::<u32>().ok());
    if found.get(0)?.end() != raw.len() {
        return None;
    }
    let year = i32::try_from(number("Y").or_else(|| number("y").map(century))?).ok().filter(|year| *year > 0)?;
    if let (None, Some(of_year)) = (found.name("d"), number("j")) {
        return NaiveDate::from_yo_opt(year, of_year);
    }
    let month = number("m").or_else(|| month_number(found.name("b").or_else(|| found.name("B"))?.as_str()))?;
    NaiveDate::from_ymd_opt(year, month, number("d")?)
}

/// POSIX: 69 to 99 are the last century, 0 to 68 this one.
fn century(two_digits: u32) -> u32 {
    if two_digits >= 69 { 1900 + two_digits } else { 2000 + two_digits }
}

fn month_number(name: &str) -> Option<u32> {
    const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let start = name.get(..3)?.to_ascii_lowercase();
    MONTHS.iter().position(|month| *month == start).and_then(|index| u32::try_from(index + 1).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(format: &str, raw: &str) -> Option<String> {
        DateFormat::new(format).expect("a known format").parse(raw).map(|day| day.to_string())
    }

    #[test]
    fn formats_read_what_strptime_reads() {
        let cases = [
            ("%m/%d/%Y", "08/01/2012", Some("2012-08-01")),
            ("%m/%d/%Y", "8/1/2012", Some("2012-08-01")),
            ("%m/%d/%Y", "08/ 1/2012", Some("2012-08-01")),
            ("%m/%d/%Y", "8/1/12", None),
            ("%m/%d/%Y", "02/29/2011", None),
            ("%m/%d/%Y", "13/01/2012", None),
            ("%m/%d/%Y", "08/01/2012x", None),
            ("%m/%d/%Y", "08/01/0000", None),
            ("default", "2012-8-1", Some("2012-08-01")),
            ("default", "08/01/2012", None),
            ("%Y%m%d", "20120801", Some("2012-08-01")),
            ("%d.%m.%Y", "1.8.2012", Some("2012-08-01")),
            ("%d %b %Y", "1 AUG 2012", Some("2012-08-01")),
            ("%B %d, %Y", "August 1, 2012", Some("2012-08-01")),
            ("%m/%d/%y", "8/1/99", Some("1999-08-01")),
            ("%Y-%j", "2012-214", Some("2012-08-01")),
        ];
        for (format, raw, expected) in cases {
            assert_eq!(read(format, raw).as_deref(), expected, "{raw:?} as {format}");
        }
    }

    #[test]
    fn a_format_that_names_no_day_is_refused() {
        assert!(DateFormat::new("%m/%Y").is_err());
        assert!(DateFormat::new("%Q").is_err());
        assert!(DateFormat::new("%m/%d/%Y %").is_err());
        assert_eq!(DateFormat::new("%d.%m.%Y").expect("known").for_people(), "DD.MM.YYYY");
    }
}
