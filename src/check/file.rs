//! One file: its header, its rows, and what the rows say together.
//!
//! On a night with a snapshot a first walk tells which rows are as they were; the second looks at the others only.

use std::io::{self, Read};
use std::ops::ControlFlow;
use std::rc::Rc;

use super::ahead::{Ahead, Arrived, Found};
use super::enrollments::PairPass;
use super::record_rows::RecordPass;
use super::row::RowJudge;
use super::{Check, Pairs, Rows, Standing, row_checks, rules};
use crate::diff::{self, Fingerprinter, Snapshot, Tonight, Walk};
use crate::read::{Layout, Row, RowState, each_block, each_block_ahead};
use crate::roster::entities::State;
use crate::roster::schema::{Field, Reference, Schema};
use crate::roster::set::Mode;
use crate::roster::settings::Presence;
use crate::roster::tally::Tally;
use crate::roster::{FileKind, PersonKind, Problem};

/// Opens the file from its beginning; called once for each walk over it.
pub type Open<'o> = dyn Fn() -> io::Result<Box<dyn Read + Send>> + 'o;

/// What is known of a file before it is read.
#[derive(Debug, Clone)]
pub struct FileChecker<'f> {
    /// As delivered.
    pub name: &'f str,
    /// Index into the schemas.
    pub schema: usize,
    /// Separator.
    pub delimiter: u8,
    /// Whether its last byte is a line break.
    pub ends_with_line_break: bool,
    /// Whether the last delivery of this kind ended with one.
    pub line_break_expected: bool,
    /// What decides how rows are read, beside the file's columns.
    pub salt: u64,
}

/// What became of a file.
#[derive(Debug, Default)]
pub struct FileVerdict {
    /// The header as the file spells it.
    pub header: Vec<String>,
    /// Counts of rows.
    pub tally: Tally,
    /// Lines of refused rows.
    pub refused: Vec<u32>,
    /// Records of a file of entities, one for each entity that was looked at.
    pub rows: Rows,
    /// By number of the entity the first line of those whose rows are as they were; of employees only, who are looked at
    /// for each other's sake.
    pub lines: Vec<u32>,
    /// Pairs of a file of enrollments.
    pub pairs: Pairs,
    /// What to remember for tomorrow.
    pub snapshot: Tonight,
}

impl FileChecker<'_> {
    /// Checks the file against everything checked before.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn check(
        &self,
        check: &mut Check<'_>,
        last_night: Option<&Rc<Snapshot>>,
        open: &Open<'_>,
    ) -> io::Result<FileVerdict> {
        let schema = &check.schemas.schemas[self.schema];
        let (layout, problems) = self.layout(schema, open)?;
        check.problems.extend(problems);
        let Some(layout) = layout else { return Ok(self.empty(check, schema.kind, FileVerdict::default())) };
        if layout.refused {
            return Ok(refuse_file(check, schema.kind, layout));
        }
        check.standing[schema.kind as usize] = Standing::Read;
        let salt = diff::salt(self.salt, &layout);
        let last_night = last_night.filter(|snapshot| snapshot.salt == salt && !snapshot.is_empty());
        let mut verdict = match schema.kind {
            FileKind::Enrollments => self.pairs(check, schema, &layout, last_night, open)?,
            _ => self.records(check, schema, &layout, last_night, open)?,
        };
        verdict.snapshot.check()?;
        verdict.snapshot.salt = salt;
        verdict.header = layout.header;
        if verdict.tally.rows == verdict.tally.blank {
            return Ok(self.empty(check, schema.kind, verdict));
        }
        self.judge_whole(check, schema.kind, &verdict);
        Ok(verdict)
    }

    /// Reads the header; `None` where the file has no line at all.
    fn layout(&self, schema: &Schema, open: &Open<'_>) -> io::Result<(Option<Layout>, Vec<Problem>)> {
        let mut found = (None, Vec::new());
        each_block(open()?, self.delimiter, |block| {
            let Some(row) = block.rows().find(|row| row.state != RowState::Blank) else {
                return ControlFlow::Continue(());
            };
            let cells: Vec<_> = (0..row.len()).map(|index| row.raw(index)).collect();
            let (layout, problems) = Layout::of(&cells, schema, self.name);
            found = (Some(layout), problems);
            ControlFlow::Break(())
        })?;
        Ok(found)
    }

    fn records(
        &self,
        check: &mut Check<'_>,
        schema: &Schema,
        layout: &Layout,
        last_night: Option<&Rc<Snapshot>>,
        open: &Open<'_>,
    ) -> io::Result<FileVerdict> {
        let judge = RowJudge::new(schema, layout, self.name, check.settings.reading.date_order);
        let last_night = last_night.filter(|_| check.may_skip(schema));
        let compared = match last_night {
            Some(snapshot) => Some(self.compare(check, schema, layout, snapshot, open)?),
            None => None,
        };
        let (looks_at_all, remembers) = (compared.is_none(), check.remembers);
        let tonight = Tonight::after(None, check.empty_snapshot()?);
        let mut pass = RecordPass::new(check, &judge, compared, tonight);
        while pass.has_work() {
            let ahead = if looks_at_all { self.ahead(&judge, remembers) } else { Ahead::default() };
            let counts = self.each_row(schema, layout, open, ahead, |row| pass.row(row))?;
            pass.count(counts);
        }
        Ok(pass.finish())
    }

    fn pairs(
        &self,
        check: &mut Check<'_>,
        schema: &Schema,
        layout: &Layout,
        last_night: Option<&Rc<Snapshot>>,
        open: &Open<'_>,
    ) -> io::Result<FileVerdict> {
        let judge = RowJudge::new(schema, layout, self.name, check.settings.reading.date_order);
        let lost = |reference: &Reference| reference.kind == FileKind::Schools && check.lost(FileKind::Schools);
        let last_night = last_night.filter(|_| !schema.references.iter().any(lost));
        let ahead = match last_night {
            Some(_) => Ahead { judge: None, prints: Some(Fingerprinter::new(layout)) },
            None => self.ahead(&judge, check.remembers),
        };
        let tonight = Tonight::after(last_night.cloned(), check.empty_snapshot()?);
        let mut pass = PairPass::new(check, &judge, last_night.map(|last| Walk::new(last)), tonight);
        let counts = self.each_row(schema, layout, open, ahead, |row| pass.row(row))?;
        Ok(pass.finish(counts))
    }

    /// Where every row will be looked at: each is judged, and its fingerprint taken if it is remembered.
    fn ahead<'j>(&self, judge: &'j RowJudge<'j>, remembers: bool) -> Ahead<'j> {
        Ahead { judge: Some(judge), prints: remembers.then(|| Fingerprinter::new(judge.layout)) }
    }

    /// The first walk: which rows are as they were, and whose other rows must be looked at again with a changed one.
    fn compare(
        &self,
        check: &Check<'_>,
        schema: &Schema,
        layout: &Layout,
        snapshot: &Rc<Snapshot>,
        open: &Open<'_>,
    ) -> io::Result<Compared> {
        let entities = check.roster.of(schema.kind);
        let id_cell = schema.feeding(Field::Id).and_then(|column| layout.cell_of[column]);
        let ahead = Ahead { judge: None, prints: Some(Fingerprinter::new(layout)) };
        let is_employee = schema.kind.person().is_some_and(PersonKind::is_employee);
        let mut walk = Walk::new(snapshot);
        let mut compared = Compared {
            snapshot: Tonight::after(Some(Rc::clone(snapshot)), check.empty_snapshot()?),
            dirty: vec![false; entities.len()],
            ..Compared::default()
        };
        let counts = self.each_row(schema, layout, open, ahead, |arrived| {
            let (row, print) = (&arrived.row, arrived.print().unwrap_or(0));
            if is_employee {
                compared.lines.push(row.line as u32);
            }
            let is_plain = row.state == RowState::Fine && !row_checks::may_swallow(row);
            // Whoever waits is looked at again, whatever the row says; and what is not as its row said.
            let is_settled = |owner: u64| {
                let known = entities.known(owner as u32);
                known.state == State::Present && known.record_hash != 0
            };
            let found = if is_plain { walk.find(arrived.prints) } else { None };
            if let Some(same) = found.filter(|same| is_settled(same.owner)) {
                return compared.snapshot.push_same(print, same);
            }
            if let Some(entity) = id_cell.and_then(|cell| entities.find(row.cell(cell))) {
                compared.dirty[entity as usize] = true;
            }
            compared.snapshot.push(print, Compared::LOOK);
        })?;
        let again = check.look_again.iter().filter(|who| who.kind.file() == schema.kind);
        again.for_each(|who| compared.dirty[who.number as usize] = true);
        walk.left_over().for_each(|owner| compared.dirty[owner as usize] = true);
        compared.counts = counts;
        Ok(compared)
    }

    /// Calls `each` with every row that is neither blank nor a header; gives (rows, blank rows).
    fn each_row(
        &self,
        schema: &Schema,
        layout: &Layout,
        open: &Open<'_>,
        mut ahead: Ahead<'_>,
        mut each: impl FnMut(Arrived<'_>),
    ) -> io::Result<(u64, u64)> {
        let (mut rows, mut blank, mut ordinal, mut in_body) = (0, 0, 0, false);
        let look = |block: &_, found: &mut Found| ahead.look(block, found);
        each_block_ahead(open()?, self.delimiter, look, |block, found| {
            for arrived in found.rows(block) {
                let row = &arrived.row;
                if row.state == RowState::Blank {
                    (rows, blank) = (rows + 1, blank + 1);
                } else if !std::mem::replace(&mut in_body, true) {
                    // The header itself is no row.
                } else if is_header(row, layout, schema) {
                    (rows, blank) = (rows + 1, blank + 1);
                } else {
                    each(Arrived { ordinal, ..arrived });
                    (rows, ordinal) = (rows + 1, ordinal + 1);
                }
            }
            ControlFlow::Continue(())
        })?;
        Ok((rows, blank))
    }

    /// What is wrong with the file as a whole: cut off, or too many refused rows.
    fn judge_whole(&self, check: &mut Check<'_>, kind: FileKind, verdict: &FileVerdict) {
        let tally = verdict.tally;
        if self.line_break_expected && !self.ends_with_line_break && !check.set_refused {
            check.problems.push(rules::truncated::no_line_break(self.name, tally.rows + 1));
            check.refuse_set_for(kind);
        }
        let limit = check.settings.limits.error_rate;
        let full = tally.rows - tally.blank;
        let counts =
            matches!(kind, FileKind::Schools | FileKind::Students | FileKind::Teachers) && check.mode == Mode::Full;
        if counts && tally.refused as f64 > limit * full as f64 {
            check.problems.push(rules::error_rate::problem(self.name, tally.refused, full, limit));
            check.set_refused = true;
        }
    }

    /// A file without rows (rule A7).
    fn empty(&self, check: &mut Check<'_>, kind: FileKind, verdict: FileVerdict) -> FileVerdict {
        let entities = check.roster.of(kind.min(FileKind::Sections));
        let in_roster = entities.numbers().any(|number| entities.known(number).state.in_roster());
        let must_have = matches!(kind, FileKind::Schools | FileKind::Students | FileKind::Teachers);
        if must_have && in_roster && check.mode == Mode::Full {
            check.problems.push(rules::empty_file::refused(self.name, kind));
            check.set_refused = true;
        } else {
            check.problems.push(rules::empty_file::kept(self.name, kind));
        }
        check.standing[kind as usize] = Standing::Kept;
        verdict
    }
}

/// What the first walk found.
#[derive(Debug, Default)]
pub(super) struct Compared {
    /// Fingerprint and owner of every row by its number; [`Compared::LOOK`] where the row must be looked at.
    pub snapshot: Tonight,
    /// Entities whose rows must all be looked at.
    pub dirty: Vec<bool>,
    /// The line of every row, of employees.
    pub lines: Vec<u32>,
    /// Rows, blank rows.
    pub counts: (u64, u64),
}

impl Compared {
    pub const LOOK: u64 = u64::MAX;
}

/// A file whose header cannot be used. A set without a required file is no set; an optional one counts as absent.
fn refuse_file(check: &mut Check<'_>, kind: FileKind, layout: Layout) -> FileVerdict {
    let optional = check.settings.set.presence(kind) == Presence::Optional;
    if !optional || check.mode == Mode::Delta {
        check.refuse_set_for(kind);
    }
    FileVerdict { header: layout.header, ..FileVerdict::default() }
}

/// Whether a row repeats the header. Its secret cells were blanked like those of any row.
fn is_header(row: &Row<'_>, layout: &Layout, schema: &Schema) -> bool {
    let header = &layout.header;
    let is_secret =
        |at: usize| schema.columns.iter().zip(&layout.cell_of).any(|(column, cell)| column.secret && *cell == Some(at));
    row.len() == header.len()
        && !header.is_empty()
        && row.cell(0).trim_start_matches('\u{feff}') == header[0]
        && row.cells().enumerate().skip(1).all(|(at, cell)| cell == header[at] || (cell.is_empty() && is_secret(at)))
}
