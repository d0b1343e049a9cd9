//! A small invented district as tables of cells, full of what makes rosters hard: shared e-mails and numbers, several rows of
//! one id, people at several schools, one employee in two files.

use std::path::Path;

use super::chance::Chance;

/// Kinds in the order of [`Town::tables`].
pub const KINDS: [&str; 6] = ["schools", "teachers", "staff", "students", "sections", "enrollments"];
pub const SCHOOLS: usize = 0;
pub const TEACHERS: usize = 1;
pub const STAFF: usize = 2;
pub const STUDENTS: usize = 3;
pub const SECTIONS: usize = 4;

const HEADERS: [&str; 6] = [
    "School_id,School_name,School_number",
    "School_id,Teacher_id,Teacher_number,Teacher_email,First_name,Last_name,Username",
    "School_id,Staff_id,Staff_email,First_name,Last_name,Role",
    "School_id,Student_id,Student_number,State_id,Last_name,First_name,Grade,Gender,DOB,Student_zip,Student_email,Contact_name,\
     Contact_type,Contact_email,Username",
    "School_id,Section_id,Teacher_id,Teacher_2_id,Name,Course_name,Period,Term_start",
    "School_id,Section_id,Student_id",
];

/// One file.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

/// The files of one night; `None` where a file is not delivered.
#[derive(Debug, Clone, PartialEq)]
pub struct Town {
    pub tables: [Option<Table>; 6],
}

impl Table {
    fn new(kind: usize) -> Self {
        Self { header: HEADERS[kind].split(',').map(str::to_owned).collect(), rows: Vec::new() }
    }

    pub fn column(&self, name: &str) -> Option<usize> {
        self.header.iter().position(|column| column == name)
    }

    /// The file's text. `quoted` and `line_end` change nothing of what it says.
    pub fn text(&self, quoted: bool, line_end: &str) -> String {
        let lines = std::iter::once(&self.header).chain(&self.rows);
        let lines = lines.map(|cells| cells.iter().map(|cell| quote(cell, quoted)).collect::<Vec<_>>().join(","));
        lines.map(|line| line + line_end).collect()
    }
}

fn quote(cell: &str, always: bool) -> String {
    if always || cell.contains([',', '"', '\n', '\r']) {
        format!("\"{}\"", cell.replace('"', "\"\""))
    } else {
        cell.to_owned()
    }
}

impl Town {
    /// A district as it could be on its first night.
    pub fn new(chance: &mut Chance) -> Self {
        let mut town = Self { tables: std::array::from_fn(|kind| Some(Table::new(kind))) };
        let sizes = [
            2 + chance.below(2),
            3 + chance.below(4),
            2 + chance.below(4),
            8 + chance.below(12),
            3 + chance.below(4),
            20,
        ];
        for (kind, size) in sizes.into_iter().enumerate() {
            (0..size).for_each(|_| town.add(kind, chance));
        }
        if chance.one_in(5) {
            town.tables[STAFF] = None;
        }
        town
    }

    /// A new row of `kind`; often with an id that is or was there.
    pub fn add(&mut self, kind: usize, chance: &mut Chance) {
        let Some(header) = self.tables[kind].as_ref().map(|table| table.header.clone()) else { return };
        let row = header.iter().map(|column| value(kind, column, chance)).collect();
        if let Some(table) = &mut self.tables[kind] {
            table.rows.push(row);
        }
    }

    /// Writes the files into a new folder.
    pub fn write(&self, folder: &Path, chance: &mut Chance) {
        std::fs::create_dir_all(folder).unwrap();
        for (kind, table) in self.tables.iter().enumerate() {
            let Some(table) = table else { continue };
            let text = table.text(chance.one_in(4), chance.pick(&["\n", "\r\n"]));
            std::fs::write(folder.join(format!("{}.csv", KINDS[kind])), text).unwrap();
        }
    }

    /// The same content with rows, columns and quoting in another order and form.
    pub fn reordered(&self, chance: &mut Chance) -> Self {
        let mut other = self.clone();
        for table in other.tables.iter_mut().flatten() {
            let mut order: Vec<usize> = (0..table.header.len()).collect();
            // A row that does not fit the header says something else when columns are moved.
            if table.rows.iter().all(|row| row.len() == table.header.len()) {
                chance.shuffle(&mut order);
                table.header = order.iter().map(|&column| table.header[column].clone()).collect();
                for row in &mut table.rows {
                    *row = order.iter().map(|&column| row[column].clone()).collect();
                }
                chance.shuffle(&mut table.rows);
            }
        }
        other
    }
}

/// A value for a column, from so small a choice that values meet.
pub fn value(kind: usize, column: &str, chance: &mut Chance) -> String {
    let n = |prefix: &str, chance: &mut Chance, count: usize| format!("{prefix}{}", 1 + chance.below(count));
    match (kind, column) {
        (_, "School_id") if kind == STAFF && chance.one_in(4) => "DEFAULT_DISTRICT_OFFICE".into(),
        (_, "School_id") => n("H", chance, 3),
        (SCHOOLS, "School_name") => n("School ", chance, 4),
        (SCHOOLS, _) => n("10", chance, 9),
        (_, "Teacher_id") => n("T", chance, 7),
        (_, "Teacher_2_id") => {
            if chance.one_in(2) {
                String::new()
            } else {
                n("T", chance, 7)
            }
        }
        (_, "Staff_id") => n(chance.pick(&["A", "T"]), chance, 6),
        (_, "Student_id") => {
            if chance.one_in(12) {
                n("00", chance, 22)
            } else {
                n("", chance, 22)
            }
        }
        (_, "Section_id") => n("SEC", chance, 7),
        (_, "Student_number" | "Teacher_number" | "State_id") => number(chance),
        (_, "Student_email" | "Teacher_email" | "Staff_email" | "Contact_email" | "Username") => mail(chance),
        (_, "Last_name") => chance.pick(&["Núñez", "Nunez", "O'Connor", "Li", "Smith, Jr.", "Doe"]).into(),
        (_, "First_name") => chance.pick(&["Ana", "Bo", "Chloé", "Chloe", "Dewi"]).into(),
        (_, "Grade") => chance.pick(&["1", "01", "2", "Kindergarten", "K", ""]).into(),
        (_, "Gender") => chance.pick(&["F", "M", "Female", ""]).into(),
        (_, "DOB") => chance.pick(&["03/14/2015", "3/14/2015", "2014-07-01", "11/30/2013", ""]).into(),
        (_, "Student_zip") => chance.pick(&["00512", "55101", "512", ""]).into(),
        (_, "Contact_name") => chance.pick(&["Eva Doe", "Jan Doe", "", ""]).into(),
        (_, "Contact_type") => chance.pick(&["guardian", "family", "", ""]).into(),
        (SECTIONS, "Name" | "Course_name") => chance.pick(&["Reading", "Math", "", ""]).into(),
        (SECTIONS, "Period") => chance.pick(&["1", "2", ""]).into(),
        (SECTIONS, _) => chance.pick(&["08/24/2026", ""]).into(),
        (_, "Role") => chance.pick(&["Librarian", ""]).into(),
        _ => String::new(),
    }
}

pub fn number(chance: &mut Chance) -> String {
    match chance.below(8) {
        0 | 1 => String::new(),
        2 => format!("00{}", 1 + chance.below(30)),
        _ => (1 + chance.below(60)).to_string(),
    }
}

pub fn mail(chance: &mut Chance) -> String {
    match chance.below(8) {
        0 | 1 => String::new(),
        2 => format!("P{}@Example.org", 1 + chance.below(20)),
        3 => "not an address".into(),
        _ => format!("p{}@example.org", 1 + chance.below(20)),
    }
}
