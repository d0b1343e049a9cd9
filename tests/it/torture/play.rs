//! Plays a sender against the service's own round over a real folder, at a clock that this file sets.

use std::collections::VecDeque;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::Instant;

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::Strategy;
use proptest::{arbitrary::any, collection::vec, prop_oneof, sample::select, strategy::Just};
use rosterd::operate::service::round::{Round, Sight};
use rosterd::pipeline::{self, Job};
use rosterd::report::{Outcome, Source};
use rosterd::roster::set::{Content, Received};
use rosterd::roster::settings::Settings;
use rosterd::store::Store;
use tempfile::TempDir;

use super::judge::{Found, Judge, SCAN};
use super::sender::{Planned, QUIET, Says, Sender, State, Step, sender};
use crate::properties::library::{quick_folder, schemas};

/// What goes wrong on our side, before the step of this number.
#[derive(Debug, Clone, Copy)]
pub struct Trouble {
    before: u8,
    what: What,
}

#[derive(Debug, Clone, Copy)]
enum What {
    /// The service ends and begins again after so many seconds; it knows only what is stored.
    Restart(u16),
    /// The folder is away for so many seconds; the sender waits for it.
    Vanish(u16),
    /// Somebody puts the clock back by so many seconds.
    ClockBack(u32),
    /// The step is taken while we look, after so many turns of a loop.
    Race(u16),
}

/// Which events of files reach us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Events {
    All,
    Some,
    None,
}

/// A sender and everything else that happens.
#[derive(Debug, Clone)]
pub struct Schedule {
    sender: Sender,
    events: Events,
    is_moved: bool,
    troubles: Vec<Trouble>,
}

pub fn schedule() -> impl Strategy<Value = Schedule> {
    let what = prop_oneof![
        3 => (0..700u16).prop_map(What::Restart),
        2 => (0..700u16).prop_map(What::Vanish),
        2 => (1..100_000u32).prop_map(What::ClockBack),
        3 => any::<u16>().prop_map(What::Race),
    ];
    let trouble = (0..60u8, what).prop_map(|(before, what)| Trouble { before, what });
    let events = select(vec![Events::All, Events::Some, Events::None]);
    let is_moved = prop_oneof![3 => Just(false), 1 => Just(true)];
    (sender(), events, is_moved, vec(trouble, 0..5)).prop_map(|(sender, events, is_moved, troubles)| Schedule {
        sender,
        events,
        is_moved,
        troubles,
    })
}

/// How much was played.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    pub schedules: u64,
    pub steps: u64,
    pub looks: u64,
    pub whole: u64,
    pub cut_off: u64,
}

impl Tally {
    pub fn add(&mut self, other: &Self) {
        self.schedules += other.schedules;
        self.steps += other.steps;
        self.looks += other.looks;
        self.whole += other.whole;
        self.cut_off += other.cut_off;
    }
}

/// A store that serves one schedule after the other, because making one takes longer than playing one.
pub struct Stage {
    home: TempDir,
    store: Store,
    database: rusqlite::Connection,
}

impl Stage {
    pub fn new() -> Self {
        let home = quick_folder();
        let file = home.path().join("library.db");
        let store = Store::open(file.to_str().unwrap()).unwrap();
        let database = rusqlite::Connection::open(&file).unwrap();
        Self { home, store, database }
    }

    /// Lets the disk's own clock move on, which counts in steps of some milliseconds; the steps of a sender are further apart than that.
    /// A removal leaves no time but the folder's, which is only trusted to the longest such step.
    fn tick(&self, step: &Step) {
        let probe = self.home.path().join("probe");
        let changed = || {
            std::fs::write(&probe, "").unwrap();
            let about = probe.metadata().unwrap();
            about.ctime() * 1_000_000_000 + about.ctime_nsec()
        };
        let nanoseconds = if matches!(step, Step::Remove { .. }) { 11_000_000 } else { 1 };
        let first = changed();
        while changed() < first + nanoseconds {}
    }

    fn clear(&self, schedule: &Schedule) {
        for table in ["deliveries", "drop_folders", "alarms", "service", "wishes"] {
            self.database.execute(&format!("DELETE FROM {table}"), []).unwrap();
        }
        for folder in ["drop", "away", "library.db.d"] {
            let _ = std::fs::remove_dir_all(self.home.path().join(folder));
        }
        let after = if schedule.is_moved { "move" } else { "leave" };
        let settings = format!("id = \"springfield\"\n[intake]\nquiet_period = \"{QUIET}s\"\nafter = \"{after}\"\n");
        self.store.put_district(&toml::from_str::<Settings>(&settings).unwrap()).unwrap();
    }
}

/// Everything while a schedule is played.
struct Play<'s> {
    stage: &'s Stage,
    schedule: &'s Schedule,
    round: Round<'s>,
    judge: Judge,
    steps: VecDeque<Planned>,
    /// Seconds since the beginning.
    now: i64,
    /// By how much the clock on the wall is wrong.
    skew: i64,
    next_look: i64,
    step_at: i64,
    count: usize,
    tally: Tally,
}

/// Plays everything; an error is the first broken promise, as a picture.
pub fn play(stage: &Stage, schedule: &Schedule) -> Result<Tally, String> {
    stage.clear(schedule);
    let mut play = Play {
        stage,
        schedule,
        round: Round::new(&stage.store, schemas()),
        judge: Judge::default(),
        steps: schedule.sender.plan(schedule.is_moved),
        now: 0,
        skew: 0,
        next_look: 0,
        step_at: 0,
        count: 0,
        tally: Tally { schedules: 1, ..Tally::default() },
    };
    play.all().map_err(|why| play.picture(&why))?;
    Ok(play.tally)
}

impl Play<'_> {
    fn all(&mut self) -> Result<(), String> {
        self.look()?;
        self.step_at = self.steps.front().map_or(0, |step| step.pause);
        while !self.steps.is_empty() {
            if self.next_look <= self.step_at {
                self.now = self.now.max(self.next_look);
                self.look()?;
            } else {
                self.now = self.now.max(self.step_at);
                self.step()?;
            }
        }
        let end = self.judge.end() + 3 * QUIET;
        while self.now < end {
            self.now = self.next_look;
            self.look()?;
        }
        self.judge.in_time(i64::MAX - 1)
    }

    fn folder(&self) -> PathBuf {
        self.stage.home.path().join("drop/springfield")
    }

    fn clock(&self) -> DateTime<Utc> {
        "2026-11-20T02:00:00Z".parse::<DateTime<Utc>>().unwrap() + TimeDelta::seconds(self.now + self.skew)
    }

    /// One look around by the service.
    fn look(&mut self) -> Result<(), String> {
        self.judge.in_time(self.now)?;
        let seen = self.look_now();
        self.judge_copies(&seen)
    }

    fn look_now(&mut self) -> Vec<i64> {
        let drop_folders = self.stage.home.path().join("drop");
        let sight = Sight {
            now: self.clock(),
            drop_folders: &drop_folders,
            scan_interval: TimeDelta::seconds(SCAN),
            is_config_refused: false,
        };
        let seen = self.round.look(&sight).unwrap();
        let wait = (seen.next - self.clock()).num_seconds();
        assert!(wait > 0 && wait <= SCAN, "it asks to look again in {wait} s");
        self.next_look = self.now + wait;
        self.tally.looks += 1;
        seen.taken
    }

    fn judge_copies(&mut self, taken: &[i64]) -> Result<(), String> {
        for number in taken {
            let row = self.stage.store.delivery(*number).unwrap().unwrap();
            let received = pipeline::received(&self.stage.store, &row, schemas()).unwrap();
            let copy = state_of(&received);
            match self.judge.taken(&copy, self.now)? {
                Found::Whole => self.tally.whole += 1,
                Found::CutOff => {
                    self.tally.cut_off += 1;
                    self.must_be_refused(&received)?;
                }
            }
        }
        Ok(())
    }

    /// A set in which a file is cut off is refused, whatever else is in it.
    fn must_be_refused(&self, received: &Received) -> Result<(), String> {
        let folder = quick_folder();
        for file in &received.batch.files {
            std::fs::copy(&file.path, folder.path().join(&file.name)).unwrap();
        }
        let settings = Settings::new("springfield");
        let outcome = pipeline::run(&self.stage.store, &self.job(folder.path(), &settings)).unwrap().report.outcome;
        if outcome == Outcome::Rejected {
            Ok(())
        } else {
            Err(format!("a set with a file that is cut off is {outcome}"))
        }
    }

    fn job<'j>(&self, path: &'j Path, settings: &'j Settings) -> Job<'j> {
        Job {
            path,
            source: Source::DropFolder,
            settings,
            schemas: schemas(),
            now: self.clock(),
            as_of: None,
            delta: false,
            is_preview: true,
            wants_rejected: false,
            begun: Instant::now(),
            recorded: None,
        }
    }

    /// The sender's next step, after whatever goes wrong before it.
    fn step(&mut self) -> Result<(), String> {
        let count = self.count;
        self.count += 1;
        let troubles: Vec<What> = self
            .schedule
            .troubles
            .iter()
            .filter(|trouble| usize::from(trouble.before) == count)
            .map(|trouble| trouble.what)
            .collect();
        let mut race = None;
        for trouble in troubles {
            match trouble {
                What::Race(turns) => race = Some(turns),
                What::Restart(seconds) => self.restart(i64::from(seconds))?,
                What::Vanish(seconds) => self.vanish(i64::from(seconds))?,
                What::ClockBack(seconds) => {
                    self.skew -= i64::from(seconds);
                    self.judge.disturbed(self.now);
                }
            }
        }
        let Some(step) = self.steps.pop_front() else { return Ok(()) };
        self.tally.steps += 1;
        self.stage.tick(&step.step);
        let taken = match race {
            Some(turns) => self.race(&step, turns),
            None => {
                step.step.take(&self.folder());
                Vec::new()
            }
        };
        // What was taken while the step was under way is what was there before it.
        self.judge_copies(&taken)?;
        self.judge.step(&step, self.now, self.is_declared(&step))?;
        if self.steps.front().is_some_and(|next| next.after_stop) {
            self.judge.stops(self.now);
        }
        self.step_at = self.now + self.steps.front().map_or(0, |next| next.pause);
        match self.schedule.events {
            Events::All => self.look(),
            Events::Some if count.is_multiple_of(3) => self.look(),
            _ => Ok(()),
        }
    }

    /// Takes the step while the service looks.
    fn race(&mut self, step: &Planned, turns: u16) -> Vec<i64> {
        let folder = self.folder();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                (0..u32::from(turns) * 4).for_each(|_| std::hint::spin_loop());
                step.step.take(&folder);
            });
            self.look_now()
        })
    }

    /// Whether the sender says by it that everything was sent, in a way that can be believed at once.
    fn is_declared(&self, step: &Planned) -> bool {
        let sender = &self.schedule.sender;
        let upload = &sender.uploads[step.upload];
        match upload.says {
            Says::DoneLast => !sender.is_ahead(),
            // What agrees with it at first, or was taken with it by mistake, is not new when it is complete.
            Says::Manifest { first: true, hashes } => {
                hashes && !sender.is_dated && !upload.is_same && upload.stop.is_none()
            }
            Says::Manifest { first: false, hashes } => !sender.is_dated && (hashes || !sender.is_ahead()),
            _ => false,
        }
    }

    fn restart(&mut self, seconds: i64) -> Result<(), String> {
        self.now += seconds;
        self.round = Round::new(&self.stage.store, schemas());
        self.judge.disturbed(self.now);
        self.look()
    }

    fn vanish(&mut self, seconds: i64) -> Result<(), String> {
        let away = self.stage.home.path().join("away");
        std::fs::rename(self.folder(), &away).unwrap();
        let back = self.now + seconds;
        self.judge.disturbed(back);
        while self.next_look < back {
            self.now = self.next_look;
            self.look()?;
        }
        self.now = back;
        std::fs::rename(&away, self.folder()).unwrap();
        Ok(())
    }

    /// What happened, for a person to read.
    fn picture(&self, why: &str) -> String {
        let mut plan = self.schedule.sender.plan(self.schedule.is_moved);
        let left = self.steps.len();
        plan.truncate(plan.len() - left);
        let steps: Vec<String> = plan.iter().map(|step| format!("  +{} s {:?}", step.pause, step.step)).collect();
        format!("{:#?}\n{}\n{why}", self.schedule, steps.join("\n"))
    }
}

fn state_of(received: &Received) -> State {
    let text = |path: &Path| String::from_utf8_lossy(&std::fs::read(path).unwrap()).into_owned();
    let kind = |content: Content| match content {
        Content::Csv { kind, .. } => kind.word(),
        Content::Zip => "zip",
    };
    received.batch.files.iter().map(|file| (kind(file.content), text(&file.path))).collect()
}
