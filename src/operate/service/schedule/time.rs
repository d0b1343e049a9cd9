//! Times of day, alone or with a day of the week, as the settings write them: `05:00`, `Sat 00:01`.

use std::fmt::{Display, Formatter, Result as Written};

use jiff::civil::{Time, Weekday};

/// What a day of the week is called, and what it is.
const DAYS: [(&str, Weekday); 7] = [
    ("Mon", Weekday::Monday),
    ("Tue", Weekday::Tuesday),
    ("Wed", Weekday::Wednesday),
    ("Thu", Weekday::Thursday),
    ("Fri", Weekday::Friday),
    ("Sat", Weekday::Saturday),
    ("Sun", Weekday::Sunday),
];

/// A minute of the day on a clock on the wall.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalTime(pub Time);

/// A minute of every day or, with a day, of every week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WeekTime {
    /// The day of the week; none: every day.
    pub day: Option<Weekday>,
    /// The time on that day.
    pub time: LocalTime,
}

impl LocalTime {
    /// Reads `05:00`; nothing if it is no time of a day.
    pub fn parse(text: &str) -> Option<Self> {
        let (hour, minute) = text.trim().split_once(':')?;
        let number = |digits: &str, length: std::ops::RangeInclusive<usize>| {
            let is_number = length.contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit());
            is_number.then(|| digits.parse::<i8>().ok()).flatten()
        };
        Time::new(number(hour, 1..=2)?, number(minute, 2..=2)?, 0, 0).ok().map(Self)
    }
}

impl Display for LocalTime {
    fn fmt(&self, f: &mut Formatter<'_>) -> Written {
        write!(f, "{:02}:{:02}", self.0.hour(), self.0.minute())
    }
}

impl WeekTime {
    /// Reads `05:00` or `Sat 05:00`. Otherwise it says in a sentence what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let (day, time) = match *words {
            [time] => (None, time),
            [day, time] => (Some(weekday(day).ok_or_else(|| unknown_day(day, text))?), time),
            _ => return Err(unknown_time(text)),
        };
        let time = LocalTime::parse(time).ok_or_else(|| unknown_time(text))?;
        Ok(Self { day, time })
    }
}

fn weekday(word: &str) -> Option<Weekday> {
    DAYS.iter().find(|(name, _)| name.eq_ignore_ascii_case(word)).map(|(_, day)| *day)
}

fn unknown_day(day: &str, text: &str) -> String {
    let names = DAYS.map(|(name, _)| name).join(", ");
    format!("cannot have {text:?}: {day:?} is no day of the week; write one of {names}.")
}

fn unknown_time(text: &str) -> String {
    format!("cannot have {text:?}; write a time such as \"22:00\", or a day and a time such as \"Sat 00:01\".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_an_hour_of_the_day_and_two_digits_of_minutes() {
        for text in ["05:00", "5:00", " 23:59 ", "00:00"] {
            assert!(LocalTime::parse(text).is_some(), "{text}");
        }
        for text in
            ["", "5", "5 am", "24:00", "25:00", "12:60", "12:5", "012:05", "-1:00", "+1:00", "12:00:00", "१२:००"]
        {
            assert_eq!(LocalTime::parse(text), None, "{text}");
        }
        assert_eq!(LocalTime::parse("5:07").map(|time| time.to_string()).as_deref(), Some("05:07"));
    }
}
