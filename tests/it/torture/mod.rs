//! Senders of every kind against a real drop folder, at a clock that the test sets. An independent judge says whether every copy that was
//! taken is exactly one finished upload, and whether every finished upload was taken in time (promises 7 and 8).
//!
//! A failure shows the shortest schedule that still fails. `ROSTERD_TORTURE=N` plays N schedules in place of the usual few, and
//! `ROSTERD_SEED=N` begins with another seed.

mod judge;
mod play;
mod sender;

use std::num::NonZero;
use std::sync::Mutex;

use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use play::{Stage, Tally};

/// Schedules of an ordinary test run.
const USUAL: u32 = 100;

fn number(name: &str, otherwise: u32) -> u32 {
    std::env::var(name).ok().map_or(otherwise, |value| value.parse().unwrap())
}

/// Plays `count` schedules, and gives the shortest one that fails.
fn play(count: u32, seed: u32, thread: u32, tally: &Mutex<Tally>) -> Result<(), String> {
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&u64::from(seed * 1000 + thread).to_le_bytes());
    let config = Config { cases: count, failure_persistence: None, max_shrink_iters: 2_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let stage = Stage::new();
    let played = runner.run(&play::schedule(), |schedule| {
        let played = play::play(&stage, &schedule).map_err(TestCaseError::fail)?;
        tally.lock().unwrap().add(&played);
        Ok(())
    });
    played.map_err(|error| match error {
        TestError::Fail(why, _) => format!("with ROSTERD_SEED={seed} in thread {thread}: {why}"),
        TestError::Abort(why) => format!("given up: {why}"),
    })
}

#[test]
fn no_unfinished_upload_is_taken_and_no_finished_one_is_missed() {
    let threads = std::thread::available_parallelism().map_or(2, NonZero::get).min(4) as u32;
    let (count, seed) = (number("ROSTERD_TORTURE", USUAL), number("ROSTERD_SEED", 1));
    let tally = Mutex::new(Tally::default());
    let failed: Vec<String> = std::thread::scope(|scope| {
        let tally = &tally;
        let played = |thread: u32| scope.spawn(move || play(count.div_ceil(threads), seed, thread, tally));
        let threads: Vec<_> = (0..threads).map(played).collect();
        threads.into_iter().filter_map(|thread| thread.join().unwrap().err()).collect()
    });
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
    let tally = *tally.lock().unwrap();
    let is_fair = count < USUAL || (tally.whole > tally.schedules && tally.cut_off > 0);
    assert!(is_fair, "the senders test nothing: {tally:?}");
    if count > USUAL {
        #[expect(clippy::disallowed_macros, reason = "how much was played, for whoever plays more than usual")]
        {
            println!("{tally:?}");
        }
    }
}
