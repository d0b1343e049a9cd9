//! Subjects of sections: the API's spelling, and the plain names that mean nothing else.

use super::word::Folded;

pub fn subject(raw: &str) -> Option<&'static str> {
    Some(match Folded::new(raw)?.as_str() {
        "englishlanguagearts" | "english" | "languagearts" | "ela" => "English/language arts",
        "math" | "maths" | "mathematics" => "Math",
        "science" | "sciences" => "Science",
        "socialstudies" | "socialscience" | "socialsciences" => "Social studies",
        "language" | "languages" | "worldlanguage" | "worldlanguages" | "foreignlanguage" | "foreignlanguages" => {
            "Language"
        }
        "homeroomadvisory" | "homeroom" | "advisory" => "Homeroom/advisory",
        "interventionsonlinelearning" | "interventions" | "intervention" | "onlinelearning" => {
            "Interventions/online learning"
        }
        "technologyandengineering" | "technologyengineering" | "technology" | "engineering" => {
            "Technology and engineering"
        }
        "peandhealth" | "pehealth" | "pe" | "health" | "physicaleducation" => "PE and health",
        "artsandmusic" | "artsmusic" | "art" | "arts" | "music" => "Arts and music",
        "other" => "other",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::subject;

    #[test]
    fn subjects_are_known_in_the_spelling_of_the_interface_and_by_plain_names() {
        let cases = [
            ("english/language arts", Some("English/language arts")),
            ("ELA", Some("English/language arts")),
            ("MATH", Some("Math")),
            ("pe and health", Some("PE and health")),
            ("PE & Health", Some("PE and health")),
            ("Physical Education", Some("PE and health")),
            ("Other", Some("other")),
            ("World Languages", Some("Language")),
            ("Basket weaving", None),
            ("Ciência", None),
        ];
        for (raw, expected) in cases {
            assert_eq!(subject(raw), expected, "{raw:?}");
        }
    }
}
