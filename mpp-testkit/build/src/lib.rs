//! From a tool's source to package bytes, for `cargo mpp build` and for `mpp-testkit` alike.
//!
//! Prints nothing: progress is events.
#![forbid(unsafe_code)]
