//! A plain table for the lists of the commands: no borders, as wide as it must be, safe to show on a terminal.

use comfy_table::{ContentArrangement, Table, presets};

use crate::report::escape_for_terminal;

/// The rows under their header; blank cells show as `-`.
pub fn table(header: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(header);
    for row in rows {
        table.add_row(row.iter().map(|cell| cell_text(cell)));
    }
    for column in table.column_iter_mut() {
        column.set_padding((0, 2));
    }
    table.trim_fmt() + "\n"
}

/// One cell: escaped, and `-` where there is nothing.
pub fn cell_text(cell: &str) -> String {
    if cell.is_empty() { "-".to_owned() } else { escape_for_terminal(cell).into_owned() }
}
