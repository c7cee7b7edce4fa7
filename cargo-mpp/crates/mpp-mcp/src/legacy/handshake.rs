//! Opens a session with a server in the era that it speaks.
//!
//! A server of unknown era is asked `server/discover` first. Older servers refuse it and then accept `initialize`; some end, or do not
//! answer, and are started again.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use mpp_host::CancelHandle;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::connection::{Connection, NoResult, Request};
use crate::bridge::{Audience, Era, Level};

/// How long a server may take to answer `server/discover`. Some old servers do not answer what they do not know.
const DISCOVER: Duration = Duration::from_secs(10);

/// The version of the protocol that `initialize` asks for.
const INITIALIZE_VERSION: &str = "2025-11-25";

/// Most pages of a list.
const MOST_PAGES: usize = 1000;

/// Most tools of a server.
const MOST_TOOLS: usize = 5000;

/// Longest list of tools, in bytes.
const LONGEST_LIST: usize = 64 * 1024 * 1024;

/// How long the whole list may take at least, page after page.
const WHOLE_LIST: Duration = Duration::from_secs(60);

/// An open session.
pub(super) struct Session {
    pub(super) connection: Arc<Connection>,
    pub(super) era: Era,
    /// The name that the server gives to itself.
    pub(super) name: String,
    /// The version that the server claims.
    pub(super) version: String,
    /// How this client introduces itself.
    client: Value,
    /// Whether the server sends log messages when it is asked to, in versions before 2026-07-28.
    logs: bool,
    /// The log messages that the server was asked for.
    level: Mutex<Option<Level>>,
    last_token: AtomicU64,
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

impl NoSession {
    /// Returns whether the server may answer in the other era of the protocol.
    fn may_depend_on_era(&self) -> bool {
        match self {
            Self::Start(_) => false,
            Self::Request { failed, .. } => {
                !matches!(failed, NoResult::Unreachable(_) | NoResult::Status(300..=399 | 401 | 403 | 429, _))
            }
            Self::Protocol { .. } => true,
        }
    }
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
            Err(failed) => {
                connection.close();
                if !failed.may_depend_on_era() {
                    return Err(failed);
                }
                // The server may be a newer version now.
            }
        }
    }
    let connection = start()?;
    match discover(&connection, client, patience) {
        Ok(session) => return Ok(session),
        Err(failed) if !failed.may_depend_on_era() => {
            connection.close();
            return Err(failed);
        }
        Err(_) => {}
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
    connection.speaks(Some(Era::MODERN_VERSION));
    let mut session = Session::new(connection, Era::Modern, client);
    let params = format!("{{{}}}", session.meta(&Extras::default()));
    let result = ask(connection, "server/discover", &params, patience.min(DISCOVER))?;
    let speaks_it = result["supportedVersions"]
        .as_array()
        .is_some_and(|versions| versions.iter().any(|version| version == Era::MODERN_VERSION));
    if !speaks_it {
        return Err(protocol(connection, format!("does not speak version {}", Era::MODERN_VERSION)));
    }
    if result["capabilities"]["tools"]["listChanged"] == true {
        let meta = session.meta(&Extras::default());
        connection
            .listen("subscriptions/listen", &format!(r#"{{"notifications":{{"toolsListChanged":true}},{meta}}}"#));
    }
    let info = &result["_meta"]["io.modelcontextprotocol/serverInfo"];
    (session.name, session.version) = (text(&info["name"]), text(&info["version"]));
    Ok(session)
}

fn initialize(connection: &Arc<Connection>, client: &Value, patience: Duration) -> Result<Session, NoSession> {
    connection.speaks(None);
    let capabilities = json!({ "elicitation": {} });
    let params = json!({ "protocolVersion": INITIALIZE_VERSION, "capabilities": capabilities, "clientInfo": client });
    let result = ask(connection, "initialize", &params.to_string(), patience)?;
    let version = text(&result["protocolVersion"]);
    if version.is_empty() || Era::of_version(&version) == Era::Modern {
        return Err(protocol(connection, format!("answered `initialize` with the version `{version}`")));
    }
    connection.speaks(Some(&version));
    connection.notify("notifications/initialized", "{}");
    connection.opened();
    let mut session = Session::new(connection, Era::Legacy, client);
    let info = &result["serverInfo"];
    (session.name, session.version) = (text(&info["name"]), text(&info["version"]));
    session.logs = result["capabilities"]["logging"].is_object();
    Ok(session)
}

/// What a request says about its client, besides who it is.
#[derive(Default)]
struct Extras {
    level: Option<Level>,
    can_answer: bool,
    progress: Option<u64>,
}

impl Session {
    fn new(connection: &Arc<Connection>, era: Era, client: &Value) -> Self {
        Self {
            connection: Arc::clone(connection),
            era,
            name: String::new(),
            version: String::new(),
            client: client.clone(),
            logs: false,
            level: Mutex::default(),
            last_token: AtomicU64::new(0),
        }
    }

    /// Returns the member `_meta` of a request; empty if it says nothing.
    fn meta(&self, extras: &Extras) -> String {
        let mut meta = serde_json::Map::new();
        if self.era == Era::Modern {
            let capabilities = if extras.can_answer { json!({ "elicitation": {} }) } else { json!({}) };
            meta.insert("io.modelcontextprotocol/protocolVersion".to_owned(), Era::MODERN_VERSION.into());
            meta.insert("io.modelcontextprotocol/clientInfo".to_owned(), self.client.clone());
            meta.insert("io.modelcontextprotocol/clientCapabilities".to_owned(), capabilities);
            if let Some(level) = extras.level {
                meta.insert("io.modelcontextprotocol/logLevel".to_owned(), level.as_str().into());
            }
        }
        if let Some(token) = extras.progress {
            meta.insert("progressToken".to_owned(), token.into());
        }
        if meta.is_empty() { String::new() } else { format!(r#""_meta":{}"#, Value::Object(meta)) }
    }

    /// Returns the definitions of the server's tools, each as the text that it sent.
    pub(super) fn list(&self, patience: Duration) -> Result<Vec<Box<RawValue>>, NoSession> {
        #[derive(serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Page {
            tools: Vec<Box<RawValue>>,
            #[serde(default)]
            next_cursor: Option<String>,
        }
        let (mut tools, mut length) = (Vec::new(), 0);
        let mut cursor: Option<String> = None;
        let whole = patience.max(WHOLE_LIST);
        let until = Instant::now() + whole;
        let too_much = |what: String| protocol(&self.connection, format!("has a list of tools {what}"));
        for _ in 0..MOST_PAGES {
            let cursor_member = cursor.map(|cursor| format!(r#""cursor":{}"#, Value::String(cursor)));
            let members: Vec<String> = cursor_member.into_iter().chain([self.meta(&Extras::default())]).collect();
            let params = format!("{{{}}}", joined(&members));
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(too_much(format!("that takes longer than {} s", whole.as_secs())));
            }
            let page = match self.connection.request(Request::new("tools/list", &params, patience.min(left))) {
                // A server without tools need not know the method.
                Err(NoResult::Error { code: -32601, .. }) => return Ok(tools),
                other => other.map_err(|failed| request(&self.connection, "tools/list", failed))?,
            };
            length += page.len();
            let page: Page = serde_json::from_str(&page)
                .map_err(|error| protocol(&self.connection, format!("answered `tools/list` with no list: {error}")))?;
            tools.extend(page.tools);
            if tools.len() > MOST_TOOLS {
                return Err(too_much(format!("with more than {MOST_TOOLS} tools")));
            }
            if length > LONGEST_LIST {
                return Err(too_much(format!("that is longer than {} MiB", LONGEST_LIST / 1024 / 1024)));
            }
            cursor = page.next_cursor.filter(|cursor| !cursor.is_empty());
            if cursor.is_none() {
                return Ok(tools);
            }
        }
        Err(too_much(format!("with more than {MOST_PAGES} pages")))
    }

    /// Calls a tool. `more` are further members of the parameters, as JSON text.
    pub(super) fn call(&self, call: &Call<'_>, more: &[String]) -> Result<String, NoResult> {
        let Call { tool, arguments, audience, .. } = *call;
        let mut extras = Extras::default();
        if let Some(audience) = audience {
            extras.level = audience.level();
            extras.can_answer = audience.can_answer();
            extras.progress = audience.wants_progress().then(|| self.last_token.fetch_add(1, Ordering::Relaxed) + 1);
            self.log_from(audience.level());
        }
        let members = [format!(r#""name":{}"#, Value::from(tool)), format!(r#""arguments":{arguments}"#)];
        let members: Vec<String> =
            members.into_iter().chain(more.iter().cloned()).chain([self.meta(&extras)]).collect();
        let params = format!("{{{}}}", joined(&members));
        let request = Request::new("tools/call", &params, call.patience)
            .cancel(call.cancel)
            .tool(tool, call.headers.to_vec())
            .audience(audience, extras.progress);
        self.connection.request(request)
    }

    /// Asks the server for log messages from `level` on, if it does not send them yet. In version 2026-07-28, each request does.
    fn log_from(&self, level: Option<Level>) {
        let Some(level) = level.filter(|_| self.era == Era::Legacy && self.logs) else { return };
        let mut present = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        if present.is_none_or(|present| level < present) {
            *present = Some(level);
            self.connection.request_later("logging/setLevel", &format!(r#"{{"level":"{}"}}"#, level.as_str()));
        }
    }
}

/// A call of a tool.
#[derive(Clone, Copy)]
pub(super) struct Call<'a> {
    pub(super) tool: &'a str,
    /// A JSON object as text.
    pub(super) arguments: &'a str,
    pub(super) patience: Duration,
    pub(super) cancel: &'a CancelHandle,
    pub(super) audience: Option<&'a Audience>,
    /// Headers that repeat arguments.
    pub(super) headers: &'a [(String, String)],
}

/// Joins members of an object; empty ones are left out.
fn joined(members: &[String]) -> String {
    let members: Vec<&str> = members.iter().map(String::as_str).filter(|member| !member.is_empty()).collect();
    members.join(",")
}

fn ask(connection: &Connection, method: &'static str, params: &str, patience: Duration) -> Result<Value, NoSession> {
    let result = connection.request(Request::new(method, params, patience));
    let result = result.map_err(|failed| request(connection, method, failed))?;
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
