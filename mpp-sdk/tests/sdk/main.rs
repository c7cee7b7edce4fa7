//! The public API of the SDK: what compiles, which errors the compiler reports, and how a tool responds.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod api;
mod arguments;
mod by_hand;
mod compile;
mod definitions;
mod dependencies;
mod header;
mod http;
mod kv;
mod requests;
mod results;
mod schema_files;
mod tools;
