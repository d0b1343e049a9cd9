//! expected.json: what a correct program must find in the two nights. Written by `folder`, read by `tests/bench/run`.

use super::district::{District, Fate, Known, Night};

/// Counts of people and enrollments, as JSON.
pub fn expected(district: &District) -> String {
    let known = |wanted| (0..district.students).filter(|student| district.known(*student) == wanted).count();
    let fated = |wanted| (0..district.students).filter(|student| district.fate(*student) == wanted).count();
    let enrollments = Enrollments::count(district);
    format!(
        "{{\n  \"seed\": {}, \"students\": {}, \"teachers\": {}, \"staff\": {}, \"sections\": {}, \"schools\": {},\n  \
         \"known_by_number\": {}, \"known_by_email\": {}, \"unknown\": {}, \"other_patrons\": {},\n  \
         \"changed\": {}, \"gone\": {}, \"new\": {},\n  \
         \"enrollments\": {}, \"enrollments_moved\": {}, \"enrollments_created\": {}, \"enrollments_removed\": {}\n}}\n",
        district.seed,
        district.students,
        district.teachers,
        district.schools * 3,
        district.sections_per_school() * district.schools,
        district.schools,
        known(Known::ByNumber),
        known(Known::ByEmailOnly),
        known(Known::NotAtAll),
        district.adult_patrons(),
        fated(Fate::Changes),
        fated(Fate::Goes),
        district.arrivals(),
        enrollments.first_night,
        enrollments.moved,
        enrollments.created,
        enrollments.removed,
    )
}

/// Enrollments of the first night, and how the second differs.
#[derive(Debug, Default)]
pub struct Enrollments {
    pub first_night: usize,
    pub moved: usize,
    pub created: usize,
    pub removed: usize,
}

impl Enrollments {
    /// Counts student by student.
    pub fn count(district: &District) -> Self {
        let mut sum = Self::default();
        for student in 0..district.students + district.arrivals() {
            sum.add(district, student);
        }
        sum.created += sum.moved;
        sum.removed += sum.moved;
        sum
    }

    fn add(&mut self, district: &District, student: u64) {
        let before = district.sections_of(student, Night::First);
        if student >= district.students {
            self.created += before.count();
        } else if district.fate(student) == Fate::Goes {
            let gone = before.count();
            self.first_night += gone;
            self.removed += gone;
        } else {
            let pairs = before.zip(district.sections_of(student, Night::Second));
            let (count, moved) = pairs.fold((0, 0), |(n, moved), (a, b)| (n + 1, moved + usize::from(a != b)));
            self.first_night += count;
            self.moved += moved;
        }
    }
}
