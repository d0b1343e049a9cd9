//! students.csv and enrollments.csv of a night, and who a student is.
//!
//! Called by `folder`, and by `patrons`, which must know the names and birth dates that the file will bring.

use std::io::{self, Write};

use super::chance::{Chance, mix};
use super::classes::FIRST_SCHOOL_ID;
use super::district::{District, Night};
use super::sheet::{Sheet, Written};
use super::words::{
    CITIES, CONTACT_TYPES, FIRST_NAMES, GRADES, LANGUAGES, LAST_NAMES, LUNCHES, RACES, RELATIONSHIPS, STREETS,
};

const STUDENTS: &str = "School_id,Student_id,Student_number,State_id,Last_name,Middle_name,First_name,Grade,Gender,\
                        Graduation_year,DOB,Race,Hispanic_Latino,Home_language,Ell_status,Frl_status,IEP_status,\
                        Student_street,Student_city,Student_state,Student_zip,Student_email,Contact_relationship,\
                        Contact_type,Contact_name,Contact_phone,Contact_email,Username,Password";

/// The Student_number of a student is the student's own number above this.
pub const FIRST_STUDENT_NUMBER: u64 = 2_000_000;

/// Who a student is: what never changes from night to night.
pub struct Identity {
    pub last_name: &'static str,
    pub middle_name: &'static str,
    pub first_name: &'static str,
    /// Place in the list of grades, on the first night.
    pub grade: usize,
    pub birth: (u64, u64, u64),
    pub gender: &'static str,
}

impl Identity {
    /// The identity of a student.
    pub fn of(district: &District, student: u64) -> Self {
        let mut chance = Chance::of(district.seed, "identity", student);
        let grade = chance.below(GRADES.len() as u64);
        Self {
            last_name: chance.pick(LAST_NAMES),
            first_name: chance.pick(FIRST_NAMES),
            middle_name: if chance.hits(1, 2) { chance.pick(FIRST_NAMES) } else { "" },
            grade: grade as usize,
            birth: (2022 - grade, chance.below(12) + 1, chance.below(28) + 1),
            gender: if chance.hits(1, 50) { "X" } else { chance.pick(&["F", "M"]) },
        }
    }
}

/// The Student_id: 24 hexadecimal digits, of which the first 16 are a bijection of the student's number.
fn student_id(district: &District, student: u64) -> String {
    let unique = mix(student ^ district.seed);
    format!("{unique:016x}{:08x}", mix(unique) >> 32)
}

/// The Student_email of a student.
pub fn email(student: u64) -> String {
    format!("s{}@students.springfield.k12.example.org", FIRST_STUDENT_NUMBER + student)
}

/// students.csv of a night.
pub fn write_students(district: &District, night: Night, out: impl Write) -> io::Result<Written> {
    let mut sheet = Sheet::new(out, STUDENTS);
    for student in district.present(night) {
        let identity = Identity::of(district, student);
        let mut chance = Chance::of(district.seed, "student", student);
        let changed = district.changed(student, night);
        sheet.number("", FIRST_SCHOOL_ID + district.school_of_student(student), 0);
        sheet.cell(&student_id(district, student));
        sheet.number("", FIRST_STUDENT_NUMBER + student, 0).number("", 9_000_000_000 + student, 0);
        write_identity(&mut sheet, &identity, changed && student % 3 == 0);
        write_background(&mut sheet, &mut chance);
        write_address(&mut sheet, &mut chance, changed);
        sheet.cell(&email(student));
        write_contact(&mut sheet, &mut chance, identity.last_name, student, changed && student % 3 == 1);
        sheet.number("s", FIRST_STUDENT_NUMBER + student, 0).blank().end()?;
    }
    sheet.finish()
}

fn write_identity<W: Write>(sheet: &mut Sheet<W>, identity: &Identity, regraded: bool) {
    let (year, month, day) = identity.birth;
    let grade = if regraded { (identity.grade + 1).min(GRADES.len() - 1) } else { identity.grade };
    sheet.cell(identity.last_name).cell(identity.middle_name).cell(identity.first_name).cell(GRADES[grade]);
    sheet.cell(identity.gender).number("", 2040 - identity.grade as u64, 0);
    sheet.text(format_args!("{month:02}/{day:02}/{year}"));
}

fn write_background<W: Write>(sheet: &mut Sheet<W>, chance: &mut Chance) {
    sheet.cell(chance.pick(RACES)).cell(yes_in(chance, 4)).cell(chance.pick(LANGUAGES));
    sheet.cell(yes_in(chance, 5)).cell(chance.pick(LUNCHES)).cell(yes_in(chance, 8));
}

fn yes_in(chance: &mut Chance, whole: u64) -> &'static str {
    if chance.hits(1, whole) { "Y" } else { "N" }
}

/// Street, town, state and ZIP. A changed student lives in another house.
fn write_address<W: Write>(sheet: &mut Sheet<W>, chance: &mut Chance, changed: bool) {
    let house = chance.below(9000) + 1 + if changed { 9000 } else { 0 };
    let street = chance.pick(STREETS);
    let apartment = chance.below(2100);
    match apartment {
        0..300 => sheet.text(format_args!("{house} {street}, Apt {}", apartment + 1)),
        _ => sheet.text(format_args!("{house} {street}")),
    };
    sheet.cell(chance.pick(CITIES)).cell("TN");
    match chance.below(2) {
        0 => sheet.number("", 37_000 + chance.below(999), 5),
        _ => sheet.number("", 370_000_000 + chance.below(9_990_000), 9),
    };
}

fn write_contact<W: Write>(sheet: &mut Sheet<W>, chance: &mut Chance, last_name: &str, student: u64, new_phone: bool) {
    sheet.cell(chance.pick(RELATIONSHIPS)).cell(chance.pick(CONTACT_TYPES));
    sheet.text(format_args!("{last_name}, {}", chance.pick(FIRST_NAMES)));
    let phone = chance.below(9999) + u64::from(new_phone);
    sheet.number("615555", phone, 4);
    match student % 10 {
        0 => sheet.blank(),
        _ => sheet.text(format_args!("parent{student}@mail.example.com")),
    };
}

/// enrollments.csv of a night.
pub fn write_enrollments(district: &District, night: Night, out: impl Write) -> io::Result<Written> {
    let mut sheet = Sheet::new(out, "School_id,Section_id,Student_id");
    for student in district.present(night) {
        let (school, id) = (district.school_of_student(student), student_id(district, student));
        for section in district.sections_of(student, night) {
            sheet.number("", FIRST_SCHOOL_ID + school, 0).number("SEC", section, 8).cell(&id).end()?;
        }
    }
    sheet.finish()
}
