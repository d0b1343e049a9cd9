//! The judge: knows what the sender had finished and when, looks at every copy that was taken, and says whether both promises were
//! kept: nothing unfinished is ever taken for a whole set, and whatever is finished is taken in time.
//!
//! Knows nothing of how anything is decided; a copy is compared byte by byte.

use super::sender::{Planned, QUIET, State};

/// Seconds between two looks when nothing happens.
pub const SCAN: i64 = 60;
/// Seconds for which two looks must agree when the sender says that it is done.
const AGREE: i64 = 2;

/// What was found in a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// Exactly what the sender finished last.
    Whole,
    /// A file that is cut off: allowed after a sender stopped for too long, if it is refused afterwards.
    CutOff,
}

/// An upload that was finished.
#[derive(Debug)]
struct Finished {
    state: State,
    upload: usize,
    is_taken: bool,
    /// When it must have been taken.
    until: i64,
}

/// Watches over one sender.
#[derive(Debug, Default)]
pub struct Judge {
    finished: Vec<Finished>,
    /// Whether an upload was begun and is not finished.
    is_under_way: bool,
    /// What the sender has declared by hash and is about to send.
    declared: Option<State>,
    /// Whether that was taken already, before the sender's last touch.
    was_taken_ahead: bool,
    /// When the sender stopped in the middle of a file.
    stopped_at: Option<i64>,
    last_step: i64,
    /// Whether the newest upload is declared finished by something that can be believed at once.
    is_declared: bool,
}

impl Judge {
    /// The sender took a step.
    pub fn step(&mut self, step: &Planned, now: i64, is_declared: bool) -> Result<(), String> {
        self.in_time(now)?;
        self.last_step = now;
        self.stopped_at = None;
        let is_next = self.finished.last().is_none_or(|last| last.upload < step.upload);
        self.is_under_way = is_next && step.finishes.is_none();
        if step.declares.is_some() || step.finishes.is_some() {
            self.declared.clone_from(&step.declares);
        }
        if let Some(state) = &step.finishes {
            let state = state.clone();
            self.finished.push(Finished { state, upload: step.upload, is_taken: false, until: i64::MAX });
            self.is_declared = is_declared && !std::mem::take(&mut self.was_taken_ahead);
        } else if !is_next {
            // Tidying up is activity after the done-file.
            self.is_declared = false;
        }
        self.begin_to_wait(now);
        Ok(())
    }

    /// The sender stops here for longer than it should.
    pub fn stops(&mut self, now: i64) {
        self.stopped_at = Some(now);
    }

    /// The service was not there, or the folder was not, or the clock was changed: what it had watched so far counts no more.
    pub fn disturbed(&mut self, now: i64) {
        self.begin_to_wait(now);
    }

    fn begin_to_wait(&mut self, now: i64) {
        let (is_under_way, wait) = (self.is_under_way, if self.is_declared { AGREE } else { QUIET });
        if let Some(last) = self.finished.last_mut() {
            last.until = if is_under_way { i64::MAX } else { now + SCAN + wait };
        }
    }

    /// Something was taken.
    pub fn taken(&mut self, copy: &State, now: i64) -> Result<Found, String> {
        let newest = self.finished.last_mut();
        if let Some(newest) = newest.filter(|newest| !newest.is_taken && newest.state == *copy) {
            newest.is_taken = true;
            return Ok(Found::Whole);
        }
        if self.declared.as_ref() == Some(copy) {
            self.was_taken_ahead = true;
            return Ok(Found::Whole);
        }
        if self.stopped_at.is_some_and(|at| now >= at + QUIET) {
            return Ok(Found::CutOff);
        }
        let again = self.finished.iter().any(|finished| finished.is_taken && finished.state == *copy);
        let what = if again { "what was taken before" } else { "what nobody had finished" };
        Err(format!("at {now} s {what} is taken: {copy:#?}"))
    }

    /// Whether everything was taken by now that must have been.
    pub fn in_time(&self, now: i64) -> Result<(), String> {
        match self.finished.last().filter(|last| !last.is_taken && last.until < now) {
            None => Ok(()),
            Some(last) => Err(format!(
                "at {now} s upload {} is not taken, which was to be taken until {} s; the sender's last step was at {} s",
                last.upload + 1,
                last.until,
                self.last_step
            )),
        }
    }

    /// When the last promise falls due.
    pub fn end(&self) -> i64 {
        self.finished.last().map_or(0, |last| last.until).max(self.last_step)
    }
}
