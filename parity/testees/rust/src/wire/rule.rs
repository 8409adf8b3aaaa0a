//! What missing and null mean for a field, by dialect.

use serde_json::Value;

use super::{Dialect, Unset};

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Presence {
    /// A value.
    Always,
    /// A value or null.
    Null,
    /// A value or missing.
    Omit,
    /// A value, null or missing.
    OmitOrNull,
}

/// What happens to keys that a message does not have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unknown {
    Forbid,
    Ignore,
}

/// The rules of one field.
#[derive(Clone, Debug)]
pub struct Rule {
    presence: Presence,
    per: Vec<(&'static str, Presence)>,
    only: &'static [&'static str],
    default: Option<&'static str>,
    default_in: Option<&'static str>,
}

impl Rule {
    pub const fn new(presence: Presence) -> Self {
        Self { presence, per: Vec::new(), only: &[], default: None, default_in: None }
    }

    /// Another presence in one dialect.
    pub fn per(mut self, dialect: &'static str, presence: Presence) -> Self {
        self.per.push((dialect, presence));
        self
    }

    /// Only these dialects have the field.
    pub fn only(mut self, dialects: &'static [&'static str]) -> Self {
        self.only = dialects;
        self
    }

    /// What missing stands for, as JSON text.
    pub fn or(mut self, json: &'static str) -> Self {
        self.default = Some(json);
        self
    }

    /// What missing stands for in one dialect; the others have no default.
    pub fn or_in(mut self, dialect: &'static str, json: &'static str) -> Self {
        self.default_in = Some(dialect);
        self.or(json)
    }

    pub fn is_in(&self, dialect: &Dialect) -> bool {
        self.only.is_empty() || self.only.contains(&dialect.name)
    }

    fn presence(&self, dialect: &Dialect) -> Presence {
        self.per.iter().find(|(name, _)| *name == dialect.name).map_or(self.presence, |(_, presence)| *presence)
    }

    pub fn nullable(&self, dialect: &Dialect) -> bool {
        matches!(self.presence(dialect), Presence::Null | Presence::OmitOrNull)
    }

    pub fn required(&self, dialect: &Dialect) -> bool {
        matches!(self.presence(dialect), Presence::Always | Presence::Null) && self.default(dialect).is_none()
    }

    fn default(&self, dialect: &Dialect) -> Option<&'static str> {
        self.default.filter(|_| self.default_in.is_none_or(|name| name == dialect.name))
    }

    /// What is written for a field that was never set; None for nothing.
    pub fn when_unset(&self, dialect: &Dialect) -> Option<Value> {
        let default = self.default(dialect).map(|json| serde_json::from_str(json).expect("the default is JSON"));
        match (dialect.unset, default) {
            (Unset::Omit, _) => None,
            (Unset::Null, _) if self.nullable(dialect) => self.when_null(dialect),
            (_, Some(Value::Null)) => self.when_null(dialect),
            (_, default) => default,
        }
    }

    /// What is written for null.
    pub fn when_null(&self, dialect: &Dialect) -> Option<Value> {
        dialect.write_null.then_some(Value::Null)
    }
}
