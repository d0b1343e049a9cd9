//! The limits of staging that no district needs to change, each with its reason. Those that districts may change are in
//! `roster::settings::LimitSettings`.

/// Bytes at the start of a file in which its header is looked for.
pub const HEAD_BYTES: usize = 64 << 10;

pub use crate::roster::names::FOLDER_ENTRIES;

/// Bytes of a manifest; a real one has some twenty lines.
pub const MANIFEST_BYTES: u64 = 1 << 20;

/// Bytes of a zip that may be read to find out what is in it, so that a forged list of entries cannot fill the memory.
pub const ZIP_DIRECTORY_BYTES: u64 = 8 << 20;

/// Unpacked bytes below which the ratio of a zip entry says nothing: a short file of blanks packs very well.
pub const RATIO_FLOOR_BYTES: u64 = 4 << 20;

/// Bytes from the first foreign one on by which an encoding is guessed.
pub const GUESS_BYTES: u64 = 4 << 20;

/// Two files of one kind whose times differ by less are equally new: zips and some disks count in steps of two seconds,
/// and a copied folder has times in the order of copying.
pub const SAME_TIME_SECONDS: i64 = 2;

/// Characters of a file name that are repeated in a message; an entry of a zip can have 65,535.
pub const SHOWN_NAME_CHARS: usize = 120;

/// Bytes of a row that is kept until its end shows whether its cells are where they should be; more is refused by the reader.
pub const KEPT_ROW_BYTES: usize = 1 << 20;
