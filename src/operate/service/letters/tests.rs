//! Letters from a store: who is told what and when, and what becomes of letters that cannot be sent.

use super::*;
use crate::operate::service::alarms::{self, Alarm, Code};
use crate::operate::service::config::parse_serve_settings;
use crate::roster::settings::Settings;

fn at(minutes: i64) -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::minutes(minutes)
}

fn mail(lines: &str) -> MailSettings {
    let text = format!("[serve.mail]\nserver = \"smtp://localhost\"\nfrom = \"rosterd@vendor.example\"\n{lines}\n");
    parse_serve_settings(&text, "x").unwrap().mail
}

/// A store in memory with districts, each of which tells one address.
fn store(districts: &[&str]) -> Store {
    let store = Store::open_to_look("/nowhere/at/all.db").unwrap();
    for id in districts {
        let mut settings = Settings::new(id);
        settings.name = format!("{id} schools");
        settings.timezone = "America/Chicago".into();
        settings.notify.email = vec![format!("it@{id}.example")];
        store.put_district(&settings).unwrap();
    }
    store
}

/// Exactly these alarms are on.
fn set(store: &Store, district: i64, codes: &[Code], now: DateTime<Utc>) {
    let on: Vec<Alarm> = codes.iter().map(|code| Alarm { code: *code, detail: String::new() }).collect();
    let change = alarms::change(&store.alarms().unwrap(), district, &on, &now.to_rfc3339());
    change.to_put().for_each(|row| store.put_alarm(row).unwrap());
    change.forgotten.iter().for_each(|row| store.remove_alarm(row.district, &row.code).unwrap());
}

/// Writes what is due and takes it away: the addresses and subjects.
fn written(store: &Store, mail: &MailSettings, now: DateTime<Utc>) -> Vec<(String, String)> {
    let count = write_letters(store, mail, now).unwrap();
    let letters = store.letters().unwrap();
    letters.iter().for_each(|letter| store.remove_letter(letter.seq).unwrap());
    assert_eq!(letters.len() as u64, count);
    letters.into_iter().map(|letter| (letter.recipients, letter.subject)).collect()
}

fn told(address: &str, subject: &str) -> (String, String) {
    (format!("[\"{address}\"]"), format!("[rosterd] {subject}"))
}

#[test]
fn a_change_of_state_is_told_once_to_the_district_and_to_operators() {
    let (store, mail) = (store(&["springfield"]), mail("to = [\"ops@vendor.example\"]"));
    assert_eq!(written(&store, &mail, at(0)), []);
    set(&store, 0, &[Code::RunFailed, Code::DiskFull], at(0));
    let subject = "springfield: disk full, run failed";
    let both = [told("it@springfield.example", subject), told("ops@vendor.example", subject)];
    assert_eq!(written(&store, &mail, at(1)), both);
    assert_eq!(written(&store, &mail, at(2)), []);
    set(&store, 0, &[Code::DiskFull], at(3));
    assert_eq!(written(&store, &mail, at(4)), [], "not twice in an hour");
    set(&store, 0, &[Code::DiskFull, Code::SetRejected], at(10));
    let subject = "springfield: set rejected; over: run failed";
    assert_eq!(written(&store, &mail, at(61))[0], told("it@springfield.example", subject));
    set(&store, 0, &[], at(62));
    let subject = "springfield: over: disk full, set rejected";
    assert_eq!(written(&store, &mail, at(121))[0], told("it@springfield.example", subject));
    assert_eq!(store.alarms().unwrap(), []);
}

#[test]
fn what_came_and_went_before_anybody_was_told_is_not_told() {
    let (store, mail) = (store(&["a"]), mail(""));
    set(&store, 0, &[Code::RunFailed], at(0));
    set(&store, 0, &[], at(1));
    assert_eq!(written(&store, &mail, at(2)), []);
    set(&store, 0, &[Code::DiskFull], at(3));
    assert_eq!(written(&store, &mail, at(3)).len(), 1);
    set(&store, 0, &[], at(4));
    set(&store, 0, &[Code::DiskFull], at(5));
    assert_eq!(written(&store, &mail, at(500)), [], "it is as people know it");
}

#[test]
fn that_nothing_came_is_told_again_every_day_until_something_comes() {
    let (store, mail) = (store(&["a"]), mail(""));
    set(&store, 0, &[Code::NothingReceived], at(0));
    let days = |from: i64, to: i64| (from..to).map(|hour| written(&store, &mail, at(hour * 60)).len()).sum::<usize>();
    assert_eq!((days(0, 24), days(24, 48), days(48, 96)), (1, 1, 2));
    set(&store, 0, &[], at(96 * 60));
    assert_eq!(written(&store, &mail, at(97 * 60)), [told("it@a.example", "a: over: nothing received")]);
}

#[test]
fn a_disk_that_is_full_for_everybody_is_one_letter_to_operators() {
    let (store, mail) = (store(&["a", "b", "c"]), mail("to = [\"ops@vendor.example\"]"));
    for district in [SERVICE, 0, 1, 2] {
        set(&store, district, &[Code::DiskFull], at(0));
    }
    let letters = written(&store, &mail, at(0));
    assert_eq!(letters.len(), 4, "{letters:?}");
    assert_eq!(letters[3], told("ops@vendor.example", "4 districts: 4 new alarms"));
}

#[test]
fn a_letter_says_what_is_wrong_what_is_over_and_what_to_do() {
    let (store, mail) = (store(&["springfield"]), mail(""));
    set(&store, 0, &[Code::WaitsForDecision, Code::FolderMissing], at(0));
    written(&store, &mail, at(0));
    set(&store, 0, &[Code::WaitsForDecision], at(30));
    assert_eq!(write_letters(&store, &mail, at(90)).unwrap(), 1);
    let expected = "\
springfield schools (district springfield)

Still, since 2026-11-20 06:00 CST: waits for decision
  Changes wait for a person to let them pass or to discard them.
  -> Look at what waits and why, and decide; each is listed with the lines to copy.
     rosterd runs holds --district springfield

Over: folder missing, from 2026-11-20 06:00 CST to 2026-11-20 06:30 CST

-- 
rosterd wrote this letter because something changed; it writes at most one an hour about a district. Names and rows stand in the
report where the upload was made (results/latest.txt), and never in a letter. Everything at a glance: rosterd status
";
    assert_eq!(store.letters().unwrap()[0].body, expected);
}

#[test]
fn without_a_mail_server_nothing_is_written_and_nothing_piles_up() {
    let (store, none) = (store(&["a"]), MailSettings::default());
    set(&store, 0, &[Code::DiskFull], at(0));
    assert_eq!(written(&store, &none, at(0)), []);
    assert_eq!(written(&store, &mail(""), at(1)).len(), 1, "a server that is named later tells what is on");
    set(&store, 0, &[], at(2));
    assert_eq!(written(&store, &none, at(3)), []);
    assert_eq!(store.alarms().unwrap(), []);
}

#[test]
fn the_digest_comes_once_a_week() {
    let (store, mail) = (store(&["a"]), mail("to = [\"ops@vendor.example\"]\ndigest = \"Mon 07:00\""));
    let hours = |from: i64, to: i64| (from..to).map(|hour| written(&store, &mail, at(hour * 60)).len()).sum::<usize>();
    // From Friday noon: Monday 07:00 is after 67 hours.
    assert_eq!((hours(0, 67), hours(67, 68), hours(68, 67 + 168), hours(67 + 168, 67 + 336)), (0, 1, 0, 1));
}

#[test]
fn a_letter_is_tried_again_with_growing_waits_and_given_up_after_two_days() {
    let (store, mail) = (store(&["a"]), mail(""));
    set(&store, 0, &[Code::DiskFull], at(0));
    write_letters(&store, &mail, at(0)).unwrap();
    let mut tries = Vec::new();
    for minute in 0..4 * 24 * 60 {
        let due = |letter: &LetterRow| letter.not_before.parse().map_or(true, |time: DateTime<Utc>| time <= at(minute));
        let Some(letter) = store.letters().unwrap().into_iter().find(due) else { continue };
        tries.push(minute);
        note_sent(&store, &[Sent { letter, result: Err(PostError::Unreachable) }], at(minute)).unwrap();
    }
    assert_eq!(tries[..8], [0, 1, 6, 21, 51, 111, 231, 471]);
    let last = tries.last().unwrap();
    assert!((2 * 24 * 60..2 * 24 * 60 + 240).contains(last), "{last}");
    assert_eq!((store.letters().unwrap().len(), given_up(&store).unwrap()), (0, 1));
    set(&store, 0, &[], at(9000));
    write_letters(&store, &mail, at(9000)).unwrap();
    let letter = store.letters().unwrap().remove(0);
    note_sent(&store, &[Sent { letter, result: Ok(()) }], at(9001)).unwrap();
    assert_eq!((store.letters().unwrap().len(), given_up(&store).unwrap()), (0, 0));
}
