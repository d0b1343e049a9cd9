//! Cells that a spreadsheet would run as a formula, made harmless and restored.
//!
//! Used by every CSV that is meant for people, and by `read` when such a file comes back. Knows one cell at a time.

use std::borrow::Cow;

/// First characters that a spreadsheet takes for a formula, or strips before it looks for one.
const STARTS_A_FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// `cell` with a leading apostrophe if a spreadsheet would take it for a formula. A cell that already has apostrophes
/// before a formula gets one more, so that [`restore`] gives back exactly what was there.
pub fn defuse(cell: &str) -> Cow<'_, str> {
    if is_formula_behind_apostrophes(cell) { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// What `cell` was before [`defuse`].
pub fn restore(cell: &str) -> &str {
    match cell.strip_prefix('\'') {
        Some(bare) if is_formula_behind_apostrophes(bare) => bare,
        _ => cell,
    }
}

fn is_formula_behind_apostrophes(cell: &str) -> bool {
    cell.trim_start_matches('\'').starts_with(STARTS_A_FORMULA)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn formulas_get_an_apostrophe_and_names_do_not() {
        for formula in ["=1+1", "+49 30", "-5", "@SUM(A1)", "\t=1", "\r=1"] {
            assert_eq!(defuse(formula), format!("'{formula}"));
        }
        for harmless in ["", "O'Brien", "'Okina", "12-13", " =1", "Ann"] {
            assert_eq!(defuse(harmless), harmless);
            assert_eq!(restore(harmless), harmless);
        }
    }

    proptest! {
        #[test]
        fn what_was_defused_comes_back_as_it_was(cell in r#"'{0,3}[=+\-@\t\r]?.{0,12}"#) {
            let safe = defuse(&cell);
            prop_assert!(!safe.starts_with(STARTS_A_FORMULA));
            prop_assert_eq!(restore(&safe), cell.as_str());
        }
    }
}
