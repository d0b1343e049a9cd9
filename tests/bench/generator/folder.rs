//! The folders and files of an invented district: `night1`, `night2`, `night2-shuffled`, patrons, site map, expectations.
//!
//! Called by `generate`. Nights are written by one thread each.

use std::fs::{self, File};
use std::io;
use std::path::Path;

use super::classes::{write_schools, write_sections, write_site_map, write_staff, write_teachers};
use super::district::{District, Night};
use super::expected::expected;
use super::patrons::write_patrons;
use super::sheet::Written;
use super::shuffle::write_shuffled;
use super::students::{write_enrollments, write_students};

const FILES: [&str; 6] =
    ["schools.csv", "teachers.csv", "staff.csv", "students.csv", "sections.csv", "enrollments.csv"];

/// Writes everything and returns how much the two nights and the patrons are.
pub fn write_all(district: &District, folder: &Path, shuffle: bool) -> io::Result<[Written; 3]> {
    fs::create_dir_all(folder)?;
    let file = |name: &str| File::create(folder.join(name));
    let written = std::thread::scope(|scope| {
        let first = scope.spawn(|| write_night(district, Night::First, &folder.join("night1")));
        let second = write_night(district, Night::Second, &folder.join("night2"))?;
        write_site_map(district, file("site-map.csv")?)?;
        let patrons = write_patrons(district, file("patrons.csv")?)?;
        let first = first.join().map_err(|_| io::Error::other("the thread of the first night failed"))??;
        Ok::<_, io::Error>([first, second, patrons])
    })?;
    if shuffle {
        write_shuffled_night(district, &folder.join("night2"), &folder.join("night2-shuffled"))?;
    }
    fs::write(folder.join("expected.json"), expected(district))?;
    Ok(written)
}

fn write_night(district: &District, night: Night, folder: &Path) -> io::Result<Written> {
    fs::create_dir_all(folder)?;
    let file = |name: &str| File::create(folder.join(name));
    let parts = [
        write_schools(district, file(FILES[0])?)?,
        write_teachers(district, file(FILES[1])?)?,
        write_staff(district, file(FILES[2])?)?,
        write_students(district, night, file(FILES[3])?)?,
        write_sections(district, file(FILES[4])?)?,
        write_enrollments(district, night, file(FILES[5])?)?,
    ];
    let (rows, bytes) = parts.iter().fold((0, 0), |(rows, bytes), part| (rows + part.rows, bytes + part.bytes));
    Ok(Written { rows, bytes })
}

fn write_shuffled_night(district: &District, from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for name in FILES {
        write_shuffled(&fs::read(from.join(name))?, district.seed, File::create(to.join(name))?)?;
    }
    Ok(())
}
