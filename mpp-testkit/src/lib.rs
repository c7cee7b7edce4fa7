//! Unit tests for MPP tools: a plain `cargo test` builds, signs, verifies and runs the real package in process.
#![forbid(unsafe_code)]
