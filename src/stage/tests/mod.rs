//! Sets as districts deliver them, taken all the way through choosing, receiving and staging.

mod choosing;
mod declaring;
mod decoding;
mod hostile;
mod whole;

use std::path::{Path, PathBuf};

use super::fixture::{folder, schemas, settings};
use super::{Keep, choose, stage};
use crate::receive::{Acceptance, accept, borrow};
use crate::roster::Problem;
use crate::roster::set::{Batch, Delivery, StagedSet};
use crate::roster::settings::Settings;

/// A set that was staged, with the folder it lies in.
struct Staged {
    set: StagedSet,
    home: tempfile::TempDir,
}

impl Staged {
    /// Where the clean copies are.
    fn kept(&self) -> PathBuf {
        self.home.path().join("staged")
    }

    /// The clean bytes of the file whose name ends in `name`.
    fn text(&self, name: &str) -> String {
        let file = self.set.files.iter().find(|file| file.name.ends_with(name)).expect("the file is in the set");
        String::from_utf8(std::fs::read(&file.path).expect("it can be read")).expect("it is UTF-8")
    }

    /// The codes of all problems, in order.
    fn codes(&self) -> Vec<&'static str> {
        codes(&self.set.problems)
    }
}

fn codes(problems: &[Problem]) -> Vec<&'static str> {
    problems.iter().map(|problem| problem.code.word()).collect()
}

fn chosen(path: &Path) -> Delivery {
    choose(path, &settings(), &schemas()).expect("the path can be read")
}

fn names(delivery: &Delivery) -> Vec<&str> {
    delivery.files.iter().map(|file| file.name.as_str()).collect()
}

/// Takes a private copy and stages it, as `ingest` does.
fn ingested(path: &Path, settings: &Settings) -> Staged {
    let home = folder();
    let delivery = choose(path, settings, &schemas()).expect("the path can be read");
    let accepted =
        accept(&delivery, &home.path().join("batch"), &settings.limits, None, || {}).expect("it can be copied");
    let Acceptance::New(batch) = accepted else { panic!("nothing is known yet") };
    Staged { set: staged(&batch, &delivery, home.path(), settings, Keep::Move), home }
}

/// Stages the files where they lie, as `check` does.
fn checked(path: &Path, settings: &Settings) -> Staged {
    let home = folder();
    let delivery = choose(path, settings, &schemas()).expect("the path can be read");
    let batch = borrow(&delivery).expect("it can be read");
    Staged { set: staged(&batch, &delivery, home.path(), settings, Keep::InPlace), home }
}

fn staged(batch: &Batch, delivery: &Delivery, home: &Path, settings: &Settings, keep: Keep) -> StagedSet {
    stage(batch, delivery, &home.join("staged"), settings, &schemas(), keep).expect("the disk does not fail")
}
