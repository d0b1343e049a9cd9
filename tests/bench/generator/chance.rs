//! Chance that can be repeated: splitmix64, started afresh for each thing that is made.
//!
//! Used by every file of the generator. Because a student's values depend only on seed and number, any row can be
//! made on any night, in any thread, without memory of the others.

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A bijection of 64 bits: different numbers stay different.
pub fn mix(number: u64) -> u64 {
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}

/// A row of draws that is the same for the same seed, topic and index.
pub struct Chance(u64);

impl Chance {
    /// The draws for thing number `index` of a topic.
    pub fn of(seed: u64, topic: &str, index: u64) -> Self {
        let topic = topic.bytes().fold(seed, |sum, byte| mix(sum.wrapping_add(u64::from(byte))));
        Self(mix(topic).wrapping_add(mix(index.wrapping_add(GOLDEN))))
    }

    /// The next 64 bits.
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number below `limit`, which must not be 0.
    pub fn below(&mut self, limit: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(limit)) >> 64) as u64
    }

    /// One of the words.
    pub fn pick(&mut self, words: &[&'static str]) -> &'static str {
        words[self.below(words.len() as u64) as usize]
    }

    /// True in `part` of `whole` cases.
    pub fn hits(&mut self, part: u64, whole: u64) -> bool {
        self.below(whole) < part
    }
}
