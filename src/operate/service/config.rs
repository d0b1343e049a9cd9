//! The service's own settings, `rosterd.toml`: every key with its default. This file is the manual of `serve --config`.
//!
//! Called by `serve` and `config check`. What a value means is judged here once; whoever gets it does not look again.

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use chrono::{NaiveTime, Weekday};
use serde::{Deserialize, Serialize};

use crate::files::zones::Zones;
use crate::operate::toml_file::{self, Complaints, ConfigError};
use crate::roster::settings::Duration;

mod mail_server;

pub use mail_server::{MailServer, Protection};

/// The whole file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServiceFile {
    /// What the service does.
    pub serve: ServeSettings,
}

/// `[serve]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServeSettings {
    /// Each district's own folder lies below this one and bears the district's id; a district's `intake.folder` says otherwise.
    pub drop_folders: PathBuf,
    /// Where `/metrics`, `/healthz` and `/readyz` are answered; blank: nowhere.
    #[serde(with = "blank_is_none")]
    pub listen: Option<ListenAddress>,
    /// How many runs at a time.
    pub workers: usize,
    /// How often every folder is looked at even when no event came.
    pub scan_interval: Duration,
    /// Whether file events are not used, because the folders lie on a network drive.
    pub poll: bool,
    /// How the log is written.
    pub log: LogFormat,
    /// E-mail.
    pub mail: MailSettings,
}

/// `[serve.mail]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailSettings {
    /// The mail server; blank: no e-mail is sent.
    #[serde(with = "blank_is_none")]
    pub server: Option<MailServer>,
    /// A file that holds the password of the user in `server`; it is read whenever mail is sent.
    pub password_file: PathBuf,
    /// From whom mail is.
    #[serde(with = "blank_is_none")]
    pub from: Option<MailAddress>,
    /// Operators, who are told of everything.
    pub to: Vec<MailAddress>,
    /// When operators get the weekly digest; blank: never.
    #[serde(with = "blank_is_none")]
    pub digest: Option<DigestTime>,
    /// In which time zone `digest` is meant, and times in mail to operators are written.
    pub timezone: String,
}

impl Default for ServeSettings {
    fn default() -> Self {
        Self {
            drop_folders: "drop".into(),
            listen: Some(ListenAddress(([127, 0, 0, 1], 8310).into())),
            workers: 2,
            scan_interval: Duration { seconds: 60 },
            poll: false,
            log: LogFormat::Text,
            mail: MailSettings::default(),
        }
    }
}

impl Default for MailSettings {
    fn default() -> Self {
        Self {
            server: None,
            password_file: PathBuf::new(),
            from: None,
            to: Vec::new(),
            digest: Some(DigestTime { day: Weekday::Mon, time: NaiveTime::from_hms_opt(7, 0, 0).unwrap_or_default() }),
            timezone: "UTC".into(),
        }
    }
}

/// How the log is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For programs: a JSON object a line.
    Json,
}

/// An address and port of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListenAddress(pub std::net::SocketAddr);

/// An e-mail address, without a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MailAddress(lettre::Address);

/// A time of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DigestTime {
    /// The day.
    pub day: Weekday,
    /// The time of that day.
    pub time: NaiveTime,
}

impl MailAddress {
    /// The address as the mail library has it.
    pub fn address(&self) -> &lettre::Address {
        &self.0
    }
}

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = |_| format!("{text:?} is not an address with a port; write \"127.0.0.1:8310\", or \"\" for none");
        text.parse().map(Self).map_err(wrong)
    }
}

impl FromStr for MailAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not an e-mail address; write one such as \"it@springfield.example\"");
        if text.chars().any(|char| char.is_control() || char.is_whitespace()) {
            return Err(wrong());
        }
        text.parse().map(Self).map_err(|_| wrong())
    }
}

impl FromStr for DigestTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is not a time of the week; write \"Mon 07:00\", or \"\" for never");
        let (day, time) = text.split_once(' ').ok_or_else(wrong)?;
        let time = NaiveTime::parse_from_str(time, "%H:%M").map_err(|_| wrong())?;
        Ok(Self { day: day.parse().map_err(|_| wrong())?, time })
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for MailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for DigestTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.day, self.time.format("%H:%M"))
    }
}

impl Serialize for MailAddress {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for MailAddress {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A text that may be blank, which means that there is none.
mod blank_is_none {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::{Deserialize, Deserializer, Serializer};

    pub fn serialize<T: Display, S: Serializer>(value: &Option<T>, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&value.as_ref().map(T::to_string).unwrap_or_default())
    }

    pub fn deserialize<'de, T, D>(deserializer: D) -> Result<Option<T>, D::Error>
    where
        T: FromStr<Err = String>,
        D: Deserializer<'de>,
    {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(serde::de::Error::custom) }
    }
}

/// The settings in the file at `path`.
pub fn read_serve_settings(path: &Path) -> Result<ServeSettings, ConfigError> {
    parse_serve_settings(&toml_file::read(path)?, &path.display().to_string())
}

/// The settings that `text` holds; `origin` is what the sentences call it.
pub fn parse_serve_settings(text: &str, origin: &str) -> Result<ServeSettings, ConfigError> {
    let judge = |file: &ServiceFile, complaints: &mut Complaints<'_>| {
        judge_serve(&file.serve, complaints);
        judge_mail(&file.serve.mail, complaints);
    };
    Ok(toml_file::parse(text, origin, "the service", judge)?.serve)
}

/// Whether `text` is meant as the service's settings and not as a district's.
pub fn is_of_the_service(text: &str) -> bool {
    toml::from_str::<toml::Table>(text).is_ok_and(|table| table.contains_key("serve"))
}

fn judge_serve(settings: &ServeSettings, complaints: &mut Complaints<'_>) {
    if settings.drop_folders.as_os_str().is_empty() {
        complaints.add(&["serve", "drop_folders"], "must not be blank; write a folder such as \"/srv/rosterd/drop\".");
    }
    if settings.workers == 0 {
        complaints.add(&["serve", "workers"], "cannot be 0; write how many runs there may be at a time.");
    }
    if settings.scan_interval.seconds == 0 {
        complaints.add(&["serve", "scan_interval"], "cannot be 0; write a time such as \"60s\".");
    }
}

fn judge_mail(mail: &MailSettings, complaints: &mut Complaints<'_>) {
    if Zones::newest().get(&mail.timezone).is_none() {
        let sentence =
            format!("cannot be {:?}; write the name of a zone such as \"America/Chicago\" or \"UTC\".", mail.timezone);
        complaints.add(&["serve", "mail", "timezone"], &sentence);
    }
    let Some(server) = &mail.server else { return };
    if mail.from.is_none() {
        complaints
            .add(&["serve", "mail", "from"], "must not be blank where there is a server; write from whom mail is.");
    }
    match (server.user(), mail.password_file.as_os_str().is_empty()) {
        (Some(_), true) => {
            let sentence = "must not be blank where the server has a user; write the file that holds the password.";
            complaints.add(&["serve", "mail", "password_file"], sentence);
        }
        (None, false) => {
            let sentence = "is of no use without a user; write one into server, \"smtps://user@mail.example.org\".";
            complaints.add(&["serve", "mail", "password_file"], sentence);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
