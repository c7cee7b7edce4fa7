//! Captures of servers in several states of health.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod driven;
mod http;
mod outbound;
mod proxied;
mod support;
