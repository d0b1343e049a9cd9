//! The report as text: for a district's IT person and for a librarian, in one reading from the top.
//!
//! Called by the commands and for the results folder. The caller decides about colour; text of the files is escaped.

use comfy_table::{CellAlignment, ContentArrangement, Table};

use super::changes::changes_text;
use super::headline::{headline, listed, thousands};
use super::hold_text::{decisions_text, holds_text};
use super::problem_text::problems_text;
use super::terminal::{Ink, Style, escape_for_terminal};
use super::undo_report::kept_text;
use super::{FileReport, Outcome, PeopleCounts, RunReport};
use crate::roster::{FileKind, PersonKind};

/// `report` as text: outcome, problems, changes, counts, holds, and where to look further.
pub fn report_text(report: &RunReport, style: Style) -> String {
    let noun = |file: &str| row_noun(report, file);
    let parts = [
        headline_text(report, style),
        problems_text(&report.problems, &noun, style),
        report.undo.as_ref().map_or_else(String::new, |undo| kept_text(undo, style)),
        changes_text(report.actions.as_deref().unwrap_or_default(), style),
        files_text(&report.files, style),
        people_text(report, style),
        sections_text(report),
        holds_text(&report.holds, style),
        approval_text(report),
        closing_text(report, style),
    ];
    parts.concat()
}

fn headline_text(report: &RunReport, style: Style) -> String {
    let line = headline(report);
    format!("{} {}\n\n", style.paint(line.ink, &format!("{}:", line.word)), line.sentence)
}

/// What the rows of `file` are called: an enrollment is one row, a student may be several.
fn row_noun(report: &RunReport, file: &str) -> &'static str {
    let found = report.files.iter().find(|one| one.name == file);
    match found.and_then(|file| file.kind) {
        Some(FileKind::Enrollments) => FileKind::Enrollments.word(),
        _ => "rows",
    }
}

fn files_text(files: &[FileReport], style: Style) -> String {
    let numbers: Vec<Vec<(&str, u64)>> = files.iter().map(file_numbers).collect();
    let named = |file: &FileReport| {
        let kind = file.kind.map_or("-", FileKind::word).to_owned();
        vec![file.name.clone(), kind, file.encoding.clone()]
    };
    table_text("Files", &["file", "kind", "encoding"], files.iter().map(named).collect(), &numbers, style)
}

fn file_numbers(file: &FileReport) -> Vec<(&'static str, u64)> {
    vec![
        ("rows", file.rows),
        ("accepted", file.accepted),
        ("refused", file.refused),
        ("blank", file.blank),
        ("folded", file.folded),
        ("unchanged", file.unchanged),
    ]
}

fn people_text(report: &RunReport, style: Style) -> String {
    let kinds = PersonKind::ALL.into_iter().filter(|kind| *report.people.of(*kind) != PeopleCounts::default());
    let (names, numbers): (Vec<_>, Vec<_>) =
        kinds.map(|kind| (vec![kind.word().to_owned()], report.people.of(kind).named())).unzip();
    let table = table_text("People", &["kind"], names, &numbers, style);
    let meanings: String = MEANINGS.iter().filter(|(word, _)| has(&numbers, word)).map(|(_, text)| *text).collect();
    if meanings.is_empty() { table } else { format!("{}\n{meanings}\n", table.trim_end()) }
}

/// Counts whose names say too little.
const MEANINGS: [(&str, &str); 3] = [
    ("shielded", "  shielded: named in a refused row, and therefore neither changed nor removed by this run\n"),
    (
        "conflicting",
        "  conflicting: several patrons are possible, or the evidence is not enough; someone must decide\n",
    ),
    (
        "missing",
        "  missing: not in this delivery, and not removed yet, because of the grace days or a window in which nobody is removed\n",
    ),
];

fn has(numbers: &[Vec<(&str, u64)>], word: &str) -> bool {
    numbers.iter().flatten().any(|(name, count)| name == &word && *count > 0)
}

/// A table of names and numbers; columns of zeros are left out, and the whole table when it has no row.
fn table_text(
    heading: &str,
    name_columns: &[&str],
    names: Vec<Vec<String>>,
    numbers: &[Vec<(&str, u64)>],
    style: Style,
) -> String {
    let Some(first) = numbers.first() else { return String::new() };
    let is_kept = |at: &usize| numbers.iter().any(|row| row[*at].1 > 0);
    let kept: Vec<usize> = (0..first.len()).filter(is_kept).collect();
    let header = name_columns.iter().copied().chain(kept.iter().map(|at| first[*at].0));
    let mut table = bare_table(header.map(str::to_owned).collect(), name_columns.len());
    for (names, numbers) in names.into_iter().zip(numbers) {
        let names = names.iter().map(|name| escape_for_terminal(name).into_owned());
        table.add_row(names.chain(kept.iter().map(|at| thousands(numbers[*at].1))));
    }
    format!("{}\n{}\n\n", style.paint(Ink::Heading, heading), table.trim_fmt())
}

/// No borders, two blanks between columns, numbers to the right.
fn bare_table(header: Vec<String>, name_columns: usize) -> Table {
    let mut table = Table::new();
    table.load_style(comfy_table::presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    for (at, column) in table.column_iter_mut().enumerate() {
        column.set_padding((if at == 0 { 2 } else { 1 }, 1));
        let is_number = at >= name_columns;
        column.set_cell_alignment(if is_number { CellAlignment::Right } else { CellAlignment::Left });
    }
    table
}

fn sections_text(report: &RunReport) -> String {
    let lines = [("Sections", report.sections.named()), ("Enrollments", report.enrollments.named())];
    let text: String = lines.iter().map(|(name, counts)| counts_line(name, counts)).collect();
    if text.is_empty() { text } else { text + "\n" }
}

fn counts_line(name: &str, counts: &[(&str, u64)]) -> String {
    let parts: Vec<String> = counts
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(word, count)| format!("{} {word}", thousands(*count)))
        .collect();
    if parts.is_empty() { String::new() } else { format!("{name}: {}.\n", listed(&parts)) }
}

/// How to let pass what is held, or to leave it undone.
fn approval_text(report: &RunReport) -> String {
    if report.outcome == Outcome::Rejected && !report.holds.is_empty() {
        return "The district takes no delivery beyond this limit (guard.at_limit = \"stop\"), so there is nothing to approve. If the \
                delivery is right, set guard.at_limit to \"hold_removals\" and deliver it again.\n\n"
            .into();
    }
    report.run.as_deref().map_or_else(String::new, |run| decisions_text(run, report.plan.as_deref(), &report.holds))
}

fn closing_text(report: &RunReport, style: Style) -> String {
    let Some(run) = report.run.as_deref() else { return plan_text(report, style) };
    let started_at = report.started_at.format("%Y-%m-%d %H:%M:%S UTC");
    let took = if report.duration_ms < 1_000 {
        format!("{} ms", report.duration_ms)
    } else {
        format!("{:.1} s", report.duration_ms as f64 / 1_000.0)
    };
    let district = escape_for_terminal(&report.district);
    let about = format!("Run {run} of district {district}, {started_at}, took {took}.");
    let further = format!("Look at it again with `rosterd runs show {run}`; --format json has every detail.");
    format!("{}\n{}\n", style.paint(Ink::Faint, &about), style.paint(Ink::Faint, &further))
}

/// What identifies a preview: the same plan has the same hash.
fn plan_text(report: &RunReport, style: Style) -> String {
    let line = |plan| style.paint(Ink::Faint, &format!("Plan {plan}. The changes as a table: --format csv.")) + "\n";
    report.plan.as_deref().map_or_else(String::new, line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::HoldReport;
    use crate::roster::{Code, Problem};

    fn file(name: &str, kind: FileKind) -> FileReport {
        FileReport {
            name: name.into(),
            kind: Some(kind),
            encoding: "utf-8".into(),
            rows: 1_200,
            accepted: 1_199,
            refused: 1,
            ..FileReport::default()
        }
    }

    fn run() -> RunReport {
        let mut report = RunReport::new(Outcome::AppliedInPart);
        report.run = Some("019-run".into());
        report.district = "springfield".into();
        report.started_at = "2026-11-20T02:00:00Z".parse().unwrap();
        report.duration_ms = 1_412;
        report.files = vec![file("students.csv", FileKind::Students), file("学生 名簿.csv", FileKind::Teachers)];
        report.people.students = PeopleCounts { created: 3, unchanged: 1_196, held: 21, ..PeopleCounts::default() };
        report.sections.created = 4;
        report.problems.push(
            Problem::error(Code::RequiredCellBlank, "the cell is blank.")
                .in_file("students.csv")
                .at(118)
                .column("Last_name"),
        );
        report.holds.push(HoldReport {
            guard: "removals".into(),
            kind: Some(FileKind::Students),
            school: None,
            count: 21,
            of: Some(200),
            limit: Some("10 %".into()),
            reason: "More students would be removed than the district allows at once.".into(),
            hash: None,
            people: Vec::new(),
        });
        report
    }

    #[test]
    fn a_run_reads_from_the_outcome_to_the_details() {
        let expected = "\
Applied in part: 3 people added. 21 changes wait: see below, or `rosterd runs holds`. \
2 rows were refused: correct them as said below and deliver them again.

1 error
  students.csv line 118, column Last_name: the cell is blank. [required_cell_blank]

Files
  file           kind      encoding   rows  accepted  refused
  students.csv   students  utf-8     1,200     1,199        1
  学生 名簿.csv  teachers  utf-8     1,200     1,199        1

People
  kind      created  unchanged  held
  students        3      1,196    21

Sections: 4 created.

Held: removals: 21 of 200 students (limit 10 %)
  More students would be removed than the district allows at once.

Run 019-run of district springfield, 2026-11-20 02:00:00 UTC, took 1.4 s.
Look at it again with `rosterd runs show 019-run`; --format json has every detail.
";
        assert_eq!(report_text(&run(), Style::Plain), expected);
    }

    #[test]
    fn a_check_has_no_run_and_no_people() {
        let mut report = RunReport::new(Outcome::Clean);
        report.files = vec![file("students.csv", FileKind::Students)];
        let text = report_text(&report, Style::Plain);
        assert!(text.starts_with("Clean: no errors in 1,200 rows of 1 file. The files can be uploaded.\n"), "{text}");
        assert!(!text.contains("People") && !text.contains("Run "), "{text}");
    }

    #[test]
    fn plain_text_has_no_escape_codes_even_when_the_files_do() {
        let mut report = run();
        report.files[0].name = "\u{1b}[31mstudents.csv".into();
        report.holds[0].reason = "\u{9b}2J".into();
        let text = report_text(&report, Style::Plain);
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text}");
        assert!(report_text(&report, Style::Coloured).contains("\u{1b}[1m"));
    }
}
