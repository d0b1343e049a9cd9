//! The header line of a file: its cells and what separates them, and how well it fits a schema.
//!
//! Used wherever `stage` must know a file by its content. It forgives everything that can be forgiven; the complaints about a
//! header are made by the stage that reads it.

use crate::roster::schema::{Column, Schema, SchemaSet};

/// What may separate cells, the usual one first.
pub(super) const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// A header line.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Header {
    /// The cells as they stand in the file.
    pub cells: Vec<String>,
    /// The cells as they are compared.
    pub folded: Vec<String>,
    /// What separates them.
    pub delimiter: u8,
}

impl Header {
    /// Reads the first line of `head`, the decoded beginning of a file, with the delimiter that makes most sense of it.
    pub fn read(head: &str, schemas: &[Schema]) -> Self {
        let known = |header: &Self| schemas.iter().map(|schema| header.known(schema)).max().unwrap_or(0);
        let with = DELIMITERS.map(|delimiter| Self::separated_by(delimiter, head));
        let best = with.into_iter().rev().max_by_key(|header| (known(header), header.cells.len()));
        best.unwrap_or_else(|| Self::separated_by(b',', ""))
    }

    fn separated_by(delimiter: u8, head: &str) -> Self {
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(head.as_bytes());
        let mut record = csv::ByteRecord::new();
        // Reading from memory does not fail, and a record of bytes cannot be malformed.
        let _ = reader.read_byte_record(&mut record);
        let cells: Vec<String> = record.iter().map(|cell| String::from_utf8_lossy(cell).into_owned()).collect();
        Self { folded: cells.iter().map(|cell| fold(cell)).collect(), cells, delimiter }
    }

    /// How many columns of `schema` it has.
    fn known(&self, schema: &Schema) -> usize {
        schema.columns.iter().filter(|column| self.has(column)).count()
    }

    fn has(&self, column: &Column) -> bool {
        names(column).any(|name| self.folded.contains(&fold(name)))
    }

    /// Whether a cell says `name`, already folded.
    pub fn says(&self, name: &str) -> bool {
        self.folded.iter().any(|cell| cell == name)
    }

    /// Whether every required column of `schema` is there.
    pub fn fits(&self, schema: &Schema) -> bool {
        schema.columns.iter().filter(|column| column.required).all(|column| self.has(column))
    }

    /// The schema that the header fits best: two thirds of the required columns and half of the cells must be known.
    pub fn schema(&self, schemas: &SchemaSet) -> Option<usize> {
        let candidates = schemas.schemas.iter().enumerate().rev();
        let measured = candidates.map(|(index, schema)| (self.measure(schema), index));
        let fitting = measured.filter(|((missing, required, known), _)| {
            *required > 0 && missing * 3 <= *required && known * 2 >= self.cells.len()
        });
        let best = fitting.max_by_key(|((missing, required, known), _)| (*missing == 0, required - missing, *known));
        best.map(|(_, index)| index)
    }

    /// Required columns that are missing, required columns, and known columns.
    fn measure(&self, schema: &Schema) -> (usize, usize, usize) {
        let required = schema.columns.iter().filter(|column| column.required);
        let missing = required.clone().filter(|column| !self.has(column)).count();
        (missing, required.count(), self.known(schema))
    }

    /// The positions of the cells that are secret by `schema`.
    pub fn secrets(&self, schema: &Schema) -> Vec<usize> {
        let secret: Vec<String> =
            schema.columns.iter().filter(|column| column.secret).flat_map(names).map(fold).collect();
        (0..self.folded.len()).filter(|&index| secret.contains(&self.folded[index])).collect()
    }
}

fn names(column: &Column) -> impl Iterator<Item = &str> {
    std::iter::once(column.name.as_str()).chain(column.aliases.iter().map(String::as_str))
}

/// A header cell as it is compared: without case, blanks, `_`, `-` and invisible characters.
pub(super) fn fold(cell: &str) -> String {
    let counts = |c: &char| !c.is_whitespace() && !matches!(c, '_' | '-' | '\u{200b}' | '\u{feff}' | '\u{2060}');
    cell.chars().filter(counts).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::fixture;

    fn read(head: &str) -> Header {
        Header::read(head, &fixture::schemas().schemas)
    }

    #[test]
    fn the_delimiter_is_the_one_that_makes_known_columns() {
        for (head, delimiter) in [
            ("School_id,Student_id\n1,2\n", b','),
            ("School_id;Student_id;Last, First\n", b';'),
            ("\u{feff}\"School id\"\t\"student-id\"\r\n", b'\t'),
            ("school_id|STUDENT_ID\r", b'|'),
            ("whatever\n", b','),
            ("", b','),
        ] {
            assert_eq!(read(head).delimiter, delimiter, "{head:?}");
        }
    }

    #[test]
    fn a_kind_is_recognised_by_its_columns_whatever_their_order_and_spelling() {
        let schemas = fixture::schemas();
        let kind = |head: &str| read(head).schema(&schemas).map(|index| schemas.schemas[index].name.clone());
        assert_eq!(kind("last_name,FIRST NAME,student-id,school_id,grade\n").as_deref(), Some("students"));
        assert_eq!(kind("Student_id,Section_id,School_id\n").as_deref(), Some("enrollments"));
        assert_eq!(kind("item,price,colour\n"), None);
    }

    #[test]
    fn secret_columns_are_found_by_every_name_they_have() {
        let schemas = fixture::schemas();
        let students = schemas.of(crate::roster::FileKind::Students).expect("the fixture has students");
        assert_eq!(read("Student_id,pass word,x,PASSWORD\n").secrets(students), [1, 3]);
    }
}
