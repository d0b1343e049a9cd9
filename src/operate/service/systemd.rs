//! What systemd is told: ready, reloading, stopping, how it goes, and that the service is alive while its rounds end.
//!
//! Called by `serve`. Without systemd (no `NOTIFY_SOCKET`) nothing is said, and nothing is amiss.

use std::time::{Duration, Instant};

use sd_notify::NotifyState;

use super::health::Health;

/// The store is open, the folders are watched.
pub fn ready(status: &str) {
    tell(&[NotifyState::Ready, NotifyState::Status(status)]);
}

/// The settings are read again. `ready` must follow.
pub fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(time) => tell(&[NotifyState::Reloading, time]),
        Err(error) => tracing::debug!(%error, "failed to read the clock for systemd"),
    }
}

/// No more is taken in; what runs comes to its end.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// How it goes, in one line for `systemctl status`.
pub fn status(status: &str) {
    tell(&[NotifyState::Status(status)]);
}

/// Tells systemd at half of its watchdog's time that the service lives, as long as it is not stuck. Ends at once where no watchdog waits.
pub async fn keep_alive(health: Health) {
    let Some(interval) = watchdog_interval(sd_notify::watchdog_enabled()) else { return };
    let mut ticks = tokio::time::interval(interval);
    loop {
        ticks.tick().await;
        match health.is_stuck(Instant::now()) {
            None => tell(&[NotifyState::Watchdog]),
            Some(trouble) => tracing::error!("{trouble}; systemd is not told that the service lives"),
        }
    }
}

/// Half of what systemd waits for.
fn watchdog_interval(waits: Option<Duration>) -> Option<Duration> {
    waits.map(|waits| waits / 2).filter(|interval| !interval.is_zero())
}

fn tell(states: &[NotifyState]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::debug!(%error, "failed to tell systemd");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_watchdog_is_told_twice_within_its_time_or_never() {
        assert_eq!(watchdog_interval(Some(Duration::from_secs(30))), Some(Duration::from_secs(15)));
        assert_eq!(watchdog_interval(Some(Duration::ZERO)), None);
        assert_eq!(watchdog_interval(None), None);
    }
}
