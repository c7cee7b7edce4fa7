//! Tests that run the program: transcripts, keys, invalid packages, calls, Ctrl-C.
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod approval;
mod arguments;
mod audit;
mod building;
mod calls;
mod caps;
mod cases;
mod compilers;
mod conformance;
#[cfg(feature = "registry-server")]
mod contradictions;
mod crashes;
mod denials;
mod documents;
#[cfg(feature = "registry-server")]
mod following;
mod interrupted_calls;
mod interrupts;
mod javascript;
mod keys;
mod kv;
mod languages;
mod moving;
mod network;
mod oci;
#[cfg(feature = "registry-server")]
mod operating;
#[cfg(feature = "registry-server")]
mod ownership;
mod packages;
mod ports;
mod projects;
mod recordings;
#[cfg(feature = "registry-server")]
mod registries;
#[cfg(feature = "registry-server")]
mod registry;
mod replacing;
mod round_trip;
mod serving;
mod support;
mod targets;
#[cfg(feature = "registry-server")]
mod tls;
mod transcripts;
mod trust;
