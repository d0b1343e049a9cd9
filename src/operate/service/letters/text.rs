//! What stands in a letter: what is wrong and what to do, what is over, and the newest run in numbers.
//!
//! Called by `letters`. A report's problems, holds and actions name people and are not looked at; only codes and counts are.

use jiff::tz::TimeZone;

use super::News;
use crate::operate::service::alarms::Code;
use crate::operate::service::local_time;
use crate::report::headline::{amount, listed, thousands};
use crate::report::{RunReport, escape_for_terminal};
use crate::store::AlarmRow;

/// Of whom the letter speaks.
#[derive(Debug)]
pub struct About {
    /// The district's id; blank: the service itself.
    pub id: String,
    /// The name that people know it by.
    pub name: String,
    /// Its newest run.
    pub newest: Option<RunReport>,
}

/// The end of every letter.
const FOOT: &str = "\
rosterd wrote this letter because something changed; it writes at most one an hour about a district. Names and rows stand in the
report where the upload was made (results/latest.txt), and never in a letter. Everything at a glance: rosterd status
";

/// Subject and text of one letter about all of them.
pub fn letter(all: &[(About, &News)], zone: &TimeZone) -> (String, String) {
    let sections: Vec<String> = all.iter().map(|(about, news)| section(about, news, zone)).collect();
    (subject(all), format!("{}\n-- \n{FOOT}", sections.join("\n")))
}

fn subject(all: &[(About, &News)]) -> String {
    let what = match all {
        [(about, news)] => format!("{}: {}", about.called(), in_words(news)),
        _ => {
            let new: u64 = all.iter().map(|(_, news)| news.new_codes().count() as u64).sum();
            let over: u64 = all.iter().map(|(_, news)| news.over.len() as u64).sum();
            let mut parts = vec![amount(new, "new alarm", "new alarms")];
            parts.extend((over > 0).then(|| format!("{} over", thousands(over))));
            format!("{} districts: {}", all.len(), parts.join(", "))
        }
    };
    format!("[rosterd] {what}")
}

/// `run failed, disk full; over: folder missing`.
fn in_words(news: &News) -> String {
    let words = |code: &str| code.replace('_', " ");
    let new: Vec<String> = news.new_codes().map(words).collect();
    let over: Vec<String> = news.over.iter().map(|row| words(&row.code)).collect();
    let still: Vec<String> = news.on.iter().map(|row| words(&row.code)).collect();
    match (new.is_empty(), over.is_empty()) {
        (false, true) => new.join(", "),
        (false, false) => format!("{}; over: {}", new.join(", "), over.join(", ")),
        (true, false) => format!("over: {}", over.join(", ")),
        (true, true) => format!("still {}", still.join(", ")),
    }
}

/// What is said of one district.
fn section(about: &About, news: &News, zone: &TimeZone) -> String {
    let mut text = format!("{}\n", about.heading());
    for row in &news.on {
        text += &on_text(row, about, zone);
    }
    for row in &news.over {
        text += &over_text(row, zone);
    }
    if news.on.is_empty() {
        text += "\nNothing else is wrong.\n";
    }
    text + &about.newest.as_ref().map(|run| run_text(run, zone)).unwrap_or_default()
}

fn on_text(row: &AlarmRow, about: &About, zone: &TimeZone) -> String {
    let Some(code) = Code::from_word(&row.code) else { return String::new() };
    let newest = about.newest.as_ref().and_then(|run| run.run.as_deref()).unwrap_or_default();
    let since = local_time(&row.since, zone);
    let said = if row.told_at.is_empty() { "New" } else { "Still" };
    let mut text = format!("\n{said}, since {since}: {}\n", row.code.replace('_', " "));
    text += &format!("  {}\n", [code.sentence(), &row.detail].join(" ").trim_end());
    text += &format!("  -> {}\n", code.next_step());
    text + &code.command(&about.id, newest).map(|command| format!("     {command}\n")).unwrap_or_default()
}

fn over_text(row: &AlarmRow, zone: &TimeZone) -> String {
    let (since, until) = (local_time(&row.since, zone), local_time(&row.cleared_at, zone));
    format!("\nOver: {}, from {since} to {until}\n", row.code.replace('_', " "))
}

/// The newest run in numbers.
fn run_text(run: &RunReport, zone: &TimeZone) -> String {
    let started = local_time(&run.started_at.to_rfc3339(), zone);
    let id = run.run.as_deref().unwrap_or_default();
    let rows = run.files.iter().map(|file| file.rows).sum();
    let mut text = format!("\nNewest run: {id}, {started}: {}\n", run.outcome.word().replace('_', " "));
    text += &format!("  {} read, {} refused\n", amount(rows, "row", "rows"), thousands(run.refused_rows()));
    text += &line("people", &people(run));
    let problems: Vec<String> =
        run.problems.counts().iter().map(|(code, count)| format!("{} {code}", thousands(*count))).collect();
    text + &line("problems", &problems)
}

/// What became of the people, without those who are as they were.
fn people(run: &RunReport) -> Vec<String> {
    let people = &run.people;
    let named = people.students.named().into_iter().zip(people.teachers.named()).zip(people.staff.named());
    let sums = named.map(|(((name, students), (_, teachers)), (_, staff))| (name, students + teachers + staff));
    let told = sums.filter(|(name, count)| *count > 0 && *name != "unchanged");
    told.map(|(name, count)| format!("{} {name}", thousands(count))).collect()
}

fn line(what: &str, parts: &[String]) -> String {
    if parts.is_empty() { String::new() } else { format!("  {what}: {}\n", listed(parts)) }
}

impl About {
    fn called(&self) -> String {
        if self.id.is_empty() { "the service".to_owned() } else { escape_for_terminal(&self.id).into_owned() }
    }

    fn heading(&self) -> String {
        let (name, id) = (escape_for_terminal(&self.name), self.called());
        match (self.id.is_empty(), name.is_empty()) {
            (true, _) => "The service itself".to_owned(),
            (false, true) => format!("District {id}"),
            (false, false) => format!("{name} (district {id})"),
        }
    }
}
