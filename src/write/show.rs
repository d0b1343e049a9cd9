//! Patrons as people see and change them by hand: `patrons list`, `show`, `set`, `export`.

use rusqlite::{Connection, Result, params};

/// The columns of `patrons`, in the order of the contract.
pub const COLUMNS: [&str; 28] = [
    "patron_id",
    "district",
    "guid",
    "student_number",
    "barcode",
    "community_id",
    "first_name",
    "middle_name",
    "last_name",
    "email",
    "username",
    "roles",
    "site",
    "status",
    "birthdate",
    "sex",
    "address",
    "city",
    "state",
    "postal_code",
    "level",
    "additional_contact",
    "other_emails",
    "policy",
    "security_group",
    "notes",
    "created_at",
    "updated_at",
];

/// One patron, value by value in the order of [`COLUMNS`]; NULL is blank.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatronRow(
    /// The values.
    pub Vec<String>,
);

impl PatronRow {
    /// Shows every patron of `district`, in order of their ids, until `show` says stop.
    pub fn each<E>(
        connection: &Connection,
        district: &str,
        mut show: impl FnMut(Self) -> std::result::Result<(), E>,
    ) -> Result<std::result::Result<(), E>> {
        let sql = format!("SELECT {} FROM patrons WHERE district = ? ORDER BY patron_id", COLUMNS.join(", "));
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query([district])?;
        while let Some(row) = rows.next()? {
            if let Err(stop) = show(Self::read(row)?) {
                return Ok(Err(stop));
            }
        }
        Ok(Ok(()))
    }

    /// The patron with this id.
    pub fn find(connection: &Connection, district: &str, id: i64) -> Result<Option<Self>> {
        let sql = format!("SELECT {} FROM patrons WHERE patron_id = ? AND district = ?", COLUMNS.join(", "));
        let mut statement = connection.prepare_cached(&sql)?;
        let mut rows = statement.query(params![id, district])?;
        rows.next()?.map(Self::read).transpose()
    }

    /// Sets columns of a patron, as an edit of the library's.
    pub fn set(connection: &Connection, id: i64, values: &[(&str, &str)], now: &str) -> Result<usize> {
        let sets: Vec<_> = values.iter().map(|(column, _)| format!("{column} = ?")).collect();
        let sql = format!("UPDATE patrons SET {}, updated_at = ? WHERE patron_id = ?", sets.join(", "));
        let id = id.to_string();
        let all = values.iter().map(|(_, value)| *value).chain([now, id.as_str()]);
        connection.execute(&sql, rusqlite::params_from_iter(all))
    }

    /// The value of `column`, which is one of [`COLUMNS`]; anything else is blank.
    pub fn get(&self, column: &str) -> &str {
        let at = COLUMNS.iter().position(|name| *name == column);
        at.and_then(|at| self.0.get(at)).map_or("", String::as_str)
    }

    fn read(row: &rusqlite::Row<'_>) -> Result<Self> {
        let value = |index: usize| {
            Ok(match row.get_ref(index)? {
                rusqlite::types::ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
                rusqlite::types::ValueRef::Integer(number) => number.to_string(),
                rusqlite::types::ValueRef::Real(number) => number.to_string(),
                _ => String::new(),
            })
        };
        (0..COLUMNS.len()).map(value).collect::<Result<_>>().map(Self)
    }
}
