//! Codes about a person: gender, race, lunch, and everything that is answered with yes or no.

use super::word::Folded;

pub fn gender(raw: &str) -> Option<&'static str> {
    Some(match Folded::new(raw)?.as_str() {
        "m" | "male" => "M",
        "f" | "female" => "F",
        "x" | "nonbinary" => "X",
        _ => return None,
    })
}

pub fn yes_no(raw: &str) -> Option<&'static str> {
    Some(match Folded::new(raw)?.as_str() {
        "y" | "yes" | "true" | "t" | "1" => "Y",
        "n" | "no" | "false" | "f" | "0" => "N",
        _ => return None,
    })
}

/// Clever's letters, its API's words, and the words of the specification. A bare `Y` says neither free nor reduced.
pub fn race(raw: &str) -> Option<&'static str> {
    Some(match Folded::new(raw)?.as_str() {
        "a" | "asian" => "A",
        "b" | "black" | "africanamerican" | "blackorafricanamerican" | "blackafricanamerican" => "B",
        "i"
        | "americanindian"
        | "nativeamerican"
        | "alaskanative"
        | "americanindianoralaskanative"
        | "americanindianalaskanative" => "I",
        "m" | "multiracial" | "twoormoreraces" | "twoormore" => "M",
        "p"
        | "pacificislander"
        | "hawaiianorpacificislander"
        | "hawaiianorotherpacificislander"
        | "nativehawaiianorotherpacificislander"
        | "nativehawaiianorpacificislander" => "P",
        "w" | "white" | "caucasian" => "W",
        _ => return None,
    })
}

pub fn lunch(raw: &str) -> Option<&'static str> {
    Some(match Folded::new(raw)?.as_str() {
        "f" | "free" | "freelunch" => "F",
        "r" | "reduced" | "reducedlunch" | "reducedprice" => "R",
        "n" | "no" | "none" | "nodiscount" | "p" | "paid" | "fullprice" => "N",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    type Case = (fn(&str) -> Option<&'static str>, &'static str, Option<&'static str>);

    #[test]
    fn words_and_letters_in_any_case_become_the_code() {
        let cases: [Case; 24] = [
            (gender, "Male", Some("M")),
            (gender, "female", Some("F")),
            (gender, "f", Some("F")),
            (gender, "Non-binary", Some("X")),
            (gender, "U", None),
            (gender, "MF", None),
            (yes_no, "Yes", Some("Y")),
            (yes_no, "true", Some("Y")),
            (yes_no, "1", Some("Y")),
            (yes_no, "0", Some("N")),
            (yes_no, "n", Some("N")),
            (yes_no, "maybe", None),
            (race, "Caucasian", Some("W")),
            (race, "Black or African-American", Some("B")),
            (race, "Two or More Races", Some("M")),
            (race, "Hawaiian or Other Pacific Islander", Some("P")),
            (race, "American Indian or Alaska Native", Some("I")),
            (race, "w", Some("W")),
            (race, "H", None),
            (race, "Unknown", None),
            (lunch, "Paid", Some("N")),
            (lunch, "P", Some("N")),
            (lunch, "Free", Some("F")),
            (lunch, "Y", None),
        ];
        for (normaliser, raw, expected) in cases {
            assert_eq!(normaliser(raw), expected, "{raw:?}");
        }
    }
}
