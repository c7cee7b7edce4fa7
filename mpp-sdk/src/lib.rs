//! What a tool links to become an MPP package.
//!
//! A tool is a function with a comment. Its arguments are plain Rust; what it needs to know about them, the macro reads
//! from the signature:
//!
//! ```
//! /// A customer as the address book knows them.
//! #[mpp_sdk::data]
//! struct Customer {
//!     name: String,
//!     company: String,
//! }
//!
//! /// Look up customers by name.
//! #[mpp_sdk::tool(read_only, security_level = "medium")]
//! fn lookup(
//!     /// A name, or the beginning of one.
//!     query: &str,
//!     /// How many at most.
//!     #[arg(default = 10, range = 1..=100)]
//!     limit: usize,
//! ) -> Result<Vec<Customer>, mpp_sdk::Error> {
//!     let book = [Customer { name: "Ada".into(), company: "Engines".into() }];
//!     let found: Vec<_> = book.into_iter().filter(|c| c.name.starts_with(query)).take(limit).collect();
//!     if found.is_empty() { Err(mpp_sdk::Error::new("not_found", "nobody of this name")) } else { Ok(found) }
//! }
//!
//! fn main() {
//!     mpp_sdk::serve()
//! }
//! ```
//!
//! In `Cargo.toml` the crate is usually renamed: `mpp = { package = "mpp-sdk", version = "0.1" }`; then it is
//! `#[mpp::tool]` and `mpp::serve()`.
//!
//! What a function returns decides how the result travels: [`output`] has the table. Errors: [`Error`] and
//! [`derive(ToolError)`](crate::ToolError). People who want to dispatch by themselves use [`tool_handler`].
//!
//! What a tool may ask of its host, where its manifest declares it: [`http`], [`kv`], [`env`], [`path`]; and without that:
//! [`time`], [`random`].
//!
//! stdout belongs to the answer: write your log with [`log!`]. A `println!` in a tool spoils the answer.
//!
//! Without the feature `tool` only [`wire`] is left, which is what a host needs.
#![deny(unsafe_code)]

// Generated code says `::mpp_sdk`, here too.
#[allow(unused_extern_crates, reason = "used by what the macros generate in tests and examples")]
extern crate self as mpp_sdk;

pub mod wire;

#[cfg(feature = "tool")]
#[doc(hidden)]
pub mod abi;
#[cfg(feature = "tool")]
mod arguments;
#[cfg(feature = "tool")]
mod caps;
#[cfg(feature = "tool")]
mod definition;
#[cfg(feature = "tool")]
mod error;
#[cfg(feature = "tool")]
mod handler;
#[cfg(feature = "tool")]
mod media;
#[cfg(feature = "tool")]
pub mod output;
#[cfg(feature = "tool")]
#[doc(hidden)]
pub mod private;
#[cfg(feature = "tool")]
mod registry;
#[cfg(feature = "tool")]
mod request;

#[cfg(feature = "tool")]
pub use crate::{
    caps::{env, http, kv, path, random, time},
    error::Error,
    handler::{serve, serve_tools, tool_handler},
    media::{Audio, Image},
    registry::ToolSet,
    request::{ToolRequest, ToolResponse},
    wire::{CallToolResult, Content},
};
#[cfg(feature = "tool")]
pub use mpp_macros::{ToolError, data, tool, tools};
#[cfg(feature = "tool")]
#[doc(no_inline)]
pub use {schemars, serde, serde_json};
