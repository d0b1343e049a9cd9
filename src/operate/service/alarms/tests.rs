//! Which facts raise which alarm, and what becomes of its row.

use proptest::prelude::*;

use super::*;

const NOON: &str = "2026-11-20T12:00:00Z";

fn alarms(change: impl FnOnce(&mut Facts)) -> Vec<(&'static str, String)> {
    let mut facts = Facts::default();
    change(&mut facts);
    alarms_of(&facts, &TimeZone::UTC).into_iter().map(|alarm| (alarm.code.word(), alarm.detail)).collect()
}

fn one(code: &'static str, detail: &str) -> Vec<(&'static str, String)> {
    vec![(code, detail.to_owned())]
}

#[test]
fn a_district_without_trouble_has_no_alarm() {
    assert_eq!(alarms(|_| ()), []);
    assert_eq!(alarms_of_service(&ServiceFacts::default()), []);
    let applied = |facts: &mut Facts| {
        (facts.newest_outcome, facts.same_again, facts.stale_after) = ("applied".into(), 2, 3);
    };
    assert_eq!(alarms(applied), []);
}

#[test]
fn each_fact_raises_its_alarm() {
    let time = "2026-11-19T02:00:00Z";
    let late = |facts: &mut Facts| (facts.is_late, facts.last_arrival) = (true, time.into());
    assert_eq!(alarms(late), one("nothing_received", "The last delivery came on 2026-11-19 02:00 UTC."));
    assert_eq!(alarms(|facts| facts.is_late = true), one("nothing_received", "None has come yet."));
    let stale = |facts: &mut Facts| (facts.same_again, facts.stale_after) = (3, 3);
    assert_eq!(alarms(stale), one("unchanged_feed", "3 deliveries were the same."));
    let never = |facts: &mut Facts| (facts.same_again, facts.stale_after) = (9, 0);
    assert_eq!(alarms(never), []);
    let rejected = |facts: &mut Facts| (facts.newest_outcome, facts.newest_run) = ("rejected".into(), "019a".into());
    assert_eq!(alarms(rejected), one("set_rejected", "It was run 019a."));
    let waits = |facts: &mut Facts| (facts.open_holds, facts.open_questions) = (1, 2);
    let detail = "There is 1 hold and 2 questions about single people.";
    assert_eq!(alarms(waits), one("waits_for_decision", detail));
    assert_eq!(alarms(|facts| facts.failed_attempts = 2), one("run_failed", "2 attempts failed so far."));
    assert_eq!(alarms(|facts| facts.folder = Some(FolderTrouble::Missing)), one("folder_missing", ""));
    assert_eq!(alarms(|facts| facts.folder = Some(FolderTrouble::Unreadable)), one("folder_unreadable", ""));
    assert_eq!(alarms(|facts| facts.is_disk_full = true), one("disk_full", ""));
    assert_eq!(alarms(|facts| facts.are_results_unwritable = true), one("results_unwritable", ""));
    let facts = ServiceFacts { is_disk_full: true, letters_given_up: 2, is_config_refused: true };
    let codes: Vec<Code> = alarms_of_service(&facts).into_iter().map(|alarm| alarm.code).collect();
    assert_eq!(codes, [Code::DiskFull, Code::MailUndeliverable, Code::ConfigRefused]);
}

#[test]
fn every_code_has_sentences_that_end_and_reads_back() {
    for code in Code::ALL {
        assert_eq!(Code::from_word(code.word()), Some(*code));
        for text in [code.sentence(), code.next_step()] {
            assert!(text.ends_with('.') && text.len() > 20, "{text}");
        }
    }
    assert_eq!(Code::from_word("nothing"), None);
}

/// The table of docs/alarms.md.
fn table() -> String {
    let row = |code: &Code| format!("| `{}` | {} | {} |\n", code.word(), code.sentence(), code.next_step());
    "| code | what is wrong | what to do |\n|---|---|---|\n".to_owned() + &Code::ALL.iter().map(row).collect::<String>()
}

#[test]
fn the_document_lists_the_alarms_as_the_source_does() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/alarms.md");
    let document = std::fs::read_to_string(path).unwrap();
    let (before, rest) = document.split_once("| code |").unwrap();
    let after = rest.split_once("\n\n").map_or("", |(_, after)| after);
    let expected = format!("{before}{}\n{after}", table());
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(path, &expected).unwrap();
        return;
    }
    assert_eq!(document, expected, "docs/alarms.md is out of date; run `UPDATE_DOCS=1 cargo test alarms`");
}

#[test]
fn a_command_can_be_copied_whatever_the_district_is_called() {
    let command = |district| Code::WaitsForDecision.command(district, "").unwrap();
    assert_eq!(command("springfield"), "rosterd runs holds --district springfield");
    assert_eq!(command("St. John's; rm -rf"), r"rosterd runs holds --district 'St. John'\''s; rm -rf'");
    assert_eq!(Code::SetRejected.command("a", "019a").unwrap(), "rosterd runs show 019a");
    assert_eq!(Code::DiskFull.command("a", "019a"), None);
}

fn row(code: Code) -> AlarmRow {
    AlarmRow { district: 7, code: code.word().into(), since: "then".into(), ..AlarmRow::default() }
}

#[test]
fn an_alarm_is_raised_once_and_stays_on() {
    let on = [Alarm::new(Code::RunFailed, "1 attempt failed so far.")];
    let first = change(&[], 7, &on, NOON);
    let expected = AlarmRow { since: NOON.into(), detail: on[0].detail.clone(), ..row(Code::RunFailed) };
    assert_eq!(first, Change { raised: vec![expected.clone()], ..Change::default() });
    assert!(change(&first.raised, 7, &on, "later").is_empty());
    let more = [Alarm::new(Code::RunFailed, "2 attempts failed so far.")];
    let still_on = vec![AlarmRow { detail: more[0].detail.clone(), ..expected }];
    assert_eq!(change(&first.raised, 7, &more, "later"), Change { still_on, ..Change::default() });
}

#[test]
fn what_is_over_is_kept_only_until_people_were_told() {
    let untold = row(Code::DiskFull);
    assert_eq!(
        change(std::slice::from_ref(&untold), 7, &[], NOON),
        Change { forgotten: vec![untold], ..Change::default() }
    );
    let told = AlarmRow { told_at: "then".into(), ..row(Code::DiskFull) };
    let cleared = AlarmRow { cleared_at: NOON.into(), ..told.clone() };
    assert_eq!(change(&[told], 7, &[], NOON), Change { cleared: vec![cleared.clone()], ..Change::default() });
    assert!(change(&[cleared], 7, &[], "later").is_empty());
}

#[test]
fn what_comes_back_before_people_heard_that_it_was_over_is_no_news() {
    let cleared = AlarmRow { told_at: "then".into(), cleared_at: "later".into(), ..row(Code::DiskFull) };
    let raised = AlarmRow { since: NOON.into(), cleared_at: String::new(), ..cleared.clone() };
    let change = change(&[cleared], 7, &[Alarm::new(Code::DiskFull, "")], NOON);
    assert_eq!(change, Change { raised: vec![raised], ..Change::default() });
    assert_eq!(change.raised[0].told_at, "then");
}

#[test]
fn rows_of_other_districts_are_left_alone() {
    let other = AlarmRow { district: 8, ..row(Code::DiskFull) };
    assert!(change(&[other], 7, &[], NOON).is_empty());
}

proptest! {
    /// Whatever was on and told before: after the change exactly what is wrong is on, and the same again changes nothing.
    #[test]
    fn after_the_change_exactly_what_is_wrong_is_on(
        before in proptest::collection::vec((0..Code::ALL.len(), any::<bool>(), any::<bool>()), 0..8),
        wrong in proptest::collection::btree_set(0..Code::ALL.len(), 0..8),
    ) {
        let text = |is: bool| if is { "then".to_owned() } else { String::new() };
        let mut rows: Vec<AlarmRow> = Vec::new();
        for (code, is_told, is_cleared) in before {
            let row = row(Code::ALL[code]);
            let row = AlarmRow { told_at: text(is_told), cleared_at: text(is_cleared), ..row };
            if rows.iter().all(|other| other.code != row.code) {
                rows.push(row);
            }
        }
        let on: Vec<Alarm> = wrong.iter().map(|code| Alarm::new(Code::ALL[*code], "")).collect();
        let change = change(&rows, 7, &on, NOON);
        let gone = |row: &AlarmRow| change.to_put().chain(&change.forgotten).any(|other| other.code == row.code);
        let after: Vec<AlarmRow> =
            rows.iter().filter(|row| !gone(row)).cloned().chain(change.to_put().cloned()).collect();
        let mut words: Vec<&str> =
            after.iter().filter(|row| row.cleared_at.is_empty()).map(|row| row.code.as_str()).collect();
        let mut expected: Vec<&str> = on.iter().map(|alarm| alarm.code.word()).collect();
        words.sort_unstable();
        expected.sort_unstable();
        prop_assert_eq!(words, expected);
        prop_assert!(super::change(&after, 7, &on, "later").is_empty());
    }
}
