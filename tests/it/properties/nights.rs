//! What happens to a district's files between two nights.

use super::chance::Chance;
use super::town::{SECTIONS, STAFF, TEACHERS, Table, Town, value};

/// The next night's files.
pub fn next(town: &Town, chance: &mut Chance) -> Town {
    let mut town = town.clone();
    let changes = [0, 1, 1, 2, 3, 5, 9][chance.below(7)];
    for _ in 0..changes {
        change(&mut town, chance);
    }
    town
}

fn change(town: &mut Town, chance: &mut Chance) {
    let kind = [0, 1, 1, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5][chance.below(13)];
    match chance.below(20) {
        0..=6 => one_cell(town, kind, chance),
        7 => copied_cell(town, kind, chance),
        8 | 9 => lost_row(town, kind, chance),
        10 => lost_entity(town, kind, chance),
        11 | 12 => town.add(kind, chance),
        13 => another_row_of_an_id(town, kind, chance),
        14 => other_id_everywhere(town, chance),
        15 => other_order(town, kind, chance),
        16 => odd_row(town, kind, chance),
        17 => optional_file(town, chance),
        18 => other_columns(town, kind, chance),
        _ => teachers_name(town, chance),
    }
}

fn table(town: &mut Town, kind: usize) -> Option<&mut Table> {
    town.tables[kind].as_mut().filter(|table| !table.rows.is_empty())
}

fn one_cell(town: &mut Town, kind: usize, chance: &mut Chance) {
    let Some(table) = table(town, kind) else { return };
    let (row, column) = (chance.below(table.rows.len()), chance.below(table.header.len()));
    let new = match chance.below(12) {
        0 => String::new(),
        1 => "???".into(),
        2 => "a\nb".into(),
        _ => value(kind, &table.header[column], chance),
    };
    if let Some(cell) = table.rows[row].get_mut(column) {
        *cell = new;
    }
}

fn copied_cell(town: &mut Town, kind: usize, chance: &mut Chance) {
    let Some(table) = table(town, kind) else { return };
    let (from, to) = (chance.below(table.rows.len()), chance.below(table.rows.len()));
    let column = chance.below(table.header.len());
    let copy = table.rows[from].get(column).cloned();
    if let (Some(copy), Some(cell)) = (copy, table.rows[to].get_mut(column)) {
        *cell = copy;
    }
}

fn lost_row(town: &mut Town, kind: usize, chance: &mut Chance) {
    let Some(table) = table(town, kind) else { return };
    let row = chance.below(table.rows.len());
    table.rows.remove(row);
}

fn id_column(kind: usize) -> usize {
    usize::from(kind != 0)
}

fn lost_entity(town: &mut Town, kind: usize, chance: &mut Chance) {
    let Some(table) = table(town, kind) else { return };
    let row = chance.below(table.rows.len());
    let id = table.rows[row].get(id_column(kind)).cloned();
    table.rows.retain(|row| row.get(id_column(kind)).cloned() != id);
}

fn another_row_of_an_id(town: &mut Town, kind: usize, chance: &mut Chance) {
    let Some(table) = table(town, kind) else { return };
    let mut row = table.rows[chance.below(table.rows.len())].clone();
    for _ in 0..chance.below(3) {
        let column = chance.below(row.len());
        if column != id_column(kind) && column < table.header.len() {
            row[column] = value(kind, &table.header[column], chance);
        }
    }
    let at = chance.below(table.rows.len() + 1);
    table.rows.insert(at, row);
}

/// Somebody is given another id, in every file that names him.
fn other_id_everywhere(town: &mut Town, chance: &mut Chance) {
    let kind = 1 + chance.below(4);
    let Some(table) = table(town, kind) else { return };
    let Some(name) = table.header.get(1).cloned() else { return };
    let Some(old) = table.rows[chance.below(table.rows.len())].get(1).cloned() else { return };
    let new = if chance.one_in(2) { format!("0{old}") } else { value(kind, &name, chance) };
    for table in town.tables.iter_mut().flatten() {
        let columns: Vec<usize> = (0..table.header.len()).filter(|&at| table.header[at] == name).collect();
        for row in &mut table.rows {
            for &column in &columns {
                if let Some(cell) = row.get_mut(column).filter(|cell| **cell == old) {
                    cell.clone_from(&new);
                }
            }
        }
    }
}

fn other_order(town: &mut Town, kind: usize, chance: &mut Chance) {
    if let Some(table) = table(town, kind) {
        chance.shuffle(&mut table.rows);
    }
}

/// A row that cannot be taken apart, or that stands twice.
fn odd_row(town: &mut Town, kind: usize, chance: &mut Chance) {
    let Some(table) = table(town, kind) else { return };
    let at = chance.below(table.rows.len());
    match chance.below(4) {
        // The last row of a file that is too short would look like a file that was cut off.
        0 if at + 1 < table.rows.len() => drop(table.rows[at].pop()),
        1 => table.rows[at].push("one more".into()),
        2 => {
            let copy = table.rows[at].clone();
            table.rows.push(copy);
        }
        _ => table.rows.insert(at, vec![String::new(); table.header.len()]),
    }
}

fn optional_file(town: &mut Town, chance: &mut Chance) {
    if town.tables[STAFF].take().is_some() && !chance.one_in(3) {
        return;
    }
    let mut fresh = Town::new(chance);
    if fresh.tables[STAFF].is_none() {
        fresh = Town::new(chance);
    }
    town.tables[STAFF] = fresh.tables[STAFF].take();
}

/// Columns in another order, or an optional one is left out.
fn other_columns(town: &mut Town, kind: usize, chance: &mut Chance) {
    let Some(table) = table(town, kind) else { return };
    if kind == 0 || table.rows.iter().any(|row| row.len() != table.header.len()) {
        return;
    }
    let optional = [
        "Student_email",
        "Contact_email",
        "Student_number",
        "Teacher_number",
        "Teacher_2_id",
        "Course_name",
        "DOB",
        "Role",
    ];
    let gone = table.header.iter().position(|column| optional.contains(&column.as_str())).filter(|_| chance.one_in(2));
    match gone {
        Some(column) => {
            table.header.remove(column);
            table.rows.iter_mut().for_each(|row| drop(row.remove(column)));
        }
        None if table.header.len() > 4 => {
            let last = table.header.len() - 1;
            table.header.swap(2, last);
            table.rows.iter_mut().for_each(|row| row.swap(2, last));
        }
        None => {}
    }
}

/// The name that stands in the names of sections.
fn teachers_name(town: &mut Town, chance: &mut Chance) {
    let kind = if chance.one_in(3) { SECTIONS } else { TEACHERS };
    let Some(table) = table(town, kind) else { return };
    let Some(column) = table.column(if kind == SECTIONS { "Teacher_id" } else { "Last_name" }) else { return };
    let row = chance.below(table.rows.len());
    let new = value(kind, &table.header[column], chance);
    if let Some(cell) = table.rows[row].get_mut(column) {
        *cell = new;
    }
}
