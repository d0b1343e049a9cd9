//! `rosterd status` in one screen, and as JSON: is it healthy, what waits, who is late, and what to do.
//!
//! Called by the command with everything as values. Knows how to judge and how to say it, and asks nobody.

use chrono::{DateTime, Utc};
use jiff::tz::TimeZone;
use serde::Serialize;
use serde_json::{Value, json};

use super::picture::{Picture, seconds_since};
use super::service::alarms::Code;
use super::service::local_time;
use super::versions::Versions;
use crate::report::headline::{amount, listed, thousands};
use crate::report::terminal::Ink;
use crate::report::{Style, escape_for_terminal};
use crate::store::{AlarmRow, DistrictState, SERVICE};

/// Alarms and districts that the screen shows; the rest is counted.
const SHOWN: usize = 10;

/// Everything that `status` tells.
#[derive(Debug, Clone)]
pub struct Status {
    /// The time for which it speaks.
    pub now: DateTime<Utc>,
    /// What the service says of itself.
    pub service: ServiceState,
    /// Where everything stands.
    pub picture: Picture,
    /// The store and its disk.
    pub disk: Disk,
    /// What is at work.
    pub versions: Versions,
}

/// What the service says of itself.
#[derive(Debug, Clone, Default, Serialize)]
pub struct ServiceState {
    /// Whether a service works with this store now.
    pub is_running: bool,
    /// When it, or the last one, started, RFC 3339; blank: none ever did.
    pub started_at: String,
    /// When it last looked at everything, RFC 3339.
    pub looked_at: String,
    /// Its version.
    pub version: String,
    /// Why its newest settings were refused; blank: they were not.
    pub config_error: String,
    /// A round that takes more seconds than this is stuck; 0: nobody knows.
    pub longest_round_s: u64,
}

/// The store and its disk.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Disk {
    /// The database file.
    pub store: String,
    /// Its size with everything beside it; `None`: there is no store yet.
    pub store_bytes: Option<u64>,
    /// What may still be written.
    pub free_bytes: Option<u64>,
}

/// How it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Nothing needs anybody.
    Healthy,
    /// A person has to decide, or to ask a sender.
    NeedsPerson,
    /// It does not do its work.
    NotHealthy,
}

impl ServiceState {
    fn is_stuck(&self, now: DateTime<Utc>) -> bool {
        self.is_running && self.longest_round_s > 0 && seconds_since(&self.looked_at, now) > self.longest_round_s
    }
}

impl Status {
    /// How it is, and why in a sentence.
    pub fn verdict(&self) -> (Verdict, String) {
        if let Some(why) = self.why_not_healthy() {
            return (Verdict::NotHealthy, why);
        }
        let parts = [
            counted(self.picture.alarms.len() as u64, "alarm", "alarms"),
            counted(self.sum(|district| district.holds), "hold", "holds"),
            counted(self.sum(|district| district.questions), "question", "questions"),
        ];
        match parts.into_iter().flatten().collect::<Vec<_>>() {
            none if none.is_empty() => (Verdict::Healthy, self.why_healthy().to_owned()),
            parts => (Verdict::NeedsPerson, format!("somebody should look at {}.", listed(&parts))),
        }
    }

    fn why_healthy(&self) -> &'static str {
        match (self.service.is_running, self.disk.store_bytes.is_some()) {
            (true, _) => "the service runs, and nothing needs anybody.",
            (false, true) => "nothing waits, and nothing needs anybody; no service runs.",
            (false, false) => "there is no database yet, and nothing waits.",
        }
    }

    fn why_not_healthy(&self) -> Option<String> {
        let waiting = self.sum(|district| district.waiting);
        if !self.service.is_running && waiting > 0 {
            let waiting = amount(waiting, "delivery waits", "deliveries wait");
            return Some(format!("{waiting}, and no service runs; start it with `rosterd serve`."));
        }
        if self.service.is_stuck(self.now) {
            let time = duration(seconds_since(&self.service.looked_at, self.now));
            return Some(format!("the service has not looked at anything for {time}; restart it."));
        }
        let failing = self.picture.alarms.iter().filter(|row| is_failure(row)).count() as u64;
        counted(failing, "thing fails", "things fail").map(|failing| format!("{failing}: see the alarms."))
    }

    fn sum(&self, count: fn(&DistrictState) -> u64) -> u64 {
        self.picture.districts.iter().map(count).sum()
    }

    fn late(&self) -> Vec<&AlarmRow> {
        let is_late = |row: &&AlarmRow| row.code == Code::NothingReceived.word();
        self.picture.alarms.iter().filter(is_late).collect()
    }

    /// As JSON: everything, however much it is.
    pub fn json(&self) -> Value {
        let (verdict, sentence) = self.verdict();
        let late: Vec<&str> = self.late().iter().map(|row| self.picture.id_of(row.district)).collect();
        json!({
            "verdict": verdict, "sentence": sentence, "now": self.now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true),
            "service": self.service,
            "waiting": {
                "deliveries": self.sum(|district| district.waiting), "holds": self.sum(|district| district.holds),
                "questions": self.sum(|district| district.questions), "letters": self.picture.letters_waiting,
            },
            "late": late,
            "alarms": self.picture.alarms.iter().map(|row| self.alarm_json(row)).collect::<Vec<_>>(),
            "districts": self.picture.districts.iter().map(district_json).collect::<Vec<_>>(),
            "disk": self.disk,
            "versions": self.versions,
        })
    }

    fn alarm_json(&self, row: &AlarmRow) -> Value {
        let code = Code::from_word(&row.code);
        json!({
            "district": blank_is_null(self.picture.id_of(row.district)), "code": row.code, "since": row.since,
            "sentence": code.map(Code::sentence), "detail": row.detail, "next": code.map(Code::next_step),
            "command": self.command(row), "told_at": blank_is_null(&row.told_at),
        })
    }

    fn command(&self, row: &AlarmRow) -> Option<String> {
        let newest = self.picture.districts.iter().find(|district| district.seq == row.district);
        let newest = newest.map_or("", |district| &district.newest_run);
        Code::from_word(&row.code)?.command(self.picture.id_of(row.district), newest)
    }

    /// As text.
    pub fn text(&self, style: Style) -> String {
        let (verdict, sentence) = self.verdict();
        let (word, ink) = match verdict {
            Verdict::Healthy => ("Healthy", Ink::Good),
            Verdict::NeedsPerson => ("Needs a person", Ink::Caution),
            Verdict::NotHealthy => ("Not healthy", Ink::Bad),
        };
        let lines = [
            ("Service", self.service_text()),
            ("Waiting", self.waiting_text()),
            ("Late", self.late_text()),
            ("Disk", self.disk_text()),
            ("Versions", self.versions_text()),
        ];
        let lines: String = lines.into_iter().map(|(name, text)| format!("{name:<9} {text}\n")).collect();
        format!(
            "{}: {sentence}\n\n{lines}{}{}",
            style.paint(ink, word),
            self.alarms_text(style),
            self.districts_text(style)
        )
    }

    fn service_text(&self) -> String {
        let service = &self.service;
        let since = local_time(&service.started_at, &TimeZone::UTC);
        let ago = |time: &str| duration(seconds_since(time, self.now));
        let mut text = match (service.is_running, service.looked_at.is_empty()) {
            (true, false) => format!("runs since {since}, last look {} ago", ago(&service.looked_at)),
            (true, true) => "starts".to_owned(),
            (false, false) => format!("does not run; last look {} ago", ago(&service.looked_at)),
            (false, true) => "does not run, and never did with this store".to_owned(),
        };
        if service.is_running && !service.version.is_empty() && service.version != self.versions.rosterd {
            text += &format!("; it is version {}, restart it", service.version);
        }
        if !service.config_error.is_empty() {
            text += "; its changed settings were refused";
        }
        text
    }

    fn waiting_text(&self) -> String {
        let parts = [
            counted(self.sum(|district| district.waiting), "delivery", "deliveries"),
            counted(self.sum(|district| district.holds), "hold", "holds"),
            counted(self.sum(|district| district.questions), "question", "questions"),
            counted(self.picture.letters_waiting, "letter", "letters"),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() { "nothing".to_owned() } else { listed(&parts) }
    }

    fn late_text(&self) -> String {
        let late = self.late();
        let name = |row: &&AlarmRow| escape_for_terminal(self.picture.id_of(row.district)).into_owned();
        let mut named: Vec<String> = late.iter().take(SHOWN).map(name).collect();
        let more = late.len().saturating_sub(SHOWN);
        named.extend((more > 0).then(|| format!("{more} more")));
        if named.is_empty() { "nobody".to_owned() } else { listed(&named) }
    }

    fn disk_text(&self) -> String {
        let store = match self.disk.store_bytes {
            Some(bytes) => format!("{} takes {}", escape_for_terminal(&self.disk.store), size(bytes)),
            None => format!("{} is not there yet", escape_for_terminal(&self.disk.store)),
        };
        let free = self.disk.free_bytes.map_or_else(String::new, |bytes| format!("{} free; ", size(bytes)));
        free + &store
    }

    fn versions_text(&self) -> String {
        let Versions { rosterd, sqlite, time_zones } = &self.versions;
        format!("rosterd {rosterd}, SQLite {sqlite}, time zones {time_zones}")
    }

    fn alarms_text(&self, style: Style) -> String {
        let alarms = &self.picture.alarms;
        if alarms.is_empty() {
            return String::new();
        }
        let shown: String = alarms.iter().take(SHOWN).map(|row| self.alarm_text(row)).collect();
        format!("\n{}\n{shown}{}", style.paint(Ink::Heading, "Alarms"), more(alarms.len()))
    }

    fn alarm_text(&self, row: &AlarmRow) -> String {
        let place = if row.district == SERVICE { "the service" } else { self.picture.id_of(row.district) };
        let since = local_time(&row.since, &TimeZone::UTC);
        let mut text = format!("  {}: {}, since {since}\n", escape_for_terminal(place), row.code);
        if let Some(code) = Code::from_word(&row.code) {
            text += &format!("      {}\n", [code.sentence(), &row.detail].join(" ").trim_end());
            text += &format!("      -> {}\n", code.next_step());
        }
        text + &self.command(row).map(|command| format!("         {command}\n")).unwrap_or_default()
    }

    fn districts_text(&self, style: Style) -> String {
        let waits = |district: &&DistrictState| district.waiting + district.holds + district.questions > 0;
        let waiting: Vec<&DistrictState> = self.picture.districts.iter().filter(waits).collect();
        if waiting.is_empty() {
            return String::new();
        }
        let shown: String = waiting.iter().take(SHOWN).map(|district| self.district_text(district)).collect();
        format!("\n{}\n{shown}{}", style.paint(Ink::Heading, "What waits"), more(waiting.len()))
    }

    fn district_text(&self, district: &DistrictState) -> String {
        let oldest = duration(seconds_since(&district.oldest, self.now));
        let parts = [
            counted(district.waiting, "delivery", "deliveries").map(|text| format!("{text} (the oldest for {oldest})")),
            counted(district.holds, "hold", "holds"),
            counted(district.questions, "question", "questions"),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        format!("  {}: {}\n", escape_for_terminal(&district.id), listed(&parts))
    }
}

/// Whether the machine fails, so that waiting for a person at the library or at the sender does not help.
fn is_failure(row: &AlarmRow) -> bool {
    let of_people = [Code::NothingReceived, Code::SetRejected, Code::WaitsForDecision, Code::UnchangedFeed];
    Code::from_word(&row.code).is_none_or(|code| !of_people.contains(&code))
}

fn counted(count: u64, one: &str, many: &str) -> Option<String> {
    (count > 0).then(|| amount(count, one, many))
}

fn more(count: usize) -> String {
    match count.saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("  and {} more; --format json has all\n", thousands(more as u64)),
    }
}

fn blank_is_null(text: &str) -> Value {
    if text.is_empty() { Value::Null } else { text.into() }
}

fn district_json(district: &DistrictState) -> Value {
    json!({
        "district": district.id, "waiting": district.waiting, "oldest": blank_is_null(&district.oldest), "holds": district.holds,
        "questions": district.questions, "last_success": blank_is_null(&district.last_success),
        "newest_run": blank_is_null(&district.newest_run), "newest_outcome": blank_is_null(&district.newest_outcome),
    })
}

/// `12 s`, `34 min`, `5 h`, `6 days`: as much as people want to know.
fn duration(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min", seconds / 60),
        7200..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}

/// `45 MiB`.
fn size(bytes: u64) -> String {
    let units = [("GiB", 1_u64 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)];
    let unit = units.into_iter().find(|(_, unit)| bytes >= *unit);
    unit.map_or_else(|| format!("{bytes} B"), |(name, unit)| format!("{} {name}", thousands(bytes / unit)))
}

#[cfg(test)]
mod tests;
