//! Deliveries that are broken, or mean harm: a clear sentence, a stable code, an exit code, nothing written, nobody removed.
//!
//! Each comes to a store that holds the good sample, as on any other night.

use std::collections::BTreeSet;
use std::io::{BufWriter, Cursor, Write};
use std::path::PathBuf;

use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

use crate::dump::Dump;
use crate::support::{Desk, Ended, names_in, repository};

/// A store with the good sample in it, and how it is then.
struct Night {
    desk: Desk,
    before: Dump,
    kept: Vec<PathBuf>,
}

impl Night {
    /// The good sample is in the store, and lies in the folder `set` once more, to be spoilt.
    fn new() -> Self {
        let desk = Desk::new();
        desk.copy("sample-csv/good", "set");
        desk.line("ingest set --as-of 2026-11-20").well();
        let (before, kept) = (desk.dump(), desk.kept());
        Self { desk, before, kept }
    }

    /// A file of the set.
    fn file(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.desk.path("set").join(name)).unwrap()
    }

    fn text(&self, name: &str) -> String {
        String::from_utf8(self.file(name)).unwrap()
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.desk.path("set").join(name), bytes).unwrap();
    }

    fn remove(&self, name: &str) {
        std::fs::remove_file(self.desk.path("set").join(name)).unwrap();
    }

    /// Changes the text of a file of the set.
    fn edit(&self, name: &str, edit: impl Fn(&str) -> String) {
        self.put(name, edit(&self.text(name)));
    }

    /// Nothing in the store is another than before, and no copy of a delivery was left.
    #[track_caller]
    fn is_untouched(&self) {
        let changes = self.before.without_history().changes(&self.desk.dump().without_history());
        assert!(changes.is_empty(), "{changes:#?}");
        assert_eq!((self.desk.kept(), self.desk.incoming()), (self.kept.clone(), Vec::new()));
    }

    /// `path` is refused with exit code 4 by check, preview and ingest, for one of the problems has this code and these words.
    #[track_caller]
    fn refuses(&self, path: &str, code: &str, words: &[&str]) -> Ended {
        for command in ["check", "preview", "ingest"] {
            let ended = self.desk.line(&format!("{command} {path}"));
            // Of the roster check knows nothing, and an empty file alone is no mistake.
            if command == "check" && code == "file_empty" {
                continue;
            }
            assert_eq!(ended.code, 4, "{command}: {ended:?}");
            for word in words {
                assert!(ended.out.contains(word), "{command} does not say {word:?}:\n{}", ended.out);
            }
        }
        let ended = self.desk.line(&format!("ingest {path} --format json"));
        let report = ended.json();
        assert_eq!((ended.code, &report["outcome"]), (4, &json!("rejected")));
        assert!(codes(&report).contains(code), "{code} is not in {report}");
        assert_eq!(report["people"]["students"]["removed"], 0);
        self.is_untouched();
        ended
    }

    /// `set` is taken, and says what the store holds already; gives the report.
    #[track_caller]
    fn takes(&self) -> Value {
        let ended = self.desk.line("ingest set --as-of 2026-11-21 --format json");
        let report = ended.json();
        assert_eq!((ended.code, &report["outcome"]), (0, &json!("no_change")), "{ended:?}");
        let changes = self.before.library().changes(&self.desk.dump().library());
        assert!(changes.is_empty(), "{changes:#?}");
        report
    }
}

fn codes(report: &Value) -> BTreeSet<&str> {
    report["problem_counts"].as_object().unwrap().keys().map(String::as_str).collect()
}

fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        writer.start_file(*name, SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn good(name: &str) -> Vec<u8> {
    std::fs::read(repository("sample-csv/good").join(name)).unwrap()
}

#[test]
fn a_path_that_leads_nowhere_is_a_wrong_command_line() {
    let night = Night::new();
    for command in ["check", "preview", "ingest"] {
        night.desk.line(&format!("{command} nowhere")).refused(2, &["there is no file or folder nowhere"]);
        night.desk.line(&format!("{command} /dev/null")).refused(2, &["/dev/null is neither a folder nor a file"]);
    }
    night.is_untouched();
    let desk = Desk::new();
    desk.line("ingest nowhere").refused(2, &["nowhere"]);
    assert!(desk.files().is_empty(), "no database for a path that leads nowhere");
}

#[test]
fn a_folder_with_none_of_the_files_is_incomplete() {
    let night = Night::new();
    std::fs::create_dir(night.desk.path("empty")).unwrap();
    std::fs::create_dir(night.desk.path("other")).unwrap();
    night.desk.write("other/cat.jpg", b"\xff\xd8\xff\xe0\0\x10JFIF");
    night.desk.write("other/notes.txt", "Dear Ms Oakley,\nthe files follow tomorrow.\n");
    let missing = ["schools", "students", "teachers", "sections", "enrollments"];
    night.refuses("empty", "set_incomplete", &missing);
    night.refuses("other", "set_incomplete", &missing);
}

#[test]
fn students_alone_are_no_set() {
    let night = Night::new();
    for name in ["schools.csv", "teachers.csv", "staff.csv", "sections.csv", "enrollments.csv"] {
        night.remove(name);
    }
    night.refuses("set", "set_incomplete", &["schools", "teachers", "sections", "enrollments"]);
    night.refuses("set/students.csv", "set_incomplete", &["schools"]);
}

#[test]
fn an_empty_file_does_not_mean_that_all_have_left() {
    for name in ["schools.csv", "students.csv", "teachers.csv"] {
        for keep_header in [false, true] {
            let night = Night::new();
            let header = night.text(name).split_inclusive('\n').next().unwrap().to_owned();
            night.put(name, if keep_header { header } else { String::new() });
            night.refuses("set", "file_empty", &[name, "no rows"]);
        }
    }
    for name in ["staff.csv", "sections.csv", "enrollments.csv"] {
        let night = Night::new();
        night.put(name, "");
        assert!(codes(&night.takes()).contains("file_empty"), "{name} is told, and costs nobody anything");
    }
}

#[test]
fn a_file_cut_in_mid_row_is_refused() {
    for name in ["schools.csv", "students.csv", "teachers.csv", "sections.csv", "enrollments.csv", "staff.csv"] {
        let night = Night::new();
        let bytes = night.file(name);
        let last_row = bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
        for left in [1, 3, (bytes.len() - last_row) / 2] {
            night.put(name, &bytes[..last_row + left]);
            night.refuses("set", "file_truncated", &[name, "cut off"]);
        }
    }
}

#[test]
fn utf_16_reads_like_utf_8() {
    for big_endian in [false, true] {
        let night = Night::new();
        for name in names_in(&night.desk.path("set")) {
            let units = format!("\u{feff}{}", night.text(&name)).encode_utf16().collect::<Vec<_>>();
            let bytes = units.iter().flat_map(|unit| if big_endian { unit.to_be_bytes() } else { unit.to_le_bytes() });
            night.put(&name, bytes.collect::<Vec<_>>());
        }
        assert!(codes(&night.takes()).is_empty());
    }
}

/// Windows-1252 has no ễ and no Ł; the letters that it has are the same numbers as in Unicode.
fn in_windows_1252(text: &str) -> Vec<u8> {
    text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'e')).collect()
}

#[test]
fn windows_1252_is_read_and_told() {
    let night = Night::new();
    let names = names_in(&night.desk.path("set"));
    for name in &names {
        let plain: String = in_windows_1252(&night.text(name)).into_iter().map(char::from).collect();
        night.put(name, plain);
    }
    night.desk.line("ingest set --as-of 2026-11-20").well();
    let before = night.desk.dump().library();
    for name in &names {
        night.put(name, in_windows_1252(&night.text(name)));
    }
    let report = night.desk.line("ingest set --format json").json();
    assert_eq!((&report["outcome"], codes(&report)), (&json!("no_change"), ["encoding_guessed"].into()));
    assert!(before.changes(&night.desk.dump().library()).is_empty());
}

#[test]
fn windows_1252_is_refused_where_the_district_wants_utf_8() {
    let night = Night::new();
    night.desk.write("strict.toml", "id = \"default\"\n[reading]\nencoding = \"strict\"\n");
    night.desk.line("district apply strict.toml").well();
    let night = Night { before: night.desk.dump(), ..night };
    night.put("students.csv", in_windows_1252(&night.text("students.csv")));
    let report = night.desk.line("ingest set --format json").json();
    assert_eq!((&report["outcome"], codes(&report)), (&json!("rejected"), ["encoding_invalid"].into()), "{report}");
    let problem = &report["problems"][0];
    assert!(problem["line"].is_u64() && problem["column"].is_string(), "{problem}");
    night.is_untouched();
}

#[test]
fn a_renamed_spreadsheet_is_no_csv() {
    let workbook = zip(&[("[Content_Types].xml", b"<Types/>"), ("xl/workbook.xml", b"<workbook/>")]);
    let old_workbook = [b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".as_slice(), &[0; 4096]].concat();
    for bytes in [workbook, old_workbook] {
        let night = Night::new();
        night.put("students.csv", bytes);
        night.refuses("set", "file_unknown", &["students.csv"]);
    }
}

#[test]
fn forty_unknown_columns_are_named_once() {
    let night = Night::new();
    let unknown: Vec<String> = (1..=40).map(|number| format!("Custom_{number}")).collect();
    let cells = vec!["x"; 40].join(",");
    // One student lives behind a line break in quotes in sections only, so lines are rows in this file.
    night.edit("students.csv", |text| {
        let (header, rows) = text.split_once('\n').unwrap();
        let rows = rows.lines().map(|row| format!("{row},{cells}\n")).collect::<String>();
        format!("{header},{}\n{rows}", unknown.join(","))
    });
    let report = night.takes();
    assert_eq!(report["problem_counts"], json!({"column_unknown": 1}));
    let message = report["problems"][0]["message"].as_str().unwrap();
    assert!(message.contains("Custom_1") && message.len() < 1500, "{message}");
}

#[test]
fn a_doubled_column_refuses_the_file() {
    let night = Night::new();
    night.edit("students.csv", |text| text.replacen("Middle_name", "Last_name", 1));
    night.refuses("set", "column_duplicate", &["students.csv", "Last_name"]);
}

#[test]
fn a_repeated_header_line_is_no_student() {
    let night = Night::new();
    night.edit("students.csv", |text| {
        let header = text.split_inclusive('\n').next().unwrap();
        format!("{header}{text}{header}")
    });
    let report = night.takes();
    let file = report["files"].as_array().unwrap().iter().find(|file| file["kind"] == "students").unwrap();
    assert_eq!((&file["blank"], &report["problem_counts"]), (&json!(2), &json!({})));
}

#[test]
fn semicolons_are_read_and_told() {
    let night = Night::new();
    for name in names_in(&night.desk.path("set")) {
        let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(Cursor::new(night.file(&name)));
        let mut out = csv::WriterBuilder::new().delimiter(b';').from_writer(Vec::new());
        rows.records().for_each(|row| out.write_record(&row.unwrap()).unwrap());
        night.put(&name, out.into_inner().unwrap());
    }
    assert_eq!(night.takes()["problem_counts"], json!({"delimiter_other": 6}));
}

/// `rosterd` with no more than this much memory of its own, and how it ended.
fn in_megabytes(desk: &Desk, megabytes: u32, line: &str) -> std::process::Output {
    let rosterd = assert_cmd::cargo::cargo_bin!("rosterd");
    // The limit is on memory that is written to, so that a program cannot hide in what it maps.
    let script = format!("ulimit -d {}; exec \"$0\" \"$@\"", megabytes * 1024);
    let mut command = std::process::Command::new("sh");
    command.arg("-c").arg(script).arg(rosterd).args(line.split(' ')).current_dir(desk.path("."));
    command.env_remove("ROSTERD_STORE").output().unwrap()
}

/// Writes students.csv with something endless in line 3.
fn spoil_line_3(night: &Night, write: impl Fn(&mut dyn Write)) {
    let text = night.text("students.csv");
    let mut lines = text.split_inclusive('\n');
    let mut out = BufWriter::new(std::fs::File::create(night.desk.path("set/students.csv")).unwrap());
    lines.by_ref().take(2).for_each(|line| out.write_all(line.as_bytes()).unwrap());
    write(&mut out);
    lines.for_each(|line| out.write_all(line.as_bytes()).unwrap());
    out.flush().unwrap();
}

/// What the run said, when it stayed below 200 MB.
#[track_caller]
fn modest(night: &Night, line: &str) -> (i32, Value) {
    let output = in_megabytes(&night.desk, 200, line);
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    let code = output.status.code().unwrap_or_else(|| panic!("{line} was killed: {errors}"));
    let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{line} gives no report: {errors}"));
    (code, report)
}

#[test]
fn the_limit_of_memory_is_one() {
    let output = in_megabytes(&Night::new().desk, 1, "ingest set --format json");
    assert!(!output.status.success(), "nothing runs in 1 MB, so the limit is looked at");
}

/// Puts a quote into line 3 that swallows what would be 200,000 students.
fn open_quote_in_line_3(night: &Night) {
    spoil_line_3(night, |out| {
        out.write_all(b"MV-ES,S9000,\"90000,").unwrap();
        (0..200_000).for_each(|number| writeln!(out, "MV-ES,S{number},{number},X,Adair,Mina,3,F,01/05/2018").unwrap());
    });
}

#[test]
fn a_quote_opened_in_line_3_of_a_large_file_is_found_there() {
    let night = Night::new();
    night.edit("students.csv", |text| text.replace('"', ""));
    open_quote_in_line_3(&night);
    for command in ["check", "preview", "ingest"] {
        let (code, report) = modest(&night, &format!("{command} set --format json"));
        assert_eq!(code, 4, "{command}");
        let problems = report["problems"].as_array().unwrap();
        let quote = problems.iter().find(|problem| problem["code"] == "quote_open").unwrap();
        assert_eq!((&quote["file"], &quote["line"]), (&json!("students.csv"), &json!(3)), "{command}");
    }
    night.is_untouched();
}

#[test]
fn whoever_was_swallowed_by_a_quote_that_closes_far_below_is_not_removed() {
    let night = Night::new();
    // The next quote is in line 9: four students are swallowed with the rest.
    night.edit("students.csv", |text| {
        let is_early = |(number, _): &(usize, &str)| (2..8).contains(number);
        let lines = text.split_inclusive('\n').enumerate();
        lines.map(|line| if is_early(&line) { line.1.replace('"', "") } else { line.1.to_owned() }).collect()
    });
    open_quote_in_line_3(&night);
    let (_, report) = modest(&night, "ingest set --format json");
    assert_eq!(
        (&report["problem_counts"]["cell_too_large"], &report["people"]["students"]["removed"]),
        (&json!(1), &json!(0))
    );
    let gone = "SELECT count(*) FROM patrons WHERE status <> 1";
    assert_eq!(night.desk.database().query_row(gone, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    assert_eq!(report["enrollments"]["removed"], 0, "{report}");
}

/// A cell of `megabytes` refuses its row, and nobody else's; in memory that does not grow with it.
fn huge_cell(megabytes: usize) {
    let night = Night::new();
    let row = "11,S9000,90000,,";
    let block = vec![b'x'; 1 << 20];
    spoil_line_3(&night, |out| {
        out.write_all(row.as_bytes()).unwrap();
        (0..megabytes).for_each(|_| out.write_all(&block).unwrap());
        out.write_all(b"\n").unwrap();
    });
    let (code, report) = modest(&night, "check set --format json");
    assert_eq!((code, &report["problem_counts"]), (4, &json!({"cell_too_large": 1})));
    assert_eq!((&report["problems"][0]["file"], &report["problems"][0]["line"]), (&json!("students.csv"), &json!(3)));
    let (code, report) = modest(&night, "ingest set --format json");
    assert_eq!((code, &report["problem_counts"]), (0, &json!({"cell_too_large": 1})), "{report}");
    assert_eq!(report["people"]["students"]["removed"], 0);
    assert!(night.before.library().changes(&night.desk.dump().library()).is_empty());
}

#[test]
fn a_huge_cell_refuses_its_row_in_bounded_memory() {
    huge_cell(50);
}

#[test]
#[ignore = "writes 4 GB and takes a minute"]
fn a_cell_of_2_gb_refuses_its_row_in_bounded_memory() {
    huge_cell(2048);
}

/// A whole set as a zip, with a file of students that unpacks to a thousand times its size.
fn bomb() -> Vec<u8> {
    let students = [good("students.csv"), vec![b'\n'; 64 << 20]].concat();
    let mut entries: Vec<(&str, Vec<u8>)> = vec![("students.csv", students)];
    for name in ["schools.csv", "teachers.csv", "sections.csv", "enrollments.csv"] {
        entries.push((name, good(name)));
    }
    zip(&entries.iter().map(|(name, bytes)| (*name, bytes.as_slice())).collect::<Vec<_>>())
}

#[test]
fn a_zip_bomb_is_not_unpacked() {
    let night = Night::new();
    night.desk.write("bomb.zip", bomb());
    std::fs::create_dir(night.desk.path("drop")).unwrap();
    std::fs::copy(night.desk.path("bomb.zip"), night.desk.path("drop/export.zip")).unwrap();
    night.refuses("bomb.zip", "zip_unsafe", &["students.csv", "200 times its packed size"]);
    night.refuses("drop", "zip_unsafe", &["students.csv", "200 times its packed size"]);
    let output = night.desk.command(&["ingest", "-"]).write_stdin(bomb()).output().unwrap();
    assert_eq!(output.status.code(), Some(4), "from standard input as well");
    night.is_untouched();
}

#[test]
fn a_zip_that_climbs_out_of_its_folder_is_refused() {
    for name in ["../students.csv", "a/../../students.csv", "..\\students.csv", "/tmp/students.csv"] {
        let night = Night::new();
        let files = night.desk.files();
        night.desk.write("roster.zip", zip(&[("schools.csv", &good("schools.csv")), (name, &good("students.csv"))]));
        night.refuses("roster.zip", "zip_unsafe", &["students.csv"]);
        let expected: BTreeSet<String> = files.into_iter().chain(["roster.zip".to_owned()]).collect();
        assert_eq!(night.desk.files().into_iter().collect::<BTreeSet<_>>(), expected, "{name} is nowhere");
    }
}

#[test]
fn a_broken_zip_is_refused() {
    let night = Night::new();
    let whole = zip(&[("students.csv", &good("students.csv"))]);
    night.desk.write("roster.zip", &whole[..whole.len() / 2]);
    night.refuses("roster.zip", "zip_unsafe", &["roster.zip"]);
}

#[test]
fn a_file_in_which_no_row_has_an_id_refuses_its_rows_and_nothing_else() {
    let desk = Desk::new();
    desk.copy("sample-csv/good", "set");
    desk.write("set/staff.csv", "School_id,Staff_id,Staff_email,First_name,Last_name\n0101,,a@example.org,Ana,Li\n");
    let report = desk.line("ingest set --format json").json();
    assert_eq!((&report["outcome"], &report["problem_counts"]["required_cell_blank"]), (&"applied".into(), &1.into()));
    assert_eq!(desk.line("ingest set").code, 0);
}
