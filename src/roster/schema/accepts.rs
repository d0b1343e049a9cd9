//! Whether a text is a value of a Table Schema type, as the Python package frictionless decides it.
//!
//! Used on every typed cell, and on the literals of the schema files themselves. Knows no constraint. Where that
//! package also takes digits of other scripts, these functions take only 0 to 9.

use std::sync::LazyLock;

use regex::Regex;

use super::ValueType;

impl ValueType {
    /// Whether `raw`, trimmed and not blank, is a value of this type.
    pub fn accepts(&self, raw: &str) -> bool {
        match self {
            Self::Text | Self::Any => true,
            Self::Integer => integer(raw).is_some(),
            Self::Number => decimal(raw).is_some(),
            Self::Boolean => boolean(raw).is_some(),
            Self::Date(format) => format.parse(raw).is_some(),
            Self::Year => year(raw).is_some(),
            Self::Email => email(raw),
            Self::Uri => uri(raw),
            Self::Uuid => uuid(raw),
        }
    }

    /// Whether two texts of this type are the same value: `05` and `5` are one integer and two texts.
    pub fn same(&self, one: &str, other: &str) -> bool {
        match self {
            Self::Integer => integer(one) == integer(other),
            Self::Number => decimal(one) == decimal(other),
            Self::Boolean => boolean(one) == boolean(other),
            Self::Date(format) => format.parse(one) == format.parse(other),
            Self::Year => year(one) == year(other),
            _ => one == other,
        }
    }
}

/// A whole number as Python reads it: a sign, digits, single `_` between digits. Beyond 38 digits only the sign counts.
pub fn integer(raw: &str) -> Option<i128> {
    let (is_negative, digits) = match raw.as_bytes() {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let groups = || digits.split(|byte| *byte == b'_');
    if !groups().all(|group| !group.is_empty() && group.iter().all(u8::is_ascii_digit)) {
        return None;
    }
    let shift = |value: i128, digit: &u8| value.saturating_mul(10).saturating_add(i128::from(digit - b'0'));
    let value = groups().flatten().fold(0, shift);
    Some(if is_negative { -value } else { value })
}

/// A decimal number as Python reads it: any `_` is ignored; infinity and NaN are numbers.
pub fn decimal(raw: &str) -> Option<f64> {
    static NUMBER: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)^[-+]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[-+]?[0-9]+)?|inf(?:inity)?|(s?nan)[0-9]*)$").ok()
    });
    let plain = if raw.contains('_') { &raw.replace('_', "") } else { raw };
    let found = NUMBER.as_ref()?.captures(plain)?;
    if found.get(1).is_some() { Some(f64::NAN) } else { plain.parse().ok() }
}

fn boolean(raw: &str) -> Option<bool> {
    match raw {
        "true" | "True" | "TRUE" | "1" => Some(true),
        "false" | "False" | "FALSE" | "0" => Some(false),
        _ => None,
    }
}

/// Four characters that are a number, not below 0.
pub fn year(raw: &str) -> Option<i128> {
    (raw.len() == 4).then(|| integer(raw)).flatten().filter(|year| *year >= 0)
}

/// The rules of the Python package validators: a dot-atom or quoted local part, and a host name with a dot.
fn email(raw: &str) -> bool {
    static LOCAL: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let letters = r"\x{100}-\x{24F}\x{A0}-\x{FF}";
        let atom = format!(r"[{letters}0-9a-z!#$%&'*+/=?^_`{{|}}~\-]+");
        Regex::new(&format!(r#"(?i)^(?:[{letters}]|{atom}(?:\.{atom})*$|"(?:[{letters}\x01-\x08\x0B\x0C\x0E-\x1F!#-\[\]-\x7F]|\\[\t.])*"$)"#)).ok()
    });
    static HOST: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new(r"(?i)^(?:[\pL\pN](?:[\pL\pN-]{0,61}[\pL\pN])?\.)+[\pL\pN][\pL\pN-]{0,61}\pL$").ok()
    });
    let matches = |regex: &Option<Regex>, text: &str| regex.as_ref().is_some_and(|regex| regex.is_match(text));
    match raw.split_once('@') {
        Some((local, host)) if is_plain_local(local) && is_plain_host(host) => true,
        Some((local, host)) if local.chars().count() <= 64 && host.chars().count() <= 253 => {
            matches(&LOCAL, local) && matches(&HOST, host)
        }
        _ => false,
    }
}

/// Nearly every address is of lower-case letters, digits, dots and dashes, and needs no expression to be seen as one.
fn is_plain_local(local: &str) -> bool {
    let is_atom = |atom: &str| !atom.is_empty() && atom.bytes().all(is_plain_byte);
    local.len() <= 64 && local.split('.').all(is_atom)
}

fn is_plain_host(host: &str) -> bool {
    let is_label = |label: &str| {
        let inside = label.len() <= 63 && label.bytes().all(is_plain_byte);
        inside && !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    };
    let is_top = |top: &str| is_label(top) && top.len() >= 2 && top.ends_with(|c: char| c.is_ascii_lowercase());
    host.len() <= 253 && host.split('.').all(is_label) && host.rsplit_once('.').is_some_and(|(_, top)| is_top(top))
}

fn is_plain_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

/// Anything with a scheme: a letter, then letters, digits, `+`, `.` or `-` up to the colon.
fn uri(raw: &str) -> bool {
    let is_scheme = |scheme: &str| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'.' | b'-'))
    };
    raw.split_once(':').is_some_and(|(scheme, _)| is_scheme(scheme))
}

/// 32 hexadecimal digits, with or without dashes, braces and `urn:uuid:`.
fn uuid(raw: &str) -> bool {
    let plain = raw.replace("urn:", "").replace("uuid:", "");
    let digits = plain.trim_matches(['{', '}']).bytes().filter(|byte| *byte != b'-');
    let (mut count, mut all_hexadecimal) = (0, true);
    digits.for_each(|byte| {
        count += 1;
        all_hexadecimal &= byte.is_ascii_hexdigit();
    });
    count == 32 && all_hexadecimal
}
