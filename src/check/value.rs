//! Whether a cell is what Table Schema says the column holds. Called for every filled cell of every row that is looked
//! at, so the common cases neither allocate nor search. Knows no normaliser, no row, no file.

use crate::roster::schema::{Column, ValueType, decimal, integer, year};

/// What Table Schema holds against a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Violation {
    /// Not of the type, or not in the format.
    Type,
    /// Not one of the values listed.
    Enum,
    /// Not of the form asked for.
    Pattern,
    /// Too short or too long.
    Length,
    /// Below the minimum or above the maximum.
    Range,
}

/// The verdict on `raw`, which is trimmed and not blank.
pub fn is_valid(column: &Column, raw: &str) -> Result<(), Violation> {
    let verdict = |holds: bool, violation| if holds { Ok(()) } else { Err(violation) };
    verdict(column.value_type.accepts(raw), Violation::Type)?;
    verdict(is_allowed(column, raw), Violation::Enum)?;
    verdict(column.pattern.as_ref().is_none_or(|pattern| pattern.regex.is_match(raw)), Violation::Pattern)?;
    verdict(has_length(column, raw), Violation::Length)?;
    verdict(is_in_range(column, raw), Violation::Range)
}

/// Whether the column's enumeration, if there is one, lists `raw`.
pub fn is_allowed(column: &Column, raw: &str) -> bool {
    let Some(allowed) = &column.allowed else { return true };
    allowed.iter().any(|value| value == raw) || allowed.iter().any(|value| is_same(&column.value_type, value, raw))
}

fn is_same(value_type: &ValueType, value: &str, raw: &str) -> bool {
    use ValueType::{Any, Email, Text, Uri, Uuid};
    !matches!(value_type, Text | Any | Email | Uri | Uuid) && value_type.accepts(raw) && value_type.same(value, raw)
}

fn has_length(column: &Column, raw: &str) -> bool {
    let (least, most) = (column.min_length.unwrap_or(0), column.max_length.unwrap_or(usize::MAX));
    // Most cells need no counting: bytes are never fewer than characters.
    (least == 0 && raw.len() <= most) || (least..=most).contains(&raw.chars().count())
}

fn is_in_range(column: &Column, raw: &str) -> bool {
    let at_least = |bound: &String| not_below(&column.value_type, raw, bound);
    let at_most = |bound: &String| not_below(&column.value_type, bound, raw);
    column.minimum.as_ref().is_none_or(at_least) && column.maximum.as_ref().is_none_or(at_most)
}

fn not_below(value_type: &ValueType, greater: &str, smaller: &str) -> bool {
    match value_type {
        ValueType::Integer => integer(greater) >= integer(smaller),
        ValueType::Number => decimal(greater) >= decimal(smaller),
        ValueType::Year => year(greater) >= year(smaller),
        ValueType::Date(format) => format.parse(greater) >= format.parse(smaller),
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::testing::column;

    /// `tests/oracle/values.json` is what frictionless 5.21 says of these values (`tests/oracle/values.py` writes it).
    #[test]
    fn verdicts_on_single_values_are_those_of_frictionless() {
        let groups: Vec<serde_json::Value> =
            serde_json::from_str(include_str!("../../tests/oracle/values.json")).expect("a table of verdicts");
        for group in &groups {
            let column = column(group["column"].clone());
            for (raw, expected) in group["verdicts"].as_object().expect("verdicts") {
                let verdict = is_valid(&column, raw).err().map(|violation| format!("{violation:?}"));
                assert_eq!(verdict.as_deref(), expected.as_str(), "{raw:?} in {}", group["column"]);
            }
        }
    }
}
