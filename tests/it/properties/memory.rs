//! A check through last night's fingerprints gives the plan of a full check, for any pair of nights.

use super::chance::{Chance, with_seeds};
use super::edits;
use super::library::{Library, essence, same};
use super::nights;
use super::town::Town;

/// Two libraries to which the same happens; one of them forgets its fingerprints every night.
struct Twins {
    quick: Library,
    thorough: Library,
}

impl Twins {
    fn new(chance: &mut Chance) -> Self {
        let settings = edits::settings(chance);
        Self { quick: Library::new(settings.clone()), thorough: Library::new(settings) }
    }

    fn both(&self) -> [&Library; 2] {
        [&self.quick, &self.thorough]
    }

    fn edit(&self, chance: &mut Chance) {
        let (patrons, sites) = (edits::of_patrons(chance), edits::of_sites(chance));
        self.both().into_iter().for_each(|library| edits::carry_out(library, &patrons, &sites));
    }

    /// Patrons and sites that were there before the first night.
    fn begin(&self, chance: &mut Chance) {
        let patrons: Vec<String> = (0..chance.below(12)).map(|_| edits::insert(chance)).collect();
        let sites: Vec<_> = (1..=3).map(|school| (format!("H{school}"), format!("site {school}"), false)).collect();
        self.both().into_iter().for_each(|library| edits::carry_out(library, &patrons, &sites));
    }

    fn night(&self, town: &Town, name: &str, chance: &mut Chance) {
        let set = self.quick.folder().join(name);
        town.write(&set, chance);
        self.thorough.forget_snapshots();
        let [quick, thorough] = self.both().map(|library| essence(&library.preview(&set)));
        let planned = quick["plan"].clone();
        same(&quick, &thorough, &format!("preview of {name}, with and without fingerprints"));
        let [quick, thorough] = self.both().map(|library| essence(&library.ingest(&set)));
        same(&quick, &thorough, &format!("report of {name}, with and without fingerprints"));
        assert_eq!(quick["plan"], planned, "the plan of {name} is not the one that was previewed");
        let [quick, thorough] = self.both().map(|library| library.dump());
        same(&quick, &thorough, &format!("database after {name}, with and without fingerprints"));
    }
}

fn nights_in_sequence(seed: u64) {
    let mut chance = Chance::new(seed);
    let mut twins = Twins::new(&mut chance);
    if chance.one_in(3) {
        twins.begin(&mut chance);
    }
    let mut town = Town::new(&mut chance);
    for night in 1..=4 {
        twins.night(&town, &format!("night-{night}"), &mut chance);
        twins.edit(&mut chance);
        let days = u64::from(!chance.one_in(4));
        [&mut twins.quick, &mut twins.thorough].into_iter().for_each(|library| library.days_pass(days));
        if chance.one_in(6) {
            let settings = edits::settings(&mut chance);
            [&mut twins.quick, &mut twins.thorough].into_iter().for_each(|library| library.apply(&settings));
        }
        town = nights::next(&town, &mut chance);
    }
}

#[test]
fn a_check_through_fingerprints_gives_the_plan_of_a_full_check() {
    with_seeds(100, nights_in_sequence);
}

#[test]
#[ignore = "takes minutes; run it after changing what is skipped on an ordinary night"]
fn a_check_through_fingerprints_gives_the_plan_of_a_full_check_for_thousands_of_districts() {
    with_seeds(6_000, nights_in_sequence);
}
