//! When two headers are the same header. Used by the loader (no two columns may be the same) and by whoever reads a header.

/// What is left of a header when everything is taken away that people and programs change without meaning to: case,
/// blanks of every kind, `_`, `-`, a byte order mark and invisible characters.
pub fn fold_header(header: &str) -> String {
    header.chars().filter(|c| !is_ignored(*c)).flat_map(char::to_lowercase).collect()
}

fn is_ignored(c: char) -> bool {
    c.is_whitespace() || matches!(c, '_' | '-' | '\u{200B}' | '\u{FEFF}' | '\u{2060}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_differ_only_in_what_is_invisible_or_careless() {
        for header in
            ["Graduation_year", "GraduationYear", " graduation year ", "GRADUATION-YEAR", "\u{FEFF}Graduation_year"]
        {
            assert_eq!(fold_header(header), "graduationyear", "{header:?}");
        }
        for header in ["School\u{A0}id", "School\u{200B}_id", "\u{2060}School id"] {
            assert_eq!(fold_header(header), "schoolid", "{header:?}");
        }
        assert_ne!(fold_header("Teacher_2_id"), fold_header("Teacher_id"));
        assert_ne!(fold_header("ext.nickname"), fold_header("extnickname"));
    }
}
