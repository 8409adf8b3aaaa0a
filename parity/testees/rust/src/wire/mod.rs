//! Reads and writes JSON whose rules differ between generations of clients ("dialects").

mod codec;
mod json;
mod macros;
mod rule;
pub mod time;

pub use codec::{Bytes, Slot, Wire};
pub use json::{describe, parse};
pub use rule::{Presence, Rule, Unknown};
pub use time::Timestamp;

use std::fmt;

/// What a writer does with a field that was never set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Unset {
    Omit,
    /// Its default is written, if it has one.
    Default,
    /// Null is written where the field may be null, else its default.
    Null,
}

/// One generation of clients.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dialect {
    pub name: &'static str,
    pub unset: Unset,
    pub write_null: bool,
    pub write_literals: bool,
}

/// A field that can be missing or null.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Opt<T> {
    #[default]
    Missing,
    Null,
    Value(T),
}

/// Tells where a JSON text breaks which rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    pub path: String,
    pub reason: String,
}

impl Error {
    pub fn new(path: impl Into<String>, reason: impl Into<String>) -> Self {
        Self { path: path.into(), reason: reason.into() }
    }

    pub fn expected(path: &str, expected: &str, got: &serde_json::Value) -> Self {
        Self::new(path, format!("expected {expected}, got {}", describe(got)))
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path, self.reason)
    }
}

impl std::error::Error for Error {}

/// Reads one JSON text of a dialect.
pub fn from_slice<T: Wire>(data: &[u8], dialect: &Dialect) -> Result<T, Error> {
    T::decode("$", &parse(data)?, dialect)
}
