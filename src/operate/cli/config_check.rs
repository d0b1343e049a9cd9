//! `rosterd config check`: tries settings without applying them.
//!
//! Called by `cli::main`. Without files it tries what a run would use: the schemas and the stored settings.

use std::path::{Path, PathBuf};

use serde_json::json;

use super::context::Context;
use super::failure::Failure;
use super::output::exit;
use crate::operate::config::{ConfigError, parse_settings, read_settings_file};
use crate::operate::service::config::{is_of_the_service, parse_serve_settings};
use crate::report::escape_for_terminal;
use crate::roster::patron::PatronField;
use crate::store::Store;

/// Settings that passed: where they stand, and the district's id; `None`: they are the service's.
type One = (String, Option<String>);
type Passed = Vec<One>;

/// Runs the command.
pub fn run(context: &Context, files: &[PathBuf]) -> Result<u8, Failure> {
    if files.is_empty() {
        stored(context)?;
    } else {
        let passed = all(files.iter().map(|file| one_file(file)))?;
        print(context, &passed)?;
    }
    Ok(exit::DONE)
}

fn one_file(file: &Path) -> Result<One, ConfigError> {
    let (text, origin) = (read_settings_file(file)?, file.display().to_string());
    if is_of_the_service(&text) {
        parse_serve_settings(&text, &origin)?;
        return Ok((origin, None));
    }
    let settings = parse_settings(&text, &origin, PatronField::COLUMNS)?;
    Ok((origin, Some(settings.id)))
}

/// Every mistake of every one at once.
fn all(tried: impl Iterator<Item = Result<One, ConfigError>>) -> Result<Passed, Failure> {
    let mut passed = Vec::new();
    let mut wrong = Vec::new();
    for one in tried {
        match one {
            Ok(one) => passed.push(one),
            Err(error) => wrong.push(Failure::from(error).message),
        }
    }
    if wrong.is_empty() { Ok(passed) } else { Err(Failure::usage(wrong.join("\n"))) }
}

fn stored(context: &Context) -> Result<(), Failure> {
    let schemas = context.schemas()?;
    let store = context.store_to_look()?;
    let ids = store.district_ids()?;
    let tried = ids.iter().map(|id| one_stored(context, &store, id)).collect::<Result<Vec<_>, Failure>>()?;
    let passed = all(tried.into_iter())?;
    if context.is_json() {
        return Ok(context.output.json(&json!({"schemas": schemas.name, "settings": passed_json(&passed)}))?);
    }
    context.output.text(&format!("schemas {}: good", escape_for_terminal(&schemas.name)))?;
    print(context, &passed)
}

/// They are judged as a file would be: an older rosterd may have let pass what this one does not.
fn one_stored(context: &Context, store: &Store, id: &str) -> Result<Result<One, ConfigError>, Failure> {
    let settings = context.district_called(store, id)?.settings;
    let text = toml::to_string(&settings).map_err(|error| Failure::ours(&error))?;
    let origin = format!("the stored settings of {id}");
    Ok(parse_settings(&text, &format!("{origin},"), PatronField::COLUMNS).map(|settings| (origin, Some(settings.id))))
}

fn passed_json(passed: &Passed) -> Vec<serde_json::Value> {
    let one = |(origin, id): &One| match id {
        Some(id) => json!({"origin": origin, "district": id}),
        None => json!({"origin": origin, "service": true}),
    };
    passed.iter().map(one).collect()
}

fn print(context: &Context, passed: &Passed) -> Result<(), Failure> {
    if context.is_json() {
        return Ok(context.output.json(&json!({"settings": passed_json(passed)}))?);
    }
    let line = |(origin, id): &One| match id {
        Some(id) => format!("{}: good, district {}\n", escape_for_terminal(origin), escape_for_terminal(id)),
        None => format!("{}: good, the service\n", escape_for_terminal(origin)),
    };
    Ok(context.output.text(&passed.iter().map(line).collect::<String>())?)
}
