//! Named points where a test can have a run killed, or a write of the database fail. Only debug builds have them: in a release
//! build the functions are empty, and nothing in the environment is looked at.
//!
//! `ROSTERD_KILL_AT=name:3` kills the process when it comes to that point for the third time, as a power cut would;
//! `ROSTERD_FAIL_AT=name:3` lets what is tried there fail.

/// Comes to the point `name`, and may not come back.
#[cfg(debug_assertions)]
pub fn reach(name: &str) {
    use rustix::process::{Signal, getpid, kill_process};
    static KILL: Point = Point::new("ROSTERD_KILL_AT");
    if KILL.is_hit(name) {
        // Nothing of ours runs after this.
        let _ = kill_process(getpid(), Signal::KILL);
    }
}

/// Whether what is tried at the point `name` is to fail.
#[cfg(debug_assertions)]
pub fn fails(name: &str) -> bool {
    static FAIL: Point = Point::new("ROSTERD_FAIL_AT");
    FAIL.is_hit(name)
}

/// Comes to the point `name`.
#[cfg(not(debug_assertions))]
pub fn reach(_name: &str) {}

/// Whether what is tried at the point `name` is to fail: never.
#[cfg(not(debug_assertions))]
pub fn fails(_name: &str) -> bool {
    false
}

/// What one variable of the environment asks for, and how often its point was met.
#[cfg(debug_assertions)]
struct Point {
    variable: &'static str,
    wanted: std::sync::OnceLock<Option<(String, u64)>>,
    met: std::sync::atomic::AtomicU64,
}

#[cfg(debug_assertions)]
impl Point {
    const fn new(variable: &'static str) -> Self {
        Self { variable, wanted: std::sync::OnceLock::new(), met: std::sync::atomic::AtomicU64::new(0) }
    }

    fn is_hit(&self, name: &str) -> bool {
        let wanted = self.wanted.get_or_init(|| {
            let text = std::env::var(self.variable).ok()?;
            let (name, time) = text.rsplit_once(':')?;
            Some((name.to_owned(), time.parse().ok()?))
        });
        let Some((_, time)) = wanted.as_ref().filter(|(wanted, _)| wanted == name) else { return false };
        self.met.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1 == *time
    }
}
