//! The testkit from outside: what it says of tools that do well, and of those that do not.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod support;

mod assertions;
mod definitions;
mod mistakes;
mod properties;
mod replay;
mod tamper;
