//! How to reach somebody: phone numbers as digits, phone types, e-mail addresses.

use std::borrow::Cow;

use super::word::Folded;

/// Ten digits, or eleven with the country in front; an extension is left off, because the specification has no place for it.
pub fn phone(raw: &str) -> Option<Cow<'_, str>> {
    if is_phone(raw.as_bytes()) {
        return Some(Cow::Borrowed(raw));
    }
    let number = without_extension(raw);
    let is_punctuation = |byte: u8| matches!(byte, b' ' | b'-' | b'.' | b'(' | b')' | b'/' | b'+');
    if !number.bytes().all(|byte| byte.is_ascii_digit() || is_punctuation(byte)) {
        return None;
    }
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    is_phone(digits.as_bytes()).then_some(Cow::Owned(digits))
}

fn is_phone(digits: &[u8]) -> bool {
    matches!(digits.len(), 10 | 11) && digits.iter().all(u8::is_ascii_digit)
}

fn without_extension(raw: &str) -> &str {
    let start = raw.find(['x', 'X', 'e', 'E', '#', ';']);
    start.filter(|at| is_extension(&raw[*at..])).map_or(raw, |at| &raw[..at])
}

fn is_extension(text: &str) -> bool {
    let digits = text.trim_start_matches(|c: char| c.is_ascii_alphabetic() || matches!(c, '.' | ' ' | '#' | ';' | '='));
    let marker = text[..text.len() - digits.len()].to_ascii_lowercase();
    let is_marker = matches!(marker.trim_end_matches(['.', ' ', '=']), "x" | "ext" | "extension" | "#" | ";ext");
    is_marker && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

pub fn phone_type(raw: &str) -> Option<&'static str> {
    Some(match Folded::new(raw)?.as_str() {
        "c" | "cell" | "cellphone" | "cellular" | "mobile" | "mobilephone" => "Cell",
        "h" | "home" | "homephone" => "Home",
        "w" | "work" | "workphone" | "business" | "office" => "Work",
        "o" | "other" => "Other",
        _ => return None,
    })
}

/// The address without `mailto:`, if it looks like one: something, `@`, and a name with a dot in it. The case stays.
pub fn email(raw: &str) -> Option<&str> {
    let has_scheme = raw.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("mailto:"));
    let address = if has_scheme { raw[7..].trim() } else { raw };
    let (local, host) = address.split_once('@')?;
    let has_dot = host.match_indices('.').any(|(at, _)| at > 0 && at + 1 < host.len());
    let is_clean = !host.contains('@') && !address.chars().any(char::is_whitespace);
    (!local.is_empty() && has_dot && is_clean).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phone_numbers_become_digits() {
        let cases = [
            ("5555555555", Some("5555555555")),
            ("555-555-5555", Some("5555555555")),
            ("(718) 555-4567", Some("7185554567")),
            ("+1 718 555 4567", Some("17185554567")),
            ("+17185554567x123", Some("17185554567")),
            ("718.555.4567 ext. 12", Some("7185554567")),
            ("718-555-4567 EXT 12", Some("7185554567")),
            ("tel:7185554567", None),
            ("555-4567", None),
            ("7185554567 home", None),
            ("718555456x", None),
            ("123456789012", None),
        ];
        for (raw, expected) in cases {
            assert_eq!(phone(raw).as_deref(), expected, "{raw:?}");
        }
        assert!(matches!(phone("7185554567"), Some(Cow::Borrowed(_))));
    }

    #[test]
    fn an_address_keeps_its_case_and_loses_its_scheme() {
        let cases = [
            ("Ana.Nunez@Example.org", Some("Ana.Nunez@Example.org")),
            ("MAILTO:ana@example.org", Some("ana@example.org")),
            ("o'connor@example.org", Some("o'connor@example.org")),
            ("seth.example.org", None),
            ("a@b", None),
            ("a@b@c.org", None),
            ("a b@c.org", None),
            ("@example.org", None),
            ("a@.org", None),
            ("a@example.", None),
            ("é@x", None),
            ("a@é.é", Some("a@é.é")),
        ];
        for (raw, expected) in cases {
            assert_eq!(email(raw), expected, "{raw:?}");
        }
    }

    #[test]
    fn phone_types_are_known_by_word_and_letter() {
        for (raw, expected) in [
            ("Mobile", Some("Cell")),
            ("cell", Some("Cell")),
            ("H", Some("Home")),
            ("Business", Some("Work")),
            ("pager", None),
        ] {
            assert_eq!(phone_type(raw), expected, "{raw:?}");
        }
    }
}
