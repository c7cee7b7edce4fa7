//! Tests of the public API, as a front end uses it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod faults;
mod mocks;
