//! Capabilities that a tool's manifest declares, and time, randomness and the log.

pub mod http;
pub mod kv;
mod log;
pub mod random;
pub mod time;
mod world;

pub use world::{env, path};
