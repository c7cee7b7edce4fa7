//! The public API of the Gatekeeper: which packages pass, which are refused, and with which code.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails")]

mod sample;

mod keys;
mod known;
mod manifest;
mod mutations;
mod properties;
mod round_trip;
mod signatures;
mod trust;
mod zip_reader;
