//! The SDK from outside: what compiles, what does not and how it is said, and what a tool answers.
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
mod tools;
