//! A row that cannot be taken apart into the header's columns is refused; cells are never shifted.

use crate::read::MAX_CELL;
use crate::roster::{Code, Problem};

/// Fewer cells than the header.
pub fn too_short(cells: usize, header: usize) -> Problem {
    let message = format!("The row has {cells} cells where the header has {header}. The row is refused.");
    Problem::error(Code::RowTooShort, message)
        .propose("Look for a line break inside a cell, or for columns that were left out.")
}

/// More cells than the header.
pub fn too_long(cells: usize, header: usize) -> Problem {
    let message = format!("The row has {cells} cells where the header has {header}. The row is refused.");
    Problem::error(Code::RowTooLong, message)
        .propose("Put quotes around cells that contain the separator, such as \"Last, First\".")
}

/// A cell or the row is larger than anyone means it to be.
pub fn too_large() -> Problem {
    let message =
        format!("A cell is larger than {} KiB or the row larger than 1 MiB. The row is refused.", MAX_CELL >> 10);
    Problem::error(Code::CellTooLarge, message).propose("Look for a quote that is opened near here and never closed.")
}

/// A NUL byte.
pub fn nul() -> Problem {
    Problem::error(Code::CellNul, "The row contains a NUL byte. The row is refused.")
        .propose("Export the file again; it was damaged, or is not a text file.")
}
