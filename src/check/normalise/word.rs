//! What is left of a word when case, blanks and punctuation are taken away, without allocating. Used by its siblings.

/// Longer texts are no code and no word that a normaliser knows.
const LONGEST: usize = 48;

/// Letters and digits of a short text, in lower case.
pub struct Folded {
    bytes: [u8; LONGEST],
    length: usize,
}

impl Folded {
    /// Folds `raw`; `None` if it is too long or holds anything beside ASCII letters, digits, blanks and ` -_./,'()&`.
    pub fn new(raw: &str) -> Option<Self> {
        let mut folded = Self { bytes: [0; LONGEST], length: 0 };
        for byte in raw.bytes() {
            match byte {
                b'a'..=b'z' | b'0'..=b'9' | b'A'..=b'Z' => {
                    *folded.bytes.get_mut(folded.length)? = byte.to_ascii_lowercase();
                    folded.length += 1;
                }
                b' ' | b'-' | b'_' | b'.' | b'/' | b',' | b'\'' | b'(' | b')' | b'&' => {}
                _ => return None,
            }
        }
        Some(folded)
    }

    /// The letters and digits.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.length]).unwrap_or_default()
    }
}
