//! `school_missing`, `school_unmapped`, `identity_changed`: single people who wait, told together.

use std::collections::BTreeMap;

use super::Hold;
use crate::check::Check;
use crate::roster::FileKind;
use crate::roster::plan::{Evidence, PersonRef};

/// One hold for each guard, kind and school. `school` gives a person's school.
pub fn holds<'a>(
    check: &Check<'_>,
    waiting: &[(PersonRef, Evidence)],
    school: impl Fn(PersonRef) -> &'a str,
) -> Vec<Hold> {
    let mut groups: BTreeMap<(&'static str, FileKind, Option<String>), u64> = BTreeMap::new();
    for (who, guard) in waiting {
        let at = (*guard != Evidence::IdentityChanged).then(|| school(*who).to_owned());
        *groups.entry((guard.word(), who.kind.file(), at)).or_default() += 1;
    }
    let hold = |((guard, kind, school), count): ((&'static str, FileKind, Option<String>), u64)| {
        let entities = check.roster.of(kind);
        let of = entities.numbers().filter(|&number| entities.seen(number).in_set()).count() as u64;
        let reason = reason(guard, kind, school.as_deref(), count);
        Hold { guard, kind, school, count, of, limit: None, reason }
    };
    groups.into_iter().map(hold).collect()
}

fn reason(guard: &str, kind: FileKind, school: Option<&str>, count: u64) -> String {
    let school = school.unwrap_or("");
    match guard {
        "school_missing" => {
            format!("School {school} is not in schools.csv. Its people stay as they are until it is.")
        }
        "school_unmapped" => format!(
            "School {school} has no site yet, so its people wait. Map it with `rosterd district site-map {school} SITE`, or \
             leave it out with `rosterd district site-map {school} --ignore`, and ingest again."
        ),
        _ => format!(
            "{count} of the {kind} {} another name than the linked patron, and no equal birth date says that it is the same person. \
             Perhaps an id was given to somebody else. Nothing was written for them; compare both, and correct the one that is \
             wrong.",
            if count == 1 { "has" } else { "have" }
        ),
    }
}
