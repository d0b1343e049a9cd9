//! The weekly digest to operators: how many runs ended how, what waits, who is late. When it is due, and what it says.
//!
//! Called by `letters`. Districts in which all went well are only counted.

use std::collections::BTreeMap;

use chrono::{DateTime, Datelike, NaiveDateTime, TimeDelta, Timelike, Utc};
use jiff::tz::TimeZone;

use crate::operate::service::alarms::Code;
use crate::operate::service::config::DigestTime;
use crate::operate::service::local_time;
use crate::report::escape_for_terminal;
use crate::report::headline::{amount, listed, thousands};
use crate::store::{AlarmRow, DistrictState, RunCount, SERVICE};

/// Lines that a list shows; the rest is counted.
const SHOWN: usize = 50;

/// Whether a time for the digest has come since `last` (RFC 3339). A blank `last` means that there was none yet, and that the first week begins now.
pub fn is_due(last: &str, digest: DigestTime, zone: &TimeZone, now: DateTime<Utc>) -> bool {
    let last: Option<DateTime<Utc>> = last.parse().ok();
    let newest = newest_time(digest, zone, now);
    last.zip(newest).is_some_and(|(last, newest)| last < newest)
}

/// The newest time for the digest that is not after `now`.
fn newest_time(digest: DigestTime, zone: &TimeZone, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let today = local(now, zone)?.date();
    let back = (7 + today.weekday().num_days_from_monday() - digest.day.num_days_from_monday()) % 7;
    // On the day itself the time may be still to come; then it is the one of a week ago.
    [i64::from(back), i64::from(back) + 7].into_iter().find_map(|days| {
        let time = instant((today - TimeDelta::days(days)).and_time(digest.time), zone)?;
        (time <= now).then_some(time)
    })
}

fn local(time: DateTime<Utc>, zone: &TimeZone) -> Option<NaiveDateTime> {
    let time = jiff::Timestamp::from_second(time.timestamp()).ok()?;
    let offset = zone.to_offset(time).seconds();
    DateTime::from_timestamp(time.as_second() + i64::from(offset), 0).map(|time| time.naive_utc())
}

/// A time that the spring night leaves out comes right after it; of two the first counts.
fn instant(time: NaiveDateTime, zone: &TimeZone) -> Option<DateTime<Utc>> {
    let part = |value: u32| i8::try_from(value).ok();
    let civil = jiff::civil::DateTime::new(
        i16::try_from(time.year()).ok()?,
        part(time.month())?,
        part(time.day())?,
        part(time.hour())?,
        part(time.minute())?,
        0,
        0,
    );
    let instant = zone.to_ambiguous_timestamp(civil.ok()?).compatible().ok()?;
    DateTime::from_timestamp(instant.as_second(), 0)
}

/// What happened since the last digest, and how things stand.
#[derive(Debug, Default)]
pub struct Week {
    /// When the last one was written, RFC 3339.
    pub since: String,
    /// How the runs ended.
    pub runs: Vec<RunCount>,
    /// Where the districts stand.
    pub districts: Vec<DistrictState>,
    /// All alarms.
    pub alarms: Vec<AlarmRow>,
}

impl Week {
    /// Subject and text of the digest; times are written in `zone`.
    pub fn letter(&self, zone: &TimeZone, now: &str) -> (String, String) {
        let districts = amount(self.districts.len() as u64, "district", "districts");
        let troubled = self.districts.iter().filter(|district| self.alarms_on(district.seq).next().is_some()).count();
        let subject = format!("[rosterd] the week: {districts}, {} with an alarm", thousands(troubled as u64));
        let (since, now) = (local_time(&self.since, zone), local_time(now, zone));
        let mut text = format!("From {since} to {now}.\n\n{districts}, {}.\n", self.runs_text());
        text += &list("Late: nothing new has come in time", self.alarmed(&[Code::NothingReceived], zone));
        text += &list("Waits for a decision (rosterd runs holds --district ID)", self.to_decide());
        text += &list("Waits for its run", self.waiting(zone));
        text += &list("Other alarms", self.alarmed(&others(), zone));
        text += &list("No run in this time", self.silent());
        (
            subject,
            text + "\n-- \nrosterd writes this digest every week (serve.mail.digest). Everything at a glance: rosterd status\n",
        )
    }

    /// `350 runs: 300 applied, 40 no change and 10 held`.
    fn runs_text(&self) -> String {
        let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
        for count in &self.runs {
            *sums.entry(&count.outcome).or_default() += count.runs;
        }
        let mut sums: Vec<(&str, u64)> = sums.into_iter().collect();
        sums.sort_by_key(|(outcome, runs)| (std::cmp::Reverse(*runs), *outcome));
        let parts: Vec<String> =
            sums.iter().map(|(outcome, runs)| format!("{} {}", thousands(*runs), outcome.replace('_', " "))).collect();
        let all = amount(sums.iter().map(|(_, runs)| runs).sum(), "run", "runs");
        if parts.is_empty() { all } else { format!("{all}: {}", listed(&parts)) }
    }

    fn alarms_on(&self, seq: i64) -> impl Iterator<Item = &AlarmRow> {
        self.alarms.iter().filter(move |row| row.district == seq && row.cleared_at.is_empty())
    }

    fn alarmed(&self, codes: &[Code], zone: &TimeZone) -> Vec<String> {
        let named = self.districts.iter().map(|district| (district.seq, district.id.as_str()));
        let mut lines = Vec::new();
        for (seq, id) in [(SERVICE, "the service")].into_iter().chain(named) {
            for row in self.alarms_on(seq).filter(|row| codes.iter().any(|code| code.word() == row.code)) {
                let since = local_time(&row.since, zone);
                lines.push(format!("{}: {}, since {since}", escape_for_terminal(id), row.code.replace('_', " ")));
            }
        }
        lines
    }

    fn to_decide(&self) -> Vec<String> {
        let text = |district: &DistrictState| {
            let counted = [(district.holds, "hold", "holds"), (district.questions, "question", "questions")];
            let parts: Vec<String> = counted
                .iter()
                .filter(|(count, ..)| *count > 0)
                .map(|(count, one, many)| amount(*count, one, many))
                .collect();
            (!parts.is_empty()).then(|| format!("{}: {}", escape_for_terminal(&district.id), listed(&parts)))
        };
        self.districts.iter().filter_map(text).collect()
    }

    fn waiting(&self, zone: &TimeZone) -> Vec<String> {
        let text = |district: &DistrictState| {
            let deliveries = amount(district.waiting, "delivery", "deliveries");
            let oldest = local_time(&district.oldest, zone);
            format!("{}: {deliveries}, the oldest of {oldest}", escape_for_terminal(&district.id))
        };
        self.districts.iter().filter(|district| district.waiting > 0).map(text).collect()
    }

    fn silent(&self) -> Vec<String> {
        let ran = |district: &&DistrictState| self.runs.iter().any(|count| count.district == district.id);
        let silent = self.districts.iter().filter(|district| !ran(district));
        silent.map(|district| escape_for_terminal(&district.id).into_owned()).collect()
    }
}

fn others() -> Vec<Code> {
    let told = [Code::NothingReceived, Code::WaitsForDecision];
    Code::ALL.iter().copied().filter(|code| !told.contains(code)).collect()
}

fn list(heading: &str, lines: Vec<String>) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let shown: String = lines.iter().take(SHOWN).map(|line| format!("  {line}\n")).collect();
    let more = lines.len().saturating_sub(SHOWN);
    let more = if more == 0 { String::new() } else { format!("  and {} more\n", thousands(more as u64)) };
    format!("\n{heading}\n{shown}{more}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn due(last: &str, now: &str) -> bool {
        let zone = crate::files::zones::Zones::newest().get("America/Chicago").unwrap();
        is_due(last, "Mon 07:00".parse().unwrap(), &zone, now.parse().unwrap())
    }

    /// 2026-11-23 is a Monday; 07:00 in Chicago is 13:00 UTC in winter and 12:00 UTC in summer.
    #[test]
    fn it_is_due_once_when_its_local_time_has_come() {
        let last = "2026-11-16T13:00:10Z";
        assert!(!due(last, "2026-11-23T12:59:59Z"));
        assert!(due(last, "2026-11-23T13:00:00Z"));
        assert!(!due("2026-11-23T13:00:00Z", "2026-11-30T12:59:59Z"));
        assert!(due("2026-11-01T00:00:00Z", "2026-11-27T00:00:00Z"), "it was down at the time");
        assert!(!due("", "2026-11-23T13:00:00Z"), "the first week begins with the service");
        assert!(due("2026-07-06T12:00:00Z", "2026-07-13T12:00:00Z"), "in summer an hour earlier");
    }

    #[test]
    fn a_time_that_the_spring_night_leaves_out_comes_right_after_it() {
        let zone = crate::files::zones::Zones::newest().get("America/Chicago").unwrap();
        let digest: DigestTime = "Sun 02:30".parse().unwrap();
        let newest = |now: &str| newest_time(digest, &zone, now.parse().unwrap()).unwrap().to_rfc3339();
        assert_eq!(newest("2027-03-14T08:29:59Z"), "2027-03-07T08:30:00+00:00");
        assert_eq!(newest("2027-03-14T08:30:00Z"), "2027-03-14T08:30:00+00:00");
    }

    #[test]
    fn it_says_who_needs_somebody_and_counts_the_rest() {
        let district = |seq, id: &str| DistrictState { seq, id: id.into(), ..DistrictState::default() };
        let alarm = |district, code: Code| AlarmRow {
            district,
            code: code.word().into(),
            since: "2026-11-20T11:00:00Z".into(),
            ..AlarmRow::default()
        };
        let run =
            |district: &str, outcome: &str, runs| RunCount { district: district.into(), outcome: outcome.into(), runs };
        let week = Week {
            since: "2026-11-16T07:00:00Z".into(),
            runs: vec![run("a", "applied", 6), run("a", "no_change", 1), run("b", "applied_in_part", 7)],
            districts: vec![
                district(1, "a"),
                DistrictState { holds: 2, questions: 1, ..district(2, "b") },
                DistrictState { waiting: 1, oldest: "2026-11-23T06:59:00Z".into(), ..district(3, "c\r\nBcc: x") },
            ],
            alarms: vec![
                alarm(SERVICE, Code::DiskFull),
                alarm(2, Code::WaitsForDecision),
                alarm(3, Code::NothingReceived),
            ],
        };
        let (subject, text) = week.letter(&TimeZone::UTC, "2026-11-23T07:00:00Z");
        assert_eq!(subject, "[rosterd] the week: 3 districts, 2 with an alarm");
        let expected = "\
From 2026-11-16 07:00 UTC to 2026-11-23 07:00 UTC.

3 districts, 14 runs: 7 applied in part, 6 applied and 1 no change.

Late: nothing new has come in time
  c\\r\\nBcc: x: nothing received, since 2026-11-20 11:00 UTC

Waits for a decision (rosterd runs holds --district ID)
  b: 2 holds and 1 question

Waits for its run
  c\\r\\nBcc: x: 1 delivery, the oldest of 2026-11-23 06:59 UTC

Other alarms
  the service: disk full, since 2026-11-20 11:00 UTC

No run in this time
  c\\r\\nBcc: x

-- 
rosterd writes this digest every week (serve.mail.digest). Everything at a glance: rosterd status
";
        assert_eq!(text, expected);
    }

    #[test]
    fn thousands_of_districts_fit_into_a_letter() {
        let districts =
            (0..2000).map(|seq| DistrictState { seq, id: format!("d{seq}"), ..DistrictState::default() }).collect();
        let (_, text) = Week { districts, ..Week::default() }.letter(&TimeZone::UTC, "");
        assert!(text.contains("  and 1,950 more\n") && text.lines().count() < 70, "{text}");
    }
}
