//! Makes one file ready to be read: finds its encoding, delimiter and secrets, and writes a clean copy only if it needs one.
//!
//! Called by `stage` for each file, two at a time. Nothing that was delivered is moved or removed here.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use chrono::{DateTime, Utc};
use encoding_rs::{Encoding, UTF_8};

use super::cells::{CellWalk, Place};
use super::encoding::{self, Foreign};
use super::error::{StageError, failed};
use super::header::Header;
use super::rewrite::{Outcome, Rewritten, rewrite};
use super::secrets::Secrets;
use super::survey::{Survey, survey};
use crate::files::{BLOCK_BYTES, fill, hash, private};
use crate::roster::problem::Code;
use crate::roster::schema::{Schema, SchemaSet};
use crate::roster::set::StagedFile;
use crate::roster::{FileKind, Problem};

/// One file of rows, from a folder or out of a zip.
#[derive(Debug, Clone)]
pub(super) struct Piece {
    /// As delivered; of a zip `export.zip/students.csv`.
    pub name: String,
    /// Where its bytes are.
    pub path: PathBuf,
    /// Its size.
    pub bytes: u64,
    /// Hash of its bytes.
    pub sha256: String,
    /// When it was last written.
    pub modified: Option<DateTime<Utc>>,
    /// What its rows are.
    pub kind: FileKind,
    /// Index of its schema.
    pub schema: usize,
    /// Whether the bytes are ours: a private copy, or unpacked by us.
    pub ours: bool,
    /// Whether it came out of a zip.
    pub from_zip: bool,
}

/// What became of a piece.
pub(super) struct Prepared {
    /// The file ready to be read; nothing if it cannot be decoded.
    pub file: Option<StagedFile>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
    /// Whether the piece itself is to be moved to the place that `file` names.
    pub moves: bool,
}

/// How the bytes of a file become UTF-8.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Reading {
    encoding: &'static Encoding,
    mark: usize,
    guessed: bool,
}

/// Makes `piece` ready; a clean copy goes to `into`.
pub(super) fn prepare(
    piece: &Piece,
    into: &Path,
    foreign: Foreign,
    schemas: &SchemaSet,
) -> Result<Prepared, StageError> {
    let schema = &schemas.schemas[piece.schema];
    let mut file = private::open_regular(&piece.path).map_err(failed("open", &piece.path))?;
    hash::sequential(&file);
    let survey = survey(&mut file, schema).map_err(failed("read", &piece.path))?;
    let Some(reading) = reading(&survey, foreign, &mut file).map_err(failed("read", &piece.path))? else {
        return Ok(refused(invalid(piece, &survey, place_of_foreign(&mut file, &survey, piece)?, foreign)));
    };
    let header = header(&survey, reading, schema);
    let mut problems: Vec<Problem> = other_delimiter(piece, &header).into_iter().collect();
    if reading.guessed {
        problems.push(guessed(piece, reading, &header, place_of_foreign(&mut file, &survey, piece)?));
    }
    let target = into.join(format!("{}.csv", schema.name));
    if reading.encoding == UTF_8 && !survey.has_secrets {
        let staged = as_it_is(piece, &survey, reading, &header, target);
        return Ok(Prepared { file: Some(staged), problems, moves: piece.ours });
    }
    match copy(&mut file, &target, reading, &header, schema)? {
        Outcome::Written(written) => {
            let staged = rewritten(piece, written, reading, &header, target);
            Ok(Prepared { file: Some(staged), problems, moves: false })
        }
        Outcome::Malformed(place) => {
            std::fs::remove_file(&target).map_err(failed("remove", &target))?;
            Ok(refused(malformed(piece, reading, &header, place)))
        }
    }
}

/// How to read the file; nothing if it must be refused.
fn reading(survey: &Survey, foreign: Foreign, file: &mut File) -> std::io::Result<Option<Reading>> {
    let unicode = encoding::unicode(&survey.head);
    if let Some((encoding, mark, guessed)) =
        unicode.filter(|(encoding, ..)| *encoding != UTF_8 || survey.first_foreign.is_none())
    {
        return Ok(Some(Reading { encoding, mark, guessed }));
    }
    let Some(first) = survey.first_foreign else {
        return Ok(Some(Reading { encoding: UTF_8, mark: 0, guessed: false }));
    };
    // UTF-8 with a wrong byte in it: whatever else it was read as would spoil every letter before that byte.
    let mixed = survey.has_utf_8_letters || unicode.is_some();
    match foreign {
        Foreign::Pinned(encoding) => Ok(Some(Reading { encoding, mark: 0, guessed: false })),
        Foreign::Guess if !mixed => {
            Ok(Some(Reading { encoding: encoding::guess(file, first)?, mark: 0, guessed: true }))
        }
        Foreign::Guess | Foreign::Refuse => Ok(None),
    }
}

fn header(survey: &Survey, reading: Reading, schema: &Schema) -> Header {
    let head = encoding::decoded_as(reading.encoding, &survey.head[reading.mark..]);
    Header::read(&head, std::slice::from_ref(schema))
}

fn copy(
    file: &mut File,
    target: &Path,
    reading: Reading,
    header: &Header,
    schema: &Schema,
) -> Result<Outcome, StageError> {
    // The mark of a UTF-8 file stays where it is, like every other byte; that of another encoding has no meaning any more.
    let (decode_from, skip) =
        if reading.encoding == UTF_8 { (None, 0) } else { (Some(reading.encoding), reading.mark) };
    file.seek(SeekFrom::Start(skip as u64)).map_err(failed("read", target))?;
    let clean = private::create_file(target).map_err(failed("create", target))?;
    rewrite(file, clean, decode_from, Secrets::new(header, schema), header.delimiter).map_err(failed("write", target))
}

fn as_it_is(piece: &Piece, survey: &Survey, reading: Reading, header: &Header, target: PathBuf) -> StagedFile {
    StagedFile {
        name: piece.name.clone(),
        kind: piece.kind,
        schema: piece.schema,
        path: if piece.ours { target } else { piece.path.clone() },
        skip: reading.mark as u64,
        bytes: piece.bytes,
        sha256: piece.sha256.clone(),
        kept_sha256: piece.sha256.clone(),
        encoding: encoding::name(reading.encoding),
        delimiter: header.delimiter,
        ends_with_line_break: survey.ends_with_line_break,
        modified: piece.modified,
    }
}

fn rewritten(piece: &Piece, written: Rewritten, reading: Reading, header: &Header, target: PathBuf) -> StagedFile {
    StagedFile {
        name: piece.name.clone(),
        kind: piece.kind,
        schema: piece.schema,
        path: target,
        skip: if reading.encoding == UTF_8 { reading.mark as u64 } else { 0 },
        bytes: piece.bytes,
        sha256: piece.sha256.clone(),
        kept_sha256: written.kept.sha256,
        encoding: encoding::name(reading.encoding),
        delimiter: header.delimiter,
        ends_with_line_break: written.ends_with_line_break,
        modified: piece.modified,
    }
}

/// Where the first foreign byte stands. Line breaks and quotes are single bytes in every encoding that comes here.
fn place_of_foreign(file: &mut File, survey: &Survey, piece: &Piece) -> Result<Place, StageError> {
    let mut walk = CellWalk::new(survey.header.delimiter);
    let mut before = file.take(survey.first_foreign.unwrap_or(0));
    before.get_mut().rewind().map_err(failed("read", &piece.path))?;
    let mut block = vec![0; BLOCK_BYTES];
    loop {
        match fill(&mut before, &mut block).map_err(failed("read", &piece.path))? {
            0 => return Ok(walk.place()),
            count => walk.walk(&block[..count], |_, _| {}),
        }
    }
}

fn refused(problem: Problem) -> Prepared {
    Prepared { file: None, problems: vec![problem], moves: false }
}

fn other_delimiter(piece: &Piece, header: &Header) -> Option<Problem> {
    let separators = match header.delimiter {
        b';' => "semicolons",
        b'\t' => "tabs",
        b'|' => "vertical bars",
        _ => return None,
    };
    let message = format!("{} is separated by {separators} instead of commas; it was read that way.", piece.name);
    Some(Problem::warning(Code::DelimiterOther, message).in_file(&piece.name).at(1))
}

fn guessed(piece: &Piece, reading: Reading, header: &Header, place: Place) -> Problem {
    let name = encoding::name(reading.encoding);
    let message =
        format!("{} is not UTF-8; it was read as {name}. Line {} has the first such letter.", piece.name, place.line);
    let proposal = format!(
        "Check that the letters are right. Save the file as UTF-8, or pin the encoding with reading.encoding = \"{name}\"."
    );
    at(Problem::warning(Code::EncodingGuessed, message).propose(proposal), piece, header, place)
}

fn invalid(piece: &Piece, survey: &Survey, place: Place, foreign: Foreign) -> Problem {
    let message = format!("{} has a byte on line {} that is not UTF-8.", piece.name, place.line);
    let proposal = match foreign {
        Foreign::Refuse => "Save the file as UTF-8, or let the encoding be detected with reading.encoding = \"auto\".",
        _ => {
            "Everything before it is UTF-8, so a letter was cut or pasted there. Correct the cell, and save the file as UTF-8."
        }
    };
    at(Problem::error(Code::EncodingInvalid, message).propose(proposal), piece, &survey.header, place)
}

fn malformed(piece: &Piece, reading: Reading, header: &Header, place: Place) -> Problem {
    let name = encoding::name(reading.encoding);
    let message = format!("{} has bytes on line {} that mean nothing in {name}.", piece.name, place.line);
    let proposal = "The file may be cut off or damaged; upload it again, as UTF-8 if you can.";
    at(Problem::error(Code::EncodingInvalid, message).propose(proposal), piece, header, place)
}

fn at(problem: Problem, piece: &Piece, header: &Header, place: Place) -> Problem {
    let problem = problem.in_file(&piece.name).at(place.line);
    let column = header.cells.get(place.cell).map(|cell| cell.trim_start_matches('\u{feff}'));
    match column {
        Some(column) => problem.column(column),
        None => problem,
    }
}
