//! Write tools for AI agents as Rust functions, and serve them from an MPP package.
//!
//! A tool is a function with a doc comment. The [`tool`] macro derives its definition (name, description, JSON Schema
//! of its arguments and its result) from the signature, and [`serve`] answers the host's request:
//!
//! ```
//! /// A customer in the address book.
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
//!     /// Maximum number of customers to return.
//!     #[arg(default = 10, range = 1..=100)]
//!     limit: usize,
//! ) -> Result<Vec<Customer>, mpp_sdk::Error> {
//!     let book = [Customer { name: "Ada".into(), company: "Engines".into() }];
//!     let found: Vec<_> = book.into_iter().filter(|c| c.name.starts_with(query)).take(limit).collect();
//!     if found.is_empty() { Err(mpp_sdk::Error::new("not_found", "no customer has this name")) } else { Ok(found) }
//! }
//!
//! fn main() {
//!     mpp_sdk::serve()
//! }
//! ```
//!
//! `Cargo.toml` usually renames the crate, so that tools say `#[mpp::tool]` and `mpp::serve()`:
//!
//! ```toml
//! [dependencies]
//! mpp = { package = "mpp-sdk", version = "0.1" }
//! ```
//!
//! # Where to look
//!
//! | topic | items |
//! |---|---|
//! | arguments and results | [`tool`], [`data`], [`output`], [`Content`], [`Image`], [`Audio`] |
//! | errors | [`Error`], [`derive(ToolError)`](macro@ToolError) |
//! | capabilities that the manifest declares | [`http`], [`kv`], [`env`](fn@env), [`path`](fn@path) |
//! | time and randomness | [`time`], [`random`] |
//! | log | [`log!`] |
//! | dispatching by hand | [`tool_handler`] |
//! | messages between tool and host | [`wire`] |
//!
//! A tool writes to its log with [`log!`], `eprintln!` or `println!`. Its stdout carries the response, and only the SDK writes there.
//!
//! # Features
//!
//! | feature | default | effect |
//! |---|---|---|
//! | `tool` | yes | everything that a tool needs; without it the crate is only [`wire`], which is what a host uses |
//! | `anyhow` | no | converts `anyhow::Error` into [`Error`], so that `?` works on it in a tool |
//! | `arrayvec`, `bigdecimal`, `bytes`, `chrono`, `either`, `indexmap`, `jiff`, `rust_decimal`, `semver`, `smallvec`, `smol_str`, `url`, `uuid` | no | JSON Schemas for the types of the crate with this name, so that they can be arguments and results |
#![deny(unsafe_code)]
#![warn(missing_debug_implementations)]

// Generated code names `::mpp_sdk`, in this crate too.
#[allow(unused_extern_crates, reason = "used by generated code in tests and examples")]
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
mod causes;
#[cfg(feature = "tool")]
mod definition;
#[cfg(feature = "tool")]
mod error;
#[cfg(feature = "tool")]
mod failure;
#[cfg(feature = "tool")]
mod finite;
#[cfg(feature = "tool")]
mod handler;
#[cfg(feature = "tool")]
mod media;
#[cfg(feature = "tool")]
mod open;
#[cfg(feature = "tool")]
pub mod output;
#[cfg(feature = "tool")]
mod parameter;
#[cfg(feature = "tool")]
mod pointer;
#[cfg(feature = "tool")]
#[doc(hidden)]
pub mod private;
#[cfg(feature = "tool")]
mod registry;
#[cfg(feature = "tool")]
mod request;

pub use crate::wire::{
    Annotations, AudioContent, CallToolResult, Content, EmbeddedResource, Icon, ImageContent, ResourceBody,
    ResourceContents, ResourceLink, Role, TextContent,
};
#[cfg(feature = "tool")]
pub use crate::{
    caps::{env, http, kv, path, random, time},
    error::Error,
    handler::{serve, serve_tools, tool_handler},
    media::{Audio, Image},
    registry::ToolSet,
    request::{ToolRequest, ToolResponse},
};
#[cfg(feature = "tool")]
pub use mpp_macros::{ToolError, data, tool, tools};
#[doc(no_inline)]
pub use serde_json;
#[cfg(feature = "tool")]
#[doc(no_inline)]
pub use {schemars, serde};

/// Runs the examples in the documentation of the macros, whose own crate does not depend on this one. `pages` is a link to
/// that crate; `cargo package` replaces it with the files.
#[cfg(all(doctest, feature = "tool"))]
mod macro_examples {
    #[doc = include_str!("../pages/tool.md")]
    struct Tool;
    #[doc = include_str!("../pages/data.md")]
    struct Data;
    #[doc = include_str!("../pages/tool_error.md")]
    struct ToolError;
    #[doc = include_str!("../pages/tools.md")]
    struct Tools;
}
