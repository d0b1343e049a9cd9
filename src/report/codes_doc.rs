//! `docs/problems.md`: every problem code with its meaning, made from the doc comments of the codes.
//!
//! Called by a test, which keeps the document and the code the same. Knows nothing of any run.

use std::fmt::Write;

use crate::roster::Code;

const INTRODUCTION: &str = "\
# Problem codes

Every problem in a report has one of these words. They are stable: more may be added, none is renamed.
An error refuses the row, the file or the set; a warning only tells.

This list is made from the source; `UPDATE_DOCS=1 cargo test codes_doc` writes it anew.

| code | meaning |
|---|---|
";

/// The document.
pub fn problems_markdown() -> String {
    Code::ALL.iter().fold(INTRODUCTION.to_owned(), |mut document, code| {
        let written = writeln!(document, "| `{}` | {} |", code.word(), code.meaning().replace('|', "\\|"));
        debug_assert!(written.is_ok(), "writing to a string cannot fail");
        document
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_lists_the_codes_as_the_source_does() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/problems.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(path, problems_markdown()).unwrap();
        }
        let document = std::fs::read_to_string(path).unwrap_or_default();
        let hint = "docs/problems.md is out of date; run `UPDATE_DOCS=1 cargo test codes_doc`";
        assert_eq!(document, problems_markdown(), "{hint}");
    }
}
