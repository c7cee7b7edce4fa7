//! The testkit from outside, on real packages: what a tool's own tests see, and what they are told.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

mod assertions;
mod book;
mod definitions;
mod everywhere;
mod faults;
mod files;
mod fixtures;
mod http;
mod kv;
mod mistakes;
mod native;
mod properties;
mod record;
mod replay;
#[cfg(unix)]
mod runs;
mod tamper;
mod worlds;
