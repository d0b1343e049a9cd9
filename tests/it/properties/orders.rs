//! The order of files, rows and columns changes nothing.

use std::io::Write as _;
use std::path::Path;

use rosterd::report::{Outcome, RunReport};
use rosterd::roster::PersonKind;

use super::chance::{Chance, with_seeds};
use super::edits;
use super::library::Library;
use super::nights;
use super::town::{KINDS, SECTIONS, Town};
use super::witness;

/// What two deliveries of the same content must have in common.
fn outcome(report: &RunReport) -> serde_json::Value {
    let json = serde_json::to_value(report).unwrap();
    serde_json::json!([
        json["plan"],
        json["people"],
        json["sections"],
        json["enrollments"],
        json["problem_counts"],
        json["holds"]
    ])
}

/// The same files in a zip, in another order.
fn zipped(town: &Town, path: &Path, chance: &mut Chance) {
    let mut kinds: Vec<usize> = (0..KINDS.len()).collect();
    chance.shuffle(&mut kinds);
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for kind in kinds {
        let Some(table) = &town.tables[kind] else { continue };
        zip.start_file(format!("{}.csv", KINDS[kind]), zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(table.text(chance.one_in(2), "\r\n").as_bytes()).unwrap();
    }
    zip.finish().unwrap();
}

fn any_order(seed: u64) {
    let mut chance = Chance::new(seed);
    let library = Library::new(edits::settings(&mut chance));
    let mut town = Town::new(&mut chance);
    for night in 1..=2 {
        let folder = library.folder().join(format!("night-{night}"));
        town.write(&folder, &mut chance);
        let expected = outcome(&library.preview(&folder));
        for other in 1..=2 {
            let path = library.folder().join(format!("night-{night}-{other}.zip"));
            zipped(&town.reordered(&mut chance), &path, &mut chance);
            assert_eq!(outcome(&library.preview(&path)), expected, "night {night}");
        }
        library.ingest(&folder);
        edits::carry_out(&library, &edits::of_patrons(&mut chance), &[]);
        town = nights::next(&town, &mut chance);
    }
}

#[test]
fn any_order_of_files_rows_and_columns_gives_the_same_plan() {
    with_seeds(60, any_order);
}

#[test]
#[ignore = "takes minutes; run it after changing how rows are folded or plans hashed"]
fn any_order_of_files_rows_and_columns_gives_the_same_plan_for_thousands_of_districts() {
    with_seeds(3_000, any_order);
}

/// On a first night everybody who stands in a file is accounted for, and nobody else.
#[test]
fn everybody_in_the_files_is_counted_once() {
    with_seeds(40, |seed| {
        let mut chance = Chance::new(seed);
        let library = Library::new(edits::settings(&mut chance));
        let town = Town::new(&mut chance);
        let folder = library.folder().join("night");
        town.write(&folder, &mut chance);
        let report = library.preview(&folder);
        if report.outcome != Outcome::Preview {
            return;
        }
        for (kind, table) in PersonKind::ALL.into_iter().map(|kind| (kind, kind.word())) {
            let at = KINDS[..SECTIONS].iter().position(|name| *name == table).unwrap();
            let text = town.tables[at].as_ref().map(|table| table.text(true, "\n")).unwrap_or_default();
            let expected = witness::ids(&text, 1).len() as u64;
            assert_eq!(report.people.of(kind).of_the_set(), expected, "{kind}");
        }
    });
}
