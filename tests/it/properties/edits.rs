//! What a library does between two nights: edits by SQL, and other settings.

use rosterd::roster::settings::Settings;

use super::chance::Chance;
use super::library::Library;
use super::town;

/// SQL that people of the library run.
pub fn of_patrons(chance: &mut Chance) -> Vec<String> {
    let count = [0, 0, 1, 2, 4][chance.below(5)];
    (0..count).map(|_| of_one(chance)).collect()
}

fn of_one(chance: &mut Chance) -> String {
    let who = 1 + chance.below(40);
    let other = 1 + chance.below(40);
    match chance.below(16) {
        0 => format!("DELETE FROM patrons WHERE patron_id = {who}"),
        1 | 2 => insert(chance),
        3 | 4 => format!("UPDATE patrons SET status = {} WHERE patron_id = {who}", 1 + chance.below(6)),
        5 => set(who, "email", &town::mail(chance)),
        6 => set(who, "student_number", &town::number(chance)),
        7 => set(who, "barcode", &(40 + chance.below(60)).to_string()),
        8 => set(who, "last_name", &town::value(town::STUDENTS, "Last_name", chance)),
        9 => set(who, "first_name", &town::value(town::STUDENTS, "First_name", chance)),
        10 => set(who, "birthdate", chance.pick(&["2015-03-14", "2014-07-01", ""])),
        11 => set(who, "security_group", chance.pick(&["operator", "patron"])),
        12 => set(who, "notes", "asked for large print"),
        13 => format!(
            "UPDATE patrons SET email = (SELECT email FROM patrons WHERE patron_id = {other}) WHERE patron_id = {who}"
        ),
        14 => set(who, "roles", chance.pick(&["student", "teacher", "staff,district_admin", ""])),
        _ => set(who, chance.pick(&["username", "site", "level", "guid"]), ""),
    }
}

fn set(who: usize, column: &str, value: &str) -> String {
    format!("UPDATE patrons SET {column} = '{}' WHERE patron_id = {who}", value.replace('\'', "''"))
}

/// A patron who was there before any roster was.
pub fn insert(chance: &mut Chance) -> String {
    let values = [
        town::number(chance),
        town::value(town::STUDENTS, "First_name", chance),
        town::value(town::STUDENTS, "Last_name", chance),
        town::mail(chance),
        chance.pick(&["2015-03-14", "2014-07-01", "2013-11-30", ""]).to_owned(),
        chance.pick(&["student", "teacher", "staff", ""]).to_owned(),
        chance.pick(&["1", "4", "3"]).to_owned(),
    ];
    let values = values.map(|value| format!("'{}'", value.replace('\'', "''"))).join(", ");
    format!(
        "INSERT INTO patrons (student_number, first_name, last_name, email, birthdate, roles, status, created_at, updated_at)
         VALUES ({values}, '2026-01-01', '2026-01-01')"
    )
}

/// Settings of a district that gives every rule something to do; guards do not hide what they would hold.
pub fn settings(chance: &mut Chance) -> Settings {
    let mut parts: Vec<String> = vec!["id = \"default\"\n[limits]\nerror_rate = 0.9\n".into()];
    let guard = if chance.one_in(4) { "" } else { "percent = 1000\nschool_percent = 1000\n" };
    parts.push(format!("[guard.removals]\nat_least = 3\nschool_at_least = 5\n{guard}"));
    let sometimes: [(usize, &[&str]); 9] = [
        (
            3,
            &[
                "[map.students]\nbarcode = \"student_number\"\n",
                "[map.students]\nbarcode = \"sis_id\"\ncommunity_id = \"state_id\"\n",
            ],
        ),
        (3, &["[map.teachers]\nbarcode = \"teacher_number\"\n", "[map.teachers]\ncommunity_id = \"sis_id\"\n"]),
        (
            3,
            &[
                "[fields.email]\nowner = \"library\"\n",
                "[fields.email]\nblank = \"clear\"\n",
                "[fields.email]\nowner = \"fill\"\n",
            ],
        ),
        (4, &["[fields.barcode]\nowner = \"sis\"\n", "[fields.barcode]\nblank = \"clear\"\n"]),
        (4, &["[fields.last_name]\nowner = \"ask\"\n", "[fields.student_number]\nblank = \"clear\"\n"]),
        (
            3,
            &[
                "[sync]\ngrace_days = 2\n",
                "[sync]\nmode = \"update_only\"\n",
                "[sync]\nmode = \"create_only\"\n",
                "[sync]\nstaff = false\n",
            ],
        ),
        (
            4,
            &[
                "[match]\nby_name = \"review\"\n",
                "[match]\nkeys = [\"email\"]\n",
                "[match]\nkeys = [\"guid\", \"student_number\"]\n",
            ],
        ),
        (
            3,
            &[
                "[sections]\nname_from = \"name\"\n",
                "[sections]\nempty = \"keep\"\n",
                "[sections]\nunique_names = true\n",
            ],
        ),
        (
            6,
            &[
                "[guard]\nat_limit = \"hold_all\"\n",
                "[guard]\nat_limit = \"stop\"\n",
                "[set]\nenrollments = \"optional\"\n",
            ],
        ),
    ];
    for (times, choices) in sometimes {
        if chance.one_in(times) {
            parts.push(chance.pick(choices).to_owned());
        }
    }
    toml::from_str(&parts.concat()).unwrap_or_else(|error| panic!("{error}: {parts:#?}"))
}

/// Maps schools to sites as a librarian does.
pub fn of_sites(chance: &mut Chance) -> Vec<(String, String, bool)> {
    if !chance.one_in(3) {
        return Vec::new();
    }
    let site = |school: usize, chance: &mut Chance| {
        (format!("H{school}"), format!("site {}", chance.below(3)), chance.one_in(6))
    };
    let schools = 1 + chance.below(3);
    (1..=schools).map(|school| site(school, chance)).collect()
}

/// Carries them out.
pub fn carry_out(library: &Library, patrons: &[String], sites: &[(String, String, bool)]) {
    let database = library.database();
    for sql in patrons {
        database.execute_batch(sql).unwrap_or_else(|error| panic!("{error}: {sql}"));
    }
    let seq = library.store().district("default").unwrap().unwrap().seq;
    for (school, site, is_ignored) in sites {
        let site = if *is_ignored { String::new() } else { site.clone() };
        let row = rosterd::store::SiteRow { school: school.clone(), site, is_ignored: *is_ignored };
        library.store().put_site(seq, &row).unwrap();
    }
}
