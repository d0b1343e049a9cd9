//! What a file's name tells: which kind it means, its date, and whether it is to be looked at at all.
//!
//! Used by `choose` and `unpack`; knows nothing of contents.

use std::sync::LazyLock;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use regex::{Captures, Regex};

use super::limits::SHOWN_NAME_CHARS;
use crate::roster::names;
pub(super) use crate::roster::names::never_looked_at;
use crate::roster::schema::SchemaSet;

/// Year first or last, with or without a time of day. A date stands between things that are not digits.
static STAMP: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let day = r"(?<y>20\d\d)[-_.]?(?<m>\d\d)[-_.]?(?<d>\d\d)|(?<m2>\d\d)[-_.](?<d2>\d\d)[-_.](?<y2>20\d\d)";
    let time = r"(?:[-_. t]?(?<hh>\d\d)[-_.:h]?(?<mm>\d\d)(?:[-_.:m]?(?<ss>\d\d))?)?";
    Regex::new(&format!(r"(?:^|\D)(?<all>(?:{day}){time}z?)(?:\D|$)")).ok()
});

/// A name taken apart.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct FileName {
    /// Its words without date, numbers and ending, in lower case.
    pub words: Vec<String>,
    /// What follows the last full stop, in lower case.
    pub ending: String,
    /// The date and time in it.
    pub stamp: Option<NaiveDateTime>,
}

impl FileName {
    /// Takes `name` (without folders) apart.
    pub fn new(name: &str) -> Self {
        let lower = name.to_lowercase();
        let (stem, ending) = lower.rsplit_once('.').unwrap_or((&lower, ""));
        let (rest, stamp) = take_stamp(stem);
        Self { words: words(&rest), ending: ending.into(), stamp }
    }

    /// The day in it.
    pub fn date(&self) -> Option<NaiveDate> {
        self.stamp.map(|stamp| stamp.date())
    }

    /// Whether it may hold rows.
    pub fn may_be_table(&self) -> bool {
        names::may_be_table(&self.ending)
    }

    /// Whether it is worth looking into, and worth a word if nothing comes of it.
    pub fn may_be_data(&self) -> bool {
        names::may_be_data(&self.ending)
    }

    /// Whether it is a file of refused rows that came back corrected.
    pub fn is_corrected(&self) -> bool {
        self.words.iter().any(|word| word == "rejected")
    }

    /// The one schema whose file names are among the words.
    pub fn schema(&self, schemas: &SchemaSet) -> Option<usize> {
        let means = |names: &[String]| names.iter().any(|name| self.words.contains(name));
        let mut meant = (0..schemas.schemas.len()).filter(|&index| means(&schemas.schemas[index].file_names));
        let first = meant.next()?;
        meant.next().is_none().then_some(first)
    }
}

/// Whether a file of this name holds refused rows that came back corrected.
pub fn is_corrected(name: &str) -> bool {
    FileName::new(name).is_corrected()
}

/// A name as it may stand in a message.
pub(super) fn shown(name: &str) -> String {
    let mut shown: String = name.chars().take(SHOWN_NAME_CHARS).collect();
    if shown.len() < name.len() {
        shown.push('…');
    }
    shown
}

fn take_stamp(stem: &str) -> (String, Option<NaiveDateTime>) {
    let found = STAMP.as_ref().and_then(|stamp| stamp.captures(stem));
    let Some((captures, stamp)) =
        found.and_then(|captures| Some((captures.name("all")?.range(), to_stamp(&captures)?)))
    else {
        return (stem.into(), None);
    };
    (format!("{} {}", &stem[..captures.start], &stem[captures.end..]), Some(stamp))
}

fn to_stamp(captures: &Captures<'_>) -> Option<NaiveDateTime> {
    let number = |name: &str| captures.name(name).and_then(|digits| digits.as_str().parse::<u32>().ok());
    let either = |one: &str, other: &str| number(one).or_else(|| number(other));
    let date = NaiveDate::from_ymd_opt(either("y", "y2")?.try_into().ok()?, either("m", "m2")?, either("d", "d2")?)?;
    let time = |(hour, minute)| NaiveTime::from_hms_opt(hour, minute, number("ss").unwrap_or(0));
    let time = number("hh").zip(number("mm")).and_then(time);
    Some(date.and_time(time.unwrap_or_default()))
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).map(|word| word.trim_matches(|c: char| c.is_ascii_digit()));
    words.filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::fixture;

    fn kind(name: &str) -> Option<&'static str> {
        let schemas = fixture::schemas();
        FileName::new(name).schema(&schemas).map(|index| schemas.schemas[index].kind.word())
    }

    #[test]
    fn a_kind_is_recognised_in_any_case_and_among_other_words() {
        for name in [
            "students.csv",
            "Students.CSV",
            "clever_students_2026-11-20.csv",
            "students.rejected.csv",
            "students (1).csv",
        ] {
            assert_eq!(kind(name), Some("students"), "{name}");
        }
        assert_eq!(kind("students_20261120.csv"), Some("students"));
        assert_eq!(kind("admins.csv"), Some("staff"));
        assert_eq!((kind("students and teachers.csv"), kind("export.csv")), (None, None));
    }

    #[test]
    fn dates_are_found_in_every_usual_form_and_nothing_else_is_a_date() {
        let date = |name: &str| FileName::new(name).stamp.map(|stamp| stamp.to_string());
        assert_eq!(date("students_2026-11-20.csv").as_deref(), Some("2026-11-20 00:00:00"));
        assert_eq!(date("20261120-students.csv").as_deref(), Some("2026-11-20 00:00:00"));
        assert_eq!(date("students_11-20-2026.csv").as_deref(), Some("2026-11-20 00:00:00"));
        assert_eq!(date("students_20261120T0215.csv").as_deref(), Some("2026-11-20 02:15:00"));
        assert_eq!(date("students_2026-11-20_021530.csv").as_deref(), Some("2026-11-20 02:15:30"));
        assert_eq!(
            (date("students_20261399.csv"), date("students_120261120.csv"), date("school_2026.csv")),
            (None, None, None)
        );
    }
}
