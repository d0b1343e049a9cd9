//! Text that is safe to show on a terminal, and colours for those who want them.
//!
//! The caller decides about colour; this file knows no terminal and no environment.

use std::borrow::Cow;
use std::fmt::Write;

use anstyle::{AnsiColor, Color};

/// Whether the report is coloured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Style {
    /// No escape codes at all: files, pipes, `NO_COLOR`.
    #[default]
    Plain,
    /// Escape codes for a terminal.
    Coloured,
}

/// What a piece of the report is, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// A heading.
    Heading,
    /// Everything went well.
    Good,
    /// It waits, or only tells.
    Caution,
    /// Something was refused.
    Bad,
    /// Of lesser importance: codes, hints.
    Faint,
}

impl Style {
    /// `text` in the colour of `ink`, or as it is.
    pub fn paint(self, ink: Ink, text: &str) -> String {
        match self {
            Self::Plain => text.to_owned(),
            Self::Coloured => {
                let style = ink.style();
                format!("{}{text}{}", style.render(), style.render_reset())
            }
        }
    }
}

impl Ink {
    fn style(self) -> anstyle::Style {
        let of = |colour: AnsiColor| anstyle::Style::new().bold().fg_color(Some(Color::Ansi(colour)));
        match self {
            Self::Heading => anstyle::Style::new().bold(),
            Self::Good => of(AnsiColor::Green),
            Self::Caution => of(AnsiColor::Yellow),
            Self::Bad => of(AnsiColor::Red),
            Self::Faint => anstyle::Style::new().dimmed(),
        }
    }
}

/// `text` with everything written out that could move the cursor, colour the screen, or turn the reading direction:
/// text from files must not be able to pretend that it is the report.
pub fn escape_for_terminal(text: &str) -> Cow<'_, str> {
    if !text.contains(is_dangerous) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().fold(String::with_capacity(text.len() + 8), push_escaped))
}

fn push_escaped(mut safe: String, c: char) -> String {
    match c {
        '\n' => safe.push_str("\\n"),
        '\r' => safe.push_str("\\r"),
        '\t' => safe.push_str("\\t"),
        c if is_dangerous(c) => {
            let written = write!(safe, "\\u{{{:x}}}", u32::from(c));
            debug_assert!(written.is_ok(), "writing to a string cannot fail");
        }
        c => safe.push(c),
    }
    safe
}

/// Control characters, line and paragraph separators, bidi controls, and characters of no width that hide in names.
fn is_dangerous(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}')
        || matches!(c, '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn escape_sequences_and_turned_text_are_written_out() {
        assert_eq!(escape_for_terminal("Ann\u{1b}[31mRed"), "Ann\\u{1b}[31mRed");
        assert_eq!(escape_for_terminal("a\u{202e}b\u{2066}c\u{9b}d"), "a\\u{202e}b\\u{2066}c\\u{9b}d");
        assert_eq!(escape_for_terminal("two\nlines\tand\r"), "two\\nlines\\tand\\r");
    }

    #[test]
    fn names_of_every_language_stay_as_they_are() {
        for name in ["Zoë Nuñez", "李 小龍", "محمد", "O’Brien", "🙂"] {
            assert!(matches!(escape_for_terminal(name), Cow::Borrowed(same) if same == name));
        }
    }

    #[test]
    fn plain_text_has_no_codes_and_coloured_text_resets_them() {
        assert_eq!(Style::Plain.paint(Ink::Bad, "Rejected"), "Rejected");
        let red = Style::Coloured.paint(Ink::Bad, "Rejected");
        assert!(red.starts_with('\u{1b}') && red.contains("Rejected") && red.ends_with("\u{1b}[0m"), "{red:?}");
    }

    proptest! {
        #[test]
        fn nothing_dangerous_is_left(text in any::<String>()) {
            let safe = escape_for_terminal(&text).into_owned();
            prop_assert!(!safe.contains(is_dangerous));
        }
    }
}
