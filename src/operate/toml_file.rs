//! A settings file as TOML, read into its type: every mistake gets a sentence with its line and what to write instead.
//!
//! Called by `config` for districts and by `service::config` for the service. Knows TOML and no single key.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};

/// Settings that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file itself is out of reach.
    #[error("failed to read {path}: {source}", path = path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The reason that the system gave.
        source: std::io::Error,
    },
    /// What stands in it is wrong; one sentence for each mistake.
    #[error("{}", sentences.join("\n"))]
    Wrong {
        /// File, line, key, what is wrong, what to write.
        sentences: Vec<String>,
    },
}

/// The text of the file at `path`.
pub fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { path: path.into(), source })
}

/// The settings that `text` holds, once `judge` has no complaint about them. `origin` is what the sentences call the text, `whole` what they
/// call its outermost table.
pub fn parse<T: DeserializeOwned>(
    text: &str,
    origin: &str,
    whole: &str,
    judge: impl FnOnce(&T, &mut Complaints<'_>),
) -> Result<T, ConfigError> {
    let wrong = |sentence: String| ConfigError::Wrong { sentences: vec![format!("{origin} {sentence}")] };
    let table = DeTable::parse(text).map_err(|error| wrong(syntax_sentence(text, &error)))?;
    let deserializer = toml::de::Deserializer::from(table.clone());
    let settings: T = serde_path_to_error::deserialize(deserializer)
        .map_err(|error| wrong(value_sentence(text, whole, &error.path().to_string(), error.inner())))?;
    let mut complaints = Complaints { text, origin, table: table.get_ref(), sentences: Vec::new() };
    judge(&settings, &mut complaints);
    let sentences = complaints.sentences;
    if sentences.is_empty() { Ok(settings) } else { Err(ConfigError::Wrong { sentences }) }
}

/// What is wrong with values that each had the right type.
pub struct Complaints<'a> {
    text: &'a str,
    origin: &'a str,
    table: &'a DeTable<'a>,
    sentences: Vec<String>,
}

impl Complaints<'_> {
    /// Adds `sentence` with the line on which `path` stands.
    pub fn add(&mut self, path: &[&str], sentence: &str) {
        let line = line_of_key(self.text, self.table, path).map_or_else(String::new, |line| format!("line {line}: "));
        self.sentences.push(format!("{} {line}{} {sentence}", self.origin, path.join(".")));
    }
}

/// "did you mean …?" when something is near, else everything there is.
pub fn nearest_or_all(unknown: &str, known: &[&str]) -> String {
    let likeness = |word: &&&str| strsim::jaro_winkler(&unknown.to_lowercase(), word);
    let nearest = known.iter().max_by(|a, b| likeness(a).total_cmp(&likeness(b)));
    match nearest.filter(|word| likeness(word) > 0.7) {
        Some(word) => format!("did you mean {word:?}?"),
        None => format!("it knows {}.", quoted_list(known)),
    }
}

/// `"a", "b" or "c"`.
pub fn quoted_list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("{word:?}")).collect();
    match &*quoted {
        [most @ .., last] if !most.is_empty() => format!("{} or {last}", most.join(", ")),
        _ => quoted.concat(),
    }
}

fn line_of(text: &str, at: usize) -> usize {
    text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1
}

fn place(text: &str, error: &toml::de::Error) -> String {
    error.span().map_or_else(String::new, |span| format!("line {}: ", line_of(text, span.start)))
}

fn syntax_sentence(text: &str, error: &toml::de::Error) -> String {
    format!("{}this is not TOML: {}.", place(text, error), error.message().replace('\n', "; "))
}

/// Turns serde's complaint into a sentence. Its words stand in backquotes: the wrong one first, then those it knows.
fn value_sentence(text: &str, whole: &str, path: &str, error: &toml::de::Error) -> String {
    let message = error.message().trim_end();
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    let place = place(text, error);
    match (&*quoted, message) {
        ([unknown, known @ ..], message) if message.starts_with("unknown field") => {
            format!("{place}{}", unknown_key(whole, path, unknown, known))
        }
        ([unknown, known @ ..], message) if message.starts_with("unknown variant") => {
            format!("{place}{path} cannot be {unknown:?}; write {}.", quoted_list(known))
        }
        _ => format!("{place}{path}: {message}."),
    }
}

fn unknown_key(whole: &str, path: &str, unknown: &str, known: &[&str]) -> String {
    let table = path.strip_suffix(unknown).unwrap_or(path).trim_end_matches('.');
    let table = if table.is_empty() { whole.to_owned() } else { format!("[{table}]") };
    format!("{table} has no key {unknown:?}; {}", nearest_or_all(unknown, known))
}

fn line_of_key(text: &str, table: &DeTable, path: &[&str]) -> Option<usize> {
    let (first, rest) = path.split_first()?;
    let (key, value) = table.iter().find(|(key, _)| key.get_ref() == first)?;
    match (value.get_ref(), rest) {
        (_, []) => Some(line_of(text, key.span().start)),
        (DeValue::Table(inner), rest) => line_of_key(text, inner, rest),
        _ => None,
    }
}

/// Every key below `table`, with dots: what a test compares an example file with.
#[cfg(test)]
pub fn keys(prefix: &str, table: &toml::Table) -> std::collections::BTreeSet<String> {
    let path = |key: &str| if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") };
    let below = |(key, value): (&String, &toml::Value)| match value {
        toml::Value::Table(inner) => keys(&path(key), inner),
        _ => [path(key)].into(),
    };
    table.iter().flat_map(below).collect()
}

/// The lines of an example file that give a value and say nothing about it.
#[cfg(test)]
pub fn keys_without_comment(text: &str) -> Vec<&str> {
    let is_key = |line: &&str| line.contains(" = ") && !line.starts_with('#');
    text.lines().filter(is_key).filter(|line| !line.contains('#')).collect()
}
