//! Problems as text: what belongs together is said once, the most important first.
//!
//! Called by `text`. Knows problems and the kinds of the files they name, nothing else of the run.

use std::collections::HashMap;

use super::ProblemList;
use super::headline::{amount, listed, thousands};
use super::terminal::{Ink, Style, escape_for_terminal};
use crate::roster::problem_list::scope;
use crate::roster::{Code, Problem, Severity};

/// Lines or examples that a group names.
const EXAMPLES: usize = 3;
/// Groups of one code that are printed; the JSON has the rest.
const GROUPS_PER_CODE: usize = 8;

type Key<'a> = (Severity, u8, Code, [Option<&'a str>; 4]);

/// Problems of one code, file, column and subject.
struct Group<'a> {
    first: &'a Problem,
    rows: Vec<&'a Problem>,
}

/// The problems as text, errors before warnings; empty when there are none. `noun` names the rows of a file
/// (`students`), for counting them.
pub fn problems_text(list: &ProblemList, noun: &dyn Fn(&str) -> &'static str, style: Style) -> String {
    let groups = groups(list.kept());
    let part = |severity: Severity, heading: String, ink: Ink| {
        let of_severity: Vec<&Group> = groups.iter().filter(|group| group.first.severity == severity).collect();
        let text = groups_text(&of_severity, list, noun, style);
        if of_severity.is_empty() { String::new() } else { format!("{}\n{text}\n", style.paint(ink, &heading)) }
    };
    let errors = part(Severity::Error, amount(list.errors(), "error", "errors"), Ink::Bad);
    errors + &part(Severity::Warning, amount(list.warnings(), "warning", "warnings"), Ink::Caution)
}

fn groups(problems: &[Problem]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group> = Vec::new();
    let mut places: HashMap<Key, usize> = HashMap::new();
    for problem in problems {
        let place = *places.entry(key(problem)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.rows.push(problem),
            None => groups.push(Group { first: problem, rows: vec![problem] }),
        }
    }
    groups.sort_by_key(|group| (order(group.first), std::cmp::Reverse(group.rows.len())));
    groups.iter_mut().for_each(|group| group.rows.sort_by_key(|problem| problem.line));
    groups
}

fn key(problem: &Problem) -> Key<'_> {
    let (severity, scope, code) = order(problem);
    // Rows of one subject belong together; two things said of a file, or of the set, are two.
    let message = problem.line.is_none().then_some(problem.message.as_str());
    let place = [problem.file.as_deref(), problem.column.as_deref(), problem.subject.as_deref(), message];
    (severity, scope, code, place)
}

fn order(problem: &Problem) -> (Severity, u8, Code) {
    (problem.severity, scope(problem), problem.code)
}

fn groups_text(groups: &[&Group], list: &ProblemList, noun: &dyn Fn(&str) -> &'static str, style: Style) -> String {
    let mut text = String::new();
    for of_code in groups.chunk_by(|a, b| order(a.first) == order(b.first)) {
        let printed = &of_code[..of_code.len().min(GROUPS_PER_CODE)];
        for (at, group) in printed.iter().enumerate() {
            let says_more = printed.get(at + 1).is_none_or(|next| next.first.proposal != group.first.proposal);
            text += &group.text(noun, style);
            text += &if says_more { group.proposal(style) } else { String::new() };
        }
        text += &left_out(of_code, list);
    }
    text
}

/// What stands only in the JSON, or was counted and not kept.
fn left_out(of_code: &[&Group], list: &ProblemList) -> String {
    let Some(code) = of_code.first().map(|group| group.first.code) else { return String::new() };
    let unprinted: usize = of_code.iter().skip(GROUPS_PER_CODE).map(|group| group.rows.len()).sum();
    let mut text = String::new();
    if unprinted > 0 {
        text += &format!("  and {} more {code}; --format json lists them\n", thousands(unprinted as u64));
    }
    if list.only_counted(code) > 0 {
        text += &format!("  and {} more {code}, which were only counted\n", thousands(list.only_counted(code)));
    }
    text
}

impl Group<'_> {
    fn text(&self, noun: &dyn Fn(&str) -> &'static str, style: Style) -> String {
        let same = self.rows.iter().all(|row| row.message == self.first.message);
        let code = style.paint(Ink::Faint, &format!("[{}]", self.first.code));
        match (self.rows.len(), same) {
            (1, _) => format!("  {}{} {code}\n", place(self.first), message(self.first)),
            (_, true) => {
                let head = format!("  {}: {} {code}\n", self.counted(noun), message(self.first));
                head + &self.lines()
            }
            _ => format!("  {} {code}\n", self.counted(noun)) + &self.examples(),
        }
    }

    /// `enrollments.csv, column Section_id, 412 enrollments`
    fn counted(&self, noun: &dyn Fn(&str) -> &'static str) -> String {
        let file = self.first.file.as_deref();
        let count = thousands(self.rows.len() as u64);
        let counted = match (file, self.first.line) {
            (Some(file), Some(_)) => format!("{count} {}", noun(file)),
            _ => format!("{count} times"),
        };
        let column = self.first.column.as_deref().map(|column| format!("column {}", escape_for_terminal(column)));
        let parts = [file.map(|file| escape_for_terminal(file).into_owned()), column, Some(counted)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// `lines 12, 40, 77 and 409 more`
    fn lines(&self) -> String {
        let mut lines: Vec<String> =
            self.rows.iter().filter_map(|row| row.line).take(EXAMPLES).map(|line| line.to_string()).collect();
        if lines.is_empty() {
            return String::new();
        }
        let more = self.rows.len() - lines.len();
        if more > 0 {
            lines.push(format!("{} more", thousands(more as u64)));
        }
        format!("      lines {}\n", listed(&lines))
    }

    fn examples(&self) -> String {
        let example = |row: &&Problem| match row.line {
            Some(line) => format!("      line {line}: {}\n", message(row)),
            None => format!("      {}\n", message(row)),
        };
        let mut text: String = self.rows.iter().take(EXAMPLES).map(example).collect();
        if self.rows.len() > EXAMPLES {
            text += &format!("      and {} more\n", thousands((self.rows.len() - EXAMPLES) as u64));
        }
        text
    }

    fn proposal(&self, style: Style) -> String {
        let proposal = self.first.proposal.as_deref().map(escape_for_terminal);
        proposal.map_or_else(String::new, |text| format!("      {} {text}\n", style.paint(Ink::Faint, "->")))
    }
}

fn message(problem: &Problem) -> std::borrow::Cow<'_, str> {
    escape_for_terminal(&problem.message)
}

/// `students.csv line 118, column Grade: `
fn place(problem: &Problem) -> String {
    let Some(file) = problem.file.as_deref() else { return String::new() };
    let line = problem.line.map_or_else(String::new, |line| format!(" line {line}"));
    let column = problem.column.as_deref().map(escape_for_terminal);
    let column = column.map_or_else(String::new, |column| format!(", column {column}"));
    format!("{}{line}{column}: ", escape_for_terminal(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(problems: impl IntoIterator<Item = Problem>) -> String {
        let list: ProblemList = problems.into_iter().collect();
        problems_text(&list, &|file| if file == "enrollments.csv" { "enrollments" } else { "rows" }, Style::Plain)
    }

    fn broken(line: u64) -> Problem {
        Problem::error(Code::ReferenceUnknown, "section 8830 is not in sections.csv.")
            .in_file("enrollments.csv")
            .at(line)
            .column("Section_id")
            .about("section 8830")
            .propose("Add the section to sections.csv, or leave these rows out.")
    }

    #[test]
    fn one_problem_says_file_line_column_sentence_code_and_proposal() {
        let problem = Problem::error(Code::ValueNotAllowed, "\"14\" is not a grade.")
            .in_file("students.csv")
            .at(118)
            .column("Grade")
            .propose("Write 1-13 or Kindergarten.");
        let expected = "1 error\n  students.csv line 118, column Grade: \"14\" is not a grade. [value_not_allowed]\n      \
                        -> Write 1-13 or Kindergarten.\n\n";
        assert_eq!(text([problem]), expected);
    }

    #[test]
    fn rows_with_one_subject_are_said_once_with_their_first_lines() {
        let said = text([12, 77, 40, 90, 91].map(broken));
        let expected = "5 errors\n  enrollments.csv, column Section_id, 5 enrollments: section 8830 is not in sections.csv. \
                        [reference_unknown]\n      lines 12, 40, 77 and 2 more\n      \
                        -> Add the section to sections.csv, or leave these rows out.\n\n";
        assert_eq!(said, expected);
    }

    #[test]
    fn rows_with_different_sentences_give_examples() {
        let row = |line: u64| Problem::warning(Code::DateFormat, format!("no date {line}.")).in_file("a.csv").at(line);
        let said = text((2..=6).map(row));
        let expected = "5 warnings\n  a.csv, 5 rows [date_format]\n      line 2: no date 2.\n      line 3: no date 3.\n      \
                        line 4: no date 4.\n      and 2 more\n\n";
        assert_eq!(said, expected);
    }

    #[test]
    fn the_set_comes_before_files_and_files_before_rows_and_warnings_last() {
        let said = text([
            Problem::warning(Code::FileUnknown, "w").in_file("w.txt"),
            broken(3),
            Problem::error(Code::ColumnMissing, "f").in_file("students.csv"),
            Problem::error(Code::SetIncomplete, "s"),
        ]);
        let codes: Vec<&str> = said.split(['[', ']']).skip(1).step_by(2).collect();
        assert_eq!(codes, ["set_incomplete", "column_missing", "reference_unknown", "file_unknown"]);
    }

    #[test]
    fn two_things_said_of_the_set_are_two_lines() {
        let missing = |file: &str| Problem::error(Code::SetIncomplete, format!("{file} is missing."));
        let expected = "2 errors\n  a.csv is missing. [set_incomplete]\n  b.csv is missing. [set_incomplete]\n\n";
        assert_eq!(text([missing("a.csv"), missing("b.csv")]), expected);
    }

    #[test]
    fn too_many_groups_are_cut_and_counted() {
        let many = (0..30).map(|n| broken(n).about(n.to_string()));
        assert!(text(many).contains("  and 22 more reference_unknown; --format json lists them\n"));
    }

    #[test]
    fn text_of_the_file_cannot_steer_the_terminal() {
        let nasty = Problem::error(Code::FileUnknown, "\u{1b}[2J").in_file("\u{202e}a.csv").propose("\u{7}");
        assert!(text([nasty]).chars().all(|c| c == '\n' || (!c.is_control() && c != '\u{202e}')));
    }
}
