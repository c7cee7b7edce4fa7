//! From the tools of an MCP server to a package that continues it.
//!
//! [`Original`] is what the server says about its tools, [`Port`] what a package makes of it: for each tool a function with typed
//! parameters in the [`Language`] of the port, and the schemas of the original, which the package publishes. A port accepts and refuses
//! the same arguments as the original, except where [`PortedTool`] says otherwise.

mod capture;
mod clean;
mod command_line;
mod document;
mod enforce;
mod error;
mod guess;
mod input;
mod language;
pub mod names;
mod original;
mod output;
mod port;
mod publish;
mod python;
mod remote;
mod report;
mod rust;
mod script;
mod server;
mod shape;
mod simplify;
mod tool;
mod writer;

pub use crate::visible::visible;
pub use error::ScaffoldError;
pub use guess::{Access, Guess};
pub use language::Language;
pub use original::{Original, OriginalTool};
pub use port::Port;
pub use remote::RemoteServer;
pub use report::{Change, Note, Reason};
pub use server::ServerCommand;
pub use tool::PortedTool;

#[cfg(test)]
mod tests;
