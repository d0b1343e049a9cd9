//! An answer to the question which patron a person is: looked over before a run carries it out.

use anyhow::Result;

use super::refusal::Refusal;
use crate::matching::answers::Answer;
use crate::roster::{FileKind, PersonKind};
use crate::store::{DecisionRow, District, QuestionRow, Store};

/// The answer as it is stored, if somebody asked, and if it is one of those that can be given.
pub fn look_over(store: &Store, district: &District, person: &str, answer: Answer) -> Result<DecisionRow> {
    let question = find(store, district, person)?;
    let (word, patron) = match answer {
        Answer::Link(patron) => ("link", patron),
        Answer::Create => ("create", 0),
        Answer::Skip => ("skip", 0),
    };
    if patron != 0 {
        is_candidate(&question, person, patron)?;
        is_free(store, district, &question, patron)?;
    }
    Ok(DecisionRow {
        kind: question.kind,
        number: question.number,
        evidence_hash: question.evidence_hash,
        answer: word.into(),
        patron,
    })
}

fn find(store: &Store, district: &District, person: &str) -> Result<QuestionRow> {
    let asked = |(kind, id): (&str, &str)| {
        let kind = FileKind::from_word(kind.trim())? as i64;
        Some((kind, id.trim().to_owned()))
    };
    let wanted = person.split_once(':').and_then(asked);
    let questions = store.questions(district.seq)?;
    let found = questions.into_iter().find(|question| wanted.as_ref() == Some(&(question.kind, question.id.clone())));
    match (found, wanted) {
        (Some(question), _) => Ok(question),
        (None, Some((kind, id))) => Err(why_not(store, district, person, kind, &id)?.into()),
        (None, None) => Err(Refusal::NoQuestion(person.into()).into()),
    }
}

/// There is no question any more, or there never was one.
fn why_not(store: &Store, district: &District, person: &str, kind: i64, id: &str) -> Result<Refusal> {
    let person = person.to_owned();
    Ok(match store.answer_of(district.seq, kind, id)? {
        Some((word, 0, by)) => Refusal::Answered { person, answer: word, by },
        Some((word, patron, by)) => Refusal::Answered { person, answer: format!("{word} {patron}"), by },
        None => Refusal::NoQuestion(person),
    })
}

fn is_candidate(question: &QuestionRow, person: &str, patron: i64) -> Result<()> {
    let candidates: Vec<(i64, String)> = serde_json::from_str(&question.candidates)?;
    if candidates.iter().any(|(candidate, _)| *candidate == patron) {
        return Ok(());
    }
    let ids: Vec<String> = candidates.iter().map(|(candidate, _)| candidate.to_string()).collect();
    Err(Refusal::NoCandidate { person: person.into(), patron, candidates: ids.join(", ") }.into())
}

/// A patron of somebody else who is in the roster is never taken (rule D3).
fn is_free(store: &Store, district: &District, question: &QuestionRow, patron: i64) -> Result<()> {
    let is_self = |kind: i64, number: i64| (kind, number) == (question.kind, question.number);
    let is_employee = |kind: i64| kind != PersonKind::Students.file() as i64;
    let taken = |owner: String| Refusal::TakenPatron { patron, owner };
    for (kind, number, id) in store.holders_of_patron(district.seq, patron)? {
        let is_twin = kind != question.kind && is_employee(kind) && is_employee(question.kind);
        if !is_self(kind, number) && !is_twin {
            let word = usize::try_from(kind).ok().and_then(|at| FileKind::ALL.get(at)).map_or("", |kind| kind.word());
            return Err(taken(format!("{word}:{id}")).into());
        }
    }
    Ok(())
}
