//! The plan's hash: the same for the same changes, whatever the order of files, rows and columns.

use sha2::{Digest, Sha256};
use xxhash_rust::xxh3::xxh3_64;

use super::enrollments::EnrollmentPlan;
use super::sections::SectionPlan;
use crate::check::Check;
use crate::roster::FileKind;
use crate::roster::enrollment::parts;
use crate::roster::plan::{Action, Actions};

/// `sha256:` and the digest of all actions, sections and enrollments.
pub fn plan_hash(check: &Check<'_>, actions: &Actions, sections: &SectionPlan, enrollments: &EnrollmentPlan) -> String {
    // A sum does not depend on order, and takes no room for a million digests.
    let of_actions = actions.iter().map(|action| digest_action(check, actions, action));
    let sum = of_actions.chain(section_digests(check, sections)).fold(0, u128::wrapping_add);
    let mut whole = Sha256::new_with_prefix(sum.to_le_bytes());
    for pairs in [&enrollments.created, &enrollments.removed] {
        whole.update(sum_of_pairs(check, pairs).to_le_bytes());
    }
    format!("sha256:{}", hex(&whole.finalize()))
}

fn digest_action(check: &Check<'_>, actions: &Actions, action: &Action) -> u128 {
    let id = |who: crate::roster::plan::PersonRef| check.roster.of(who.kind.file()).id(who.number);
    let mut digest = Sha256::new();
    digest.update([action.what as u8, action.person.kind as u8]);
    digest.update(id(action.person));
    digest.update([0]);
    digest.update(action.second.map_or("", id));
    digest.update(action.patron.to_le_bytes());
    digest.update(action.evidence.word());
    digest.update(&*actions.packed(action));
    half(digest)
}

/// Half a digest is enough to tell a million actions apart.
fn half(digest: Sha256) -> u128 {
    let mut half = [0; 16];
    half.copy_from_slice(&digest.finalize()[..16]);
    u128::from_le_bytes(half)
}

fn section_digests<'s>(check: &'s Check<'_>, sections: &'s SectionPlan) -> impl Iterator<Item = u128> + 's {
    let entities = check.roster.of(FileKind::Sections);
    let teachers = check.roster.of(FileKind::Teachers);
    let written = sections.written.iter().map(|section| {
        let mut digest = Sha256::new();
        section.values().iter().for_each(|value| digest.update([value.as_bytes(), &[0]].concat()));
        section.teachers().iter().for_each(|teacher| digest.update([teachers.id(*teacher).as_bytes(), &[1]].concat()));
        half(digest)
    });
    let removed =
        sections.removed.iter().map(|number| half(Sha256::new_with_prefix(["-", entities.id(*number)].concat())));
    written.chain(removed)
}

/// A sum does not depend on order, and a hash of both ids makes each pair count for itself.
fn sum_of_pairs(check: &Check<'_>, pairs: &[u64]) -> u128 {
    let hashes = |kind: FileKind| -> Vec<u64> {
        let entities = check.roster.of(kind);
        if pairs.is_empty() {
            Vec::new()
        } else {
            entities.numbers().map(|number| xxh3_64(entities.id(number).as_bytes())).collect()
        }
    };
    let (students, sections) = (hashes(FileKind::Students), hashes(FileKind::Sections));
    let one = |pair: &u64| {
        let (student, section) = parts(*pair);
        let mixed = u128::from(students[student as usize]) << 64 | u128::from(sections[section as usize]);
        mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835)
    };
    pairs.iter().map(one).fold(0, u128::wrapping_add)
}

/// Bytes as people write hashes.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
