//! The test kit, tested as its users use it: on real packages, and on the words of its failures.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod faults;
mod files;
mod fixtures;
mod http;
mod kv;
mod record;
mod support;
