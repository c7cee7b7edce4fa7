//! Tests of the client against registries in memory.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

mod contradictions;
mod downloads;
mod guard;
mod identity;
mod reaching;
mod world;
