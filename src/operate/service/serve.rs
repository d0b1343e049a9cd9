//! `rosterd serve`: the threads of the service, and how they begin and end.
//!
//! Called by the command. One thread looks around, some run deliveries, one sends letters, and the first one waits for signals and answers
//! over HTTP. A bell wakes them; what is to be done, each of them finds out by itself, so that a lost ring costs time and nothing else.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use chrono::{DateTime, TimeDelta, Utc};
use jiff::tz::TimeZone;

use super::bell::Bell;
use super::clock::Clock;
use super::config::ServeSettings;
use super::health::{Health, Readiness};
use super::letters::{self, post};
use super::metrics::Metrics;
use super::queue::Turns;
use super::round::{Round, Seen, Sight, text};
use super::schedule::Schedule;
use super::worker::{self, Worker};
use crate::files::free_bytes;
use crate::files::zones::Zones;
use crate::operate::picture::Picture;
use crate::operate::versions::Versions;
use crate::receive::drop_folder::Watch;
use crate::roster::schema::SchemaSet;
use crate::store::{DeliveryRow, Store, StoreError};

/// How long whoever works may go on when the service is to end. What is not finished then is done by the next start.
const LAST_WORK: Duration = Duration::from_secs(25);
/// How long a connection of the service waits for the database while another run is written.
const PATIENCE: Duration = Duration::from_secs(600);
/// How often letters are looked for.
const MAIL_INTERVAL: Duration = Duration::from_secs(10);
/// How often it is noted that somebody looked around.
const NOTED_EVERY: TimeDelta = TimeDelta::seconds(30);
/// How soon what failed is tried again.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(5);
/// A look around that takes longer than this is stuck: it waits for no database longer than some seconds.
const LONGEST_ROUND: Duration = Duration::from_secs(300);
/// The shortest time between two looks around.
const A_MOMENT: Duration = Duration::from_millis(500);
/// How often the state is looked at without a ring: another process may have asked for something.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// What all threads of the service know.
#[derive(Debug)]
pub struct Service {
    /// The store's address.
    pub store: String,
    /// The schemas.
    pub schemas: SchemaSet,
    /// The time.
    pub clock: Clock,
    /// The service's own settings, as they were read last.
    settings: Mutex<Arc<ServeSettings>>,
    /// Where they were read.
    pub config: Option<PathBuf>,
    /// Whether the newest ones were refused.
    pub is_config_refused: AtomicBool,
    /// Wakes everybody.
    pub bell: Bell,
    /// How it goes, for those who ask over HTTP and for systemd.
    pub health: Health,
    /// Rings once, when the service is to end.
    over: Bell,
    turns: Mutex<Turns>,
    is_ending: AtomicBool,
}

/// A lock is never held where something can go wrong half-way.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Service {
    /// A service that does nothing yet.
    pub fn new(
        store: String,
        schemas: SchemaSet,
        clock: Clock,
        settings: ServeSettings,
        config: Option<PathBuf>,
    ) -> Self {
        let zones = Zones::newest().to_string();
        Self {
            store,
            schemas,
            clock,
            settings: Mutex::new(Arc::new(settings)),
            config,
            is_config_refused: AtomicBool::new(false),
            bell: Bell::default(),
            health: Health::new(Metrics::new(&Versions::of_process(&zones)), LONGEST_ROUND, Instant::now()),
            over: Bell::default(),
            turns: Mutex::default(),
            is_ending: AtomicBool::new(false),
        }
    }

    /// The settings as they are now.
    pub fn settings(&self) -> Arc<ServeSettings> {
        locked(&self.settings).clone()
    }

    /// Takes other settings over.
    pub fn reload(&self, settings: ServeSettings) {
        *locked(&self.settings) = Arc::new(settings);
        self.is_config_refused.store(false, Ordering::Relaxed);
        self.bell.ring();
    }

    /// Lets everybody finish what is under way.
    pub fn end(&self) {
        self.is_ending.store(true, Ordering::Relaxed);
        self.over.ring();
        self.bell.ring();
    }

    fn is_ending(&self) -> bool {
        self.is_ending.load(Ordering::Relaxed)
    }

    /// A connection that waits for its turn to write.
    fn open(&self, patience: Duration) -> Result<Store, StoreError> {
        let store = Store::open(&self.store)?;
        store.wait_for_others(patience)?;
        Ok(store)
    }

    /// Runs deliveries, one after the other, until the service ends.
    fn run_deliveries(&self) -> Result<()> {
        let store = self.open(PATIENCE)?;
        while !self.is_ending() {
            let known = self.bell.rings();
            match self.run_next(&store, |_| true) {
                Ok(Some(_)) => {}
                Ok(None) => self.bell.wait(known, HEARTBEAT),
                Err(error) => {
                    tracing::error!(error = format!("{error:#}"), "the queue cannot be worked on; it is tried again");
                    self.bell.wait(known, HEARTBEAT);
                }
            }
        }
        Ok(())
    }

    /// Takes the next delivery that `is_meant` to its end. Gives it, and what came of it; none if nobody's turn has come.
    pub fn run_next(
        &self,
        store: &Store,
        is_meant: impl Fn(&DeliveryRow) -> bool,
    ) -> Result<Option<(DeliveryRow, worker::Ended)>> {
        // Read while nobody else takes a turn, so that what another worker has just finished is not taken again.
        let mut turns = locked(&self.turns);
        let rows: Vec<DeliveryRow> = store.open_deliveries()?.into_iter().filter(|row| is_meant(row)).collect();
        let next = turns.take(&rows, self.settings().workers, |row| self.may_begin(store, row)).cloned();
        drop(turns);
        let Some(row) = next else { return Ok(None) };
        let _turn = Turn { service: self, district: row.district.clone() };
        let worker = Worker { store, schemas: &self.schemas, now: self.clock.now() };
        let ended = worker.work(&row, &rows)?;
        worker::log(&row, &ended);
        if let worker::Ended::Run(report) = &ended {
            self.health.metrics().run_ended(report);
        }
        Ok(Some((row, ended)))
    }

    /// Whether the time of a delivery has come: of its run, or of telling its sender.
    fn may_begin(&self, store: &Store, row: &DeliveryRow) -> bool {
        let now = self.clock.now();
        let is_put_off = row.not_before.parse().is_ok_and(|time: DateTime<Utc>| time > now);
        if is_put_off || !row.waits() || row.is_released {
            return !is_put_off;
        }
        let Ok(Some(district)) = store.district(&row.district) else { return false };
        let zone = Zones::newest().get(&district.settings.timezone).unwrap_or(TimeZone::UTC);
        let schedule = Schedule::new(&district.settings.schedule, zone).ok();
        schedule.zip(row.arrived_at.parse().ok()).is_none_or(|(schedule, arrived)| schedule.may_begin(arrived, now))
    }

    /// Looks around whenever something may have happened, until the service ends.
    fn look_around(self: &Arc<Self>) -> Result<()> {
        let store = self.open(Duration::from_secs(5))?;
        let mut round = Round::new(&store, &self.schemas);
        let mut watch = self.watch();
        while !self.is_ending() {
            let known = self.bell.rings();
            let looked = self.look(&store, &mut round, &mut watch);
            let next = looked.unwrap_or_else(|error| {
                tracing::warn!(error = format!("{error:#}"), "looking around failed; it is tried again");
                self.clock.now() + LOOK_AGAIN
            });
            self.wait_for_something(&store, known, next);
        }
        Ok(())
    }

    /// Looks around once, and says how it goes. Gives when to look again.
    fn look(&self, store: &Store, round: &mut Round<'_>, watch: &mut Watch) -> Result<DateTime<Utc>> {
        let settings = self.settings();
        let seen = round.look(&self.sight(&settings));
        let is_store_usable = seen.as_ref().err().is_none_or(is_only_busy);
        self.health.round_ended(Readiness { is_store_usable, are_folders_watched: true }, Instant::now());
        let seen = seen?;
        watch.keep(&seen.folders);
        if !seen.taken.is_empty() {
            self.bell.ring();
        }
        let now = self.clock.now();
        letters::write_letters(store, &settings.mail, now)?;
        self.show(store, now)?;
        Ok(seen.next)
    }

    /// What machines and other commands are told.
    fn show(&self, store: &Store, now: DateTime<Utc>) -> Result<()> {
        let (picture, free) = (Picture::of_store(store)?, free_bytes(&home_of(store)).ok());
        let metrics = self.health.metrics();
        metrics.looked();
        metrics.show(&picture, free, now);
        drop(metrics);
        let last: Option<DateTime<Utc>> = store.service_note("looked_at")?.parse().ok();
        if last.is_none_or(|last| now - last >= NOTED_EVERY) {
            store.put_service_note("looked_at", &text(now))?;
        }
        Ok(())
    }

    /// Sends letters, until the service ends.
    fn send_letters(&self) -> Result<()> {
        let store = self.open(PATIENCE)?;
        while !self.is_ending() {
            let known = self.bell.rings();
            if let Err(error) = self.send_what_is_due(&store) {
                tracing::warn!(error = format!("{error:#}"), "letters could not be looked at; it is tried again");
            }
            self.bell.wait(known, MAIL_INTERVAL);
        }
        Ok(())
    }

    fn send_what_is_due(&self, store: &Store) -> Result<()> {
        let (settings, now) = (self.settings(), self.clock.now());
        let sent = post::send_due(store.letters()?, &settings.mail, post::TIMEOUT, now);
        Ok(letters::note_sent(store, &sent, now)?)
    }

    /// Waits until the bell rings, it is `next`, or somebody else has written to the store: asked for something, or decided what waited. A
    /// moment in any case, because events of files come in swarms. A clock that is put back makes it no longer.
    fn wait_for_something(&self, store: &Store, known: u64, next: DateTime<Utc>) {
        let (begun, longest) = (Instant::now(), (next - self.clock.now()).to_std().unwrap_or_default());
        self.over.wait(0, A_MOMENT);
        while self.bell.rings() == known && begun.elapsed() < longest && !store.is_changed_by_others() {
            self.bell.wait(known, longest.saturating_sub(begun.elapsed()).min(HEARTBEAT));
        }
    }

    fn sight<'a>(&self, settings: &'a ServeSettings) -> Sight<'a> {
        Sight {
            now: self.clock.now(),
            drop_folders: &settings.drop_folders,
            scan_interval: TimeDelta::seconds(settings.scan_interval.seconds.cast_signed()),
            is_config_refused: self.is_config_refused.load(Ordering::Relaxed),
        }
    }

    fn watch(self: &Arc<Self>) -> Watch {
        if self.settings().poll {
            return Watch::none();
        }
        let service = self.clone();
        Watch::new(move || service.bell.ring()).unwrap_or_else(|error| {
            tracing::warn!(%error, "folders give no events; they are looked at by the clock");
            Watch::none()
        })
    }

    /// Looks around once, as if somebody had asked for it. For `rosterd take`.
    pub fn look_once(&self, store: &Store) -> Result<Seen> {
        let settings = self.settings();
        Round::new(store, &self.schemas).look(&self.sight(&settings))
    }
}

/// Whether the database is only written by somebody else for longer than we wait.
fn is_only_busy(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| matches!(cause.downcast_ref(), Some(StoreError::Locked(_))))
}

/// A district is worked on as long as this is there.
struct Turn<'a> {
    service: &'a Service,
    district: String,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        locked(&self.service.turns).give_back(&self.district);
        self.service.bell.ring();
    }
}

/// The threads of a service.
#[derive(Debug)]
pub struct Crew {
    ended: mpsc::Receiver<&'static str>,
    size: usize,
}

impl Crew {
    /// Starts them.
    ///
    /// # Errors
    /// When the store cannot be used, or the system gives no threads.
    pub fn start(service: &Arc<Service>, on_end: impl Fn() + Clone + Send + 'static) -> Result<Self> {
        let store = service.open(PATIENCE)?;
        store.put_service_note("started_at", &text(service.clock.now()))?;
        store.put_service_note("version", env!("CARGO_PKG_VERSION"))?;
        store.put_service_note("config_error", "")?;
        store.put_service_note("longest_round_s", &LONGEST_ROUND.as_secs().to_string())?;
        let (says, ended) = mpsc::channel();
        let mut crew = Self { ended, size: 0 };
        crew.add(service, &says, &on_end, "looking around", Service::look_around)?;
        crew.add(service, &says, &on_end, "sending letters", |service| service.send_letters())?;
        for _ in 0..service.settings().workers {
            crew.add(service, &says, &on_end, "running deliveries", |service| service.run_deliveries())?;
        }
        Ok(crew)
    }

    fn add(
        &mut self,
        service: &Arc<Service>,
        says: &mpsc::Sender<&'static str>,
        on_end: &(impl Fn() + Clone + Send + 'static),
        name: &'static str,
        work: fn(&Arc<Service>) -> Result<()>,
    ) -> Result<()> {
        let (service, end) = (service.clone(), SaysWhenOver { says: says.clone(), name, on_end: on_end.clone() });
        let thread = move || {
            let _end = end;
            if let Err(error) = work(&service) {
                tracing::error!(error = format!("{error:#}"), "{name} ended");
            }
        };
        std::thread::Builder::new().name(name.into()).spawn(thread).context("failed to start a thread")?;
        self.size += 1;
        Ok(())
    }

    /// Waits until all have finished what was under way, but not for ever. Says whether they have.
    pub fn wait(&self) -> bool {
        let begun = Instant::now();
        let left = || LAST_WORK.saturating_sub(begun.elapsed());
        (0..self.size).all(|_| !matches!(self.ended.recv_timeout(left()), Err(RecvTimeoutError::Timeout)))
    }
}

/// Says that a thread is over, even if it panicked.
struct SaysWhenOver<F: Fn()> {
    says: mpsc::Sender<&'static str>,
    name: &'static str,
    on_end: F,
}

impl<F: Fn()> Drop for SaysWhenOver<F> {
    fn drop(&mut self) {
        // Nobody listens any more if the process is about to end anyway.
        let _ = self.says.send(self.name);
        (self.on_end)();
    }
}

/// The folder beside the store, where the lock of the service lies.
pub fn home_of(store: &Store) -> PathBuf {
    store.folder().unwrap_or_else(|| Path::new(".").to_path_buf())
}
