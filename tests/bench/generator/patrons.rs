//! patrons.csv: what the library had before the first night, in the columns of the `patrons` table.
//!
//! Called by `folder`. No patron has a guid: students are found by number, some by e-mail only, some not at all, and
//! beside them there are adults whom no roster knows.

use std::io::{self, Write};

use super::chance::Chance;
use super::classes::site;
use super::district::{District, Known};
use super::sheet::{Sheet, Written};
use super::students::{FIRST_STUDENT_NUMBER, Identity, email};
use super::words::{FIRST_NAMES, LAST_NAMES};

const PATRONS: &str = "patron_id,district,guid,student_number,barcode,community_id,first_name,middle_name,last_name,\
                       email,username,roles,site,status,birthdate,sex,address,city,state,postal_code,level,\
                       additional_contact,other_emails,policy,security_group,notes,created_at,updated_at";
const FIRST_BARCODE: u64 = 21_000_000_000_000;
const CELLS_FROM_SEX_TO_OTHER_EMAILS: usize = 8;

/// patrons.csv
pub fn write_patrons(district: &District, out: impl Write) -> io::Result<Written> {
    let mut sheet = Sheet::new(out, PATRONS);
    for student in (0..district.students).filter(|student| district.known(*student) != Known::NotAtAll) {
        write_student(&mut sheet, district, student)?;
    }
    for adult in 0..district.adult_patrons() {
        write_adult(&mut sheet, district, adult)?;
    }
    sheet.finish()
}

fn write_student<W: Write>(sheet: &mut Sheet<W>, district: &District, student: u64) -> io::Result<()> {
    let identity = Identity::of(district, student);
    let (year, month, day) = identity.birth;
    let number = FIRST_STUDENT_NUMBER + student;
    sheet.number("", student + 1, 0).cell("default").blank();
    match district.known(student) {
        Known::ByNumber => sheet.number("", number, 0),
        _ => sheet.blank(),
    };
    sheet.number("", FIRST_BARCODE + student, 0).blank();
    sheet.cell(identity.first_name).cell(identity.middle_name).cell(identity.last_name);
    sheet.cell(&email(student)).blank().cell("student");
    sheet.cell(&site(district.school_of_student(student))).cell("1");
    sheet.text(format_args!("{year}-{month:02}-{day:02}")).cell(identity.gender);
    write_rest(sheet, "STUD")
}

fn write_adult<W: Write>(sheet: &mut Sheet<W>, district: &District, adult: u64) -> io::Result<()> {
    let mut chance = Chance::of(district.seed, "adult", adult);
    sheet.number("", 10 * district.students + adult, 0).cell("default").blank().blank();
    sheet.number("", FIRST_BARCODE + 10 * district.students + adult, 0).blank();
    sheet.cell(chance.pick(FIRST_NAMES)).blank().cell(chance.pick(LAST_NAMES));
    sheet.text(format_args!("adult{adult}@mail.example.com")).blank().blank();
    sheet.cell(&site(chance.below(district.schools))).cell("1");
    sheet.text(format_args!("19{:02}-01-01", 50 + chance.below(50))).blank();
    write_rest(sheet, "ADULT")
}

/// Address, level, contacts (blank), policy, group, notes and times.
fn write_rest<W: Write>(sheet: &mut Sheet<W>, policy: &str) -> io::Result<()> {
    for _ in 1..CELLS_FROM_SEX_TO_OTHER_EMAILS {
        sheet.blank();
    }
    sheet.cell(policy).cell("patron").blank().blank().blank().end()
}
