//! The rules of the design once more, small and plain, against the program: both are given the same nights, edits, approvals, undos and
//! days, and must agree on every patron after every step.
//!
//! A failure shows the shortest sequence that still fails. `ROSTERD_MODEL=N` plays N sequences in place of the usual few, and
//! `ROSTERD_SEED=N` begins with another seed.

mod guards;
mod office;
mod play;
mod rules;
mod town;

use std::num::NonZero;

use proptest::test_runner::{Config, RngAlgorithm, TestError, TestRng, TestRunner};

/// Sequences of an ordinary test run.
const USUAL: u32 = 300;

fn number(name: &str, otherwise: u32) -> u32 {
    std::env::var(name).ok().map_or(otherwise, |value| value.parse().unwrap())
}

/// Plays `count` sequences, and gives the shortest one that fails.
fn play(count: u32, seed: u64) -> Result<(), String> {
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let config = Config { cases: count, failure_persistence: None, max_shrink_iters: 4_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &bytes));
    let played = runner.run(&(play::start(), play::steps()), |(start, steps)| {
        play::play(&start, &steps).map_err(proptest::test_runner::TestCaseError::fail)
    });
    played.map_err(|error| match error {
        TestError::Fail(why, _) => format!("{why}"),
        TestError::Abort(why) => format!("given up: {why}"),
    })
}

#[test]
fn model_and_program_agree_on_every_patron_after_every_step() {
    let threads = std::thread::available_parallelism().map_or(2, NonZero::get).min(4) as u32;
    let (count, seed) = (number("ROSTERD_MODEL", USUAL), number("ROSTERD_SEED", 1));
    let failed: Vec<String> = std::thread::scope(|scope| {
        let played = |thread: u32| scope.spawn(move || play(count.div_ceil(threads), u64::from(seed * 1000 + thread)));
        let threads: Vec<_> = (0..threads).map(played).collect();
        threads.into_iter().filter_map(|thread| thread.join().unwrap().err()).collect()
    });
    assert!(failed.is_empty(), "{}", failed.join("\n\n"));
}
