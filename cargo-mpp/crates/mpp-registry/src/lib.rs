//! The registry of MPP packages: its transparency log, server, client, search and pages.
//!
//! | feature | contents |
//! |---|---|
//! | none | the protocol, the verification of logs, the client, and the monitor |
//! | `server` | storage, the log's writer, the API, search, pages, witnesses and mirrors |
//! | `oci` | packages in any OCI registry |
//! | `schema` | JSON Schemas of the types that reports of front ends contain |
//!
//! The library does not print, exit the process, or read environment variables: the front end passes them in.
#![warn(missing_debug_implementations)]

// The sample of the example `pages` is part of the tests.
#[cfg(test)]
extern crate self as mpp_registry;

pub mod client;
pub mod codes;
pub mod log;
#[cfg(feature = "server")]
pub mod mirror;
pub mod monitor;
pub mod note;
#[cfg(feature = "oci")]
pub mod oci;
#[cfg(feature = "server")]
pub mod pages;
pub mod protocol;
mod sealed;
#[cfg(feature = "server")]
pub mod search;
#[cfg(feature = "server")]
pub mod server;
mod shards;
pub mod state;
#[cfg(feature = "server")]
pub mod store;
pub mod upstream;
#[cfg(feature = "server")]
pub mod witness;
