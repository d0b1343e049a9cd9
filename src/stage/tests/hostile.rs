//! Zips that mean harm, or are broken: refused by name, with nothing left behind.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

use super::*;
use crate::roster::settings::Size;
use crate::stage::fixture::{SET, tree, write, zip, zip_of_set};

/// Stages `bytes` as export.zip, checks that it is refused and nothing of it kept, and returns the sentence.
fn refused(bytes: &[u8], settings: &Settings) -> String {
    let folder = folder();
    write(folder.path(), "export.zip", bytes);
    let staged = ingested(folder.path(), settings);
    assert_eq!(staged.codes(), ["zip_unsafe"], "and the set is not called incomplete as well");
    assert!(staged.set.problems[0].is_error() && staged.set.problems[0].proposal.is_some());
    assert!(staged.set.files.is_empty() && tree(staged.home.path()).is_empty(), "nothing is left behind");
    staged.set.problems[0].message.clone()
}

/// The positions of the local header (false) or the central one (true) of the `number`th entry.
fn header(bytes: &[u8], central: bool, number: usize) -> usize {
    let signature: &[u8] = if central { b"PK\x01\x02" } else { b"PK\x03\x04" };
    memchr::memmem::find_iter(bytes, signature).nth(number).expect("the entry has a header")
}

fn with_link() -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(zip_of_set("")));
    writer.add_symlink("students.csv", "/etc/passwd", SimpleFileOptions::default()).expect("an entry");
    writer.finish().expect("memory does not fail").into_inner()
}

#[test]
fn paths_that_lead_elsewhere_are_refused_by_name() {
    for name in ["../students.csv", "a/../../students.csv", "..\\students.csv"] {
        let sentence = refused(&zip(&[("schools.csv", b"x"), (name, b"x")]), &settings());
        assert!(sentence.contains("students.csv in export.zip leads out of its folder"), "{sentence}");
    }
    for name in ["/etc/students.csv", "C:\\students.csv", "\\\\host\\students.csv"] {
        assert!(refused(&zip(&[(name, b"x")]), &settings()).contains("has an absolute path"), "{name}");
    }
}

#[test]
fn links_and_encryption_are_refused_by_name() {
    assert!(refused(&with_link(), &settings()).contains("students.csv in export.zip is a link"));
    let mut bytes = zip_of_set("");
    let (local, central) = (header(&bytes, false, 1), header(&bytes, true, 1));
    bytes[local + 6] |= 1;
    bytes[central + 8] |= 1;
    assert!(refused(&bytes, &settings()).contains("students.csv in export.zip is encrypted"));
}

#[test]
fn duplicate_and_overlapping_entries_are_refused() {
    let mut doubled = zip(&[("students.csv", b"a"), ("studentz.csv", b"b")]);
    for central in [false, true] {
        let (at, name_at) = (header(&doubled, central, 1), if central { 46 } else { 30 });
        doubled[at + name_at + 7] = b's';
    }
    assert!(refused(&doubled, &settings()).contains("lists the same entry more than once"));
    let mut overlapping = zip_of_set("");
    let second = header(&overlapping, true, 1);
    overlapping[second + 42..second + 46].copy_from_slice(&0_u32.to_le_bytes());
    assert!(refused(&overlapping, &settings()).contains("overlap"));
}

fn bomb() -> Vec<u8> {
    let rows = format!("{}{}", SET[1].1, "S1,A1,Ada,Able,3,\n".repeat(600_000));
    zip(&[("schools.csv", SET[0].1.as_bytes()), ("students.csv", rows.as_bytes())])
}

#[test]
fn a_bomb_is_stopped_by_ratio_even_when_it_lies_about_its_size() {
    let mut bytes = bomb();
    assert!(refused(&bytes, &settings()).contains("students.csv unpacks to more than 200 times its packed size"));
    let (local, central) = (header(&bytes, false, 1), header(&bytes, true, 1));
    bytes[local + 22..local + 26].copy_from_slice(&10_u32.to_le_bytes());
    bytes[central + 24..central + 28].copy_from_slice(&10_u32.to_le_bytes());
    assert!(refused(&bytes, &settings()).contains("students.csv"));
}

#[test]
fn the_whole_set_is_limited_in_what_it_unpacks_to() {
    let mut settings = settings();
    settings.limits.zip_ratio = 100_000;
    settings.limits.unpacked_bytes = Size(5 << 20);
    assert!(refused(&bomb(), &settings).contains("unpack to more than 5242880 bytes"));
}

#[test]
fn too_many_entries_are_refused() {
    let names: Vec<String> = (0..201).map(|number| format!("{number}.txt")).collect();
    let entries: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), b"x".as_slice())).collect();
    assert!(refused(&zip(&entries), &settings()).contains("has 201 entries; at most 200 are allowed"));
}

#[test]
fn a_zip_that_is_cut_off_or_damaged_is_refused() {
    let bytes = zip_of_set("");
    assert!(refused(&bytes[..bytes.len() / 2], &settings()).contains("cut off or damaged"));
    let mut changed = bytes.clone();
    let data = header(&changed, false, 1) + 30 + "students.csv".len() + 3;
    changed[data] ^= 0xff;
    assert!(refused(&changed, &settings()).contains("students.csv in export.zip is cut off or damaged"));
}

#[test]
fn a_zip_inside_a_zip_and_other_things_in_it_are_only_named() {
    let mut writer = zip::ZipWriter::new_append(Cursor::new(zip_of_set("Export 2026/"))).expect("it is a zip");
    for name in
        ["__MACOSX/Export 2026/students.csv", "Export 2026/.DS_Store", "inner.zip", "customsections/students.csv"]
    {
        writer.start_file(name, SimpleFileOptions::default()).expect("an entry");
        writer.write_all(&zip_of_set("")).expect("memory does not fail");
    }
    let folder = folder();
    write(folder.path(), "export.zip", &writer.finish().expect("memory does not fail").into_inner());
    let staged = ingested(folder.path(), &settings());
    assert_eq!((staged.set.files.len(), staged.codes()), (5, vec!["file_unknown", "file_unknown"]));
    assert!(!staged.set.refused());
}
