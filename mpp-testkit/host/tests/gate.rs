//! The Gatekeeper from outside: what passes, what is refused, and with which code.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "gate/round_trip.rs"]
mod round_trip;
#[path = "gate/sample.rs"]
mod sample;
