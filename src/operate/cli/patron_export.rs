//! `rosterd patrons export`: every patron with every column, one after the other, however many there are.
//!
//! Called by `patrons`, whose list as JSON is the same. CSV is for people's spreadsheets, so formulas are defused.

use std::cell::RefCell;
use std::io::{self, Write};

use super::args::Format;
use super::context::Context;
use super::failure::Failure;
use super::patrons::{require_patrons, write_json};
use crate::report::defuse::defuse;
use crate::store::{Store, StoreError};
use crate::write::{COLUMNS, PatronRow};

/// Runs the command.
pub fn run(context: &Context) -> Result<(), Failure> {
    let store = context.store_to_look()?;
    require_patrons(context, &store)?;
    match context.format() {
        Format::Json => json_array(context, &store),
        Format::Ndjson => print(context, &store, json_lines),
        _ => print(context, &store, csv),
    }
}

/// The patrons of a district, read while they are written.
pub struct AllPatrons<'a> {
    store: &'a Store,
    district: &'a str,
    failed: RefCell<Option<StoreError>>,
}

impl AllPatrons<'_> {
    /// Shows every patron. Ends early when the database fails; `print` then says so.
    pub fn each(&self, show: impl FnMut(PatronRow) -> io::Result<()>) -> io::Result<()> {
        PatronRow::each(&self.store.connection, self.district, show).unwrap_or_else(|error| {
            *self.failed.borrow_mut() = Some(self.store.explain("read the patrons of", error));
            Ok(())
        })
    }
}

/// Lets `write` put the patrons on standard output.
pub fn print(
    context: &Context,
    store: &Store,
    write: impl FnOnce(&AllPatrons<'_>, &mut dyn Write) -> io::Result<()>,
) -> Result<(), Failure> {
    let patrons = AllPatrons { store, district: &context.common.district, failed: RefCell::new(None) };
    context.output.write(|out| write(&patrons, out))?;
    match patrons.failed.into_inner() {
        Some(error) => Err(error.into()),
        None => Ok(()),
    }
}

fn csv(patrons: &AllPatrons<'_>, out: &mut dyn Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(COLUMNS)?;
    patrons.each(|patron| {
        for cell in &patron.0 {
            csv.write_field(defuse(cell).as_bytes())?;
        }
        Ok(csv.write_record(None::<&[u8]>)?)
    })?;
    csv.flush()
}

fn json_lines(patrons: &AllPatrons<'_>, out: &mut dyn Write) -> io::Result<()> {
    patrons.each(|patron| {
        write_json(out, &patron)?;
        writeln!(out)
    })
}

/// All patrons as one array, a patron a line.
pub fn json_array(context: &Context, store: &Store) -> Result<(), Failure> {
    print(context, store, |patrons, out| {
        let mut before = "[\n";
        patrons.each(|patron| {
            out.write_all(before.as_bytes())?;
            before = ",\n";
            write_json(out, &patron)
        })?;
        out.write_all(if before == "[\n" { "[]\n" } else { "\n]\n" }.as_bytes())
    })
}
