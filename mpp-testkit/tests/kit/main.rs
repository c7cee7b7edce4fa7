//! The testkit from outside: what a tool's own tests see, and what they are told.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

mod assertions;
mod definitions;
mod mistakes;
mod native;
mod properties;
mod replay;
mod tamper;
mod worlds;
