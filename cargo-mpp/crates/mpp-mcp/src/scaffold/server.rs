//! Asks a running MCP server for its tools: starts it, lists, and ends it.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::time::Duration;

use mpp_recording::RecordedCalls;
use serde_json::{Value, json};

use super::error::ScaffoldError;
use super::original::Original;
use super::output::{Event, Output};
use crate::visible::visible;

/// The time that a server gets for each answer. The first can include the download of the server itself.
const PATIENCE: Duration = Duration::from_secs(120);
/// The time that a server gets to end after its stdin was closed, and again after it was asked to end.
const FAREWELL: Duration = Duration::from_secs(1);
/// How often the end of the process is looked for.
const STEP: Duration = Duration::from_millis(20);
/// Most pages of a list.
const PAGES: usize = 1_000;
/// Most bytes of one line that an error shows.
const SHOWN: usize = 200;

/// The command that starts an MCP server.
#[derive(Debug, Clone)]
pub struct ServerCommand {
    program: String,
    arguments: Vec<String>,
    directory: PathBuf,
    patience: Duration,
}

impl ServerCommand {
    /// Splits a command line at spaces, as a shell does: quotation marks and backslashes keep spaces. The server runs in `directory`.
    ///
    /// # Errors
    /// Returns [`ScaffoldError::CommandLine`] if there is no word, or a quotation does not end.
    pub fn parse(line: &str, directory: &Path) -> Result<Self, ScaffoldError> {
        let mut words = super::command_line::split(line)?.into_iter();
        let program = words.next().ok_or(ScaffoldError::CommandLine { reason: "it is empty" })?;
        Ok(Self { program, arguments: words.collect(), directory: directory.to_owned(), patience: PATIENCE })
    }

    /// Sets the time that the server gets for each answer, instead of two minutes.
    #[must_use]
    pub fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Starts the server, lists its tools and ends it, with the processes that it started.
    ///
    /// # Errors
    /// Returns [`ScaffoldError`] if the server cannot be started, ends, does not answer in time, does not speak the protocol, writes too
    /// much, or answers with an error, or if its definitions are not valid.
    pub fn list(&self) -> Result<Original, ScaffoldError> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).current_dir(&self.directory);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let failed = |source| ScaffoldError::Start { program: self.program.clone(), source };
        let mut child = command.spawn().map_err(failed)?;
        let output = Output::of(&mut child);
        let stdin = child.stdin.take();
        let mut session = Session { child, stdin, output, patience: self.patience, next_id: 0, noise: None };
        let listed = session.list();
        session.end();
        let (server, tools) = listed?;
        Original::of(server.as_ref(), &tools, RecordedCalls::new())
    }
}

/// A conversation with a server.
struct Session {
    child: Child,
    stdin: Option<ChildStdin>,
    output: Output,
    patience: Duration,
    next_id: u64,
    /// The first line that was no message.
    noise: Option<String>,
}

type Method = &'static str;

impl Session {
    fn list(&mut self) -> Result<(Option<Value>, Vec<Value>), ScaffoldError> {
        let client = json!({ "name": "mpp", "version": env!("CARGO_PKG_VERSION") });
        let hello = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
        let (server, meta) = match self.request("initialize", hello) {
            Ok(result) => {
                self.send(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }));
                (result.get("serverInfo").cloned(), None)
            }
            // Servers of the newer protocol need no handshake: each request says who asks.
            Err(ScaffoldError::Refused { code: -32601 | -32602 | -32022, .. }) => {
                let meta = json!({
                    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                    "io.modelcontextprotocol/clientCapabilities": {},
                    "io.modelcontextprotocol/clientInfo": client,
                });
                (None, Some(meta))
            }
            Err(error) => return Err(error),
        };
        let mut tools = Vec::new();
        let mut cursor: Option<Value> = None;
        let mut seen = BTreeSet::new();
        for _ in 0..PAGES {
            let mut parameters = json!({});
            if let Some(cursor) = &cursor {
                parameters["cursor"] = cursor.clone();
            }
            if let Some(meta) = &meta {
                parameters["_meta"] = meta.clone();
            }
            let page = self.request("tools/list", parameters)?;
            let Some(Value::Array(found)) = page.get("tools") else {
                return Err(not_protocol("tools/list", "the result has no list `tools`"));
            };
            tools.extend(found.iter().cloned());
            cursor = page.get("nextCursor").filter(|cursor| !cursor.is_null()).cloned();
            match &cursor {
                None => return Ok((server, tools)),
                Some(cursor) if !seen.insert(cursor.to_string()) => break,
                Some(_) => {}
            }
        }
        Err(not_protocol("tools/list", "the list does not end"))
    }

    /// Sends a request and returns its result.
    fn request(&mut self, method: Method, parameters: Value) -> Result<Value, ScaffoldError> {
        self.next_id += 1;
        let id = self.next_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": parameters }));
        let mut waited = Duration::ZERO;
        loop {
            match self.output.next(STEP) {
                Event::Nothing if waited >= self.patience => return Err(self.silent(method)),
                Event::Nothing => waited += STEP,
                Event::Line(line) => match serde_json::from_slice::<Value>(&line) {
                    Ok(message) if message.is_object() => {
                        if let Some(result) = self.message(method, id, &message) {
                            return result;
                        }
                    }
                    _ => {
                        let text = String::from_utf8_lossy(&line[..line.len().min(SHOWN)]).trim_end().to_owned();
                        self.noise.get_or_insert(text);
                    }
                },
                Event::TooMuch(reason) => return Err(not_protocol(method, reason)),
                Event::End => return Err(self.ended(method)),
            }
        }
    }

    /// Returns the result if the message is the response to the request `id`. Answers requests of the server.
    fn message(&mut self, method: Method, id: u64, message: &Value) -> Option<Result<Value, ScaffoldError>> {
        if let Some(asked) = message.get("method").and_then(Value::as_str) {
            if let Some(id) = message.get("id") {
                let answer = match asked {
                    "ping" => json!({ "jsonrpc": "2.0", "id": id, "result": {} }),
                    _ => json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32601, "message": "not supported" } }),
                };
                self.send(&answer);
            }
            return None;
        }
        if message.get("id").and_then(Value::as_u64) != Some(id) {
            return None;
        }
        Some(match (message.get("result"), message.get("error")) {
            (Some(result), None) => Ok(result.clone()),
            (_, Some(error)) => Err(ScaffoldError::Refused {
                method,
                code: error.get("code").and_then(Value::as_i64).unwrap_or_default(),
                message: error.get("message").and_then(Value::as_str).unwrap_or_default().to_owned(),
            }),
            (None, None) => Err(not_protocol(method, "the response has neither a result nor an error")),
        })
    }

    /// Sends a message. That the server does not read is noticed when it does not answer.
    fn send(&mut self, message: &Value) {
        if let Some(stdin) = &mut self.stdin {
            let _ = stdin.write_all(format!("{message}\n").as_bytes()).and_then(|()| stdin.flush());
        }
    }

    fn silent(&self, method: Method) -> ScaffoldError {
        match &self.noise {
            Some(line) => noisy(method, line),
            None => ScaffoldError::Silent { method, seconds: self.patience.as_secs(), stderr: self.output.stderr() },
        }
    }

    fn ended(&mut self, method: Method) -> ScaffoldError {
        if let Some(line) = &self.noise {
            return noisy(method, line);
        }
        let status = match self.wait(FAREWELL) {
            Some(status) => status,
            None => "its stdout was closed".to_owned(),
        };
        self.output.drain(FAREWELL);
        ScaffoldError::Ended { method, status, stderr: self.output.stderr() }
    }

    /// Waits for the end of the process, and returns its status.
    fn wait(&mut self, most: Duration) -> Option<String> {
        let mut waited = Duration::ZERO;
        loop {
            if let Ok(Some(status)) = self.child.try_wait() {
                return Some(status.to_string());
            }
            if waited >= most {
                return None;
            }
            std::thread::sleep(STEP);
            waited += STEP;
        }
    }

    /// Ends the server: closes its stdin, then asks it to end, then ends it, each time with the processes that it started.
    fn end(&mut self) {
        self.stdin = None;
        let has_ended = self.wait(FAREWELL).is_some();
        self.signal(false);
        if !has_ended && self.wait(FAREWELL).is_none() {
            self.signal(true);
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    #[cfg(unix)]
    fn signal(&self, now: bool) {
        use rustix::process::{Pid, Signal, kill_process_group};
        let signal = if now { Signal::KILL } else { Signal::TERM };
        if let Some(group) = Pid::from_raw(i32::try_from(self.child.id()).unwrap_or_default()) {
            // Fails if the group has already ended.
            let _ = kill_process_group(group, signal);
        }
    }

    #[cfg(not(unix))]
    fn signal(&self, _now: bool) {}
}

fn not_protocol(method: Method, reason: impl Into<String>) -> ScaffoldError {
    ScaffoldError::NotProtocol { method, reason: reason.into() }
}

fn noisy(method: Method, line: &str) -> ScaffoldError {
    not_protocol(method, format!("it wrote `{}`, which is no JSON-RPC message", visible(line)))
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
