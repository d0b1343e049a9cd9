//! Holds: approved, discarded, grown stale, expired, and met again.

use serde_json::json;

use super::school::{Office, guards, students, word};

/// A district of a hundred of whom fifteen have left: their removals wait. Gives the report.
fn fifteen_wait() -> (Office, serde_json::Value) {
    let office = Office::new("");
    assert_eq!(office.deliver(&students(100)).0, 0);
    let (code, report) = office.deliver(&students(85));
    assert_eq!((code, word(&report, "outcome"), guards(&report)), (3, "held", vec!["removals"]));
    (office, report)
}

#[test]
fn what_is_approved_is_applied_at_once() {
    let (office, report) = fifteen_wait();
    let (code, approved) = office.approve(&report);
    assert_eq!((code, word(&approved, "outcome"), office.with_status(4)), (0, "applied", 15));
    assert_eq!(approved["people"]["students"]["removed"], json!(15));
    assert_eq!(office.desk.line("runs holds").well(), "Nothing waits.\n");
    let who =
        office.one("SELECT count(*) FROM audit WHERE who = 'Ms Lee' AND action = 'approve' AND at LIKE '2026-09-01%'");
    assert_eq!(who, 1);
    let again = office.deliver(&students(85));
    assert_eq!((again.0, word(&again.1, "outcome")), (0, "no_change"));
}

#[test]
fn the_people_and_the_hash_of_a_hold_are_told() {
    let (office, report) = fifteen_wait();
    let hold = &report["holds"][0];
    assert_eq!(hold["people"].as_array().unwrap().len(), 15);
    assert_eq!(hold["people"][0], json!("students:S0086"));
    assert!(word(hold, "hash").starts_with("sha256:"));
    let listed = office.json(&["runs", "holds"]).1;
    assert_eq!((&listed[0]["hash"], &listed[0]["opened_at"]), (&hold["hash"], &json!("2026-09-01T02:00:00Z")));
    let text = office.run(&["runs", "holds"]).well();
    assert!(text.contains("students:S0086") && text.contains("rosterd runs approve"), "{text}");
}

#[test]
fn what_waits_is_printed_with_the_lines_to_copy_and_the_last_day() {
    let (mut office, report) = fifteen_wait();
    let (run, hash) = (word(&report, "run"), word(&report["holds"][0], "hash"));
    let approve = format!("Let it pass:\n  rosterd runs approve {run} --plan {hash} --by YOU\n");
    let discard = format!("Leave it undone:\n  rosterd runs discard {run} --by YOU\n");
    let text = office.run(&["runs", "holds"]).well();
    assert!(text.contains(&approve) && text.contains(&discard), "{text}");
    assert!(text.contains("can be approved until 2026-09-08 02:00 UTC (guard.approval_days)"), "{text}");
    let shown = office.run(&["runs", "show", run]).well();
    assert!(shown.contains(&approve) && shown.contains("15 changes must be approved first: see below"), "{shown}");
    office.days_pass(8);
    let text = office.run(&["runs", "holds"]).well();
    assert!(text.contains("Asked on 2026-09-01, longer than 7 days ago (guard.approval_days): ingest again"), "{text}");
}

#[test]
fn a_district_that_stops_at_the_limit_is_told_so_and_is_offered_no_approval() {
    let office = Office::new("[guard]\nat_limit = \"stop\"\n");
    office.deliver(&students(100));
    let before = office.desk.dump().library();
    let (code, report) = office.deliver(&students(85));
    assert_eq!((code, word(&report, "outcome")), (4, "rejected"));
    let text = office.run(&["runs", "show", word(&report, "run")]).well();
    assert!(text.contains("guard.at_limit") && !text.contains("rosterd runs approve"), "{text}");
    let words = ["runs", "approve", word(&report, "run"), "--plan", word(&report, "plan"), "--by", "A"];
    office.run(&words).refused(2, &["nothing waits in run"]);
    assert_eq!(before.changes(&office.desk.dump().library()), Vec::<String>::new());
}

#[test]
fn an_undone_first_night_comes_again_as_a_share_of_those_who_come() {
    let office = Office::new("");
    let (_, report) = office.deliver(&students(30));
    office.run(&["runs", "undo", word(&report, "run"), "--by", "A", "--delete-created"]).well();
    let (code, report) = office.deliver(&students(30));
    assert_eq!((code, word(&report, "outcome")), (3, "held"));
    assert_eq!((&report["holds"][0]["count"], &report["holds"][0]["of"]), (&json!(30), &json!(30)));
}

#[test]
fn removals_name_the_schools_of_which_nobody_is_left() {
    let office = Office::new("");
    let mut all = students(60);
    all.iter_mut().take(20).for_each(|student| student.school = "12");
    office.deliver(&all);
    let (_, report) = office.deliver(&all[20..]);
    let reason = word(&report["holds"][0], "reason");
    assert!(reason.contains("Of school 12 not one is left."), "{reason}");
    let (_, report) = office.deliver(&all[19..]);
    let reason = word(&report["holds"][0], "reason");
    assert!(!reason.contains("not one is left"), "{reason}");
}

#[test]
fn a_preview_of_a_refused_set_names_no_run() {
    let (office, _) = fifteen_wait();
    office.desk.write("upload/schools.csv", "School_id\n11\n");
    let before = office.desk.dump();
    let (code, report) = office.json(&["preview", "upload"]);
    assert_eq!((code, word(&report, "outcome"), &report["run"]), (4, "rejected", &json!(null)));
    assert!(!office.run(&["preview", "upload"]).out.contains("runs show"));
    assert_eq!(before.changes(&office.desk.dump()), Vec::<String>::new());
}

#[test]
fn a_wrong_hash_an_unknown_run_or_a_second_approval_changes_nothing() {
    let (office, report) = fifteen_wait();
    let run = word(&report, "run");
    let before = office.desk.dump();
    office
        .run(&["runs", "approve", run, "--plan", "sha256:00", "--by", "A"])
        .refused(2, &["neither the plan", "runs holds"]);
    office
        .run(&["runs", "approve", "777", "--plan", word(&report, "plan"), "--by", "A"])
        .refused(2, &["there is no run"]);
    let no_name = office.run(&["runs", "approve", run, "--plan", word(&report, "plan")]);
    assert_eq!(no_name.code, 2);
    assert_eq!(before.changes(&office.desk.dump()), Vec::<String>::new());
    office.approve(&report);
    let before = office.desk.dump();
    let plan = word(&report, "plan");
    office.run(&["runs", "approve", run, "--plan", plan, "--by", "A"]).refused(2, &["approved already", "Ms Lee"]);
    office.run(&["runs", "discard", run, "--by", "A"]).refused(2, &["approved already"]);
    assert_eq!(before.changes(&office.desk.dump()), Vec::<String>::new());
}

#[test]
fn one_hold_is_approved_by_its_own_hash() {
    let office = Office::new("[guard.removals]\nschool_at_least = 5\n");
    let mut all = students(200);
    all.iter_mut().take(16).for_each(|student| student.school = "12");
    office.deliver(&all);
    let renamed: Vec<_> = all[9..]
        .iter()
        .cloned()
        .enumerate()
        .map(|(at, mut student)| {
            if at >= 180 {
                (student.first, student.last, student.born) = ("Other".into(), "Person".into(), "2001-01-01".into());
            }
            student
        })
        .collect();
    let (code, report) = office.deliver(&renamed);
    assert_eq!((code, guards(&report)), (3, vec!["identity_changed", "school_removals"]));
    let hash = word(&report["holds"][1], "hash");
    let (code, approved) = office.json(&["runs", "approve", word(&report, "run"), "--plan", hash, "--by", "Ms Lee"]);
    assert_eq!((code, guards(&approved), office.with_status(4)), (3, vec!["identity_changed"], 9));
    assert_eq!(word(&approved, "outcome"), "applied_in_part");
}

#[test]
fn one_more_who_leaves_makes_an_approval_stale() {
    let (mut office, report) = fifteen_wait();
    office.days_pass(1);
    office.deliver(&students(84));
    let before = office.desk.dump().library();
    let (code, stale) = office.approve(&report);
    assert_eq!((code, word(&stale, "outcome"), office.with_status(4)), (3, "held", 0));
    assert_eq!(before.changes(&office.desk.dump().library()), Vec::<String>::new());
    let (code, _) = office.approve(&stale);
    assert_eq!((code, office.with_status(4)), (0, 16));
}

#[test]
fn a_patron_that_was_edited_since_makes_an_approval_stale() {
    let (office, report) = fifteen_wait();
    office.sql("UPDATE patrons SET status = 3 WHERE student_number = '70090'");
    let (code, stale) = office.approve(&report);
    assert_eq!((code, guards(&stale), office.with_status(4)), (3, vec!["removals"], 0));
}

#[test]
fn someone_who_came_back_is_not_removed_and_the_others_are() {
    let (mut office, report) = fifteen_wait();
    office.days_pass(1);
    office.deliver(&students(88));
    let (code, _) = office.approve(&report);
    assert_eq!((code, office.with_status(4), office.value("status", "70087")), (0, 12, "1".into()));
}

#[test]
fn a_delta_that_came_after_it_is_never_lost() {
    let (office, report) = fifteen_wait();
    let mut later = [students(100)[95].clone(), students(100)[4].clone()];
    later[0].grade = "9";
    later[1].grade = "8";
    assert_eq!(office.delta(&later).0, 0);
    let (code, _) = office.approve(&report);
    assert_eq!((code, office.with_status(4)), (0, 14), "all but the one of whom the delta speaks");
    assert_eq!((office.value("level", "70096"), office.value("level", "70005")), ("9".into(), "8".into()));
}

#[test]
fn a_hold_can_be_approved_for_seven_days_and_is_then_asked_anew() {
    let (mut office, report) = fifteen_wait();
    office.days_pass(7);
    let (late, plan) = (word(&report, "run").to_owned(), word(&report, "plan").to_owned());
    assert_eq!(office.json(&["preview", "upload"]).0, 3);
    office.days_pass(1);
    let words = ["runs", "approve", &late, "--plan", &plan, "--by", "Ms Lee"];
    office.run(&words).refused(2, &["2026-09-01", "7 days", "ingest again"]);
    assert_eq!(office.with_status(4), 0);
    let (code, anew) = office.deliver(&students(85));
    assert_eq!((code, guards(&anew)), (3, vec!["removals"]));
    let listed = office.json(&["runs", "holds"]).1;
    assert_eq!(listed[0]["opened_at"], json!("2026-09-09T02:00:00Z"));
    assert_eq!((office.approve(&anew).0, office.with_status(4)), (0, 15));
}

#[test]
fn a_question_that_is_met_again_keeps_its_first_day() {
    let (mut office, report) = fifteen_wait();
    office.days_pass(7);
    office.deliver(&students(85));
    let listed = office.json(&["runs", "holds"]).1;
    assert_eq!((listed.as_array().unwrap().len(), &listed[0]["opened_at"]), (1, &json!("2026-09-01T02:00:00Z")));
    assert_eq!((office.approve(&report).0, office.with_status(4)), (0, 15), "the seventh day still counts");
}

#[test]
fn what_is_discarded_is_not_asked_again() {
    let (mut office, report) = fifteen_wait();
    let run = word(&report, "run");
    let (code, told) = office.json(&["runs", "discard", run, "--by", "Ms Lee", "--why", "the export was cut"]);
    assert_eq!((code, &told["discarded"]), (0, &json!(15)));
    assert_eq!(office.desk.line("runs holds").well(), "Nothing waits.\n");
    office.days_pass(1);
    let mut tomorrow = students(85);
    tomorrow[0].grade = "5";
    let (code, report) = office.deliver(&tomorrow);
    assert_eq!((code, guards(&report), office.with_status(4)), (0, vec![], 0));
    assert!(report["problems"][0]["message"].as_str().unwrap().contains(run), "{report:#}");
    assert_eq!(report["problem_counts"], json!({"discarded_earlier": 1}));
}

#[test]
fn someone_who_came_back_and_leaves_again_is_an_ordinary_question() {
    let (mut office, report) = fifteen_wait();
    office.run(&["runs", "discard", word(&report, "run"), "--by", "Ms Lee"]).well();
    office.days_pass(1);
    office.deliver(&students(100));
    office.days_pass(1);
    let (code, report) = office.deliver(&students(85));
    assert_eq!((code, guards(&report)), (3, vec!["removals"]));
    office.days_pass(1);
    let (code, report) = office.deliver(&students(99));
    assert_eq!((code, guards(&report), office.with_status(4)), (0, vec![], 1));
}

#[test]
fn approved_removals_do_not_count_as_gone_of_late() {
    let (mut office, report) = fifteen_wait();
    office.approve(&report);
    office.days_pass(1);
    let (code, report) = office.deliver(&students(77));
    assert_eq!((code, guards(&report), office.with_status(4)), (0, vec![], 23));
}

#[test]
fn everything_waits_at_the_limit_when_the_district_wants_it_and_is_applied_on_approval() {
    let office = Office::new("[guard]\nat_limit = \"hold_all\"\n");
    office.deliver(&students(100));
    let mut next = students(80);
    next[0].grade = "5";
    let (code, report) = office.deliver(&next);
    assert_eq!((code, word(&report, "outcome"), office.value("level", "70001")), (3, "held", "4".into()));
    assert_eq!(office.approve(&report).0, 0);
    assert_eq!((office.with_status(4), office.value("level", "70001")), (20, "5".into()));
}

#[test]
fn a_change_that_was_undone_is_asked_and_not_done_by_itself() {
    let office = Office::new("");
    office.deliver(&students(30));
    let absent =
        "INSERT INTO refused_changes SELECT district, kind, number, 0, 'undone', 'a run', '2026-09-01T00:00:00Z'
        FROM entities WHERE id = 'S0030'";
    office.sql(absent);
    let (code, report) = office.deliver(&students(29));
    assert_eq!((code, guards(&report), office.with_status(4)), (3, vec!["undone"], 0));
    assert_eq!((office.approve(&report).0, office.with_status(4)), (0, 1));
    assert_eq!(office.one("SELECT count(*) FROM refused_changes"), 0);
}

#[test]
fn the_first_touch_of_patrons_who_were_there_before_waits_as_a_whole() {
    let office = Office::new("");
    office.sql("INSERT INTO patrons (student_number, first_name, last_name, birthdate, roles, notes) VALUES ('70001', 'Fab', 'Lab', '2012-02-02', 'student', 'mine')");
    office.run(&["district", "site-map", "11", "ELM"]).well();
    let (code, report) = office.deliver(&students(20));
    assert_eq!((code, word(&report, "outcome"), guards(&report)), (3, "held", vec!["first_run"]));
    assert_eq!(office.one("SELECT count(*) FROM patrons"), 1);
    let (code, again) = office.deliver(&students(20));
    assert_eq!((code, &again["holds"][0]["hash"]), (3, &report["holds"][0]["hash"]));
    assert_eq!(office.approve(&report).0, 0);
    assert_eq!((office.one("SELECT count(*) FROM patrons"), office.value("notes", "70001")), (21, "mine".into()));
    office.sql("INSERT INTO patrons (student_number, first_name, last_name, birthdate, roles) VALUES ('70021', 'Fau', 'Lau', '2012-10-22', 'student')");
    assert_eq!(office.deliver(&students(21)).0, 0, "only the first");
}
