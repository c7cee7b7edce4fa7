//! Tests of the public API on real packages: results, and the messages of failed assertions.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

mod assertions;
mod author_mistakes;
mod book;
mod both_modes;
mod clock_and_seed;
mod definitions;
mod faults;
mod files;
mod fixtures;
mod http;
mod kv;
mod native;
mod properties;
mod record;
mod replay;
mod sandbox_reference;
mod tamper;
#[cfg(unix)]
mod test_processes;
