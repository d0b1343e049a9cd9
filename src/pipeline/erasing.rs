//! Removes one person for good (rule I5): from patrons, roster, history, reports and kept copies, with a tombstone against coming
//! back. What was removed is told in counts, never in values.

use anyhow::{Context, Result};
use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

use super::{intake, retention};
use crate::files::fail_point;
use crate::report::{Erased, ErasedCount};
use crate::roster::patron::PatronField;
use crate::roster::plan::unpack;
use crate::roster::record::Record;
use crate::roster::schema::Field;
use crate::store::{AuditRow, District, KnownPerson, Store};
use crate::write::{PatronRow, Patrons};

/// Whom to erase, and on whose word.
#[derive(Debug, Clone)]
pub struct EraseOrder<'a> {
    /// The district.
    pub district: &'a District,
    /// The patron; 0 where there is none.
    pub patron: i64,
    /// Everybody who is or was linked to it.
    pub people: &'a [KnownPerson],
    /// On whose word.
    pub by: &'a str,
    /// Why, if somebody says so.
    pub why: &'a str,
    /// The time.
    pub now: DateTime<Utc>,
}

/// Erases within one transaction. The caller then lets the bytes go.
pub fn carry_out(store: &Store, order: &EraseOrder<'_>) -> Result<Erased> {
    let at = order.now.to_rfc3339_opts(SecondsFormat::Secs, true);
    let seq = order.district.seq;
    let names = Names::of(store, order)?;
    let mut erased = Erased { patron: (order.patron > 0).then_some(order.patron), ..Erased::default() };
    for person in order.people {
        let tombstone = id_hash(&order.district.id, person);
        for (what, count) in store.erase_person(seq, person, &tombstone, &at)? {
            erased.add(what, count);
        }
        erased.tombstones.push(tombstone);
    }
    if order.patron > 0 {
        erased.add("values of changes", store.erase_changes_of_patron(seq, order.patron)?);
        erased.add("patron fields", u64::from(blank(store, order, &at)?));
    }
    erased.add("reports and notes", store.mask_texts(seq, |column, text| names.mask_text(column, text))?);
    erased.add("names of sections", store.mask_sections(seq, |text| names.mask_section(text))?);
    fail_point::reach("the person is erased from the tables");
    store.clear_snapshots(seq)?;
    copies(store, order, &names, &mut erased)?;
    // The bytes of the last delivery name an erased person again, so they are looked at again when they come.
    let district = order.district;
    store.set_last(seq, "", district.last_salt, &district.last_run, &district.applied_as_of)?;
    store.put_audit(seq, &audit(order, &erased, at))?;
    Ok(erased)
}

fn blank(store: &Store, order: &EraseOrder<'_>, at: &str) -> Result<bool> {
    let patrons = Patrons::new(&store.connection, &order.district.id, at);
    patrons.begin()?;
    let is_there = patrons.blank(order.patron)?;
    patrons.end_without_a_look()?;
    Ok(is_there)
}

/// Every kept copy that names the person is forgotten, and removed after the commit; a copy without its rows would no longer be what was delivered.
fn copies(store: &Store, order: &EraseOrder<'_>, names: &Names, erased: &mut Erased) -> Result<()> {
    let Some(folder) = store.folder() else { return Ok(()) };
    for (batch, kept) in store.copies(order.district.seq)? {
        if names.are_in(&folder.join(&kept))? {
            store.forget_copy(order.district.seq, &batch)?;
            erased.add("kept copies of deliveries", 1);
        }
    }
    Ok(())
}

/// Removes the files beside the database that it no longer names, and deliveries that killed runs were taking in.
pub fn remove_files(store: &Store, district: &District) -> Result<()> {
    let Some(folder) = store.folder() else { return Ok(()) };
    intake::sweep(store)?;
    intake::begin(store, district.seq)?;
    let _undo = intake::RollBack(store);
    retention::remove(store, district, &folder, &[])?;
    fail_point::reach("the files of the erased person are gone");
    Ok(())
}

fn audit(order: &EraseOrder<'_>, erased: &Erased, at: String) -> AuditRow {
    AuditRow {
        at,
        who: order.by.to_owned(),
        action: "erase".to_owned(),
        run: String::new(),
        subject: erased.tombstones.join(" "),
        why: order.why.to_owned(),
    }
}

/// What is left of an id: enough to know it again, and nothing to read.
pub fn id_hash(district: &str, person: &KnownPerson) -> String {
    crate::roster::entities::tombstone(district, person.kind, &person.id)
}

/// Values by which the person can be known.
struct Names {
    /// Whole values, folded.
    values: Vec<String>,
    /// Last names of employees, which stand in names of sections.
    last_names: Vec<String>,
    /// `students:S004`.
    people: Vec<String>,
}

impl Names {
    fn of(store: &Store, order: &EraseOrder<'_>) -> Result<Self> {
        let mut names = Self { values: Vec::new(), last_names: Vec::new(), people: Vec::new() };
        let seq = order.district.seq;
        if let Some(patron) = PatronRow::find(&store.connection, &order.district.id, order.patron)? {
            PERSONAL.iter().for_each(|field| names.add(patron.get(field.column())));
        }
        for person in order.people {
            names.people.push(format!("{}:{}", person.kind, person.id));
            names.add(&person.id);
            for record in store.all_records(seq, person.kind, person.number)? {
                names.add_record(person, Record(&record));
            }
            store.old_names(seq, person.kind, person.number)?.iter().for_each(|name| names.add(name));
            for row in store.history(seq, order.patron, Some((person.kind, person.number)))? {
                for change in unpack(&row.fields).filter(|change| PERSONAL.contains(&change.field)) {
                    names.add(change.old);
                    names.add(change.new);
                }
            }
        }
        Ok(names)
    }

    fn add_record(&mut self, person: &KnownPerson, record: Record<'_>) {
        let fields =
            [Field::Number, Field::StateId, Field::FirstName, Field::MiddleName, Field::LastName, Field::Email];
        fields
            .iter()
            .chain(&[Field::Username, Field::Birthdate, Field::Address])
            .for_each(|field| self.add(record.text(*field)));
        record.all(Field::ContactName).chain(record.all(Field::ContactEmail)).for_each(|value| self.add(value));
        let last_name = record.text(Field::LastName).trim();
        if person.kind.person().is_some_and(crate::roster::PersonKind::is_employee) && !last_name.is_empty() {
            self.last_names.push(last_name.to_owned());
        }
    }

    fn add(&mut self, value: &str) {
        for part in value.split("; ").map(str::trim).filter(|part| !part.is_empty()) {
            let folded = part.to_lowercase();
            if !self.values.contains(&folded) {
                self.values.push(folded);
            }
        }
    }

    /// A text of ours without the person: of reports and holds what they list, of the rest the whole text.
    fn mask_text(&self, column: &str, text: &str) -> Option<String> {
        if !self.names(text) {
            return None;
        }
        match (column, serde_json::from_str::<Value>(text)) {
            ("report" | "hold" | "actions", Ok(mut value)) => {
                let before = value.clone();
                self.mask_json(&mut value, "");
                (value != before).then(|| value.to_string())
            }
            _ => Some(ERASED.to_owned()),
        }
    }

    fn mask_json(&self, value: &mut Value, key: &str) {
        match value {
            Value::Object(map) => map.iter_mut().for_each(|(key, value)| self.mask_json(value, key)),
            Value::Array(list) => {
                list.retain(|one| !self.is_about(one));
                list.iter_mut().for_each(|one| self.mask_json(one, key));
            }
            Value::String(text) if !KEPT.contains(&key) && self.names(text) => ERASED.clone_into(text),
            _ => {}
        }
    }

    /// Whether an entry of a list is about the person and nobody else.
    fn is_about(&self, entry: &Value) -> bool {
        let whole = match entry {
            Value::String(text) => text.clone(),
            Value::Object(map) => {
                let text = |key: &str| map.get(key).and_then(Value::as_str).unwrap_or("");
                format!("{}:{}", text("kind"), text("id"))
            }
            _ => return false,
        };
        self.people.contains(&whole)
    }

    /// The name of a section, or an old row of one, without the last name of a teacher.
    fn mask_section(&self, text: &str) -> Option<String> {
        let mut masked = text.to_owned();
        for name in &self.last_names {
            let quoted = serde_json::to_string(name).unwrap_or_default();
            for form in [name.as_str(), quoted.trim_matches('"')] {
                while let Some(at) = find_word(&masked, form) {
                    masked.replace_range(at..at + form.len(), ERASED);
                }
            }
        }
        (masked != text).then_some(masked)
    }

    /// Whether a text holds one of the values as a word.
    fn names(&self, text: &str) -> bool {
        let folded = text.to_lowercase();
        let plain = serde_json::from_str::<Value>(text).is_ok_and(|value| value.is_object() || value.is_array());
        self.values.iter().any(|value| {
            let quoted = serde_json::to_string(value).unwrap_or_default();
            find_word(&folded, value).is_some() || (plain && find_word(&folded, quoted.trim_matches('"')).is_some())
        })
    }

    /// Whether a file of a kept copy holds one of the values.
    fn are_in(&self, folder: &std::path::Path) -> Result<bool> {
        let entries = match std::fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(_) => return Ok(false),
        };
        for entry in entries {
            let path = entry.context("failed to look into a kept copy")?.path();
            let file = std::fs::File::open(&path).context("failed to read a kept copy")?;
            for line in std::io::BufRead::split(std::io::BufReader::new(file), b'\n') {
                let line = line.context("failed to read a kept copy")?;
                if self
                    .values
                    .iter()
                    .any(|value| find_word(&String::from_utf8_lossy(&line).to_lowercase(), value).is_some())
                {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}

/// What stands in the place of a masked text.
const ERASED: &str = "(erased)";

/// Keys of reports that name no person, and without which a report cannot be read.
const KEPT: [&str; 23] = [
    "run",
    "batch",
    "district",
    "source",
    "mode",
    "outcome",
    "started_at",
    "as_of",
    "plan",
    "name",
    "kind",
    "sha256",
    "encoding",
    "code",
    "severity",
    "file",
    "column",
    "guard",
    "hash",
    "action",
    "evidence",
    "limit",
    "school",
];

/// Fields by which a patron can be known.
const PERSONAL: [PatronField; 14] = [
    PatronField::Guid,
    PatronField::StudentNumber,
    PatronField::Barcode,
    PatronField::CommunityId,
    PatronField::FirstName,
    PatronField::MiddleName,
    PatronField::LastName,
    PatronField::Email,
    PatronField::Username,
    PatronField::Birthdate,
    PatronField::Address,
    PatronField::AdditionalContact,
    PatronField::OtherEmails,
    PatronField::Notes,
];

/// Where `word` stands in `text` with no letter or digit beside it.
fn find_word(text: &str, word: &str) -> Option<usize> {
    if word.is_empty() {
        return None;
    }
    let is_inside = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    text.match_indices(word)
        .find(|(at, _)| {
            !is_inside(text[..*at].chars().next_back()) && !is_inside(text[at + word.len()..].chars().next())
        })
        .map(|(at, _)| at)
}

/// The proof for somebody whose tombstone is there already: nothing is left to remove but old bytes.
pub fn again(tombstone: String) -> Erased {
    Erased { tombstones: vec![tombstone], ..Erased::default() }
}

/// Begins a transaction in which what goes is overwritten; rolled back where it is dropped.
pub fn begin(store: &Store) -> Result<intake::RollBack<'_>> {
    store.overwrite_what_goes()?;
    store.begin()?;
    Ok(intake::RollBack(store))
}

impl Erased {
    /// Counts something that went.
    fn add(&mut self, what: &str, count: u64) {
        match self.removed.iter_mut().find(|one| one.what == what) {
            Some(one) => one.count += count,
            None => self.removed.push(ErasedCount { what: what.to_owned(), count }),
        }
    }
}
