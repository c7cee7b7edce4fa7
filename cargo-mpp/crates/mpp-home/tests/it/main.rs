//! The home directory and the launcher, through their public API.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod files;
mod front_end;
mod machine_paths;
mod mapping;
mod support;
