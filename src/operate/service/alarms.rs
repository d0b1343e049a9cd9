//! Alarms: from what is true now about a district to what should be on, and what that changes.
//!
//! Called by every round of the service with [`Facts`]. Knows no store and no clock, and sends nothing: rows are told by `letters`, shown by
//! `status`, and counted by `metrics`.

use jiff::tz::TimeZone;

use super::facts::{Facts, FolderTrouble, ServiceFacts};
use super::local_time;
use crate::report::escape_for_terminal;
use crate::report::headline::amount;
use crate::store::{AlarmRow, SERVICE};

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $variant:ident = $word:literal, $what:literal, $next:literal;)+) => {
        /// What can be wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[doc = $doc])+ $variant,)+ }

        impl Code {
            /// All of them, in the order in which people are told.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The word for programs, as it stands in the store.
            pub fn word(self) -> &'static str { match self { $(Self::$variant => $word,)+ } }

            /// What is wrong, for people.
            pub fn sentence(self) -> &'static str { match self { $(Self::$variant => $what,)+ } }

            /// What to do next, for people.
            pub fn next_step(self) -> &'static str { match self { $(Self::$variant => $next,)+ } }
        }
    };
}

codes! {
    /// The disk has no room.
    DiskFull = "disk_full",
        "The disk is full, and nothing more is taken in until there is room.",
        "Make room; the service goes on by itself, and nothing that was delivered is lost.";
    /// The drop folder is not there.
    FolderMissing = "folder_missing",
        "The drop folder is not there.",
        "Create it or mount its disk, or correct intake.folder; what lies in it is taken as soon as it is back.";
    /// The drop folder cannot be read.
    FolderUnreadable = "folder_unreadable",
        "The drop folder cannot be read.",
        "Let the user of the service read it; what lies in it is taken as soon as it can be read.";
    /// Nothing new came in time.
    NothingReceived = "nothing_received",
        "Nothing new has come by the time at which a delivery is expected (schedule.expect_by).",
        "See whether the export ran, and whether its upload reaches the drop folder.";
    /// The newest delivery was rejected.
    SetRejected = "set_rejected",
        "The newest delivery was rejected; nothing was written, and nobody was removed.",
        "Read results/latest.txt where the upload was made, correct what it says, and deliver the files again.";
    /// Changes wait for a person.
    WaitsForDecision = "waits_for_decision",
        "Changes wait for a person to let them pass or to discard them.",
        "Look at what waits and why, and decide; each is listed with the lines to copy.";
    /// A run failed, and not because of the files.
    RunFailed = "run_failed",
        "A delivery could not be run, for a reason that does not lie in its files; it is tried again.",
        "See the log of the service for the reason; nothing is half done, and nothing needs to be delivered again.";
    /// The sender does not get the report.
    ResultsUnwritable = "results_unwritable",
        "The report could not be left in the folder results where the upload was made.",
        "Let the user of the service write there; the report is left as soon as that works.";
    /// The same bytes come again and again.
    UnchangedFeed = "unchanged_feed",
        "The same files have come again and again, as if the export were stuck.",
        "See whether the export still reads the live system; if nothing changes these days, raise schedule.stale_after.";
    /// E-mail was given up.
    MailUndeliverable = "mail_undeliverable",
        "E-mail could not be sent for two days and was given up.",
        "Check [serve.mail] and the mail server; this is over with the next e-mail that is sent.";
    /// New settings of the service were wrong.
    ConfigRefused = "config_refused",
        "The changed settings of the service are wrong and were not taken; it goes on with those of before.",
        "Correct the file, then reload the service.";
}

impl Code {
    /// The code with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.word() == word)
    }

    /// The command to copy, where one shows more. `run` is the district's newest run; blank: none yet.
    pub fn command(self, district: &str, run: &str) -> Option<String> {
        let of_district = |command: &str| Some(format!("{command} --district {}", shell_word(district)));
        match self {
            Self::SetRejected if !run.is_empty() => Some(format!("rosterd runs show {run}")),
            Self::WaitsForDecision => of_district("rosterd runs holds"),
            Self::SetRejected | Self::UnchangedFeed | Self::NothingReceived => of_district("rosterd runs list"),
            Self::ConfigRefused => Some("rosterd config check rosterd.toml".to_owned()),
            _ => None,
        }
    }
}

/// `text` as one word of a command that people copy into a shell.
fn shell_word(text: &str) -> String {
    let is_plain = |char: char| char.is_alphanumeric() || "-_.@".contains(char);
    let text = escape_for_terminal(text);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.into_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

/// Something that is wrong now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alarm {
    /// What.
    pub code: Code,
    /// More of it in numbers and times, as a sentence; blank: there is no more to say. Never a person.
    pub detail: String,
}

impl Alarm {
    fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }
}

/// What is wrong with a district, in the order of [`Code::ALL`]. Times are written in `zone`.
pub fn alarms_of(facts: &Facts, zone: &TimeZone) -> Vec<Alarm> {
    let mut alarms: Vec<Alarm> =
        [late(facts, zone), stale(facts), rejected(facts), waiting(facts), failed(facts), folder(facts)]
            .into_iter()
            .flatten()
            .collect();
    if facts.is_disk_full {
        alarms.push(Alarm::new(Code::DiskFull, ""));
    }
    if facts.are_results_unwritable {
        alarms.push(Alarm::new(Code::ResultsUnwritable, ""));
    }
    alarms.sort_by_key(|alarm| alarm.code);
    alarms
}

/// What is wrong with the service itself, in the order of [`Code::ALL`].
pub fn alarms_of_service(facts: &ServiceFacts) -> Vec<Alarm> {
    let full = facts.is_disk_full.then(|| Alarm::new(Code::DiskFull, ""));
    let letters = amount(facts.letters_given_up, "letter was", "letters were");
    let mail =
        (facts.letters_given_up > 0).then(|| Alarm::new(Code::MailUndeliverable, format!("{letters} given up.")));
    let refused = facts.is_config_refused.then(|| Alarm::new(Code::ConfigRefused, ""));
    [full, mail, refused].into_iter().flatten().collect()
}

fn late(facts: &Facts, zone: &TimeZone) -> Option<Alarm> {
    let detail = match &*facts.last_arrival {
        "" => "None has come yet.".to_owned(),
        time => format!("The last delivery came on {}.", local_time(time, zone)),
    };
    facts.is_late.then(|| Alarm::new(Code::NothingReceived, detail))
}

fn stale(facts: &Facts) -> Option<Alarm> {
    let is_stale = facts.stale_after > 0 && facts.same_again >= u64::from(facts.stale_after);
    is_stale.then(|| Alarm::new(Code::UnchangedFeed, format!("{} deliveries were the same.", facts.same_again)))
}

fn rejected(facts: &Facts) -> Option<Alarm> {
    let is_rejected = facts.newest_outcome == "rejected";
    is_rejected.then(|| Alarm::new(Code::SetRejected, format!("It was run {}.", facts.newest_run)))
}

fn waiting(facts: &Facts) -> Option<Alarm> {
    let holds = amount(facts.open_holds, "hold", "holds");
    let questions = amount(facts.open_questions, "question about one person", "questions about single people");
    let detail = match (facts.open_holds, facts.open_questions) {
        (0, 0) => return None,
        (_, 0) => holds,
        (0, _) => questions,
        _ => format!("{holds} and {questions}"),
    };
    Some(Alarm::new(Code::WaitsForDecision, format!("There are {detail}.").replace("There are 1 ", "There is 1 ")))
}

fn failed(facts: &Facts) -> Option<Alarm> {
    let times = amount(facts.failed_attempts, "attempt", "attempts");
    (facts.failed_attempts > 0).then(|| Alarm::new(Code::RunFailed, format!("{times} failed so far.")))
}

fn folder(facts: &Facts) -> Option<Alarm> {
    let code = match facts.folder? {
        FolderTrouble::Missing => Code::FolderMissing,
        FolderTrouble::Unreadable => Code::FolderUnreadable,
    };
    Some(Alarm::new(code, ""))
}

/// What a round changes in the rows of one district.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Change {
    /// They were off.
    pub raised: Vec<AlarmRow>,
    /// They stay on, and only the detail is another.
    pub still_on: Vec<AlarmRow>,
    /// They are over, and people must hear of it.
    pub cleared: Vec<AlarmRow>,
    /// They are over before anybody was told, so that nobody must hear of it.
    pub forgotten: Vec<AlarmRow>,
}

/// What `now` makes of the `rows` of `district` (or of [`SERVICE`]) when exactly `on` is wrong. An alarm that comes back before people heard that
/// it was over is no news to them.
pub fn change(rows: &[AlarmRow], district: i64, on: &[Alarm], now: &str) -> Change {
    let mut change = Change::default();
    let of_district = |code: &str| rows.iter().find(|row| row.district == district && row.code == code);
    for alarm in on {
        let (code, detail) = (alarm.code.word().to_owned(), alarm.detail.clone());
        match of_district(&code) {
            Some(row) if !row.cleared_at.is_empty() => {
                let row = AlarmRow { since: now.into(), detail, cleared_at: String::new(), ..row.clone() };
                change.raised.push(row);
            }
            Some(row) if row.detail != detail => change.still_on.push(AlarmRow { detail, ..row.clone() }),
            Some(_) => {}
            None => change.raised.push(AlarmRow { district, code, since: now.into(), detail, ..AlarmRow::default() }),
        }
    }
    let is_on = |row: &AlarmRow| on.iter().any(|alarm| alarm.code.word() == row.code);
    for row in rows.iter().filter(|row| row.district == district && row.cleared_at.is_empty() && !is_on(row)) {
        match row.told_at.is_empty() {
            true => change.forgotten.push(row.clone()),
            false => change.cleared.push(AlarmRow { cleared_at: now.into(), ..row.clone() }),
        }
    }
    change
}

impl Change {
    /// Whether the rows are as they should be.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Rows to store.
    pub fn to_put(&self) -> impl Iterator<Item = &AlarmRow> {
        self.raised.iter().chain(&self.still_on).chain(&self.cleared)
    }
}

/// Whether this is an alarm of the service itself.
pub fn is_of_service(row: &AlarmRow) -> bool {
    row.district == SERVICE
}

#[cfg(test)]
mod tests;
