//! How the service is, as the rounds and workers say it and as `/metrics`, `/healthz`, `/readyz` and systemd are told.
//!
//! Shared by all threads. Nobody who asks waits for the database: what is shown was set before.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::metrics::Metrics;
use super::process::Process;

/// How the service is.
#[derive(Debug, Clone)]
pub struct Health(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    metrics: Mutex<Metrics>,
    state: Mutex<State>,
    /// A round that takes longer than this is stuck.
    longest_round: Duration,
}

#[derive(Debug)]
struct State {
    last_round: Instant,
    readiness: Readiness,
}

/// Whether the service can do its work.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Readiness {
    /// Whether the store can be read and written.
    pub is_store_usable: bool,
    /// Whether the drop folders are watched, by events or by the clock.
    pub are_folders_watched: bool,
}

impl Health {
    /// Alive and not ready yet. From now on a round has to end within every `longest_round`.
    pub fn new(metrics: Metrics, longest_round: Duration, now: Instant) -> Self {
        let state = State { last_round: now, readiness: Readiness::default() };
        Self(Arc::new(Shared { metrics: Mutex::new(metrics), state: Mutex::new(state), longest_round }))
    }

    /// A round has ended.
    pub fn round_ended(&self, readiness: Readiness, now: Instant) {
        *self.state() = State { last_round: now, readiness };
    }

    /// Why the process should be started anew; `None`: it lives.
    pub fn is_stuck(&self, now: Instant) -> Option<String> {
        let since = now.saturating_duration_since(self.state().last_round);
        let sentence = || format!("stuck: no round has ended for {} s", since.as_secs());
        (since > self.0.longest_round).then(sentence)
    }

    /// Why nothing can be taken in now; `None`: it is ready.
    pub fn is_unready(&self, now: Instant) -> Option<String> {
        let Readiness { is_store_usable, are_folders_watched } = self.state().readiness;
        self.is_stuck(now).or_else(|| match (is_store_usable, are_folders_watched) {
            (false, _) => Some("not ready: the store cannot be used".to_owned()),
            (true, false) => Some("not ready: the drop folders are not watched".to_owned()),
            (true, true) => None,
        })
    }

    /// The metrics, to be set or counted up. Whoever holds them asks no database meanwhile.
    pub fn metrics(&self) -> MutexGuard<'_, Metrics> {
        self.0.metrics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Everything that Prometheus reads.
    pub fn encode(&self) -> String {
        let process = Process::of_this();
        self.metrics().encode(process)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::operate::versions::Versions;

    const READY: Readiness = Readiness { is_store_usable: true, are_folders_watched: true };

    #[test]
    fn it_is_ready_after_a_good_round_and_stuck_when_none_ends() {
        let start = Instant::now();
        let after = |seconds| start + Duration::from_secs(seconds);
        let health = Health::new(Metrics::new(&Versions::of_process("")), Duration::from_secs(60), start);
        assert_eq!(health.is_stuck(after(60)), None);
        assert_eq!(health.is_unready(after(0)).as_deref(), Some("not ready: the store cannot be used"));
        health.round_ended(READY, after(50));
        assert_eq!((health.is_stuck(after(110)), health.is_unready(after(110))), (None, None));
        let stuck = Some("stuck: no round has ended for 61 s".to_owned());
        assert_eq!((health.is_stuck(after(111)), health.is_unready(after(111))), (stuck.clone(), stuck));
        health.round_ended(Readiness { are_folders_watched: false, ..READY }, after(120));
        assert_eq!(health.is_unready(after(121)).as_deref(), Some("not ready: the drop folders are not watched"));
    }
}
