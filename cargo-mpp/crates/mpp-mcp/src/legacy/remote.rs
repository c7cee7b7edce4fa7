//! Lists the tools of a server that is reached over HTTP, once and without a home directory.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use serde_json::value::RawValue;

use super::connection::{Connection, End, NoResult, Observer};
use super::errors::reason;
use super::handshake::{self, NoSession};
use super::reach::{Endpoint, Reach};

/// A server as it describes itself.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) name: String,
    pub(crate) version: String,
    /// The definitions of its tools, as it sent them.
    pub(crate) tools: Vec<Box<RawValue>>,
}

/// Why a server has not listed its tools.
#[derive(Debug)]
pub(crate) enum Unlisted {
    /// No request can be sent.
    Connect(io::Error),
    /// The server did not answer in time.
    Silent(&'static str),
    /// The server cannot be reached: the end of a sentence about it.
    Unreachable(String),
    /// The server answers with an HTTP status other than success: the end of a sentence about it.
    Status(String),
    /// The server answered a method with a JSON-RPC error.
    Refused(&'static str, i64, String),
    /// The server does not answer as the protocol says: the end of a sentence about it.
    Protocol(String),
}

/// Connects to a server and lists its tools. `client` is how the client introduces itself.
pub(crate) fn list(endpoint: &Endpoint, client: &Value, patience: Duration) -> Result<Listed, Unlisted> {
    let reach = Reach::Url(endpoint.clone());
    let open = || Connection::open(&reach, Box::new(Nobody));
    let failed = |failed: NoSession| match failed {
        NoSession::Start(source) => Unlisted::Connect(source),
        NoSession::Protocol { reason, .. } => Unlisted::Protocol(reason),
        NoSession::Request { method, failed, .. } => match failed {
            NoResult::TimedOut => Unlisted::Silent(method),
            NoResult::Unreachable(what) => Unlisted::Unreachable(what),
            NoResult::Error { code, message } => Unlisted::Refused(method, code, message),
            NoResult::Status(..) => Unlisted::Status(reason(method, &failed, patience)),
            other => Unlisted::Protocol(reason(method, &other, patience)),
        },
    };
    let session = handshake::session(&open, None, client, patience).map_err(failed)?;
    let listed = session.list(patience);
    session.connection.close();
    Ok(Listed { tools: listed.map_err(failed)?, name: session.name, version: session.version })
}

/// Is told nothing, because there are no calls.
struct Nobody;

impl Observer for Nobody {
    fn fault(&self, _: &'static str) {}

    fn notified(&self, _: &Arc<Connection>, _: &str) {}

    fn ended(&self, _: &End) {}

    fn server(&self) -> String {
        String::new()
    }

    fn text(&self, _: &str) -> String {
        String::new()
    }

    fn message(&self, _: &RawValue) -> Box<RawValue> {
        RawValue::NULL.to_owned()
    }
}
