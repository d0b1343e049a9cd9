//! A site map from a spreadsheet: one school a line, with its site, or with a blank where the school is ignored.
//!
//! Called by `site_map`. Everything that is wrong in the file is told at once, and then nothing is taken.

use std::collections::HashMap;
use std::path::Path;

use super::failure::Failure;
use crate::report::defuse::restore;
use crate::roster::schema::fold_header;
use crate::store::SiteRow;

/// The decisions in `file`.
pub fn read(file: &Path) -> Result<Vec<SiteRow>, Failure> {
    let name = file.display();
    let bytes = std::fs::read(file).map_err(|error| Failure::usage(format!("failed to read {name}: {error}")))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Failure::usage(format!("{name} is not UTF-8; save it as \"CSV UTF-8\" and try again")))?;
    let (rows, wrong) = parse(&text);
    if wrong.is_empty() {
        return Ok(rows);
    }
    Err(Failure::usage(wrong.iter().map(|sentence| format!("{name} {sentence}")).collect::<Vec<_>>().join("\n")))
}

/// The decisions, and a sentence for each mistake.
fn parse(text: &str) -> (Vec<SiteRow>, Vec<String>) {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter(text))
        .flexible(true)
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut records = reader.records().map_while(Result::ok);
    let header = records.next().unwrap_or_default();
    let [school, site] = [["school", "schoolid"], ["site", "siteid"]]
        .map(|names| header.iter().position(|cell| names.contains(&fold_header(cell).as_str())));
    let (Some(school), Some(site)) = (school, site) else {
        let sentence = "line 1: the header must have the columns school and site".to_owned();
        return (Vec::new(), vec![sentence]);
    };
    let mut list = List::default();
    for record in records {
        list.take(&record, header.len(), [school, site]);
    }
    if list.rows.is_empty() && list.wrong.is_empty() {
        list.wrong.push("has no school below its header".to_owned());
    }
    (list.rows, list.wrong)
}

/// What separates the cells of the header: spreadsheets of some countries write semicolons.
fn delimiter(text: &str) -> u8 {
    let header = text.lines().next().unwrap_or_default();
    let count = |mark: &u8| header.bytes().filter(|byte| byte == mark).count();
    // Of equals the last one wins, so that a comma is what remains.
    [b'|', b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

#[derive(Default)]
struct List {
    rows: Vec<SiteRow>,
    lines: HashMap<String, u64>,
    wrong: Vec<String>,
}

impl List {
    fn take(&mut self, record: &csv::StringRecord, width: usize, [school, site]: [usize; 2]) {
        if record.iter().all(|cell| cell.trim().is_empty()) {
            return;
        }
        let line = record.position().map_or(0, csv::Position::line);
        if record.len() != width {
            self.wrong.push(format!("line {line}: {} cells where the header has {width}", record.len()));
            return;
        }
        let cell = |at: usize| restore(record.get(at).unwrap_or_default().trim()).to_owned();
        self.decide(line, cell(school), cell(site));
    }

    fn decide(&mut self, line: u64, school: String, site: String) {
        if school.is_empty() {
            self.wrong.push(format!("line {line}: the school is blank"));
            return;
        }
        if let Some(first) = self.lines.insert(school.clone(), line) {
            self.wrong.push(format!("line {line}: school {school} stands on line {first} already"));
            return;
        }
        self.rows.push(SiteRow { is_ignored: site.is_empty(), school, site });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        let (rows, wrong) = parse(text);
        assert_eq!(wrong, Vec::<String>::new());
        rows.into_iter().map(|row| (row.school, if row.is_ignored { "ignored".into() } else { row.site })).collect()
    }

    #[test]
    fn columns_are_found_in_any_case_and_order_and_a_blank_site_ignores() {
        let expected = vec![("1042".to_owned(), "MAIN".to_owned()), ("1043".to_owned(), "ignored".to_owned())];
        assert_eq!(pairs("school,site\n1042,MAIN\n1043,\n"), expected);
        assert_eq!(pairs("\u{FEFF}Site,School_name,School_id\r\nMAIN,North,1042\r\n\r\n,South,1043"), expected);
        assert_eq!(pairs("SCHOOL;SITE\n1042 ; MAIN\n1043;\n"), expected);
        assert_eq!(pairs("school,site\n'-1,'=A\n"), [("-1".to_owned(), "=A".to_owned())]);
    }

    #[test]
    fn every_mistake_is_told_with_its_line() {
        let (_, wrong) = parse("school,site\n,MAIN\n1042,A\n1043\n1042,B\n");
        assert_eq!(
            wrong,
            [
                "line 2: the school is blank",
                "line 4: 1 cells where the header has 2",
                "line 5: school 1042 stands on line 3 already"
            ]
        );
        assert_eq!(parse("school,place\n1,A\n").1, ["line 1: the header must have the columns school and site"]);
        assert_eq!(parse("school,site\n").1, ["has no school below its header"]);
        assert_eq!(parse("").1.len(), 1);
    }
}
