//! Sites: which of the library's sites a school is (rule E9).

use std::collections::{BTreeMap, BTreeSet};

/// What is known of a school's site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Site {
    /// The library's own code.
    Mapped(String),
    /// The school's people are out of scope.
    Ignored,
}

/// The mapping of a district.
#[derive(Debug, Clone, Default)]
pub struct Sites {
    map: BTreeMap<String, Site>,
    /// While the district has no patrons, a school's id is its site.
    automatic: bool,
    given: BTreeSet<String>,
}

impl Sites {
    /// From what is stored; `automatic` where the district has no patrons yet.
    pub fn new(map: BTreeMap<String, Site>, automatic: bool) -> Self {
        Self { map, automatic, given: BTreeSet::new() }
    }

    /// The site of `school`; `None` where someone must map it first.
    pub fn of(&mut self, school: &str) -> Option<Site> {
        let known = self.map.get(school).cloned();
        let given = || Site::Mapped(school.to_owned());
        if known.is_none() && self.automatic && !school.is_empty() {
            self.given.insert(school.to_owned());
            return Some(given());
        }
        known
    }

    /// Schools that were given their own id as site, to be remembered.
    pub fn given(&self) -> impl Iterator<Item = &str> {
        self.given.iter().map(String::as_str)
    }
}
