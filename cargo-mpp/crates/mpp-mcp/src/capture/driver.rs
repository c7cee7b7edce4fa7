//! Drives a server with given calls, in place of a client.

use std::io::{BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

use serde_json::{Value, json};

use super::calls::PlannedCalls;
use super::entry::{End, Origin};
use super::error::CaptureError;
use super::lines::Splitter;
use super::messages::Message;
use super::process::{self, Process};
use super::recorder::Tap;
use super::tools;

/// The version of the protocol that is asked for.
const PROTOCOL: &str = "2025-11-25";
/// How long output is awaited after the server has ended.
const LINGER: Duration = Duration::from_secs(2);
/// How long a server whose output has ended may take to end, before it counts as one that still runs.
const AFTER_OUTPUT: Duration = Duration::from_secs(3);
/// The most pages of a list of tools that are read.
const MOST_PAGES: usize = 1_000;

/// Makes calls on a server that is a child process: introduces itself, lists the tools, and makes the calls in order.
#[derive(Debug)]
pub struct Driver {
    child: Child,
    process: Process,
    input: Option<ChildStdin>,
    lines: Receiver<Vec<u8>>,
    /// Disconnected when both streams of the server have ended.
    streams: Receiver<()>,
    tap: Tap,
    time_limit: Duration,
    grace: Duration,
    next_id: u64,
}

/// What was done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct DriveReport {
    /// Number of tools that the server listed.
    pub tools: usize,
    /// Number of calls that were answered.
    pub calls: usize,
    /// Number of calls that were answered with an error.
    pub errors: usize,
    /// The calls that name a tool which the server does not list: line and name.
    pub unlisted: Vec<(usize, String)>,
}

impl Driver {
    /// Starts the server. `errors` receives its stderr.
    ///
    /// # Errors
    /// Returns [`CaptureError::Start`] if the server cannot be started.
    pub fn start(mut command: Command, errors: Box<dyn Write + Send>, tap: Tap) -> Result<Self, CaptureError> {
        let (mut child, process) = process::start(&mut command)?;
        let (sender, lines) = channel();
        let (open, streams) = channel();
        if let Some(stdout) = child.stdout.take() {
            let mut splitter = Splitter::default();
            copy(Origin::Server, stdout, tap.clone(), open.clone(), move |bytes| {
                // A driver that has ended needs no more lines.
                splitter.push(bytes, |line| drop(sender.send(line.bytes)));
            })?;
        }
        if let Some(stderr) = child.stderr.take() {
            let mut errors = errors;
            copy(Origin::Stderr, stderr, tap.clone(), open, move |bytes| drop(errors.write_all(bytes)))?;
        }
        let input = child.stdin.take();
        let (time_limit, grace) = (Duration::from_secs(60), Duration::from_secs(3));
        Ok(Self { child, process, input, lines, streams, tap, time_limit, grace, next_id: 0 })
    }

    /// Sets how long an answer is awaited. The default is 60 seconds.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// Sets how long the server may take to end after its input has ended, and again after it was asked to end. The default is 3 seconds.
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Returns the server, for passing on signals.
    #[must_use]
    pub fn process(&self) -> Process {
        self.process
    }

    /// Introduces the client, lists the tools and makes the calls. A call that is answered with an error is an answer like any other.
    ///
    /// # Errors
    /// Returns [`CaptureError::NoAnswer`] if the server ends, does not answer in time, or refuses the introduction.
    pub fn drive(&mut self, client: &Value, calls: &PlannedCalls) -> Result<DriveReport, CaptureError> {
        let introduction = json!({ "protocolVersion": PROTOCOL, "capabilities": {}, "clientInfo": client });
        self.succeed("initialize", &introduction)?;
        self.notify("notifications/initialized")?;
        let mut report = DriveReport::default();
        let names = self.list()?;
        report.tools = names.len();
        for call in calls.iter() {
            if !names.contains(&call.tool) {
                report.unlisted.push((call.line, call.tool.clone()));
            }
            let params = json!({ "name": call.tool, "arguments": call.arguments });
            let outcome = self.request("tools/call", &params, &format!("tools/call {}", call.tool))?;
            report.calls += 1;
            let is_error = outcome.pointer("/result/isError") == Some(&Value::Bool(true));
            report.errors += usize::from(is_error || outcome.get("error").is_some());
        }
        Ok(report)
    }

    /// Ends the server: closes its input, and asks and then forces it to end if it does not.
    ///
    /// # Errors
    /// Returns an error if the end of the server cannot be observed.
    pub fn finish(mut self) -> Result<End, CaptureError> {
        drop(self.input.take());
        self.tap.closed(Origin::Client);
        for signal in [15, 9] {
            if process::ended_within(&mut self.child, self.grace) {
                break;
            }
            self.process.signal(signal);
        }
        #[cfg(not(unix))]
        drop(self.child.kill());
        let status = self.child.wait().map_err(CaptureError::Write)?;
        // A process that the server left behind can hold its pipes open for ever.
        let _ = self.streams.recv_timeout(LINGER);
        Ok(status.into())
    }

    fn list(&mut self) -> Result<Vec<String>, CaptureError> {
        let (mut all, mut params) = (None, json!({}));
        for page in 0.. {
            if page == MOST_PAGES {
                return Err(CaptureError::NoAnswer {
                    request: "tools/list".to_owned(),
                    reason: format!("its list of tools has more than {MOST_PAGES} pages"),
                });
            }
            let result = self.succeed("tools/list", &params)?;
            tools::merge(&mut all, &result, page == 0);
            match tools::next_cursor(&result) {
                Some(cursor) => params = json!({ "cursor": cursor }),
                None => break,
            }
        }
        let name = |tool: &Value| Some(tool.get("name")?.as_str()?.to_owned());
        Ok(all.unwrap_or_default().iter().filter_map(name).collect())
    }

    /// Sends a request whose answer has to be a result.
    fn succeed(&mut self, method: &str, params: &Value) -> Result<Value, CaptureError> {
        let mut outcome = self.request(method, params, method)?;
        match outcome.get_mut("result") {
            Some(result) => Ok(result.take()),
            None => {
                let message = outcome.pointer("/error/message").and_then(Value::as_str).unwrap_or("no message");
                Err(CaptureError::NoAnswer {
                    request: method.to_owned(),
                    reason: format!("it answered with an error: {message}"),
                })
            }
        }
    }

    /// Sends a request and returns its outcome: `{"result": …}` or `{"error": …}`.
    fn request(&mut self, method: &str, params: &Value, shown: &str) -> Result<Value, CaptureError> {
        self.next_id += 1;
        let id = self.next_id;
        let failed = |reason: String| CaptureError::NoAnswer { request: shown.to_owned(), reason };
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }))
            .map_err(|_| failed("it no longer reads its input".to_owned()))?;
        let mut left = self.time_limit;
        loop {
            let asked = self.tap.now();
            let line = self.lines.recv_timeout(left).map_err(|error| match error {
                RecvTimeoutError::Timeout => {
                    failed(format!("there was no answer within {} s", self.time_limit.as_secs_f32()))
                }
                RecvTimeoutError::Disconnected => failed(self.how_it_ended()),
            })?;
            left = left.saturating_sub(Duration::from_micros(self.tap.now().saturating_sub(asked)));
            match Message::parse(&String::from_utf8_lossy(&line)) {
                Message::Response { id: answered, outcome } if answered == id.to_string() => return Ok(outcome),
                Message::Request { id, method, .. } => self.answer(&id, &method),
                _ => {}
            }
        }
    }

    /// Answers a request of the server: it is there, and offers nothing else.
    fn answer(&mut self, id: &str, method: &str) {
        let id: Value = serde_json::from_str(id).unwrap_or_default();
        let answer = match method {
            "ping" => json!({ "jsonrpc": "2.0", "id": id, "result": {} }),
            _ => {
                json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32601, "message": "the client does not offer this" } })
            }
        };
        // A server that no longer reads does not get an answer to its next request either.
        let _ = self.send(&answer);
    }

    fn notify(&mut self, method: &str) -> Result<(), CaptureError> {
        self.send(&json!({ "jsonrpc": "2.0", "method": method })).map_err(|_| CaptureError::NoAnswer {
            request: method.to_owned(),
            reason: "it no longer reads its input".to_owned(),
        })
    }

    fn send(&mut self, message: &Value) -> std::io::Result<()> {
        let line = format!("{message}\n").into_bytes();
        let at = self.tap.now();
        let sent = match &mut self.input {
            Some(input) => input.write_all(&line).and_then(|()| input.flush()),
            None => Ok(()),
        };
        self.tap.bytes(at, Origin::Client, line);
        sent
    }

    fn how_it_ended(&mut self) -> String {
        if !process::ended_within(&mut self.child, AFTER_OUTPUT) {
            return "it closed its output".to_owned();
        }
        match self.child.wait() {
            Ok(status) => format!("it ended ({status})"),
            Err(_) => "it ended".to_owned(),
        }
    }
}

impl Drop for Driver {
    /// Ends a server that was not ended by [`Driver::finish`].
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            self.process.signal(9);
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

/// Starts a thread that records a stream and gives each chunk to `each`.
fn copy(
    from: Origin,
    source: impl Read + Send + 'static,
    tap: Tap,
    open: Sender<()>,
    mut each: impl FnMut(&[u8]) + Send + 'static,
) -> Result<(), CaptureError> {
    let run = move || {
        let mut source = BufReader::new(source);
        let mut buffer = vec![0; 64 << 10];
        while let Ok(length @ 1..) = source.read(&mut buffer) {
            let at = tap.now();
            tap.bytes(at, from, buffer[..length].to_vec());
            each(&buffer[..length]);
        }
        tap.closed(from);
        drop(open);
    };
    std::thread::Builder::new().name(format!("{from:?}")).spawn(run).map(|_| ()).map_err(CaptureError::Write)
}
