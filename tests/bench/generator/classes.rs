//! schools.csv, teachers.csv, staff.csv, sections.csv and site-map.csv: what stays the same on both nights.
//!
//! Called by `folder`. The ids written here are the ones that `students` and `enrollments` name.

use std::io::{self, Write};

use super::chance::Chance;
use super::district::District;
use super::sheet::{Sheet, Written};
use super::words::{CITIES, FIRST_NAMES, GRADES, LAST_NAMES, STREETS, SUBJECTS, TITLES};

const SCHOOLS: &str = "School_id,School_name,School_number,State_id,Low_grade,High_grade,Principal,Principal_email,\
                       School_address,School_city,School_state,School_zip,School_phone";
const TEACHERS: &str = "School_id,Teacher_id,Teacher_number,State_teacher_id,Teacher_email,First_name,Middle_name,\
                        Last_name,Title,Username,Password";
const STAFF: &str = "School_id,Staff_id,Staff_email,First_name,Last_name,Department,Title,Username,Password";
const SECTIONS: &str = "School_id,Section_id,Teacher_id,Teacher_2_id,Teacher_3_id,Name,Section_number,Grade,Course_name,\
                        Course_number,Course_description,Period,Subject,Term_name,Term_start,Term_end";
const LEVELS: [(&str, &str); 4] = [("PreKindergarten", "5"), ("6", "8"), ("9", "12"), ("Kindergarten", "12")];
const STAFF_PER_SCHOOL: u64 = 3;

/// The School_id of a school is its number above this.
pub const FIRST_SCHOOL_ID: u64 = 100_000;

/// The library's own code for a school.
pub fn site(school: u64) -> String {
    format!("LIB{school:04}")
}

/// Which site each school is.
pub fn write_site_map(district: &District, out: impl Write) -> io::Result<Written> {
    let mut sheet = Sheet::new(out, "School_id,Site");
    for school in 0..district.schools {
        sheet.number("", FIRST_SCHOOL_ID + school, 0).cell(&site(school)).end()?;
    }
    sheet.finish()
}

/// schools.csv
pub fn write_schools(district: &District, out: impl Write) -> io::Result<Written> {
    let mut sheet = Sheet::new(out, SCHOOLS);
    for school in 0..district.schools {
        let mut chance = Chance::of(district.seed, "school", school);
        let (low, high) = LEVELS[(school % 4) as usize];
        let city = chance.pick(CITIES);
        let junior = if school.is_multiple_of(9) { ", Jr." } else { "" };
        sheet.number("", FIRST_SCHOOL_ID + school, 0);
        sheet.text(format_args!("{city} {}{junior} School", chance.pick(LAST_NAMES)));
        sheet.number("", 1000 + school, 0).number("", 500_000 + school, 0).cell(low).cell(high);
        sheet.text(format_args!("{}, {}", chance.pick(LAST_NAMES), chance.pick(FIRST_NAMES)));
        sheet.text(format_args!("principal{school}@k12.example.org"));
        sheet.text(format_args!("{} {}", school + 1, chance.pick(STREETS))).cell(city).cell("TN");
        sheet.number("", 37_000 + school % 999, 5).number("615555", chance.below(10_000), 4).end()?;
    }
    sheet.finish()
}

/// teachers.csv
pub fn write_teachers(district: &District, out: impl Write) -> io::Result<Written> {
    let mut sheet = Sheet::new(out, TEACHERS);
    for teacher in 0..district.teachers {
        let mut chance = Chance::of(district.seed, "teacher", teacher);
        sheet.number("", FIRST_SCHOOL_ID + district.school_of_teacher(teacher), 0).number("T", teacher, 7);
        sheet.number("", 700_000 + teacher, 0).number("ST", teacher, 8);
        sheet.text(format_args!("teacher{teacher}@k12.example.org"));
        sheet.cell(chance.pick(FIRST_NAMES)).blank().cell(teacher_last_name(district, teacher));
        sheet.cell(chance.pick(TITLES)).number("teacher", teacher, 0).blank().end()?;
    }
    sheet.finish()
}

fn teacher_last_name(district: &District, teacher: u64) -> &'static str {
    Chance::of(district.seed, "teacher name", teacher).pick(LAST_NAMES)
}

/// staff.csv
pub fn write_staff(district: &District, out: impl Write) -> io::Result<Written> {
    let mut sheet = Sheet::new(out, STAFF);
    for person in 0..district.schools * STAFF_PER_SCHOOL {
        let mut chance = Chance::of(district.seed, "staff", person);
        sheet.number("", FIRST_SCHOOL_ID + person / STAFF_PER_SCHOOL, 0).number("F", person, 7);
        sheet.text(format_args!("staff{person}@k12.example.org"));
        sheet.cell(chance.pick(FIRST_NAMES)).cell(chance.pick(LAST_NAMES)).cell("Library, Media");
        sheet.cell("School Librarian").number("staff", person, 0).blank().end()?;
    }
    sheet.finish()
}

/// sections.csv
pub fn write_sections(district: &District, out: impl Write) -> io::Result<Written> {
    let mut sheet = Sheet::new(out, SECTIONS);
    let size = district.sections_per_school();
    for section in 0..size * district.schools {
        let (school, place) = (section / size, section % size);
        let teacher = district.teacher_of_school(school, place);
        sheet.number("", FIRST_SCHOOL_ID + school, 0).number("SEC", section, 8).number("T", teacher, 7);
        match place % 5 {
            0 => sheet.number("T", district.teacher_of_school(school, place + 1), 7).blank(),
            _ => sheet.blank().blank(),
        };
        write_class(&mut sheet, section, place, teacher_last_name(district, teacher));
        sheet.cell("08/10/2026").cell("05/28/2027").end()?;
    }
    sheet.finish()
}

/// From the section's name to the name of its term.
fn write_class<W: Write>(sheet: &mut Sheet<W>, section: u64, place: u64, teacher: &str) {
    let subject = SUBJECTS[(section % 11) as usize];
    let (level, period, course) = (section % 12 + 1, section % 8 + 1, section % 997);
    sheet.text(format_args!("{subject} {level} - {teacher}, Period {period}"));
    sheet.number("", place + 1, 0).cell(GRADES[(section % 14) as usize]);
    sheet.text(format_args!("{subject} {level}")).number("CRS", course, 4);
    match section % 4 {
        0 => sheet.text(format_args!("Introduction to \"{subject} {level}\", part {}", section % 3 + 1)),
        _ => sheet.text(format_args!("Standard course {course}")),
    };
    sheet.number("", period, 0).cell(subject);
    sheet.cell(if section.is_multiple_of(2) { "Full Year 2026-27" } else { "Fall 2026" });
}
