//! A small invented town: few people whose names, numbers and addresses come from small pools, so that they collide, and what can
//! happen to their rows from one night to the next. Says what is delivered; knows nothing of what becomes of it.

use std::collections::BTreeSet;
use std::path::Path;

use proptest::prelude::{Just, Strategy};
use proptest::{arbitrary::any, collection::vec, prop_oneof};

/// Whose file it is, in the order in which files are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Teachers,
    Students,
}

impl Kind {
    pub const ALL: [Self; 2] = [Self::Teachers, Self::Students];

    pub fn word(self) -> &'static str {
        if self == Self::Teachers { "teachers" } else { "students" }
    }

    pub fn role(self) -> &'static str {
        if self == Self::Teachers { "teacher" } else { "student" }
    }
}

/// A row of a person.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Row {
    pub id: String,
    pub number: String,
    pub email: String,
    pub first: String,
    pub last: String,
    pub born: String,
    pub grade: String,
    pub school: String,
    /// The number is somebody else's too, and therefore says nothing.
    pub drops_number: bool,
}

/// What is delivered at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Set {
    pub full: bool,
    pub schools: Vec<String>,
    pub rows: Vec<(Kind, Row)>,
    /// Rows of a delta that ask for removal.
    pub deletes: Vec<(Kind, Row)>,
}

/// What happens to somebody's row; numbers are taken modulo what there is.
#[derive(Debug, Clone)]
pub enum Change {
    LeaveOrCome(u8),
    /// So many leave or come together, beginning with this one.
    ManyLeaveOrCome(u8, u8),
    First(u8, u8),
    Last(u8, u8),
    Born(u8, u8),
    Grade(u8, u8),
    School(u8, u8),
    /// The address of somebody else, or none.
    Email(u8, u8),
    /// The number of somebody else, or none.
    Number(u8, u8),
    NewId(u8),
    NewIdsForAll,
    SwapIds(u8, u8),
    /// Ids of all lose their zeros, or have them again.
    ZerosOfIds,
    ZerosOfNumbers,
    /// A school is in the file or not.
    SchoolComesOrGoes(u8),
    /// For one night the row cannot be read; and, perhaps, does not say whose it is.
    Broken(u8, bool),
}

/// Somebody of the town.
#[derive(Debug, Clone)]
struct Somebody {
    kind: Kind,
    is_here: bool,
    row: Row,
}

/// Everybody, as the district's files say today.
#[derive(Debug, Clone)]
pub struct Town {
    people: Vec<Somebody>,
    schools: BTreeSet<String>,
    short_ids: bool,
    short_numbers: bool,
    ids_given: u32,
}

const FIRST: [&str; 4] = ["Ana", "Bo", "Chloe", "Dewi"];
const LAST: [&str; 5] = ["Doe", "Li", "Moss", "Ruiz", "Vega"];
const BORN: [&str; 4] = ["2015-03-14", "2014-07-01", "", "2013-11-30"];
const GRADES: [&str; 3] = ["1", "2", "3"];
const SCHOOLS: [&str; 3] = ["11", "12", "13"];

fn of<T: Copy>(pool: &[T], number: u8) -> T {
    pool[usize::from(number) % pool.len()]
}

impl Town {
    pub fn new(students: u8, teachers: u8) -> Self {
        let person = |number: u8| {
            let kind = if number < students { Kind::Students } else { Kind::Teachers };
            let is_student = kind == Kind::Students;
            let row = Row {
                id: format!("0{}", 100 + u32::from(number)),
                number: if number % 7 == 6 { String::new() } else { format!("0{}", 700 + u32::from(number)) },
                email: if number % 3 == 2 { String::new() } else { format!("p{number}@example.org") },
                first: of(&FIRST, number).into(),
                last: of(&LAST, number).into(),
                born: if is_student { of(&BORN, number / 2) } else { "" }.into(),
                grade: if is_student { of(&GRADES, number) } else { "" }.into(),
                school: SCHOOLS[usize::from(number % 4 == 3)].into(),
                drops_number: false,
            };
            Somebody { kind, is_here: true, row }
        };
        let people = (0..students + teachers).map(person).collect();
        let schools = SCHOOLS[..2].iter().map(|id| (*id).to_owned()).collect();
        Self { people, schools, short_ids: false, short_numbers: false, ids_given: 200 }
    }

    /// Gives who is touched by the change.
    pub fn change(&mut self, change: &Change) -> Vec<usize> {
        let count = self.people.len();
        let at = |number: &u8| usize::from(*number) % count;
        let everybody = || (0..count).collect::<Vec<_>>();
        let row = |town: &mut Self, who: &u8, set: &dyn Fn(&mut Row)| {
            set(&mut town.people[at(who)].row);
            vec![at(who)]
        };
        match change {
            Change::LeaveOrCome(who) => self.turn(&[at(who)]),
            Change::ManyLeaveOrCome(who, many) => {
                let many = 2 + usize::from(*many) % 6;
                self.turn(&(0..many.min(count)).map(|step| (at(who) + step) % count).collect::<Vec<_>>())
            }
            Change::First(who, to) => row(self, who, &|row| row.first = of(&FIRST, *to).into()),
            Change::Last(who, to) => row(self, who, &|row| row.last = of(&LAST, *to).into()),
            Change::Born(who, to) if self.people[at(who)].kind == Kind::Students => {
                row(self, who, &|row| row.born = of(&BORN, *to).into())
            }
            Change::Grade(who, to) if self.people[at(who)].kind == Kind::Students => {
                row(self, who, &|row| row.grade = of(&GRADES, *to).into())
            }
            Change::Born(..) | Change::Grade(..) => Vec::new(),
            Change::School(who, to) => row(self, who, &|row| row.school = of(&SCHOOLS, *to).into()),
            Change::Email(who, of_whom) => {
                let email = if of_whom % 4 == 3 { String::new() } else { format!("p{}@example.org", at(of_whom)) };
                row(self, who, &|row| row.email.clone_from(&email))
            }
            Change::Number(who, of_whom) => {
                let number = if of_whom % 4 == 3 { String::new() } else { format!("0{}", 700 + at(of_whom)) };
                row(self, who, &|row| row.number.clone_from(&number))
            }
            Change::NewId(who) => self.renumber(&[at(who)]),
            Change::NewIdsForAll => self.renumber(&everybody()),
            Change::SwapIds(one, other) => {
                let (one, other) = (at(one), at(other));
                let ids = [one, other].map(|who| self.people[who].row.id.clone());
                if self.people[one].kind == self.people[other].kind {
                    [self.people[other].row.id, self.people[one].row.id] = ids;
                }
                vec![one, other]
            }
            Change::ZerosOfIds => {
                self.short_ids = !self.short_ids;
                everybody()
            }
            Change::ZerosOfNumbers => {
                self.short_numbers = !self.short_numbers;
                everybody()
            }
            Change::SchoolComesOrGoes(which) => {
                let school = of(&SCHOOLS, *which);
                if !self.schools.remove(school) || self.schools.is_empty() {
                    self.schools.insert(school.into());
                }
                Vec::new()
            }
            Change::Broken(..) => Vec::new(),
        }
    }

    fn turn(&mut self, people: &[usize]) -> Vec<usize> {
        people.iter().for_each(|who| self.people[*who].is_here = !self.people[*who].is_here);
        people.to_vec()
    }

    fn renumber(&mut self, people: &[usize]) -> Vec<usize> {
        for who in people {
            self.ids_given += 1;
            self.people[*who].row.id = format!("0{}", self.ids_given);
        }
        people.to_vec()
    }

    /// Everybody's rows, after `changes`.
    pub fn full(&mut self, changes: &[Change]) -> Set {
        changes.iter().for_each(|change| drop(self.change(change)));
        let rows = (0..self.people.len()).filter(|who| self.people[*who].is_here).map(|who| self.row(who, changes));
        let rows: Vec<_> = rows.collect();
        Set { full: true, schools: self.schools.iter().cloned().collect(), rows, deletes: Vec::new() }
    }

    /// The rows of those whom `changes` touch.
    pub fn delta(&mut self, changes: &[Change]) -> Set {
        let mut touched: BTreeSet<usize> = changes.iter().flat_map(|change| self.change(change)).collect();
        let broken =
            changes.iter().filter_map(|change| if let Change::Broken(who, _) = change { Some(*who) } else { None });
        touched.extend(broken.map(|who| usize::from(who) % self.people.len()));
        let (here, away): (Vec<_>, Vec<_>) = touched.into_iter().partition(|who| self.people[*who].is_here);
        let rows = here.into_iter().map(|who| self.row(who, changes)).collect();
        let deletes = away.into_iter().map(|who| self.row(who, &[])).collect();
        Set { full: false, schools: Vec::new(), rows, deletes }
    }

    fn row(&self, who: usize, changes: &[Change]) -> (Kind, Row) {
        let Somebody { kind, row, .. } = &self.people[who];
        let mut row = row.clone();
        if self.short_ids {
            row.id = row.id.trim_start_matches('0').to_owned();
        }
        if self.short_numbers {
            row.number = row.number.trim_start_matches('0').to_owned();
        }
        for change in changes {
            match change {
                Change::Broken(whose, is_nameless) if usize::from(*whose) % self.people.len() == who => {
                    row.last.clear();
                    if *is_nameless {
                        (row.id, row.number, row.email) = (String::new(), String::new(), String::new());
                    }
                }
                _ => {}
            }
        }
        (*kind, row)
    }
}

impl Set {
    /// Writes the files.
    pub fn write(&self, folder: &Path) {
        std::fs::create_dir_all(folder).unwrap();
        if self.full {
            let schools: String = self.schools.iter().map(|id| format!("{id},School {id},{id}00\n")).collect();
            std::fs::write(folder.join("schools.csv"), format!("School_id,School_name,School_number\n{schools}"))
                .unwrap();
        }
        for kind in Kind::ALL {
            let of_kind = |rows: &[(Kind, Row)], action: &str| {
                let rows = rows.iter().filter(|(of, _)| *of == kind);
                rows.map(|(_, row)| format!("{}{}\n", row.text(kind), if self.full { "" } else { action }))
                    .collect::<String>()
            };
            let text = of_kind(&self.rows, ",") + &of_kind(&self.deletes, ",delete");
            let action = if self.full { "" } else { ",_action" };
            if self.full || !text.is_empty() {
                std::fs::write(
                    folder.join(format!("{}.csv", kind.word())),
                    format!("{}{action}\n{text}", header(kind)),
                )
                .unwrap();
            }
        }
    }
}

fn header(kind: Kind) -> &'static str {
    match kind {
        Kind::Teachers => "School_id,Teacher_id,Teacher_number,Teacher_email,First_name,Last_name",
        Kind::Students => "School_id,Student_id,Student_number,Student_email,First_name,Last_name,DOB,Grade",
    }
}

impl Row {
    fn text(&self, kind: Kind) -> String {
        let Self { id, number, email, first, last, born, grade, school, .. } = self;
        let common = format!("{school},{id},{number},{email},{first},{last}");
        if kind == Kind::Teachers { common } else { format!("{common},{born},{grade}") }
    }
}

/// Any change; the quiet ones are more frequent.
pub fn change() -> impl Strategy<Value = Change> {
    let two = || (any::<u8>(), any::<u8>());
    prop_oneof![
        6 => any::<u8>().prop_map(Change::LeaveOrCome),
        4 => two().prop_map(|(who, many)| Change::ManyLeaveOrCome(who, many)),
        2 => two().prop_map(|(who, to)| Change::First(who, to)),
        4 => two().prop_map(|(who, to)| Change::Last(who, to)),
        2 => two().prop_map(|(who, to)| Change::Born(who, to)),
        3 => two().prop_map(|(who, to)| Change::Grade(who, to)),
        2 => two().prop_map(|(who, to)| Change::School(who, to)),
        4 => two().prop_map(|(who, to)| Change::Email(who, to)),
        4 => two().prop_map(|(who, to)| Change::Number(who, to)),
        4 => any::<u8>().prop_map(Change::NewId),
        1 => Just(Change::NewIdsForAll),
        2 => two().prop_map(|(one, other)| Change::SwapIds(one, other)),
        1 => Just(Change::ZerosOfIds),
        1 => Just(Change::ZerosOfNumbers),
        1 => any::<u8>().prop_map(Change::SchoolComesOrGoes),
        2 => (any::<u8>(), any::<bool>()).prop_map(|(who, is_nameless)| Change::Broken(who, is_nameless)),
    ]
}

/// What happens between two deliveries.
pub fn changes() -> impl Strategy<Value = Vec<Change>> {
    vec(change(), 0..6)
}
