//! Keys: how numbers, e-mails and names are compared. Blank is no key, and never matches (rule D2).

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;
use xxhash_rust::xxh3::xxh3_64;

/// The hash under which a number or e-mail is compared: without case, surrounding blanks and leading zeros. 0 is blank.
pub fn key(value: &str) -> u64 {
    let value = value.trim();
    if value.is_empty() {
        return 0;
    }
    let folded = without_zeros(value);
    let is_plain = |byte: u8| byte.is_ascii() && !byte.is_ascii_uppercase();
    let hash = if folded.bytes().all(is_plain) {
        xxh3_64(folded.as_bytes())
    } else {
        xxh3_64(folded.to_lowercase().as_bytes())
    };
    hash.max(1)
}

/// A map by keys. They are hashes already, and are not hashed again.
pub type KeyMap<V> = HashMap<u64, V, BuildHasherDefault<AsItIs>>;

/// A set of keys.
pub type KeySet = HashSet<u64, BuildHasherDefault<AsItIs>>;

/// Takes a hash for its own hash.
#[derive(Debug, Default, Clone, Copy)]
pub struct AsItIs(u64);

impl Hasher for AsItIs {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0 = xxh3_64(bytes);
    }

    fn write_u64(&mut self, key: u64) {
        self.0 = key;
    }
}

/// Whether two values are the same number or e-mail; a blank one is the same as nothing.
pub fn same(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim(), other.trim());
    !one.is_empty() && (one == other || without_zeros(one).to_lowercase() == without_zeros(other).to_lowercase())
}

/// Whether two different values differ by leading zeros only (rule D6).
pub fn differ_by_zeros(one: &str, other: &str) -> bool {
    let digits = |value: &str| !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
    one != other && digits(one) && digits(other) && without_zeros(one) == without_zeros(other)
}

fn without_zeros(value: &str) -> &str {
    if value.bytes().all(|byte| byte.is_ascii_digit()) { value.trim_start_matches('0') } else { value }
}

/// A name as it is compared: without case, accents, blanks and punctuation. Blank where nothing is left.
pub fn fold_name(name: &str) -> String {
    if name.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return name.to_ascii_lowercase();
    }
    let letters = name.nfkd().filter(|c| !is_combining_mark(*c) && c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// Whether two names agree; blank agrees with nothing (rule D3).
pub fn names_agree(one: &str, other: &str) -> bool {
    if one.is_empty() || other.is_empty() {
        return false;
    }
    one == other || {
        let folded = fold_name(one);
        !folded.is_empty() && folded == fold_name(other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_mails_compare_without_case_blanks_and_leading_zeros() {
        assert_eq!(key(" Ana@Example.org "), key("ana@example.org"));
        assert_eq!(key("000123"), key("123"));
        assert_ne!(key("0A1"), key("A1"));
        assert_eq!((key(""), key("  ")), (0, 0));
        assert!(same("ÉA1", "éa1") && !same("", ""));
        assert!(differ_by_zeros("00123", "123") && !differ_by_zeros("123", "123") && !differ_by_zeros("0", ""));
    }

    #[test]
    fn names_agree_without_accents_and_punctuation_but_blank_agrees_with_nothing() {
        assert!(
            names_agree("O'Connor", "oconnor")
                && names_agree("Núñez", "NUNEZ")
                && names_agree("de la Cruz", "De La Cruz")
        );
        assert!(!names_agree("", "") && !names_agree("-", "'") && !names_agree("Ana", "Anna"));
    }
}
