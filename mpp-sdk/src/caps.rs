//! What a tool may ask of its host, where its manifest declares it.

pub mod http;
pub mod kv;
mod log;
pub mod random;
pub mod time;
mod world;

pub use world::{env, path};
