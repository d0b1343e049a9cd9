//! An enrollment: a student and a section in one number, because there are millions of them.
//!
//! Used by whoever counts, compares or stores enrollments; which ones there are is decided elsewhere.

/// A student and a section, by their numbers: the student in the upper half.
pub fn pair(student: u32, section: u32) -> u64 {
    u64::from(student) << 32 | u64::from(section)
}

/// The student and the section of a pair.
pub fn parts(pair: u64) -> (u32, u32) {
    ((pair >> 32) as u32, pair as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pair_gives_back_its_parts() {
        for (student, section) in [(0, 0), (1, 2), (u32::MAX, 7), (7, u32::MAX)] {
            assert_eq!(parts(pair(student, section)), (student, section));
        }
    }
}
