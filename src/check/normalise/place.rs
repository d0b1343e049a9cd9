//! Where somebody lives: ZIP codes whose zeros a spreadsheet took, and states by name.

use std::borrow::Cow;

use super::word::Folded;

/// Five or nine digits; up to two lost zeros are put back in front, and the dash of ZIP+4 is left out.
pub fn zip(raw: &str) -> Option<Cow<'_, str>> {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number(raw) && matches!(raw.len(), 5 | 9) {
        return Some(Cow::Borrowed(raw));
    }
    // A number that still has a leading zero has lost none.
    let lost_zeros = is_number(raw) && !raw.starts_with('0');
    let (five, four) = raw.split_once(['-', ' ']).unwrap_or((raw, ""));
    match (five.len(), four.len()) {
        (3..=5, 4) if is_number(five) && is_number(four) => Some(Cow::Owned(format!("{five:0>5}{four}"))),
        (3..=4, 0) if lost_zeros => Some(Cow::Owned(format!("{raw:0>5}"))),
        (7..=8, 0) if lost_zeros => Some(Cow::Owned(format!("{raw:0>9}"))),
        _ => None,
    }
}

/// Two capital letters, from two letters in any case or from the name.
pub fn state(raw: &str) -> Option<&'static str> {
    let folded = Folded::new(raw)?;
    let text = folded.as_str();
    let is_it = |(code, name): &&(&str, &str)| code.eq_ignore_ascii_case(text) || *name == text;
    STATES.iter().find(is_it).map(|(code, _)| *code)
}

/// The postal service's list: states, the capital, territories, and the three of the armed forces.
#[rustfmt::skip]
const STATES: [(&str, &str); 59] = [
    ("AL", "alabama"), ("AK", "alaska"), ("AZ", "arizona"), ("AR", "arkansas"), ("CA", "california"), ("CO", "colorado"),
    ("CT", "connecticut"), ("DE", "delaware"), ("DC", "districtofcolumbia"), ("FL", "florida"), ("GA", "georgia"),
    ("HI", "hawaii"), ("ID", "idaho"), ("IL", "illinois"), ("IN", "indiana"), ("IA", "iowa"), ("KS", "kansas"),
    ("KY", "kentucky"), ("LA", "louisiana"), ("ME", "maine"), ("MD", "maryland"), ("MA", "massachusetts"),
    ("MI", "michigan"), ("MN", "minnesota"), ("MS", "mississippi"), ("MO", "missouri"), ("MT", "montana"),
    ("NE", "nebraska"), ("NV", "nevada"), ("NH", "newhampshire"), ("NJ", "newjersey"), ("NM", "newmexico"),
    ("NY", "newyork"), ("NC", "northcarolina"), ("ND", "northdakota"), ("OH", "ohio"), ("OK", "oklahoma"),
    ("OR", "oregon"), ("PA", "pennsylvania"), ("RI", "rhodeisland"), ("SC", "southcarolina"), ("SD", "southdakota"),
    ("TN", "tennessee"), ("TX", "texas"), ("UT", "utah"), ("VT", "vermont"), ("VA", "virginia"), ("WA", "washington"),
    ("WV", "westvirginia"), ("WI", "wisconsin"), ("WY", "wyoming"), ("AS", "americansamoa"), ("GU", "guam"),
    ("MP", "northernmarianaislands"), ("PR", "puertorico"), ("VI", "virginislands"), ("AA", "armedforcesamericas"),
    ("AE", "armedforceseurope"), ("AP", "armedforcespacific"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lost_zeros_come_back() {
        let cases = [
            ("62704", Some("62704")),
            ("2134", Some("02134")),
            ("501", Some("00501")),
            ("02134-1234", Some("021341234")),
            ("2134-1234", Some("021341234")),
            ("021341234", Some("021341234")),
            ("21341234", Some("021341234")),
            ("5011234", Some("005011234")),
            ("627040", None),
            ("0213412", None),
            ("62", None),
            ("6270A", None),
            ("62704-", None),
            ("K1A 0B1", None),
        ];
        for (raw, expected) in cases {
            assert_eq!(zip(raw).as_deref(), expected, "{raw:?}");
        }
        assert!(matches!(zip("62704"), Some(Cow::Borrowed(_))));
    }

    #[test]
    fn states_by_letters_and_by_name() {
        for (raw, expected) in [
            ("IL", Some("IL")),
            ("il", Some("IL")),
            ("Ill.", None),
            ("Illinois", Some("IL")),
            ("new york", Some("NY")),
            ("ZZ", None),
            ("D.C.", Some("DC")),
        ] {
            assert_eq!(state(raw), expected, "{raw:?}");
        }
    }
}
