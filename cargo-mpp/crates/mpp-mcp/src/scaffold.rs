//! From the tools of an MCP server to a package that continues it.
//!
//! [`Original`] is what the server says about its tools, [`Port`] what a package makes of it: for each tool a function with typed
//! parameters, and the schemas of the original, which the package publishes. A port accepts and refuses the same arguments as the
//! original, except where [`PortedTool`] says otherwise.

mod capture;
mod clean;
mod command_line;
mod docs;
mod document;
mod enforce;
mod error;
mod guess;
mod input;
pub mod names;
mod original;
mod output;
mod port;
mod publish;
mod remote;
mod report;
mod rust;
mod server;
mod shape;
mod simplify;
mod tool;
mod types;
mod visible;

pub use error::ScaffoldError;
pub use guess::{Access, Guess};
pub use original::{Original, OriginalTool};
pub use port::Port;
pub use remote::RemoteServer;
pub use report::{Change, Note, Reason};
pub use server::ServerCommand;
pub use tool::PortedTool;
pub use visible::visible;

#[cfg(test)]
mod tests;
