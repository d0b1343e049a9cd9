//! Questions which patron a person is, as text, with the lines that answer them.
//!
//! Called by `runs`. Knows what was asked, not what an answer does.

use crate::report::escape_for_terminal;
use crate::roster::FileKind;
use crate::store::QuestionRow;

/// Questions that the text shows.
const SHOWN: usize = 50;

/// The name of a person in questions and answers: kind and id.
pub fn person_word(question: &QuestionRow) -> String {
    let kind = usize::try_from(question.kind).ok().and_then(|at| FileKind::ALL.get(at)).map_or("", |kind| kind.word());
    format!("{kind}:{}", question.id)
}

/// Each question with its candidates and a line to copy for each, and what else can be answered.
pub fn questions_text(questions: &[QuestionRow]) -> String {
    let Some(first) = questions.first() else { return String::new() };
    let shown: String = questions.iter().take(SHOWN).map(question_text).collect();
    let more = match questions.len().saturating_sub(SHOWN) {
        0 => String::new(),
        left => format!("  and {left} more; --format json lists them\n"),
    };
    let example = candidates(first).first().map_or(1, |(patron, _)| *patron);
    format!(
        "Which patron is it?\n{shown}{more}\nLook at a patron with `rosterd patrons show {example}`. In place of `link` and its number: \
         `create` for a new patron of its own, `skip` to leave everything as it is. The answer is remembered.\n"
    )
}

fn question_text(question: &QuestionRow) -> String {
    let candidates = candidates(question);
    let named: Vec<String> =
        candidates.iter().map(|(patron, evidence)| format!("patron {patron} ({evidence})")).collect();
    let person = person_word(question);
    let answer = |(patron, _): &(i64, String)| {
        format!("      rosterd runs decide {} {} link {patron} --by YOU\n", question.run, in_a_shell(&person))
    };
    let answers: String = candidates.iter().map(answer).collect();
    format!("  {}: {}\n{answers}", escape_for_terminal(&person), named.join(", "))
}

fn candidates(question: &QuestionRow) -> Vec<(i64, String)> {
    serde_json::from_str(&question.candidates).unwrap_or_default()
}

/// An id may have blanks and quotes; a line to copy needs them in quotes.
fn in_a_shell(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_.:".contains(c);
    let word = escape_for_terminal(word);
    if word.chars().all(is_plain) { word.into_owned() } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn question(id: &str, candidates: &str) -> QuestionRow {
        QuestionRow {
            kind: FileKind::Students as i64,
            number: 1,
            id: id.into(),
            run: "019-run".into(),
            evidence_hash: 0,
            candidates: candidates.into(),
        }
    }

    #[test]
    fn every_candidate_has_a_line_to_copy() {
        let text = questions_text(&[question("S 1", r#"[[61, "student_number"], [62, "email"]]"#)]);
        let expected = "\
Which patron is it?
  students:S 1: patron 61 (student_number), patron 62 (email)
      rosterd runs decide 019-run 'students:S 1' link 61 --by YOU
      rosterd runs decide 019-run 'students:S 1' link 62 --by YOU

Look at a patron with `rosterd patrons show 61`. In place of `link` and its number: \
`create` for a new patron of its own, `skip` to leave everything as it is. The answer is remembered.
";
        assert_eq!(text, expected);
    }

    #[test]
    fn hundreds_of_questions_are_cut_and_counted() {
        let many: Vec<_> = (0..51).map(|n| question(&n.to_string(), "[]")).collect();
        let text = questions_text(&many);
        assert!(text.contains("students:49") && !text.contains("students:50"), "{text}");
        assert!(text.contains("and 1 more; --format json lists them"), "{text}");
    }
}
