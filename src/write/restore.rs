//! Patrons on the way back: which values may be restored, and which patrons may be deleted.
//!
//! Called by `pipeline`'s undo. It compares what a run wrote with what stands there now; it knows no runs.

use std::collections::HashMap;

use rusqlite::{ErrorCode, Result, params};

use super::Patrons;
use crate::roster::patron::{Patron, PatronField};
use crate::roster::plan::{Changes, FieldChange, unpack};

/// What becomes of the values that a run wrote to one patron.
#[derive(Debug, Default)]
pub struct Restored {
    /// From what stands there now to what stood there before.
    pub changes: Changes,
    /// Values that somebody changed since: field, what the run wrote, what stands there now.
    pub kept: Vec<(PatronField, String, String)>,
}

impl Restored {
    /// Compares `patron` with what a run wrote. `holders`: who has the barcodes that would be given back.
    pub fn plan(patron: &Patron, wrote: &[u8], holders: &HashMap<String, i64>) -> Self {
        let mut restored = Self::default();
        for change in unpack(wrote) {
            let now = patron.get(change.field);
            let in_use = change.field == PatronField::Barcode && is_taken(change.old, patron.id, holders);
            if now != change.new || in_use {
                if now != change.old {
                    restored.kept.push((change.field, change.new.to_owned(), now.to_owned()));
                }
            } else {
                restored.changes.push(change.field, now, change.old);
            }
        }
        restored
    }

    /// A created patron that stays: its status becomes 4, if it is still the one that the run gave.
    pub fn let_go(patron: &Patron, wrote: &[u8]) -> Self {
        let mut restored = Self::default();
        for change in unpack(wrote).filter(|change| change.field != PatronField::Status || change.new != "4") {
            let now = patron.get(change.field);
            if now != change.new {
                restored.kept.push((change.field, change.new.to_owned(), now.to_owned()));
            } else if change.field == PatronField::Status {
                restored.changes.push(change.field, now, "4");
            }
        }
        restored
    }
}

fn is_taken(barcode: &str, patron: i64, holders: &HashMap<String, i64>) -> bool {
    holders.get(barcode).is_some_and(|holder| *holder != patron)
}

/// Whether a patron still is exactly what a run created: nobody changed a value or added one.
pub fn is_as_created(patron: &Patron, wrote: &[u8]) -> bool {
    let written: HashMap<PatronField, &str> =
        unpack(wrote).map(|change: FieldChange<'_>| (change.field, change.new)).collect();
    let expected = |field: &PatronField| written.get(field).copied().unwrap_or("");
    PatronField::ALL.iter().all(|field| patron.get(*field) == expected(field))
}

impl Patrons<'_> {
    /// Deletes a patron. `false` where another table of the library refers to it: then it stays.
    pub fn delete(&self, id: i64) -> Result<bool> {
        let sql = "DELETE FROM patrons WHERE patron_id = ? AND district = ?";
        match self.connection.prepare_cached(sql)?.execute(params![id, self.district]) {
            Ok(_) => Ok(true),
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::ConstraintViolation) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Blanks every field of a patron; the status becomes 4. The row stays, because loans may refer to it. `false`: it is not there.
    pub fn blank(&self, id: i64) -> Result<bool> {
        let fields = PatronField::ALL.iter().filter(|field| **field != PatronField::Status);
        let sets: Vec<String> = fields.map(|field| format!("{} = ''", field.column())).collect();
        let sql = format!(
            "UPDATE patrons SET {}, status = 4, updated_at = ? WHERE patron_id = ? AND district = ?",
            sets.join(", ")
        );
        Ok(self.connection.execute(&sql, params![self.now, id, self.district])? > 0)
    }

    /// From here on changes are somebody else's again; what people edited was not looked at, and stays noted.
    pub fn end_without_a_look(&self) -> Result<()> {
        self.connection.execute("UPDATE own_write SET is_running = 0", []).map(|_| ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn patron(values: &[(PatronField, &str)]) -> Patron {
        let mut patron = Patron::default();
        patron.id = 17;
        values.iter().for_each(|(field, value)| patron.slot(*field).push_str(value));
        patron
    }

    fn wrote(changes: &[(PatronField, &str, &str)]) -> Vec<u8> {
        let mut packed = crate::roster::record::Packer::default();
        for (field, old, new) in changes {
            packed.push_raw(*field as u8, old);
            packed.push_raw(*field as u8, new);
        }
        packed.bytes().to_owned()
    }

    #[test]
    fn a_value_goes_back_only_while_it_is_the_one_that_was_written() {
        use PatronField::{Email, LastName, Level};
        let wrote = wrote(&[(Level, "2", "3"), (Email, "", "a@example.org"), (LastName, "Li", "Lee")]);
        let now = patron(&[(Level, "3"), (Email, "b@example.org"), (LastName, "Li")]);
        let restored = Restored::plan(&now, &wrote, &HashMap::new());
        let back: Vec<_> = restored.changes.iter().map(|change| (change.field, change.old, change.new)).collect();
        assert_eq!(back, [(Level, "3", "2")]);
        assert_eq!(restored.kept, [(Email, "a@example.org".into(), "b@example.org".into())]);
    }

    #[test]
    fn a_barcode_that_somebody_else_has_by_now_is_not_given_back() {
        let wrote = wrote(&[(PatronField::Barcode, "100", "200")]);
        let holders = HashMap::from([("100".to_owned(), 4)]);
        let restored = Restored::plan(&patron(&[(PatronField::Barcode, "200")]), &wrote, &holders);
        assert!(restored.changes.is_empty() && restored.kept.len() == 1);
    }

    #[test]
    fn a_created_patron_with_one_more_value_is_not_as_it_was_created() {
        use PatronField::{LastName, Notes, Status};
        let wrote = wrote(&[(LastName, "", "Li"), (Status, "", "1")]);
        assert!(is_as_created(&patron(&[(LastName, "Li"), (Status, "1")]), &wrote));
        assert!(!is_as_created(&patron(&[(LastName, "Li"), (Status, "1"), (Notes, "a book")]), &wrote));
        assert!(!is_as_created(&patron(&[(LastName, "Lee"), (Status, "1")]), &wrote));
    }
}
