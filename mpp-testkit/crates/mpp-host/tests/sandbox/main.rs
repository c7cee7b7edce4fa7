//! The public API of the sandbox: whole packages are verified, loaded, granted and called.
#![allow(clippy::disallowed_methods, reason = "the rules of clippy.toml are for the library")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod agreement;
mod answers;
mod audit;
mod bad_tools;
mod blocked;
mod both;
mod cache;
mod cancelling;
mod components;
mod decisions;
mod denials;
mod describe;
mod effects;
mod escapes;
mod files;
mod fixture;
mod grants;
mod header;
mod kv;
mod kv_places;
mod kv_processes;
mod kv_script;
mod kv_transactions;
mod kv_trouble;
mod network;
mod releases;
mod ui;
mod used;
