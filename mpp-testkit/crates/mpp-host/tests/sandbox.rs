//! The sandbox from outside: whole packages, verified, loaded, granted and called.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    reason = "the rules of clippy.toml are for the library; a test has a clock and an environment"
)]

#[path = "sandbox/answers.rs"]
mod answers;
#[path = "sandbox/audit.rs"]
mod audit;
#[path = "sandbox/bad_tools.rs"]
mod bad_tools;
#[path = "sandbox/blocked.rs"]
mod blocked;
#[path = "sandbox/cache.rs"]
mod cache;
#[path = "sandbox/cancelling.rs"]
mod cancelling;
#[path = "sandbox/components.rs"]
mod components;
#[path = "sandbox/decisions.rs"]
mod decisions;
#[path = "sandbox/describe.rs"]
mod describe;
#[path = "sandbox/escapes.rs"]
mod escapes;
#[path = "sandbox/files.rs"]
mod files;
#[path = "sandbox/fixture.rs"]
mod fixture;
#[path = "sandbox/grants.rs"]
mod grants;
#[path = "sandbox/header.rs"]
mod header;
#[path = "sandbox/kv.rs"]
mod kv;
#[path = "sandbox/kv_places.rs"]
mod kv_places;
#[path = "sandbox/kv_processes.rs"]
mod kv_processes;
#[path = "sandbox/kv_script.rs"]
mod kv_script;
#[path = "sandbox/kv_transactions.rs"]
mod kv_transactions;
#[path = "sandbox/kv_trouble.rs"]
mod kv_trouble;
#[path = "sandbox/network.rs"]
mod network;
#[path = "sandbox/ui.rs"]
mod ui;
#[path = "sandbox/used.rs"]
mod used;
