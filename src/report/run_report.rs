//! One run (or check, or preview) as a value that is also its JSON.
//!
//! Filled by the pipeline, kept by the store, printed by `text` and the commands. The names are a contract with other
//! programs: add, never rename.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

use super::ProblemList;
use super::counts::{EnrollmentCounts, PeopleReport, SectionCounts};
use super::undo_report::UndoReport;
use super::words::{Action, Outcome, Source};
use crate::roster::set::Mode;
use crate::roster::{FileKind, PersonKind};

/// Everything that is known of one run. `check` fills only outcome, files and problems.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct RunReport {
    /// The run's id.
    #[serde(default)]
    pub run: Option<String>,
    /// `sha256:…` of the batch.
    #[serde(default)]
    pub batch: Option<String>,
    /// The district's id.
    #[serde(default)]
    pub district: String,
    /// Where the batch came from.
    #[serde(default = "command_line")]
    pub source: Source,
    /// Full or delta.
    #[serde(default = "full")]
    pub mode: Mode,
    /// How it ended.
    pub outcome: Outcome,
    /// When it began.
    #[serde(default)]
    pub started_at: DateTime<Utc>,
    /// How long it took.
    #[serde(default)]
    pub duration_ms: u64,
    /// The day for which the set speaks.
    #[serde(default)]
    pub as_of: NaiveDate,
    /// `sha256:…` of the plan, when it came to one.
    #[serde(default)]
    pub plan: Option<String>,
    /// The files of the set.
    pub files: Vec<FileReport>,
    /// What became of the people.
    #[serde(default)]
    pub people: PeopleReport,
    /// What became of the sections.
    #[serde(default)]
    pub sections: SectionCounts,
    /// What became of the enrollments.
    #[serde(default)]
    pub enrollments: EnrollmentCounts,
    /// What is wrong with the delivery: `problems` and `problem_counts`.
    #[serde(flatten)]
    pub problems: ProblemList,
    /// What waits for a person.
    #[serde(default)]
    pub holds: Vec<HoldReport>,
    /// What a preview would do, or an undo did; nothing else has it.
    #[serde(default)]
    pub actions: Option<Vec<ActionReport>>,
    /// What an undo took back and kept; nothing else has it.
    #[serde(default)]
    pub undo: Option<UndoReport>,
}

fn command_line() -> Source {
    Source::CommandLine
}

fn full() -> Mode {
    Mode::Full
}

impl RunReport {
    /// A report of a run by hand in which nothing has happened yet.
    pub fn new(outcome: Outcome) -> Self {
        Self {
            run: None,
            batch: None,
            district: String::new(),
            source: Source::CommandLine,
            mode: Mode::Full,
            outcome,
            started_at: DateTime::default(),
            duration_ms: 0,
            as_of: NaiveDate::default(),
            plan: None,
            files: Vec::new(),
            people: PeopleReport::default(),
            sections: SectionCounts::default(),
            enrollments: EnrollmentCounts::default(),
            problems: ProblemList::new(),
            holds: Vec::new(),
            actions: None,
            undo: None,
        }
    }

    /// Proves that every row and every person was accounted for; `people_in_set` holds the people of the set by
    /// [`PersonKind::index`]. The sentence names the sum that is wrong.
    pub fn counts_add_up(&self, people_in_set: [u64; 3]) -> Result<(), String> {
        self.files.iter().try_for_each(FileReport::adds_up)?;
        PersonKind::ALL.into_iter().try_for_each(|kind| {
            let (counted, in_set) = (self.people.of(kind).of_the_set(), people_in_set[kind.index()]);
            let sentence = || format!("the set holds {in_set} {kind}, and {counted} of them are accounted for");
            (counted == in_set).then_some(()).ok_or_else(sentence)
        })
    }

    /// Rows refused, of all files.
    pub fn refused_rows(&self) -> u64 {
        self.files.iter().map(|file| file.refused).sum()
    }

    fn write_run_fields<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("run", &self.run)?;
        map.serialize_entry("batch", &self.batch)?;
        map.serialize_entry("district", &self.district)?;
        map.serialize_entry("source", &self.source)?;
        map.serialize_entry("mode", &self.mode)
    }

    fn write_time_fields<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        let started_at = self.started_at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        map.serialize_entry("started_at", &started_at)?;
        map.serialize_entry("duration_ms", &self.duration_ms)?;
        map.serialize_entry("as_of", &self.as_of)?;
        map.serialize_entry("plan", &self.plan)
    }

    fn write_counts<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("people", &self.people)?;
        map.serialize_entry("sections", &self.sections)?;
        map.serialize_entry("enrollments", &self.enrollments)
    }

    fn write_problems<M: SerializeMap>(&self, map: &mut M) -> Result<(), M::Error> {
        map.serialize_entry("problems", self.problems.kept())?;
        map.serialize_entry("problem_counts", self.problems.counts())
    }
}

/// By hand because a check has no run, while a run says `null` where it has no plan; serde's derive knows one rule only.
impl Serialize for RunReport {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        let is_run = !self.outcome.is_check();
        if is_run {
            self.write_run_fields(&mut map)?;
        }
        map.serialize_entry("outcome", &self.outcome)?;
        if is_run {
            self.write_time_fields(&mut map)?;
        }
        map.serialize_entry("files", &self.files)?;
        if is_run {
            self.write_counts(&mut map)?;
        }
        self.write_problems(&mut map)?;
        if is_run {
            map.serialize_entry("holds", &self.holds)?;
        }
        if let Some(actions) = &self.actions {
            map.serialize_entry("actions", actions)?;
        }
        if let Some(undo) = &self.undo {
            map.serialize_entry("undo", undo)?;
        }
        map.end()
    }
}

/// One file of the set, and what became of its rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileReport {
    /// The name as it was delivered.
    pub name: String,
    /// What it holds; none when it is no roster file.
    pub kind: Option<FileKind>,
    /// Its size as delivered.
    pub bytes: u64,
    /// Its hash as delivered.
    pub sha256: String,
    /// The encoding it was read in.
    pub encoding: String,
    /// Rows read, the header not counted.
    pub rows: u64,
    /// Rows that became records.
    pub accepted: u64,
    /// Rows that an error refused.
    pub refused: u64,
    /// Blank lines, lines of separators only, repeated headers.
    pub blank: u64,
    /// Rows that were folded into another row of the same id.
    pub folded: u64,
    /// Accepted rows that are as they were last time.
    pub unchanged: u64,
}

impl FileReport {
    fn adds_up(&self) -> Result<(), String> {
        let sum = self.accepted + self.refused + self.blank + self.folded;
        let sentence = || format!("{} has {} rows, and {sum} of them are accounted for", self.name, self.rows);
        (sum == self.rows).then_some(()).ok_or_else(sentence)
    }
}

/// What waits for a person, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldReport {
    /// The word of the guard that decided.
    pub guard: String,
    /// The kind of rows that are held.
    pub kind: Option<FileKind>,
    /// The school, when the guard looked at one alone.
    pub school: Option<String>,
    /// How many people (or rows) it is about.
    pub count: u64,
    /// Of how many.
    pub of: Option<u64>,
    /// The limit in words: `10 %`.
    pub limit: Option<String>,
    /// A sentence for the librarian.
    pub reason: String,
    /// `sha256:…` over what is held, for `runs approve`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
    /// Whom it is about, the first ten thousand: `students:S004`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub people: Vec<String>,
}

/// One line of a plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionReport {
    /// What would be done.
    pub action: Action,
    /// The kind of person.
    pub kind: PersonKind,
    /// The person's id.
    pub id: String,
    /// The patron, unless there is none yet.
    pub patron: Option<i64>,
    /// What shows that the person is that patron: `link`, `guid`, `email` …
    pub evidence: String,
    /// Patron field to old and new value; none is blank.
    pub fields: BTreeMap<String, (Option<String>, Option<String>)>,
    /// Patrons between whom a person must decide.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<Candidate>,
    /// Why it waits, as a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// A patron who could be the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    /// The patron.
    pub patron: i64,
    /// What speaks for it.
    pub evidence: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::PeopleCounts;
    use crate::roster::{Code, Problem};
    use serde_json::{Value, json};

    fn run() -> RunReport {
        let mut report = RunReport::new(Outcome::Applied);
        report.run = Some("019".into());
        report.batch = Some("sha256:b".into());
        report.district = "springfield".into();
        report.started_at = "2026-11-20T02:00:00Z".parse().unwrap();
        report.duration_ms = 412;
        report.as_of = "2026-11-20".parse().unwrap();
        report.plan = Some("sha256:p".into());
        report.files.push(FileReport {
            name: "students.csv".into(),
            kind: Some(FileKind::Students),
            bytes: 1234,
            sha256: "f".into(),
            encoding: "utf-8".into(),
            rows: 200,
            accepted: 198,
            refused: 1,
            blank: 1,
            folded: 0,
            unchanged: 190,
        });
        report.people.students =
            PeopleCounts { created: 3, updated: 5, unchanged: 189, shielded: 1, removed: 1, ..PeopleCounts::default() };
        report.problems.push(
            Problem::error(Code::RequiredCellBlank, "m")
                .in_file("students.csv")
                .at(118)
                .column("Last_name")
                .propose("p"),
        );
        report.holds.push(HoldReport {
            guard: "removals".into(),
            kind: Some(FileKind::Students),
            school: None,
            count: 21,
            of: Some(200),
            limit: Some("10 %".into()),
            reason: "r".into(),
            hash: None,
            people: Vec::new(),
        });
        report
    }

    #[test]
    fn a_run_is_exactly_the_json_of_the_contract() {
        let none = json!({"created": 0, "updated": 0, "unchanged": 0, "reactivated": 0, "held": 0, "conflicting": 0,
                          "shielded": 0, "skipped": 0, "removed": 0, "missing": 0});
        let expected = json!({
            "run": "019", "batch": "sha256:b", "district": "springfield", "source": "command_line", "mode": "full",
            "outcome": "applied",
            "started_at": "2026-11-20T02:00:00Z", "duration_ms": 412, "as_of": "2026-11-20",
            "plan": "sha256:p",
            "files": [{"name": "students.csv", "kind": "students", "bytes": 1234, "sha256": "f", "encoding": "utf-8",
                       "rows": 200, "accepted": 198, "refused": 1, "blank": 1, "folded": 0, "unchanged": 190}],
            "people": {"students": {"created": 3, "updated": 5, "unchanged": 189, "reactivated": 0, "held": 0,
                                    "conflicting": 0, "shielded": 1, "skipped": 0, "removed": 1, "missing": 0},
                       "teachers": none, "staff": none},
            "sections": {"created": 0, "updated": 0, "removed": 0, "unchanged": 0},
            "enrollments": {"created": 0, "removed": 0, "unchanged": 0},
            "problems": [{"code": "required_cell_blank", "severity": "error", "file": "students.csv", "line": 118,
                          "column": "Last_name", "message": "m", "proposal": "p"}],
            "problem_counts": {"required_cell_blank": 1},
            "holds": [{"guard": "removals", "kind": "students", "school": null, "count": 21, "of": 200,
                       "limit": "10 %", "reason": "r"}]
        });
        let text = serde_json::to_string(&run()).unwrap();
        assert_eq!(text, expected.to_string(), "the order of the keys counts too");
    }

    #[test]
    fn a_run_reads_what_it_wrote() {
        let mut report = run();
        report.actions = Some(vec![ActionReport {
            action: Action::Update,
            kind: PersonKind::Students,
            id: "S004".into(),
            patron: Some(17),
            evidence: "link".into(),
            fields: [("level".to_owned(), (Some("2".into()), Some("3".into())))].into(),
            candidates: Vec::new(),
            reason: None,
        }]);
        let json = serde_json::to_value(&report).unwrap();
        let action = json!({"action": "update", "kind": "students", "id": "S004", "patron": 17, "evidence": "link",
                            "fields": {"level": ["2", "3"]}});
        assert_eq!(json["actions"], json!([action]));
        let back: RunReport = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(serde_json::to_value(&back).unwrap(), json);
    }

    #[test]
    fn a_check_has_files_and_problems_only() {
        let report = RunReport { outcome: Outcome::Errors, ..run() };
        let json = serde_json::to_value(&report).unwrap();
        let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["outcome", "files", "problems", "problem_counts"]);
        assert!(serde_json::from_value::<RunReport>(json).is_ok());
    }

    #[test]
    fn a_run_without_a_plan_says_null() {
        let json = serde_json::to_value(RunReport::new(Outcome::Rejected)).unwrap();
        assert_eq!(json.get("plan"), Some(&Value::Null));
        assert_eq!(json.get("actions"), None);
    }

    #[test]
    fn counts_that_add_up_pass() {
        assert_eq!(run().counts_add_up([198, 0, 0]), Ok(()));
    }

    #[test]
    fn a_row_or_a_person_that_nobody_accounts_for_is_named() {
        let sentence = "the set holds 199 students, and 198 of them are accounted for";
        assert_eq!(run().counts_add_up([199, 0, 0]), Err(sentence.into()));
        let mut report = run();
        report.files[0].blank = 0;
        let sentence = "students.csv has 200 rows, and 199 of them are accounted for";
        assert_eq!(report.counts_add_up([198, 0, 0]), Err(sentence.into()));
    }
}
