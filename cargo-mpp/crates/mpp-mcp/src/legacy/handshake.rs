//! Opens a session with a server in the era that it speaks.
//!
//! A server of unknown era is asked `server/discover` first. Older servers refuse it and then accept `initialize`; some end, or do not
//! answer, and are started again.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::connection::{Connection, NoResult};
use crate::bridge::Era;

/// How long a server may take to answer `server/discover`. Some old servers do not answer what they do not know.
const DISCOVER: Duration = Duration::from_secs(10);

/// The version of the protocol that `initialize` asks for.
const INITIALIZE_VERSION: &str = "2025-11-25";

/// Most pages of a list.
const MOST_PAGES: usize = 1000;

/// An open session.
pub(super) struct Session {
    pub(super) connection: Arc<Connection>,
    pub(super) era: Era,
    /// The version that the server claims.
    pub(super) version: String,
    /// The `_meta` member of each request, with a comma before it; empty in older versions.
    meta: String,
}

/// Why there is no session.
pub(super) enum NoSession {
    Start(io::Error),
    /// The request that failed, and the last words of the server.
    Request {
        method: &'static str,
        failed: NoResult,
        stderr: String,
    },
    /// The server answered, but not as the protocol says.
    Protocol {
        reason: String,
        stderr: String,
    },
}

/// Opens a session. `initializes` is what is remembered of the server; `open` starts it.
pub(super) fn session(
    open: &dyn Fn() -> io::Result<Arc<Connection>>,
    initializes: Option<bool>,
    client: &Value,
    patience: Duration,
) -> Result<Session, NoSession> {
    let start = || open().map_err(NoSession::Start);
    if initializes == Some(true) {
        let connection = start()?;
        match initialize(&connection, client, patience) {
            Ok(session) => return Ok(session),
            // The server may be a newer version now.
            Err(_) => drop(connection.close()),
        }
    }
    let connection = start()?;
    if let Ok(session) = discover(&connection, client, patience) {
        return Ok(session);
    }
    if !connection.has_ended()
        && let Ok(session) = initialize(&connection, client, patience)
    {
        return Ok(session);
    }
    // The question itself may have ended the server, or made it refuse the other era.
    connection.close();
    let connection = start()?;
    initialize(&connection, client, patience).inspect_err(|_| drop(connection.close()))
}

fn discover(connection: &Arc<Connection>, client: &Value, patience: Duration) -> Result<Session, NoSession> {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": Era::MODERN_VERSION,
        "io.modelcontextprotocol/clientInfo": client,
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let params = json!({ "_meta": meta }).to_string();
    let result = ask(connection, "server/discover", &params, patience.min(DISCOVER))?;
    let speaks_it = result["supportedVersions"]
        .as_array()
        .is_some_and(|versions| versions.iter().any(|version| version == Era::MODERN_VERSION));
    if !speaks_it {
        return Err(protocol(connection, format!("does not speak version {}", Era::MODERN_VERSION)));
    }
    let meta = format!(r#","_meta":{meta}"#);
    if result["capabilities"]["tools"]["listChanged"] == true {
        let params = format!(r#"{{"notifications":{{"toolsListChanged":true}}{meta}}}"#);
        connection.ask("subscriptions/listen", &params);
    }
    let version = text(&result["_meta"]["io.modelcontextprotocol/serverInfo"]["version"]);
    Ok(Session { connection: Arc::clone(connection), era: Era::Modern, version, meta })
}

fn initialize(connection: &Arc<Connection>, client: &Value, patience: Duration) -> Result<Session, NoSession> {
    let params = json!({ "protocolVersion": INITIALIZE_VERSION, "capabilities": {}, "clientInfo": client });
    let result = ask(connection, "initialize", &params.to_string(), patience)?;
    let version = text(&result["protocolVersion"]);
    if version.is_empty() || Era::of_version(&version) == Era::Modern {
        return Err(protocol(connection, format!("answered `initialize` with the version `{version}`")));
    }
    connection.notify("notifications/initialized", "{}");
    let version = text(&result["serverInfo"]["version"]);
    Ok(Session { connection: Arc::clone(connection), era: Era::Legacy, version, meta: String::new() })
}

impl Session {
    /// Returns the definitions of the server's tools, each as the text that it sent.
    pub(super) fn list(&self, patience: Duration) -> Result<Vec<Box<RawValue>>, NoSession> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Page {
            tools: Vec<Box<RawValue>>,
            #[serde(default)]
            next_cursor: Option<String>,
        }
        let mut tools = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..MOST_PAGES {
            let start = cursor.map(|cursor| format!(r#""cursor":{}"#, Value::String(cursor))).unwrap_or_default();
            let meta = if start.is_empty() { self.meta.trim_start_matches(',') } else { &self.meta };
            let params = format!("{{{start}{meta}}}");
            let page = match self.connection.request("tools/list", &params, patience, None) {
                // A server without tools need not know the method.
                Err(NoResult::Error { code: -32601, .. }) => return Ok(tools),
                other => other.map_err(|failed| request(&self.connection, "tools/list", failed))?,
            };
            let page: Page = serde_json::from_str(&page)
                .map_err(|error| protocol(&self.connection, format!("answered `tools/list` with no list: {error}")))?;
            tools.extend(page.tools);
            cursor = page.next_cursor.filter(|cursor| !cursor.is_empty());
            if cursor.is_none() {
                return Ok(tools);
            }
        }
        Err(protocol(&self.connection, format!("has a list of tools with more than {MOST_PAGES} pages")))
    }

    /// Returns the parameters of a call.
    pub(super) fn call_params(&self, tool: &str, arguments: &str) -> String {
        format!(r#"{{"name":{},"arguments":{arguments}{}}}"#, Value::from(tool), self.meta)
    }
}

fn ask(connection: &Connection, method: &'static str, params: &str, patience: Duration) -> Result<Value, NoSession> {
    let result =
        connection.request(method, params, patience, None).map_err(|failed| request(connection, method, failed))?;
    serde_json::from_str(&result)
        .map_err(|error| protocol(connection, format!("answered `{method}` unreadably: {error}")))
}

fn request(connection: &Connection, method: &'static str, failed: NoResult) -> NoSession {
    NoSession::Request { method, failed, stderr: connection.stderr() }
}

fn protocol(connection: &Connection, reason: String) -> NoSession {
    NoSession::Protocol { reason, stderr: connection.stderr() }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().chars().take(64).collect()
}
