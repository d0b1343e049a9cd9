//! The known word that somebody probably meant. Used wherever an unknown word is refused: schemas, settings, headers.

/// The candidate closest to `word`, if one is close enough to be worth proposing.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = plain(word);
    // In a word of one or two letters every other word would be near.
    let tolerance = wanted.chars().count() / 3;
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&wanted, &plain(candidate)), candidate))
        .filter(|(distance, _)| *distance <= tolerance)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// `; did you mean "…"?`, or nothing.
pub fn did_you_mean<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    nearest(word, candidates).map(|known| format!("; did you mean {known:?}?")).unwrap_or_default()
}

fn plain(word: &str) -> String {
    word.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_its_word_and_another_word_finds_nothing() {
        assert_eq!(nearest("requird", ["required", "unique"]), Some("required"));
        assert_eq!(nearest("First Name", ["Last_name", "First_name"]), Some("First_name"));
        assert_eq!(nearest("14", ["1", "Kindergarten"]), None);
        assert_eq!(nearest("bus route", ["required", "unique"]), None);
        assert_eq!(did_you_mean("strin", ["string"]), "; did you mean \"string\"?");
    }
}
