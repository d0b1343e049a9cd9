//! Who can be recognised in a row that was refused, or in a cell that swallowed other rows (rule C7).
//!
//! Whoever is named there by id, number or e-mail is neither changed nor removed by this run.

use std::collections::HashMap;

use crate::roster::entities::{Roster, Seen};
use crate::roster::keys::key;
use crate::roster::{FileKind, PersonKind};

/// Finds people and sections by anything that names them.
#[derive(Debug, Default)]
pub struct Recogniser {
    by_key: Option<HashMap<u64, Vec<(PersonKind, u32)>>>,
}

impl Recogniser {
    /// Marks everybody whom `cells` name as named. Gives whether anybody of `kind` (of an enrollment: a student or section) was.
    pub fn mark<'t>(&mut self, roster: &mut Roster, kind: FileKind, cells: impl Iterator<Item = &'t str>) -> bool {
        let mut recognised = false;
        for token in cells.flat_map(tokens) {
            for found in self.find(roster, token) {
                roster.of_mut(found.0).see(found.1, Seen::NAMED);
                recognised |= found.0 == kind
                    || (kind == FileKind::Enrollments && matches!(found.0, FileKind::Students | FileKind::Sections));
            }
        }
        recognised
    }

    fn find(&mut self, roster: &Roster, token: &str) -> Vec<(FileKind, u32)> {
        let kinds = [FileKind::Students, FileKind::Teachers, FileKind::Staff, FileKind::Sections];
        let by_id = |kind: FileKind| {
            let number = roster.of(kind).find(token)?;
            roster.of(kind).known(number).state.in_roster().then_some((kind, number))
        };
        let mut found: Vec<_> = kinds.into_iter().filter_map(by_id).collect();
        let by_key = self.by_key.get_or_insert_with(|| people_by_key(roster));
        let people = by_key.get(&key(token)).into_iter().flatten();
        found.extend(people.map(|&(kind, number)| (kind.file(), number)));
        found
    }
}

fn people_by_key(roster: &Roster) -> HashMap<u64, Vec<(PersonKind, u32)>> {
    let mut by_key: HashMap<u64, Vec<_>> = HashMap::new();
    for kind in PersonKind::ALL {
        let entities = roster.of(kind.file());
        for number in entities.numbers() {
            let known = entities.known(number);
            let keys =
                [known.number_key, known.email_key].into_iter().filter(|&key| key != 0 && known.state.in_roster());
            keys.for_each(|key| by_key.entry(key).or_default().push((kind, number)));
        }
    }
    by_key
}

/// Whether a character separates cells or rows, and has no business inside an id.
pub fn is_break(c: char) -> bool {
    matches!(c, ',' | ';' | '\t' | '|' | '"' | '\n' | '\r' | '\0')
}

/// A cell, and the pieces of one that swallowed separators, quotes or line breaks.
fn tokens(cell: &str) -> impl Iterator<Item = &str> {
    let whole = std::iter::once(cell);
    let pieces = cell.split(is_break).filter(move |piece| piece.len() != cell.len());
    whole.chain(pieces).map(str::trim).filter(|piece| !piece.is_empty())
}
