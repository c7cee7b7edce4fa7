//! Tests of the bridge through its transports, with real sandboxes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods,
    clippy::exit,
    clippy::print_stderr,
    reason = "a test stops at the first surprise, and one of its processes is a fake server"
)]

mod approval;
mod bad_input;
mod calls;
mod client;
mod fake;
mod http;
mod legacy;
mod replacing;
mod support;
mod web;
