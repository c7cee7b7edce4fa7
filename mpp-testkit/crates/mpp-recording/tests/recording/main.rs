//! Tests of the public API, as a front end uses it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(clippy::disallowed_methods, reason = "a test writes the fixtures that it reads")]

mod codes;
mod faults;
mod mocks;
