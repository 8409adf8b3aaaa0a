//! The messages of the Tinker API.

pub mod auth;
pub mod catalogue;
pub mod checkpoint;
pub mod future;
pub mod input;
pub mod model;
pub mod optimizer;
pub mod sampling;
pub mod server;
pub mod session;
pub mod telemetry;
pub mod training;
pub mod training_run;
pub mod weights;

use crate::wire::{Dialect, Unset};

pub const V041: Dialect = Dialect { name: "tinker-0.4.1", unset: Unset::Omit, write_null: true, write_literals: false };
pub const V038: Dialect =
    Dialect { name: "tinker-0.38", unset: Unset::Default, write_null: false, write_literals: true };
pub const TINKEX: Dialect = Dialect { name: "tinkex", unset: Unset::Null, write_null: true, write_literals: true };

/// The generations of clients.
pub const DIALECTS: [Dialect; 3] = [V041, V038, TINKEX];

/// For fields that only some generations have.
const ONLY_038: &[&str] = &[V038.name];
const ONLY_TINKEX: &[&str] = &[TINKEX.name];
const NOT_038: &[&str] = &[V041.name, TINKEX.name];
const NOT_041: &[&str] = &[V038.name, TINKEX.name];
const NOT_TINKEX: &[&str] = &[V041.name, V038.name];
