//! `rosterd district site-map`: which school is which site of the library, and which is none of its.
//!
//! Called by `district`. Sites are mapped before the first sync, so that a new district begins here if it must.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::args::SiteMap;
use super::context::Context;
use super::failure::Failure;
use super::site_file;
use super::table::table;
use crate::report::{HoldReport, escape_for_terminal};
use crate::roster::nearest::did_you_mean;
use crate::roster::plan::Evidence;
use crate::roster::settings::Settings;
use crate::store::{District, SiteRow, Store};

/// Runs the command.
pub fn run(context: &Context, request: &SiteMap) -> Result<(), Failure> {
    match (&request.school, &request.site, &request.from) {
        (_, _, Some(file)) => decide(context, &site_file::read(file)?),
        (Some(school), Some(site), _) => decide(context, &[mapped(school, site)?]),
        (Some(school), None, _) if request.ignore => decide(context, &[ignored(school)?]),
        (Some(school), None, _) if request.clear => clear(context, school.trim()),
        (school, _, _) => list(context, school.as_deref()),
    }
}

fn mapped(school: &str, site: &str) -> Result<SiteRow, Failure> {
    let school = named(school)?;
    match site.trim() {
        "" => Err(Failure::usage(format!(
            "the site of school {school} is blank; --ignore leaves its people out, --clear forgets what was decided"
        ))),
        site => Ok(SiteRow { school, site: site.to_owned(), is_ignored: false }),
    }
}

fn ignored(school: &str) -> Result<SiteRow, Failure> {
    Ok(SiteRow { school: named(school)?, site: String::new(), is_ignored: true })
}

fn named(school: &str) -> Result<String, Failure> {
    match school.trim() {
        "" => Err(Failure::usage("the school is blank; write its id as in schools.csv")),
        school => Ok(school.to_owned()),
    }
}

/// Stores all these decisions, or none.
fn decide(context: &Context, rows: &[SiteRow]) -> Result<(), Failure> {
    let store = context.store()?;
    store.begin()?;
    let is_new = store.district(&context.common.district)?.is_none();
    if is_new {
        store.put_district(&Settings::new(&context.common.district))?;
    }
    let district = context.district(&store)?;
    let before = decisions(&store, &district)?;
    for row in rows {
        store.put_site(district.seq, row)?;
    }
    let strangers = strangers(&store, &district, rows)?;
    store.commit()?;
    if is_new {
        note(context, &format!("district {} is new and was created with default settings", district.id));
    }
    if !strangers.is_empty() {
        note(context, &format!("the roster has no school {}; the decision waits for it", strangers.join(", ")));
    }
    print_decided(context, &before, rows)
}

fn note(context: &Context, text: &str) {
    context.output.note(&format!("note: {}", escape_for_terminal(text)));
}

fn decisions(store: &Store, district: &District) -> Result<BTreeMap<String, SiteRow>, Failure> {
    Ok(store.sites(district.seq)?.into_iter().map(|row| (row.school.clone(), row)).collect())
}

/// Schools of the roster with their names, and those that people wait for and that need no row in schools.csv.
fn schools(store: &Store, district: &District) -> Result<Vec<(String, String)>, Failure> {
    let mut schools = store.schools(district.seq)?;
    for hold in store.holds(Some(&district.id))?.into_iter().map(|row| row.hold) {
        let hold: HoldReport = serde_json::from_str(&hold).map_err(|error| Failure::ours(&error))?;
        let waits_for = hold.school.filter(|_| hold.guard == Evidence::SchoolUnmapped.word());
        if let Some(school) = waits_for.filter(|school| !schools.iter().any(|(id, _)| id == school)) {
            schools.push((school, String::new()));
        }
    }
    Ok(schools)
}

/// Schools that the roster does not know, once there is a roster.
fn strangers(store: &Store, district: &District, rows: &[SiteRow]) -> Result<Vec<String>, Failure> {
    let schools = schools(store, district)?;
    let is_stranger = |row: &&SiteRow| !schools.is_empty() && !schools.iter().any(|(id, _)| *id == row.school);
    Ok(rows.iter().filter(is_stranger).map(|row| row.school.clone()).collect())
}

fn print_decided(context: &Context, before: &BTreeMap<String, SiteRow>, rows: &[SiteRow]) -> Result<(), Failure> {
    if context.is_json() {
        let changes = rows.iter().map(|row| row_json(&row.school, "", Some(row)));
        return Ok(context.output.json(&changes.collect::<Vec<_>>())?);
    }
    let line = |row: &SiteRow| {
        let (old, new) = (words(before.get(&row.school)), words(Some(row)));
        let change = if old == new { format!("{new}, as before") } else { format!("{old} -> {new}") };
        escape_for_terminal(&format!("School {}: {change}", row.school)).into_owned() + "\n"
    };
    Ok(context.output.text(&rows.iter().map(line).collect::<String>())?)
}

fn words(row: Option<&SiteRow>) -> String {
    match row {
        None => "unmapped".to_owned(),
        Some(row) if row.is_ignored => "ignored".to_owned(),
        Some(row) => format!("site {}", row.site),
    }
}

fn clear(context: &Context, school: &str) -> Result<(), Failure> {
    let store = context.store_to_change()?;
    store.begin()?;
    let district = context.district(&store)?;
    let before = decisions(&store, &district)?;
    let Some(row) = before.get(school) else {
        let meant = did_you_mean(school, before.keys().map(String::as_str));
        return Err(Failure::usage(format!("nothing was decided about school {school:?}{meant}")));
    };
    store.clear_site(district.seq, school)?;
    store.commit()?;
    if context.is_json() {
        return Ok(context.output.json(&[row_json(school, "", None)])?);
    }
    let line = format!("School {school}: {} -> unmapped", words(Some(row)));
    Ok(context.output.text(&escape_for_terminal(&line))?)
}

/// A school with its name, and what was decided about it.
type Line = (String, String, Option<SiteRow>);

fn list(context: &Context, school: Option<&str>) -> Result<(), Failure> {
    let store = context.store_to_look()?;
    context.require_district(&store)?;
    let mut lines = match store.district(&context.common.district)? {
        Some(district) => lines(&store, &district)?,
        None => Vec::new(),
    };
    if let Some(school) = school {
        let meant = did_you_mean(school, lines.iter().map(|(id, _, _)| id.as_str()));
        lines.retain(|(id, _, _)| id == school);
        if lines.is_empty() {
            return Err(Failure::usage(format!("no school {school:?} is known here{meant}")));
        }
    }
    print_list(context, &lines)
}

/// Every school of the roster, and those that only a decision names.
fn lines(store: &Store, district: &District) -> Result<Vec<Line>, Failure> {
    let mut decided = decisions(store, district)?;
    let schools = schools(store, district)?.into_iter();
    let mut lines: Vec<Line> = schools.map(|(id, name)| (id.clone(), name, decided.remove(&id))).collect();
    lines.extend(decided.into_iter().map(|(id, row)| (id, String::new(), Some(row))));
    lines.sort_by(|one, other| one.0.cmp(&other.0));
    Ok(lines)
}

fn print_list(context: &Context, lines: &[Line]) -> Result<(), Failure> {
    if context.is_json() {
        let rows = lines.iter().map(|(id, name, row)| row_json(id, name, row.as_ref()));
        return Ok(context.output.json(&rows.collect::<Vec<_>>())?);
    }
    if lines.is_empty() {
        return Ok(context.output.text("No schools yet: the roster has none, and nothing was decided.")?);
    }
    let rows = lines.iter().map(|(id, name, row)| vec![id.clone(), name.clone(), words(row.as_ref())]);
    Ok(context.output.text(&table(&["school", "name", "site"], rows))?)
}

fn row_json(school: &str, name: &str, row: Option<&SiteRow>) -> Value {
    let site = row.filter(|row| !row.is_ignored).map(|row| &row.site);
    let state = match row {
        None => "unmapped",
        Some(row) if row.is_ignored => "ignored",
        Some(_) => "mapped",
    };
    let name = Some(name).filter(|name| !name.is_empty());
    json!({"school": school, "name": name, "site": site, "state": state})
}
