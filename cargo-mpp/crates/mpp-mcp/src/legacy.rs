//! MCP servers outside the sandbox, whose tools are published beside those of packages.
//!
//! [`LegacyServer`] owns one server: it starts the process or reaches the URL, speaks the protocol of its era, compares the definitions
//! of its tools with those that a person accepted, and passes calls on through the gate of the host, which decides, filters and records.
//! What the server says during a call (progress, log messages, questions to a person) goes to the client that called.
//!
//! The client is our own and small: requests by id, with the result as the text that the server sent. The types of a protocol library
//! would lose numbers with many digits, members that they do not know, and a whole list of tools because of a single bad one.
//!
//! A server has a process group of its own, so that programs which it starts end with it. The kernel's signal for children whose parent
//! has died needs unsafe code to set, so it is not used: a server whose parent is killed sees the end of its input.

mod connection;
mod definition;
mod errors;
mod events;
mod handshake;
mod message;
mod pins;
mod process;
mod reach;
mod remote;
mod server;
mod tools;

pub use errors::LegacyError;
pub use events::{Changed, Event, Events};
pub use pins::Accepted;
pub use reach::{Endpoint, Launch, Reach};
pub(crate) use remote::{Unlisted, list};
pub use server::{LegacyServer, ServerParts};
