//! The header line: which cell of this file is which column of the schema, and what is odd about it (rules B1).

use crate::roster::schema::{Schema, fold_header};
use crate::roster::{Code, Problem};

/// Where the columns of a schema stand in one file.
#[derive(Debug, Clone, Default)]
pub struct Layout {
    /// The header as the file spells it.
    pub header: Vec<String>,
    /// For each column of the schema the cell it stands in.
    pub cell_of: Vec<Option<usize>>,
    /// The cell that says `delete` in a delta.
    pub action: Option<usize>,
    /// Whether this is a file of refused rows that we gave back, with defused cells.
    pub returned: bool,
    /// Whether a required column is missing or one stands twice, so that no row can be read.
    pub refused: bool,
}

impl Layout {
    /// Reads the header cells of `file`.
    pub fn of(header: &[&str], schema: &Schema, file: &str) -> (Self, Vec<Problem>) {
        let mut layout = Self {
            header: header.iter().map(|cell| visible(cell)).collect(),
            cell_of: vec![None; schema.columns.len()],
            ..Self::default()
        };
        let mut problems = Vec::new();
        let mut odd = Oddities::default();
        for (cell, spelled) in header.iter().enumerate() {
            layout.place(cell, spelled, schema, &mut odd);
        }
        if layout.cell_of.iter().all(Option::is_none) {
            problems.push(header_missing(&layout.header, schema));
        } else {
            problems.extend(odd.problems(&layout));
            problems.extend(layout.missing(schema, &odd.unknown));
        }
        layout.refused = problems.iter().any(Problem::is_error);
        let named = problems.into_iter().map(|problem| problem.in_file(file).at(1)).collect();
        (layout, named)
    }

    /// Whether a row of `cells` cells fits the header. A header may end in unnamed columns that rows leave out.
    pub fn fits(&self, cells: usize) -> std::cmp::Ordering {
        let named = self.header.len() - self.header.iter().rev().take_while(|cell| cell.is_empty()).count();
        if cells < named {
            std::cmp::Ordering::Less
        } else if cells > self.header.len() {
            std::cmp::Ordering::Greater
        } else {
            std::cmp::Ordering::Equal
        }
    }

    /// How the file spells column `column` of the schema.
    pub fn spelled<'a>(&'a self, schema: &'a Schema, column: usize) -> &'a str {
        self.cell_of[column].map_or(&schema.columns[column].name, |cell| &self.header[cell])
    }

    fn place(&mut self, cell: usize, spelled: &str, schema: &Schema, odd: &mut Oddities) {
        let folded = fold_header(spelled);
        let trimmed = spelled.trim();
        if folded.is_empty() || self.own_column(cell, trimmed) {
            return;
        }
        let is_extension = |prefix: &String| trimmed.to_lowercase().starts_with(prefix.as_str());
        match schema.columns.iter().position(|column| column.answers_to(&folded)) {
            Some(column) if self.cell_of[column].is_some() => odd.doubled(trimmed),
            Some(column) => {
                self.cell_of[column] = Some(cell);
                if schema.columns[column].name != spelled {
                    odd.repaired.push((visible(spelled), schema.columns[column].name.clone()));
                }
            }
            None if schema.extension_prefix.as_ref().is_some_and(is_extension) => {}
            None if odd.unknown_folded.contains(&folded) => odd.doubled(trimmed),
            None => {
                odd.unknown.push(visible(spelled));
                odd.unknown_folded.push(folded);
            }
        }
    }

    /// Columns with an underscore in front are ours: they come with the refused rows that we give back.
    fn own_column(&mut self, cell: usize, name: &str) -> bool {
        match name.to_lowercase().as_str() {
            "_action" => self.action = Some(cell),
            "_problem" | "_code" => self.returned = true,
            _ => {}
        }
        name.starts_with('_')
    }

    fn missing(&self, schema: &Schema, unknown: &[String]) -> Vec<Problem> {
        let absent = |(column, cell): (usize, &Option<usize>)| {
            (schema.columns[column].required && cell.is_none())
                .then(|| column_missing(&schema.columns[column].name, unknown))
        };
        self.cell_of.iter().enumerate().filter_map(absent).collect()
    }
}

#[derive(Default)]
struct Oddities {
    doubled: Vec<String>,
    repaired: Vec<(String, String)>,
    unknown: Vec<String>,
    unknown_folded: Vec<String>,
}

impl Oddities {
    /// A column that was there already; said once, however often it is repeated.
    fn doubled(&mut self, name: &str) {
        if !self.doubled.iter().any(|other| other == name) {
            self.doubled.push(name.to_owned());
        }
    }

    fn problems(&self, layout: &Layout) -> Vec<Problem> {
        let mut problems: Vec<_> = self.doubled.iter().map(|name| column_duplicate(name)).collect();
        if !self.repaired.is_empty() {
            problems.push(header_repaired(&self.repaired));
        }
        if !self.unknown.is_empty() && !layout.returned {
            problems.push(column_unknown(&self.unknown));
        }
        problems
    }
}

fn column_duplicate(name: &str) -> Problem {
    Problem::error(Code::ColumnDuplicate, format!("The column {name} stands twice in the header. The file is refused."))
        .column(name)
        .propose(format!("Keep one column {name} and deliver the file again."))
}

/// Not one column is known: most often the header line itself is not there.
fn header_missing(header: &[String], schema: &Schema) -> Problem {
    let begins = header.iter().filter(|cell| !cell.is_empty()).take(2).cloned().collect::<Vec<_>>().join(", ");
    let message =
        format!("No column of line 1 ({begins}, …) is known; is the header line missing? The file is refused.");
    let required = schema.columns.iter().filter(|column| column.required).map(|column| column.name.as_str());
    let proposal = format!("Put a header line first, with at least {}.", required.collect::<Vec<_>>().join(", "));
    Problem::error(Code::ColumnMissing, message).propose(proposal)
}

fn column_missing(name: &str, unknown: &[String]) -> Problem {
    let problem =
        Problem::error(Code::ColumnMissing, format!("The required column {name} is missing. The file is refused."))
            .column(name);
    let folded = fold_header(name);
    let nearest = unknown.iter().map(|other| (strsim::jaro_winkler(&folded, &fold_header(other)), other));
    match nearest.max_by(|a, b| a.0.total_cmp(&b.0)).filter(|(likeness, _)| *likeness > 0.8) {
        Some((_, other)) => problem.propose(format!("Is the column {other} meant? Then name it {name}.")),
        None => problem.propose(format!("Add a column {name} to the export.")),
    }
}

fn column_unknown(names: &[String]) -> Problem {
    let shown = names.iter().take(20).cloned().collect::<Vec<_>>().join(", ");
    let more = if names.len() > 20 { format!(" and {} more", names.len() - 20) } else { String::new() };
    let (noun, verb) = if names.len() == 1 { ("column", "is") } else { ("columns", "are") };
    Problem::warning(
        Code::ColumnUnknown,
        format!("The {noun} {shown}{more} {verb} not part of the format and ignored."),
    )
}

fn header_repaired(repaired: &[(String, String)]) -> Problem {
    let pairs: Vec<_> = repaired.iter().take(10).map(|(from, to)| format!("{from:?} as {to}")).collect();
    let more = if repaired.len() > 10 { format!(" and {} more", repaired.len() - 10) } else { String::new() };
    Problem::warning(
        Code::HeaderRepaired,
        format!("The header was understood all the same: {}{more}.", pairs.join(", ")),
    )
}

/// A header without blanks around it and without characters that nobody can see.
fn visible(cell: &str) -> String {
    let seen = |c: char| !matches!(c, '\u{200b}' | '\u{feff}' | '\u{2060}') && !c.is_control();
    cell.chars().filter(|&c| seen(c)).collect::<String>().trim().to_owned()
}
