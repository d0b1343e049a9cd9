//! A small invented district whose students a test changes as it likes, and a desk that takes it in day by day.

use serde_json::Value;

use crate::support::{Desk, Ended};

/// One student as the files tell of it.
#[derive(Clone)]
pub struct Student {
    pub id: String,
    pub number: String,
    pub first: String,
    pub last: String,
    pub born: String,
    pub email: String,
    pub grade: &'static str,
    pub school: &'static str,
}

/// A word that is a name, another for each number.
fn name(prefix: &str, number: usize) -> String {
    let letter = |at: usize| char::from(b'a' + (at % 26) as u8);
    format!("{prefix}{}{}{}", letter(number / 676), letter(number / 26), letter(number))
}

/// The first `count` students, all of another name, of one school.
pub fn students(count: usize) -> Vec<Student> {
    let one = |at: usize| Student {
        id: format!("S{at:04}"),
        number: format!("{}", 70_000 + at),
        first: name("F", at),
        last: name("L", at),
        born: format!("2012-{:02}-{:02}", at % 12 + 1, at % 28 + 1),
        email: format!("s{at}@example.org"),
        grade: "4",
        school: "11",
    };
    (1..=count).map(one).collect()
}

/// A desk with a calendar.
pub struct Office {
    pub desk: Desk,
    day: u32,
}

impl Office {
    /// With these settings; the day is the first of September 2026.
    pub fn new(settings: &str) -> Self {
        let desk = Desk::new();
        desk.write("settings.toml", format!("id = \"default\"\n{settings}"));
        desk.line("district apply settings.toml").well();
        Self { desk, day: 0 }
    }

    /// So many days later.
    pub fn days_pass(&mut self, days: u32) {
        self.day += days;
    }

    fn now(&self) -> String {
        let day = chrono::NaiveDate::from_ymd_opt(2026, 9, 1).unwrap() + chrono::Days::new(u64::from(self.day));
        format!("{day}T02:00:00Z")
    }

    /// `rosterd` with these words, today.
    pub fn run(&self, words: &[&str]) -> Ended {
        let now = self.now();
        let all: Vec<&str> = words.iter().copied().chain(["--now", &now]).collect();
        self.desk.run(&all)
    }

    /// The same with JSON; gives the exit code and the report.
    pub fn json(&self, words: &[&str]) -> (i32, Value) {
        let all: Vec<&str> = words.iter().copied().chain(["--format", "json"]).collect();
        let ended = self.run(&all);
        (ended.code, ended.json())
    }

    /// Writes a full set with these students.
    pub fn write(&self, name: &str, students: &[Student]) {
        std::fs::create_dir_all(self.desk.path(name)).unwrap();
        let file = |kind: &str, text: String| self.desk.write(&format!("{name}/{kind}.csv"), text);
        file("schools", "School_id,School_name,School_number\n11,Elm School,11\n12,Oak School,12\n".into());
        file(
            "teachers",
            "School_id,Teacher_id,Teacher_number,Teacher_email,First_name,Last_name\n11,T1,501,vera.ash@example.org,Vera,Ash\n".into(),
        );
        file(
            "sections",
            "School_id,Section_id,Teacher_id,Name,Course_name,Period,Term_name,Term_start,Term_end\n\
             11,A1,T1,,Reading,1,Year,08/24/2026,06/11/2027\n"
                .into(),
        );
        let first = students.first().map_or("", |student| student.id.as_str());
        file("enrollments", format!("School_id,Section_id,Student_id\n11,A1,{first}\n"));
        file("students", student_rows(students));
    }

    /// Takes in a full set with these students.
    pub fn deliver(&self, students: &[Student]) -> (i32, Value) {
        self.write("upload", students);
        self.json(&["ingest", "upload"])
    }

    /// Takes in a delta with these rows of students.
    pub fn delta(&self, students: &[Student]) -> (i32, Value) {
        std::fs::create_dir_all(self.desk.path("delta")).unwrap();
        self.desk.write("delta/students.csv", student_rows(students));
        self.json(&["ingest", "delta", "--delta"])
    }

    /// Approves what `report` holds.
    pub fn approve(&self, report: &Value) -> (i32, Value) {
        self.json(&["runs", "approve", word(report, "run"), "--plan", word(report, "plan"), "--by", "Ms Lee"])
    }

    /// One value of the database.
    pub fn one(&self, sql: &str) -> i64 {
        self.desk.database().query_row(sql, [], |row| row.get(0)).unwrap()
    }

    /// How many patrons have this status.
    pub fn with_status(&self, status: i64) -> i64 {
        self.one(&format!("SELECT count(*) FROM patrons WHERE status = {status}"))
    }

    /// A column of the student with this number.
    pub fn value(&self, column: &str, number: &str) -> String {
        let sql = format!("SELECT CAST({column} AS TEXT) FROM patrons WHERE student_number = '{number}'");
        self.desk.database().query_row(&sql, [], |row| row.get::<_, Option<String>>(0)).unwrap().unwrap_or_default()
    }

    /// Runs statements as another program of the library.
    pub fn sql(&self, statements: &str) {
        self.desk.database().execute_batch(statements).unwrap();
    }
}

fn student_rows(students: &[Student]) -> String {
    let header = "School_id,Student_id,Student_number,Last_name,First_name,Grade,DOB,Student_email\n".to_owned();
    students.iter().fold(header, |text, one| {
        let row = [one.school, &one.id, &one.number, &one.last, &one.first, one.grade, &one.born, &one.email];
        text + &row.join(",") + "\n"
    })
}

/// A text of a report.
pub fn word<'r>(report: &'r Value, key: &str) -> &'r str {
    report[key].as_str().unwrap_or_else(|| panic!("no {key} in {report:#}"))
}

/// The words of the guards that hold something.
pub fn guards(report: &Value) -> Vec<&str> {
    report["holds"].as_array().unwrap().iter().map(|hold| word(hold, "guard")).collect()
}
