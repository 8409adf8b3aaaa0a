//! A client of the Tinker API, its messages, and the JSON that three generations of clients make of them.

pub mod client;
pub mod tinker;
pub mod wire;
