//! Captures: recordings of the messages between an MCP client and an MCP server.
//!
//! A [`Proxy`] passes on every byte between a client and a server and gives a copy to a [`Recorder`], which writes a file of JSON
//! lines. A [`Driver`] takes the place of the client and makes given calls. [`Capture`] reads the file, and
//! [`Capture::conversation`] joins requests with their responses.
//!
//! ```
//! use mpp_mcp::capture::Capture;
//!
//! let file = r#"{"capture":1,"started":"2026-01-01T00:00:00Z","transport":"stdio","command":["time-server"]}
//! {"at":100,"from":"client","message":{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"now"}}}
//! {"at":900,"from":"server","message":{"jsonrpc":"2.0","id":1,"result":{"content":[]}}}
//! {"at":950,"end":{"code":0}}
//! "#;
//! let conversation = Capture::parse(file.as_bytes())?.conversation();
//! assert_eq!(conversation.calls[0].tool, "now");
//! # Ok::<(), mpp_mcp::capture::CaptureError>(())
//! ```

mod calls;
mod conversation;
mod driver;
mod entry;
mod error;
mod http;
mod lines;
mod messages;
mod observe;
mod outbound;
mod process;
mod proxy;
mod read;
mod recorder;
mod redact;
mod tools;

pub use calls::{PlannedCall, PlannedCalls};
pub use conversation::{Answer, CapturedCall, Conversation, Oddity};
pub use driver::{DriveReport, Driver};
pub use entry::{
    Connection, End, Entry, FORMAT_VERSION, Header, HttpPart, Observed, Origin, StartedProgram, TransportKind,
};
pub use error::CaptureError;
pub use http::{HttpProxy, Target};
pub use observe::{observed_command, read_observed};
pub use outbound::OutboundProxy;
pub use process::Process;
pub use proxy::{Proxy, Streams};
pub use read::Capture;
pub use recorder::{Recorded, Recorder, Tap};
pub use redact::{Redactor, secret_parameters, secret_variables};
