//! The invented district: how many of everything, who belongs where, and what happens to whom before the next night.
//!
//! Made from the command line, read by every writer. Knows numbers only, no cells.

use super::chance::{Chance, mix};

/// A new student arrives, and one leaves, for each so many.
const STUDENTS_PER_ARRIVAL: u64 = 200;
/// One enrollment in so many moves to another section.
const ENROLLMENTS_PER_MOVE: u64 = 100;

/// The numbers from which every row follows.
#[derive(Debug, Clone, PartialEq)]
pub struct District {
    pub seed: u64,
    pub students: u64,
    pub teachers: u64,
    pub sections: u64,
    pub schools: u64,
    /// Thousandths of enrollments for each student: 6500 means six or seven.
    pub enrollments_milli: u64,
    stride: u64,
    offset: u64,
}

/// Which delivery a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Night {
    First,
    Second,
}

/// What happens to a student between the nights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Stays,
    Changes,
    Goes,
}

/// How the library knows a student before the first night.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    ByNumber,
    ByEmailOnly,
    NotAtAll,
}

impl District {
    /// A district of 500 students, 30 teachers and 150 sections for each school.
    pub fn new(students: u64, enrollments_milli: u64, seed: u64) -> Result<Self, String> {
        let schools = (students / 500).max(1);
        let (teachers, sections) = (students * 6 / 100, students * 3 / 10);
        let (stride, offset) = (stride(students), Chance::of(seed, "fate", 0).next() % students.max(1));
        let district = Self { seed, students, teachers, sections, schools, enrollments_milli, stride, offset };
        if students < 500 || district.step() < 2 {
            return Err(format!(
                "{students} students with {} enrollments each do not fit into sections; take at least 500 \
                                students and at most 70 enrollments",
                enrollments_milli as f64 / 1000.0
            ));
        }
        Ok(district)
    }

    /// How many students come between the nights (as many go; twice as many change).
    pub fn arrivals(&self) -> u64 {
        self.students / STUDENTS_PER_ARRIVAL
    }

    /// Sections of each school.
    pub fn sections_per_school(&self) -> u64 {
        self.sections / self.schools
    }

    /// The students of a night in the order of the file: by school, newcomers among the others.
    pub fn present(&self, night: Night) -> impl Iterator<Item = u64> + '_ {
        (0..self.students).flat_map(move |student| {
            let stays = night == Night::First || self.fate(student) != Fate::Goes;
            let newcomer = (night == Night::Second).then(|| self.newcomer_after(student)).flatten();
            stays.then_some(student).into_iter().chain(newcomer)
        })
    }

    fn newcomer_after(&self, student: u64) -> Option<u64> {
        let arrival = student / STUDENTS_PER_ARRIVAL;
        let here = student % STUDENTS_PER_ARRIVAL == STUDENTS_PER_ARRIVAL / 2;
        (here && arrival < self.arrivals()).then_some(self.students + arrival)
    }

    /// What happens to a student before the next night. A permutation gives exact counts without a list.
    pub fn fate(&self, student: u64) -> Fate {
        if student >= self.students {
            return Fate::Stays;
        }
        match (student * self.stride + self.offset) % self.students {
            place if place < self.arrivals() => Fate::Goes,
            place if place < self.arrivals() + self.students / 100 => Fate::Changes,
            _ => Fate::Stays,
        }
    }

    /// Whether the student's values differ from those of the first night.
    pub fn changed(&self, student: u64, night: Night) -> bool {
        night == Night::Second && self.fate(student) == Fate::Changes
    }

    /// How the library knows a student: 95 in 100 by number, 1 by e-mail only, 4 not at all.
    pub fn known(&self, student: u64) -> Known {
        match (mix(self.seed) % 100 + student) % 100 {
            _ if student >= self.students => Known::NotAtAll,
            0..95 => Known::ByNumber,
            95 => Known::ByEmailOnly,
            _ => Known::NotAtAll,
        }
    }

    /// Patrons that are no students: with them there are 1.09 patrons for each student.
    pub fn adult_patrons(&self) -> u64 {
        self.students * 13 / 100
    }

    /// The school of a student.
    pub fn school_of_student(&self, student: u64) -> u64 {
        let neighbour = match student.checked_sub(self.students) {
            Some(arrival) => arrival * STUDENTS_PER_ARRIVAL + STUDENTS_PER_ARRIVAL / 2,
            None => student,
        };
        neighbour * self.schools / self.students
    }

    /// The school of a teacher.
    pub fn school_of_teacher(&self, teacher: u64) -> u64 {
        teacher * self.schools / self.teachers
    }

    /// The teacher at a place of a school's list; the list starts over at its end.
    pub fn teacher_of_school(&self, school: u64, place: u64) -> u64 {
        let first = (school * self.teachers).div_ceil(self.schools);
        let next = ((school + 1) * self.teachers).div_ceil(self.schools);
        first + place % (next - first)
    }

    /// The sections of a student on a night: all different, all at the student's school.
    pub fn sections_of(&self, student: u64, night: Night) -> impl Iterator<Item = u64> + '_ {
        let mut chance = Chance::of(self.seed, "enrollments", student);
        let (size, step) = (self.sections_per_school(), self.step());
        let count = self.enrollments_milli / 1000 + u64::from(chance.hits(self.enrollments_milli % 1000, 1000));
        let (start, first) = (chance.below(size), self.school_of_student(student) * size);
        (0..count).map(move |index| {
            let moved = chance.hits(1, ENROLLMENTS_PER_MOVE);
            let moves = moved && night == Night::Second && student < self.students;
            first + (start + index * step + u64::from(moves)) % size
        })
    }

    /// The distance between a student's sections; at least 2, so that a move to the next one is never to another of them.
    fn step(&self) -> u64 {
        self.sections_per_school() / (self.enrollments_milli.div_ceil(1000) + 1)
    }
}

/// A number without a common divisor with `count`, near its golden section, so that what happens is spread evenly.
fn stride(count: u64) -> u64 {
    let start = (count as f64 * 0.618) as u64 | 1;
    (start..).find(|number| common_divisor(*number, count) == 1).unwrap_or(1)
}

fn common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { common_divisor(b, a % b) }
}
