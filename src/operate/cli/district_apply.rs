//! `rosterd district apply`: takes settings over from a file, and says what that changed.
//!
//! Called by `district`. Knows nothing of what a setting means: it compares them key by key.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::json;

use super::context::Context;
use super::failure::Failure;
use crate::operate::config::read_settings;
use crate::report::escape_for_terminal;
use crate::roster::patron::PatronField;
use crate::roster::settings::Settings;

/// Old and new value by the key's full name.
type Changes = BTreeMap<String, (Option<String>, Option<String>)>;

/// The id of settings that name none.
const UNNAMED: &str = "default";

/// Runs the command.
pub fn run(context: &Context, file: &Path) -> Result<(), Failure> {
    let settings = settled(context, file, read_settings(file, PatronField::COLUMNS)?)?;
    let store = context.store()?;
    store.begin()?;
    let known = store.district(&settings.id)?.map(|district| district.settings);
    let before = known.clone().unwrap_or_else(|| Settings::new(&settings.id));
    let changes = changes(&keys(&before)?, &keys(&settings)?);
    store.put_district(&settings)?;
    store.commit()?;
    let did = match known {
        None => "created",
        Some(_) if changes.is_empty() => "unchanged",
        Some(_) => "updated",
    };
    print(context, &settings.id, did, &changes)
}

/// The district is that of the file; `--district` may repeat it, or name it where the file does not.
fn settled(context: &Context, file: &Path, settings: Settings) -> Result<Settings, Failure> {
    let wanted = &context.common.district;
    if *wanted == settings.id || wanted == UNNAMED {
        return Ok(settings);
    }
    if settings.id == UNNAMED {
        return Ok(Settings { id: wanted.clone(), ..settings });
    }
    let sentence = format!(
        "{} is for district {:?}, and --district says {wanted:?}; leave --district out, or change the id in the file",
        file.display(),
        settings.id
    );
    Err(Failure::usage(sentence))
}

/// The value of every key under its full name, as it is written in the file.
fn keys(settings: &Settings) -> Result<BTreeMap<String, String>, Failure> {
    let value = toml::Value::try_from(settings).map_err(|error| Failure::ours(&error))?;
    let mut keys = BTreeMap::new();
    flatten("", &value, &mut keys);
    Ok(keys)
}

fn flatten(name: &str, value: &toml::Value, keys: &mut BTreeMap<String, String>) {
    let toml::Value::Table(table) = value else {
        keys.insert(name.to_owned(), value.to_string());
        return;
    };
    for (key, value) in table {
        let name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
        flatten(&name, value, keys);
    }
}

fn changes(before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Changes {
    let names = before.keys().chain(after.keys());
    let pairs = names.map(|name| (name.clone(), (before.get(name).cloned(), after.get(name).cloned())));
    pairs.filter(|(_, (old, new))| old != new).collect()
}

fn print(context: &Context, id: &str, did: &str, changes: &Changes) -> Result<(), Failure> {
    if context.is_json() {
        return Ok(context.output.json(&json!({"district": id, "action": did, "changes": changes}))?);
    }
    let mut text = format!("District {}: {did}.\n", escape_for_terminal(id));
    let shown = |value: &Option<String>| escape_for_terminal(value.as_deref().unwrap_or("(not set)")).into_owned();
    for (name, (old, new)) in changes {
        text += &format!("  {}: {} -> {}\n", escape_for_terminal(name), shown(old), shown(new));
    }
    Ok(context.output.text(&text)?)
}
