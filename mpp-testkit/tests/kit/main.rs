//! The testkit from outside: what a tool's own tests see.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod native;
mod support;
mod worlds;
