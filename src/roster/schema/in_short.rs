//! Long enumerations as people read them. Used by problems and by the table of a schema.

/// The values, with numbers that follow each other drawn together: `1-13`, `Kindergarten`, …
pub fn in_short(values: &[String]) -> Vec<String> {
    let mut items: Vec<(String, Option<(u32, u32)>)> = Vec::new();
    for value in values {
        let number = value.parse::<u32>().ok();
        match (items.last_mut(), number) {
            (Some((text, Some((first, last)))), Some(number)) if *last + 1 == number => {
                *last = number;
                *text = format!("{first}-{last}");
            }
            _ => items.push((value.clone(), number.map(|number| (number, number)))),
        }
    }
    items.into_iter().map(|(text, _)| text).collect()
}
