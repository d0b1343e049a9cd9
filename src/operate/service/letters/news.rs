//! Whether people must hear of a district now, and of what: from the rows of its alarms, and from when they were last told.
//!
//! Called by `letters` for each district in every round. What came and went in between is not in the rows any more, and not told.

use chrono::{DateTime, TimeDelta, Utc};

use super::is_older;
use crate::operate::service::alarms::Code;
use crate::store::AlarmRow;

/// At most one letter about a district in this time.
const PAUSE: TimeDelta = TimeDelta::hours(1);
/// Of this people are told again after as long as it lasts.
const AGAIN: TimeDelta = TimeDelta::days(1);

/// What people must hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News {
    /// Everything that is on, whether it is new or not.
    pub on: Vec<AlarmRow>,
    /// What people were told of, and is over.
    pub over: Vec<AlarmRow>,
}

impl News {
    /// The codes that nobody was told of yet.
    pub fn new_codes(&self) -> impl Iterator<Item = &str> {
        self.on.iter().filter(|row| row.told_at.is_empty()).map(|row| row.code.as_str())
    }
}

/// What is new in the `rows` of one district, if it is time to tell it. `told_at`: when people last heard of the district, RFC 3339; blank: never.
pub fn news(rows: &[AlarmRow], told_at: &str, now: DateTime<Utc>) -> Option<News> {
    let (on, over): (Vec<_>, Vec<_>) = rows.iter().cloned().partition(|row| row.cleared_at.is_empty());
    let is_new = |row: &AlarmRow| row.told_at.is_empty();
    let again = |row: &AlarmRow| row.code == Code::NothingReceived.word() && is_older(&row.told_at, AGAIN, now);
    let is_news = !over.is_empty() || on.iter().any(|row| is_new(row) || again(row));
    (is_news && is_older(told_at, PAUSE, now)).then_some(News { on, over })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> DateTime<Utc> {
        "2026-11-20T00:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::hours(hour)
    }

    fn row(code: Code, told: Option<i64>, cleared: Option<i64>) -> AlarmRow {
        let text = |hour: Option<i64>| hour.map(|hour| at(hour).to_rfc3339()).unwrap_or_default();
        let (told_at, cleared_at) = (text(told), text(cleared));
        AlarmRow {
            district: 7,
            code: code.word().into(),
            since: at(0).to_rfc3339(),
            told_at,
            cleared_at,
            ..AlarmRow::default()
        }
    }

    fn told_at(hour: i64) -> String {
        at(hour).to_rfc3339()
    }

    #[test]
    fn a_new_alarm_is_told_and_then_not_again() {
        let news = news(&[row(Code::RunFailed, None, None)], "", at(1)).unwrap();
        assert_eq!(news.new_codes().collect::<Vec<_>>(), ["run_failed"]);
        assert_eq!(super::news(&[row(Code::RunFailed, Some(1), None)], &told_at(1), at(99)), None);
        assert_eq!(super::news(&[], "", at(99)), None);
    }

    #[test]
    fn an_end_is_told_with_what_is_still_on() {
        let rows = [row(Code::DiskFull, Some(1), Some(3)), row(Code::RunFailed, Some(1), None)];
        let news = news(&rows, &told_at(1), at(3)).unwrap();
        assert_eq!((news.on, news.over), (vec![rows[1].clone()], vec![rows[0].clone()]));
    }

    #[test]
    fn there_is_at_most_one_letter_an_hour() {
        let rows = [row(Code::RunFailed, None, None)];
        assert_eq!(news(&rows, &(at(1) + TimeDelta::minutes(1)).to_rfc3339(), at(2)), None);
        assert!(news(&rows, &told_at(1), at(2)).is_some());
    }

    #[test]
    fn only_that_nothing_came_is_told_again_every_day() {
        let late = [row(Code::NothingReceived, Some(0), None)];
        assert_eq!(news(&late, &told_at(0), at(23)), None);
        assert_eq!(news(&late, &told_at(0), at(24)).unwrap().new_codes().count(), 0);
        assert_eq!(news(&[row(Code::SetRejected, Some(0), None)], &told_at(0), at(240)), None);
    }
}
