//! Grades: `01`, `1st`, `K`, `KG`, `PK`, `TK`, `Grade 3`, `6-8`. A range gives its lower end.
//!
//! Codes that mean different things in different systems (`-2`, `PR`, `14+`) are not known here.

use super::word::Folded;

/// From the youngest to the oldest; `Ungraded` has no place in a range.
const LADDER: [&str; 19] = [
    "InfantToddler",
    "Preschool",
    "PreKindergarten",
    "TransitionalKindergarten",
    "Kindergarten",
    "1",
    "2",
    "3",
    "4",
    "5",
    "6",
    "7",
    "8",
    "9",
    "10",
    "11",
    "12",
    "13",
    "PostGraduate",
];
const FIRST: usize = 5;
const LAST: usize = 17;

pub fn grade(raw: &str) -> Option<&'static str> {
    range(raw).or_else(|| single(raw))
}

/// Two grades with a dash between them; a dash in front belongs to a code.
fn range(raw: &str) -> Option<&'static str> {
    let (at, dash) = raw.char_indices().skip(1).find(|(_, c)| matches!(c, '-' | '–' | '—'))?;
    let (low, high) = (single(raw[..at].trim())?, single(raw[at + dash.len_utf8()..].trim())?);
    let step = |grade| LADDER.iter().position(|one| *one == grade);
    LADDER.get(step(low)?.min(step(high)?)).copied()
}

fn single(raw: &str) -> Option<&'static str> {
    if raw == "-1" {
        return Some("PreKindergarten");
    }
    let raw = raw.strip_suffix(".0").unwrap_or(raw);
    if is_ambiguous(raw) {
        return None;
    }
    let folded = Folded::new(raw)?;
    let text = without_the_word(folded.as_str());
    number(text).or_else(|| word(text))
}

/// `1-2`, `1.5`, `-3`, `3-`: folding would make another number of them.
fn is_ambiguous(raw: &str) -> bool {
    let bytes = raw.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let between = |at: usize| !bytes[at].is_ascii_alphanumeric() && is_digit(at - 1) && is_digit(at + 1);
    raw.starts_with('-') || raw.ends_with('-') || (1..bytes.len()).any(between)
}

fn without_the_word(text: &str) -> &str {
    let text = text.strip_prefix("grade").or_else(|| text.strip_prefix("gr")).unwrap_or(text);
    text.strip_suffix("grade").unwrap_or(text)
}

/// `5`, `05`, `5th`; 0 is Kindergarten.
fn number(text: &str) -> Option<&'static str> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (digits, ordinal) = text.split_at(end);
    let value: usize = (digits.len() <= 3).then(|| digits.parse().ok()).flatten()?;
    match (value, ordinal) {
        (0, "" | "k") => Some("Kindergarten"),
        (1.., "" | "st" | "nd" | "rd" | "th") => LADDER[..=LAST].get(FIRST + value - 1).copied(),
        _ => None,
    }
}

fn word(text: &str) -> Option<&'static str> {
    const ORDINALS: [&str; 12] = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
        "twelfth",
    ];
    if let Some(index) = ORDINALS.iter().position(|ordinal| *ordinal == text) {
        return LADDER.get(FIRST + index).copied();
    }
    Some(match text {
        "k" | "kg" | "kf" | "kh" | "kn" | "kdg" | "kinder" | "kindergarten" | "kindergarden" => "Kindergarten",
        "tk" | "transitionalkindergarten" | "transitionalk" => "TransitionalKindergarten",
        "pk" | "prek" | "pk3" | "pk4" | "prek3" | "prek4" | "prekindergarten" | "prekinder" => "PreKindergarten",
        "ps" | "preschool" => "Preschool",
        "it" | "infanttoddler" | "infant" | "toddler" => "InfantToddler",
        "pg" | "postgraduate" | "postgrad" => "PostGraduate",
        "ug" | "ungraded" => "Ungraded",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::grade;

    #[test]
    fn codes_of_real_exports_become_grades() {
        let cases = [
            ("1", "1"),
            ("01", "1"),
            ("09", "9"),
            ("012", "12"),
            ("13", "13"),
            ("1st", "1"),
            ("2nd", "2"),
            ("11TH", "11"),
            ("Grade 3", "3"),
            ("3rd Grade", "3"),
            ("Gr. 4", "4"),
            ("third", "3"),
            ("3.0", "3"),
            ("K", "Kindergarten"),
            ("KG", "Kindergarten"),
            ("KF", "Kindergarten"),
            ("0", "Kindergarten"),
            ("0k", "Kindergarten"),
            ("00", "Kindergarten"),
            ("kindergarten", "Kindergarten"),
            ("PK", "PreKindergarten"),
            ("pk", "PreKindergarten"),
            ("Pre-K", "PreKindergarten"),
            ("-1", "PreKindergarten"),
            ("Prekindergarten", "PreKindergarten"),
            ("TK", "TransitionalKindergarten"),
            ("PS", "Preschool"),
            ("PreSchool", "Preschool"),
            ("IT", "InfantToddler"),
            ("Postgraduate", "PostGraduate"),
            ("ungraded", "Ungraded"),
        ];
        for (raw, expected) in cases {
            assert_eq!(grade(raw), Some(expected), "{raw:?}");
        }
    }

    #[test]
    fn a_range_gives_its_lower_end() {
        for (raw, expected) in [
            ("9-13", "9"),
            ("6-8", "6"),
            ("06-08", "6"),
            ("K-5", "Kindergarten"),
            ("PK - 2", "PreKindergarten"),
            ("6–8", "6"),
            ("8-6", "6"),
            ("1-2", "1"),
            ("Pre-K", "PreKindergarten"),
        ] {
            assert_eq!(grade(raw), Some(expected), "{raw:?}");
        }
    }

    #[test]
    fn what_is_not_sure_is_not_known() {
        for raw in [
            "14", "14+", "-2", "-5", "PR", "OS", "1.5", "1 2", "1-2-3", "3-", "-3", "Other", "grade", "", "99",
            "8-Jun", "K-12-x", "Ünter",
        ] {
            assert_eq!(grade(raw), None, "{raw:?}");
        }
    }
}
