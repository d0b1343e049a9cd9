//! Encodings, delimiters and secrets.

use super::*;
use crate::stage::fixture::{complete, write};

const HEADER: &str = "School_id,Student_id,First_name,Last_name,Grade,Password\n";

/// A complete set whose students.csv holds `bytes`.
fn with_students(bytes: &[u8]) -> tempfile::TempDir {
    let folder = complete();
    write(folder.path(), "students.csv", bytes);
    folder
}

fn utf_16(text: &str, little: bool) -> Vec<u8> {
    let unit = |unit: u16| if little { unit.to_le_bytes() } else { unit.to_be_bytes() };
    std::iter::once('\u{feff}').chain(text.chars()).collect::<String>().encode_utf16().flat_map(unit).collect()
}

#[test]
fn utf_8_with_and_without_mark_is_read_silently_and_stays_as_it_is() {
    let text = format!("{HEADER}S1,A1,Zoë,Łukasz,3,\n");
    for (mark, skip) in [("", 0), ("\u{feff}", 3)] {
        let staged = ingested(with_students(format!("{mark}{text}").as_bytes()).path(), &settings());
        let file = staged.set.files.iter().find(|file| file.name == "students.csv").expect("it is there");
        assert_eq!((staged.codes(), file.skip, file.encoding.as_str()), (vec![], skip, "utf-8"));
        assert_eq!((staged.text("students.csv"), &file.sha256), (format!("{mark}{text}"), &file.kept_sha256));
    }
}

#[test]
fn utf_16_with_mark_is_read_silently() {
    let text = format!("{HEADER}S1,A1,Zoë,🙂,3,\r\n");
    for (little, name) in [(true, "utf-16le"), (false, "utf-16be")] {
        let staged = ingested(with_students(&utf_16(&text, little)).path(), &settings());
        assert_eq!((staged.codes(), staged.text("students.csv")), (vec![], text.clone()));
        let file = staged.set.files.iter().find(|file| file.name == "students.csv").expect("it is there");
        assert_eq!((file.encoding.as_str(), file.ends_with_line_break), (name, true));
    }
}

#[test]
fn utf_16_without_mark_is_read_with_a_warning() {
    let staged = ingested(with_students(&utf_16(HEADER, true)[2..]).path(), &settings());
    assert_eq!((staged.codes(), staged.text("students.csv").as_str()), (vec!["encoding_guessed"], HEADER));
}

#[test]
fn other_bytes_are_guessed_with_the_place_of_the_first_one() {
    let mut bytes = HEADER.as_bytes().to_vec();
    bytes.extend_from_slice(b"S1,A1,\"Two\nlines\",Able,3,\nS1,A2,Jos\xe9,Mu\xf1oz,3,\n");
    let staged = ingested(with_students(&bytes).path(), &settings());
    let problem = &staged.set.problems[0];
    assert_eq!(staged.codes(), ["encoding_guessed"]);
    assert_eq!((problem.line, problem.column.as_deref(), problem.is_error()), (Some(3), Some("First_name"), false));
    assert!(problem.message.contains("windows-1252"), "{}", problem.message);
    assert!(staged.text("students.csv").ends_with("S1,A2,José,Muñoz,3,\n"));
}

#[test]
fn strict_refuses_the_file_at_the_first_foreign_byte() {
    let mut settings = settings();
    settings.reading.encoding = "strict".into();
    let bytes = [HEADER.as_bytes(), b"S1,A1,Ada,Mu\xf1oz,3,\n"].concat();
    let staged = ingested(with_students(&bytes).path(), &settings);
    let problem = &staged.set.problems[0];
    assert_eq!((problem.code.word(), problem.is_error()), ("encoding_invalid", true));
    assert_eq!((problem.line, problem.column.as_deref()), (Some(2), Some("Last_name")));
    assert!(!staged.set.files.iter().any(|file| file.name == "students.csv"));
}

#[test]
fn a_pinned_encoding_is_used_silently_and_only_for_what_is_not_utf_8() {
    let mut settings = settings();
    settings.reading.encoding = "macintosh".into();
    let staged = ingested(with_students(&[HEADER.as_bytes(), b"S1,A1,Jos\x8e,Able,3,\n"].concat()).path(), &settings);
    assert_eq!((staged.codes(), staged.text("students.csv").contains("José")), (vec![], true));
    let staged = ingested(with_students(format!("{HEADER}S1,A1,José,Able,3,\n").as_bytes()).path(), &settings);
    assert!(staged.text("students.csv").contains("José"));
}

#[test]
fn an_unknown_encoding_in_the_settings_is_our_failure_and_leaves_nothing() {
    let (folder, home, mut settings) = (complete(), folder(), settings());
    settings.reading.encoding = "latin-99".into();
    let delivery = chosen(folder.path());
    let batch = borrow(&delivery).expect("it can be read");
    let into = home.path().join("staged");
    let failed = stage(&batch, &delivery, &into, &settings, &schemas(), Keep::InPlace).expect_err("no such encoding");
    assert!(failed.to_string().contains("latin-99") && !into.exists());
}

#[test]
fn a_letter_cut_in_a_utf_8_file_is_an_error_and_never_spoils_the_others() {
    let bytes = [HEADER.as_bytes(), "S1,A1,Zoë,Able,3,\nS1,A2,Jos".as_bytes(), b"\xc3,Able,3,\n"].concat();
    let staged = checked(with_students(&bytes).path(), &settings());
    let problem = &staged.set.problems[0];
    assert_eq!(
        (problem.code.word(), problem.line, problem.column.as_deref()),
        ("encoding_invalid", Some(3), Some("First_name"))
    );
}

#[test]
fn other_delimiters_are_recognised_with_a_warning() {
    for (delimiter, byte) in [(";", b';'), ("\t", b'\t'), ("|", b'|')] {
        let text = HEADER.replace("School_id,Student_id", "\"School_id\",Student_id").replace(',', delimiter);
        let staged = checked(with_students(text.as_bytes()).path(), &settings());
        let file = staged.set.files.iter().find(|file| file.name == "students.csv").expect("it is there");
        assert_eq!((staged.codes(), file.delimiter), (vec!["delimiter_other"], byte));
    }
}

#[test]
fn secrets_are_blanked_and_every_other_byte_stays() {
    let text = "School_id,Student_id,Password,Last_name,First_name\r\n\
                S1,A1,hunter2,\"Able, \"\"A\"\"\",Ada\r\n\
                S1,A2,\"se,cr\"\"et\r\nsecret\", Baker ,\"Bo\nb\"\r\n\
                \r\n\
                S1,A3,,Cole,Cy\nS1,A4,\"  \",Dee,Di";
    let folder = with_students(text.as_bytes());
    let expected = "School_id,Student_id,Password,Last_name,First_name\r\n\
                    S1,A1,,\"Able, \"\"A\"\"\",Ada\r\n\
                    S1,A2,, Baker ,\"Bo\nb\"\r\n\
                    \r\n\
                    S1,A3,,Cole,Cy\nS1,A4,,Dee,Di";
    for staged in [checked(folder.path(), &settings()), ingested(folder.path(), &settings())] {
        assert_eq!(staged.text("students.csv"), expected);
        let file = staged.set.files.iter().find(|file| file.name == "students.csv").expect("it is there");
        assert_ne!(file.sha256, file.kept_sha256);
        assert_eq!(file.kept_sha256, crate::files::hash::text(expected));
        assert!(!file.ends_with_line_break);
        assert!(staged.home.path().read_dir().is_ok() && !bytes_below(staged.home.path()).contains("hunter2"));
    }
    assert_eq!(std::fs::read(folder.path().join("students.csv")).expect("the original stays"), text.as_bytes());
}

/// Everything that was kept, as one text.
fn bytes_below(folder: &Path) -> String {
    let entries = std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.path());
    let text = |path: PathBuf| {
        if path.is_dir() {
            bytes_below(&path)
        } else {
            String::from_utf8_lossy(&std::fs::read(path).expect("a file")).into()
        }
    };
    entries.map(text).collect()
}

#[test]
fn a_secret_that_a_stray_delimiter_moved_is_blanked_as_well() {
    let header = "School_id,Student_id,Password,Last_name,First_name\n";
    let text = format!("{header}S1,A1,,Able,Ada,,\nS1,A2,x,hunter2,Baker,Bo\nS1,hunter2,Cole,Cy\n");
    let staged = ingested(with_students(text.as_bytes()).path(), &settings());
    assert_eq!(staged.text("students.csv"), format!("{header}S1,A1,,Able,Ada,,\nS1,A2,,,Baker,Bo\nS1,***,***,Cy\n"));
    let only_moved = format!("{header}S1,A2,,hunter2,Baker,Bo\n");
    let staged = ingested(with_students(only_moved.as_bytes()).path(), &settings());
    assert_eq!(staged.text("students.csv"), format!("{header}S1,A2,,,Baker,Bo\n"));
}

#[test]
fn a_row_that_was_cut_is_not_blanked_out_of_sight() {
    let text = format!("{HEADER}S1,A1,Ada,Able,3,hunter2\nS1,A2\nS1");
    let staged = ingested(with_students(text.as_bytes()).path(), &settings());
    assert!(staged.text("students.csv").ends_with("\nS1,***\n***"), "{}", staged.text("students.csv"));
}

#[test]
fn secrets_are_blanked_in_a_file_that_is_decoded_too() {
    let staged =
        ingested(with_students(&utf_16(&format!("{HEADER}S1,A1,Ada,Able,3,hunter2\n"), true)).path(), &settings());
    assert_eq!(staged.text("students.csv"), format!("{HEADER}S1,A1,Ada,Able,3,\n"));
}

#[test]
fn a_cell_larger_than_every_buffer_passes_through() {
    let cell = "x".repeat(3 * crate::files::BLOCK_BYTES);
    let text = format!("{HEADER}S1,A1,\"{cell}\",Able,3,\"{cell}\"\nS1,A2,Bo,Baker,3,\n");
    let staged = ingested(with_students(text.as_bytes()).path(), &settings());
    assert!(staged.text("students.csv") == format!("{HEADER}S1,A1,\"{cell}\",Able,3,\nS1,A2,Bo,Baker,3,\n"));
}

#[test]
fn an_empty_file_and_one_without_last_line_break_are_staged_as_they_are() {
    for (text, ends) in [("", false), (HEADER, true), (HEADER.trim_end(), false)] {
        let staged = ingested(with_students(text.as_bytes()).path(), &settings());
        let file = staged.set.files.iter().find(|file| file.name == "students.csv").expect("it is there");
        assert_eq!((staged.codes(), file.bytes, file.ends_with_line_break), (vec![], text.len() as u64, ends));
    }
}
