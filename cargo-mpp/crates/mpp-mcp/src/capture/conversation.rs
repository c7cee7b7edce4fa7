//! Joins the requests of a capture with their responses.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::entry::{End, Observed, Origin};
use super::messages::Message;
use super::read::Capture;
use super::tools;

/// What a client and a server said to each other.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Conversation {
    /// `serverInfo` of the server, if it introduced itself.
    pub server: Option<Value>,
    /// The version of the protocol that they agreed on.
    pub protocol: Option<String>,
    /// The capabilities of the server: `tools`, `resources`, `prompts`, …
    pub capabilities: BTreeSet<String>,
    /// The definitions of the tools, as the server listed them last; `None` if they were never listed.
    pub tools: Option<Vec<Value>>,
    /// The calls, in the order of their requests.
    pub calls: Vec<CapturedCall>,
    /// Requests of the server to the client, by method: sampling, elicitation, roots.
    pub server_requests: BTreeMap<String, usize>,
    /// Requests of the client that concern something else than tools, by method.
    pub other_requests: BTreeMap<String, usize>,
    /// What is not as the protocol wants it.
    pub oddities: Vec<Oddity>,
    /// How the server ended, if the capture tells.
    pub end: Option<End>,
    /// What the server did besides sending messages, if it was observed.
    pub observed: Option<Observed>,
    /// The requests of the server to other ones, in the format of a fixture.
    pub exchanges: Vec<Value>,
    /// Hosts whose requests could not be recorded, each with the reason.
    pub unrecorded: Vec<String>,
    /// Number of entries in which something was redacted.
    pub redacted_entries: usize,
}

/// A call of a tool.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct CapturedCall {
    /// Number of the line with the request.
    pub line: usize,
    /// Name of the tool.
    pub tool: String,
    /// The arguments.
    pub arguments: Value,
    /// The answer.
    pub answer: Answer,
    /// When the request was sent, since the beginning of the capture.
    pub sent: Duration,
    /// How long the answer took; zero if there is none.
    pub duration: Duration,
    /// Whether something was redacted in the request or in the answer.
    pub is_redacted: bool,
}

/// The answer to a call.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Answer {
    /// `{"result": …}` or `{"error": …}`.
    Response(Value),
    /// The client cancelled the call.
    Cancelled,
    /// The server did not answer, or the capture does not contain the answer.
    None,
}

/// Something that is not as the protocol wants it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub struct Oddity {
    /// Number of the line.
    pub line: usize,
    /// What is odd, as a sentence without a period.
    pub what: String,
}

/// A request is known by its id, and over HTTP by its exchange too: several clients may use the same ids.
type Key = (Option<u64>, String);

/// Finds the request that a message is about: that of the same exchange, or else the last one with this id, because a stream can be
/// resumed in another exchange.
fn find<'a>(pending: &'a mut BTreeMap<Key, Pending>, exchange: Option<u64>, id: &str) -> Option<&'a mut Pending> {
    let key = (exchange, id.to_owned());
    let key = match pending.contains_key(&key) {
        true => key,
        false => pending.keys().rev().find(|(_, known)| known == id)?.clone(),
    };
    pending.get_mut(&key)
}

/// A request of the client.
struct Pending {
    method: String,
    params: Value,
    /// Index of the call.
    call: Option<usize>,
    is_answered: bool,
}

impl Capture {
    /// Joins requests with their responses.
    #[must_use]
    pub fn conversation(&self) -> Conversation {
        Conversation::of(self)
    }
}

impl Conversation {
    fn of(capture: &Capture) -> Self {
        let mut found = Self::default();
        let mut pending: BTreeMap<Key, Pending> = BTreeMap::new();
        for (line, entry) in &capture.entries {
            let line = *line;
            found.end = entry.end.or(found.end);
            found.exchanges.extend(entry.exchange.clone());
            found.unrecorded.extend(entry.unrecorded.clone());
            if let Some(observed) = &entry.observed {
                found.observed = Some(observed.clone());
            }
            found.redacted_entries += usize::from(!entry.redacted.is_empty());
            let Some(from @ (Origin::Client | Origin::Server)) = entry.from else { continue };
            let who = if from == Origin::Client { "client" } else { "server" };
            // An HTTP request or response without a body is not a message.
            if entry.http.is_some() && entry.message.is_none() && entry.text.is_none() && entry.base64.is_none() {
                continue;
            }
            let Some(message) = &entry.message else {
                let what = match (&entry.base64, entry.omitted > 0, entry.partial) {
                    (Some(_), ..) => format!("the {who} sent a line that is not UTF-8"),
                    (None, true, _) => format!("the {who} sent a line that is too long to be recorded"),
                    (None, false, true) => format!("the {who} stopped in the middle of a line"),
                    _ => format!("the {who} sent a line that is not JSON"),
                };
                found.oddities.push(Oddity { line, what });
                continue;
            };
            let is_redacted = !entry.redacted.is_empty();
            let exchange = entry.http.as_ref().map(|part| part.exchange);
            match (from, Message::parse(message.get())) {
                (Origin::Client, Message::Request { id, method, params }) => {
                    let call = (method == "tools/call").then(|| {
                        found.calls.push(CapturedCall {
                            line,
                            tool: params.get("name").and_then(Value::as_str).unwrap_or_default().to_owned(),
                            arguments: params.get("arguments").cloned().unwrap_or_else(|| json!({})),
                            answer: Answer::None,
                            sent: Duration::from_micros(entry.at),
                            duration: Duration::ZERO,
                            is_redacted,
                        });
                        found.calls.len() - 1
                    });
                    if !matches!(&*method, "tools/call" | "tools/list" | "initialize" | "server/discover" | "ping") {
                        *found.other_requests.entry(method.clone()).or_default() += 1;
                    }
                    let shown = id.clone();
                    let new = Pending { method, params, call, is_answered: false };
                    if pending.insert((exchange, id), new).is_some_and(|old| !old.is_answered) {
                        found.odd(line, format!("the client used the id {shown} twice at the same time"));
                    }
                }
                (Origin::Client, Message::Notification { method, params }) => {
                    let cancelled = params
                        .get("requestId")
                        .map(ToString::to_string)
                        .filter(|_| method == "notifications/cancelled");
                    let call =
                        cancelled.and_then(|id| find(&mut pending, exchange, &id)).and_then(|request| request.call);
                    if let Some(call) =
                        call.and_then(|index| found.calls.get_mut(index)).filter(|call| call.answer == Answer::None)
                    {
                        call.answer = Answer::Cancelled;
                    }
                }
                (Origin::Server, Message::Request { method, .. }) => {
                    *found.server_requests.entry(method).or_default() += 1
                }
                (Origin::Server, Message::Response { id, outcome }) => match find(&mut pending, exchange, &id) {
                    None => found.odd(line, format!("the server answered the id {id}, which nobody had sent")),
                    Some(request) if request.is_answered => {
                        found.odd(line, format!("the server answered the id {id} twice"))
                    }
                    Some(request) => {
                        request.is_answered = true;
                        match request.call.and_then(|index| found.calls.get_mut(index)) {
                            Some(call) => {
                                call.duration = Duration::from_micros(entry.at).saturating_sub(call.sent);
                                call.is_redacted |= is_redacted;
                                call.answer = Answer::Response(outcome);
                            }
                            None => {
                                let (method, params) = (request.method.clone(), request.params.clone());
                                found.answered(&method, &params, &outcome);
                            }
                        }
                    }
                },
                (_, Message::Other) => found.odd(line, format!("the {who} sent JSON that is not a JSON-RPC message")),
                _ => {}
            }
        }
        found
    }

    fn odd(&mut self, line: usize, what: String) {
        self.oddities.push(Oddity { line, what });
    }

    /// Learns from the answer to a request that is not a call.
    fn answered(&mut self, method: &str, params: &Value, outcome: &Value) {
        let Some(result) = outcome.get("result") else { return };
        match method {
            "initialize" | "server/discover" => {
                self.server = result.get("serverInfo").cloned().or(self.server.take());
                let version = result.get("protocolVersion").and_then(Value::as_str).map(str::to_owned);
                self.protocol = version.or(self.protocol.take());
                let capabilities = result.get("capabilities").and_then(Value::as_object);
                self.capabilities.extend(capabilities.into_iter().flatten().map(|(name, _)| name.clone()));
            }
            "tools/list" => {
                let is_first_page = params.get("cursor").is_none_or(Value::is_null);
                tools::merge(&mut self.tools, result, is_first_page);
                // The modern protocol introduces the server with each result.
                let meta = |name: &str| result.get("_meta")?.get(format!("io.modelcontextprotocol/{name}")).cloned();
                self.server = self.server.take().or_else(|| meta("serverInfo"));
            }
            _ => {}
        }
    }
}
