//! The client: what it decides, and what it sends to a server that answers as it is told.

mod decisions;
mod server;
mod traffic;
