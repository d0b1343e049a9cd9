//! How files are handed over by each source, and how to see what came of it.

use std::path::PathBuf;

use assert_cmd::Command;
use serde_json::Value;

use crate::dump::Dump;
use crate::support::{Desk, Ended, repository, tree};

/// A source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// `rosterd ingest`
    CommandLine,
    /// A drop folder, looked at by `rosterd take`.
    DropFolder,
}

/// A district with the good sample in it, and the place where its sender puts files.
pub struct Door {
    pub desk: Desk,
    way: Way,
    before: Dump,
    people: usize,
}

impl Door {
    /// With these lines in the district's settings.
    pub fn new(way: Way, settings: &str) -> Self {
        let desk = Desk::new();
        desk.write("settings.toml", "id = \"springfield\"\n");
        desk.line("district apply settings.toml").well();
        desk.copy("sample-csv/good", "before");
        desk.line("ingest before --district springfield --now 2026-11-20T02:00:00Z").well();
        desk.write("settings.toml", format!("id = \"springfield\"\n{settings}"));
        desk.line("district apply settings.toml").well();
        Self::at(desk, way)
    }

    /// Of a district in which nobody is yet.
    pub fn of_nobody(way: Way) -> Self {
        Self::at(Desk::new().with_district("springfield"), way)
    }

    fn at(desk: Desk, way: Way) -> Self {
        let mut door = Self { desk, way, before: Dump::default(), people: 0 };
        std::fs::create_dir_all(door.place("")).unwrap();
        door.remember();
        door
    }

    /// The good sample lies where the sender puts files.
    pub fn with_good_set(self) -> Self {
        self.put_sample("good");
        self
    }

    /// A file where the sender puts it.
    pub fn place(&self, name: &str) -> PathBuf {
        let folder = match self.way {
            Way::CommandLine => "upload",
            Way::DropFolder => "drop/springfield",
        };
        self.desk.path(folder).join(name)
    }

    pub fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.place(name), bytes).unwrap();
    }

    /// A sample as a new upload.
    pub fn put_sample(&self, sample: &str) {
        for (path, bytes) in tree(&repository("sample-csv").join(sample)) {
            self.put(path.file_name().unwrap().to_str().unwrap(), bytes);
        }
    }

    pub fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.place(name)).unwrap()
    }

    /// What is in the store now is what is compared with later.
    pub fn remember(&mut self) {
        (self.before, self.people) = (self.desk.dump().library(), self.desk.dump().rows("entities"));
    }

    /// The command that hands over what lies there.
    pub fn command(&self) -> Command {
        let line = match self.way {
            Way::CommandLine => "ingest upload --results upload/results",
            Way::DropFolder => "take",
        };
        let common = "--district springfield --now 2026-11-21T02:00:00Z";
        self.desk.command(&format!("{line} {common}").split(' ').collect::<Vec<_>>())
    }

    /// Hands over what lies there.
    pub fn hand_over(&self) -> Came {
        let known = self.report();
        let output = self.command().output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let ended = Ended { code: output.status.code().unwrap(), out: text(output.stdout), err: text(output.stderr) };
        Came { report: self.report().filter(|report| Some(report) != known.as_ref()), ended }
    }

    /// The newest report in the place of the upload.
    fn report(&self) -> Option<Value> {
        std::fs::read(self.place("results/latest.json")).ok().map(|bytes| serde_json::from_slice(&bytes).unwrap())
    }

    /// How many runs the store knows.
    pub fn runs(&self) -> usize {
        self.desk.dump().rows("runs")
    }

    /// Patrons and roster are as they were, and no copy of what was refused is left.
    #[track_caller]
    pub fn is_untouched(&self) {
        let now = self.desk.dump();
        let changes = self.before.changes(&now.library());
        assert!(changes.is_empty(), "{changes:#?}");
        assert_eq!(now.rows("entities"), self.people);
        self.has_no_copies();
    }

    /// Nothing waits any more, nor does what was on its way lie anywhere.
    #[track_caller]
    pub fn has_no_copies(&self) {
        let home = self.desk.path("rosterd.db.d");
        let copies: Vec<PathBuf> =
            ["incoming", "inbox"].iter().flat_map(|name| tree(&home.join(name)).into_keys()).collect();
        assert_eq!(copies, Vec::<PathBuf>::new());
    }
}

/// What came of it.
#[derive(Debug)]
pub struct Came {
    ended: Ended,
    /// The report that the sender found, if there is a new one.
    report: Option<Value>,
}

impl Came {
    /// How the run ended, as the sender reads it; blank: there was none.
    pub fn outcome(&self) -> &str {
        self.report.as_ref().map_or("", |report| report["outcome"].as_str().unwrap())
    }

    /// It was refused, and the sentence holds `words`.
    #[track_caller]
    pub fn is_refused(&self, words: &str) {
        assert_ne!(self.ended.code, 0, "{self:?}");
        assert!(["", "rejected"].contains(&self.outcome()), "{self:?}");
        let said = format!("{}{}", self.ended.out, self.ended.err);
        assert!(said.contains(words), "{words:?} is missing in {said}");
    }

    /// Nothing in it moves a terminal about.
    #[track_caller]
    pub fn is_plain_text(&self) {
        let is_control = |char: char| char.is_control() && char != '\n';
        assert!(!self.ended.out.contains(is_control) && !self.ended.err.contains(is_control), "{self:?}");
    }

    /// It ran, and ended so.
    #[track_caller]
    pub fn ended(&self, outcome: &str) {
        assert_eq!(self.outcome(), outcome, "{self:?}");
    }
}
