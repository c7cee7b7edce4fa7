//! Tests of the bridge through its transports, with real sandboxes.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod approval;
mod bad_input;
mod calls;
mod client;
mod fake;
mod http;
mod legacy;
mod support;
