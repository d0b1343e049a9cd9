//! Letters: e-mail to people at a change of what is wrong, and a digest to operators every week. Never a storm, never a person's name.
//!
//! Called by every round: [`write_letters`] puts what is due into the store, [`post::send_due`] sends it from a thread of its own, and
//! [`note_sent`] remembers how that went. When whom to tell what, `news` and `digest` decide; `text` says it.

pub mod digest;
pub mod news;
pub mod post;
mod text;

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use jiff::tz::TimeZone;

use super::config::{MailAddress, MailSettings};
use crate::files::zones::Zones;
use crate::report::RunReport;
use crate::store::{AlarmRow, DistrictState, LetterRow, SERVICE, Store, StoreError};
use digest::Week;
use news::News;
use post::PostError;
use text::{About, letter};

/// After this a letter that cannot be sent is given up.
const GIVE_UP: TimeDelta = TimeDelta::days(2);
/// Minutes until a letter is tried again, by how often it failed; the last one stays.
const WAITS: [i64; 7] = [1, 5, 15, 30, 60, 120, 240];

/// Notes of the service in the store.
mod note {
    pub const DIGEST_AT: &str = "digest_at";
    pub const GIVEN_UP: &str = "letters_given_up";

    pub fn told_at(district: i64) -> String {
        format!("told_at/{district}")
    }
}

/// Writes the letters that are due now, in one transaction with the note that people were told. Gives how many.
pub fn write_letters(store: &Store, mail: &MailSettings, now: DateTime<Utc>) -> Result<u64, StoreError> {
    let desk = Desk { store, mail, now };
    if mail.server.is_none() {
        return desk.forget_what_is_over();
    }
    let news = desk.news()?;
    let is_digest_due = desk.is_digest_due()?;
    if news.is_empty() && !is_digest_due {
        return Ok(0);
    }
    let mut letters = desk.letters_of_districts(&news)?;
    letters.extend(desk.letters_to_operators(&news)?);
    if is_digest_due {
        letters.extend(desk.digest()?);
    }
    store.begin()?;
    let kept = desk.keep(&letters, &news, is_digest_due).and_then(|()| store.commit());
    if kept.is_err() {
        store.roll_back()?;
    }
    kept.map(|()| letters.len() as u64)
}

/// What is new of one district, or of the service.
struct OfDistrict {
    seq: i64,
    id: String,
    news: News,
}

/// What writing letters needs to know.
struct Desk<'a> {
    store: &'a Store,
    mail: &'a MailSettings,
    now: DateTime<Utc>,
}

impl Desk<'_> {
    fn now_text(&self) -> String {
        self.now.to_rfc3339_opts(SecondsFormat::Secs, true)
    }

    /// Nobody is told, so that nothing has to be remembered for telling it.
    fn forget_what_is_over(&self) -> Result<u64, StoreError> {
        for row in self.store.alarms()?.iter().filter(|row| !row.cleared_at.is_empty()) {
            self.store.remove_alarm(row.district, &row.code)?;
        }
        Ok(0)
    }

    fn news(&self) -> Result<Vec<OfDistrict>, StoreError> {
        let rows = self.store.alarms()?;
        let states = if rows.is_empty() { Vec::new() } else { self.store.district_states()? };
        let mut all = Vec::new();
        for of_district in rows.chunk_by(|one, next| one.district == next.district) {
            let Some(AlarmRow { district: seq, .. }) = of_district.first() else { continue };
            let told_at = self.store.service_note(&note::told_at(*seq))?;
            if let Some(news) = news::news(of_district, &told_at, self.now) {
                all.push(OfDistrict { seq: *seq, id: id_of(&states, *seq), news });
            }
        }
        Ok(all)
    }

    fn letters_of_districts(&self, all: &[OfDistrict]) -> Result<Vec<LetterRow>, StoreError> {
        let mut letters = Vec::new();
        for of in all.iter().filter(|of| of.seq != SERVICE) {
            let Some(district) = self.store.district(&of.id)? else { continue };
            let addresses = &district.settings.notify.email;
            if addresses.is_empty() {
                continue;
            }
            let zone = zone(&district.settings.timezone);
            let (subject, body) = letter(&[(self.about(of)?, &of.news)], &zone);
            let valid = addresses.iter().filter_map(|address| address.parse::<MailAddress>().ok());
            letters.extend(valid.map(|address| self.letter(of.seq, &address, &subject, &body)));
        }
        Ok(letters)
    }

    /// One letter about all districts, so that a disk that is gone makes no storm.
    fn letters_to_operators(&self, all: &[OfDistrict]) -> Result<Vec<LetterRow>, StoreError> {
        if all.is_empty() || self.mail.to.is_empty() {
            return Ok(Vec::new());
        }
        let abouts = all.iter().map(|of| Ok((self.about(of)?, &of.news))).collect::<Result<Vec<_>, StoreError>>()?;
        let (subject, body) = letter(&abouts, &zone(&self.mail.timezone));
        let seq = if let [one] = all { one.seq } else { SERVICE };
        Ok(self.mail.to.iter().map(|address| self.letter(seq, address, &subject, &body)).collect())
    }

    fn about(&self, of: &OfDistrict) -> Result<About, StoreError> {
        let district = if of.seq == SERVICE { None } else { self.store.district(&of.id)? };
        let newest = match &district {
            Some(district) => self.store.runs(Some(&district.id), 1)?.pop(),
            None => None,
        };
        let newest = newest.and_then(|row| serde_json::from_str::<RunReport>(&row.report).ok());
        Ok(About {
            id: of.id.clone(),
            name: district.map(|district| district.settings.name).unwrap_or_default(),
            newest,
        })
    }

    fn is_digest_due(&self) -> Result<bool, StoreError> {
        let Some(time) = self.mail.digest.filter(|_| !self.mail.to.is_empty()) else { return Ok(false) };
        let last = self.store.service_note(note::DIGEST_AT)?;
        if last.is_empty() {
            // The first week begins now.
            self.store.put_service_note(note::DIGEST_AT, &self.now_text())?;
        }
        Ok(digest::is_due(&last, time, &zone(&self.mail.timezone), self.now))
    }

    fn digest(&self) -> Result<Vec<LetterRow>, StoreError> {
        let since = self.store.service_note(note::DIGEST_AT)?;
        let week = Week {
            runs: self.store.runs_since(&since)?,
            districts: self.store.district_states()?,
            alarms: self.store.alarms()?,
            since,
        };
        let (subject, body) = week.letter(&zone(&self.mail.timezone), &self.now_text());
        Ok(self.mail.to.iter().map(|address| self.letter(SERVICE, address, &subject, &body)).collect())
    }

    /// One letter for one address: what one mail server refuses, the others get, and nobody learns the addresses of the others.
    fn letter(&self, district: i64, to: &MailAddress, subject: &str, body: &str) -> LetterRow {
        LetterRow {
            district,
            recipients: serde_json::json!([to.to_string()]).to_string(),
            subject: subject.to_owned(),
            body: body.to_owned(),
            written_at: self.now_text(),
            ..LetterRow::default()
        }
    }

    fn keep(&self, letters: &[LetterRow], all: &[OfDistrict], is_digest: bool) -> Result<(), StoreError> {
        letters.iter().try_for_each(|letter| self.store.put_letter(letter))?;
        let now = self.now_text();
        for of in all {
            for row in &of.news.on {
                self.store.put_alarm(&AlarmRow { told_at: now.clone(), ..row.clone() })?;
            }
            of.news.over.iter().try_for_each(|row| self.store.remove_alarm(row.district, &row.code))?;
            self.store.put_service_note(&note::told_at(of.seq), &now)?;
        }
        if is_digest { self.store.put_service_note(note::DIGEST_AT, &now) } else { Ok(()) }
    }
}

/// The zone of this name; UTC where there is none, which the settings do not let pass.
fn zone(name: &str) -> TimeZone {
    Zones::newest().get(name).unwrap_or(TimeZone::UTC)
}

fn id_of(states: &[DistrictState], seq: i64) -> String {
    states.iter().find(|state| state.seq == seq).map(|state| state.id.clone()).unwrap_or_default()
}

/// Letters that were given up since one was sent.
pub fn given_up(store: &Store) -> Result<u64, StoreError> {
    Ok(store.service_note(note::GIVEN_UP)?.parse().unwrap_or(0))
}

/// How an attempt to send a letter ended.
#[derive(Debug)]
pub struct Sent {
    /// The letter.
    pub letter: LetterRow,
    /// Whether it is on its way.
    pub result: Result<(), PostError>,
}

/// Remembers which letters are on their way, when the others are tried again, and which are given up.
pub fn note_sent(store: &Store, all: &[Sent], now: DateTime<Utc>) -> Result<(), StoreError> {
    for Sent { letter, result } in all {
        match result {
            Ok(()) => {
                store.remove_letter(letter.seq)?;
                store.put_service_note(note::GIVEN_UP, "0")?;
                tracing::info!(letter.seq = letter.seq, "a letter was sent");
            }
            Err(error) => note_failure(store, letter, error, now)?,
        }
    }
    Ok(())
}

fn note_failure(store: &Store, letter: &LetterRow, error: &PostError, now: DateTime<Utc>) -> Result<(), StoreError> {
    if is_older(&letter.written_at, GIVE_UP, now) {
        store.remove_letter(letter.seq)?;
        store.put_service_note(note::GIVEN_UP, &(given_up(store)? + 1).to_string())?;
        tracing::error!(letter.seq = letter.seq, %error, "a letter could not be sent for two days and is given up");
        return Ok(());
    }
    let wait = usize::try_from(letter.attempts)
        .ok()
        .and_then(|attempts| WAITS.get(attempts))
        .unwrap_or(&WAITS[WAITS.len() - 1]);
    let not_before = now + TimeDelta::minutes(*wait);
    store.mark_letter_failed(letter.seq, &not_before.to_rfc3339_opts(SecondsFormat::Secs, true))?;
    tracing::warn!(letter.seq = letter.seq, %error, "a letter could not be sent; it is tried again");
    Ok(())
}

/// Whether `time` (RFC 3339) was at least `span` ago. A blank time always was.
fn is_older(time: &str, span: TimeDelta, now: DateTime<Utc>) -> bool {
    time.parse::<DateTime<Utc>>().map_or(true, |time| time + span <= now)
}

#[cfg(test)]
mod tests;
