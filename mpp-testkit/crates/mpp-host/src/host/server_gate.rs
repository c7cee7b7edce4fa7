//! The gate of an MCP server outside the sandbox: decides about each call, records it, and filters its answer.
//!
//! The host does not run such a server and cannot limit what it does. It can only decide whether a call reaches the server, and what of
//! the answer leaves. The front end exchanges the messages with the server.

mod answer;
mod question;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use mpp_sdk::wire::{ErrorKind, RpcError, SecurityLevel};
use serde_json::value::RawValue;

use super::errors::LoadError;
use super::output::{Accesses, CallReport};
use super::output_filter::OutputFilter;
use super::{Host, Inner};
use crate::audit::{ArgumentsText, AuditError, Invocation, Started, Subject};
use crate::causes::with_causes;
use crate::codes::{self, Code, Coded as _};
use crate::package::ContentHash;
use crate::package::manifest::PrivacyFilters;
use crate::policy::{Answer, Policy, ShownCall};
use crate::privacy::{PrivacyFilter, RedactionReport, Secrets};
use crate::random;
use crate::trust::Trust;

pub use answer::{ServerAnswer, members};
pub use question::ServerQuestion;

/// The pattern that applies to every server in addition to the default patterns and those that the policy forces.
const ALWAYS: &str = "api_key";

/// The gate of one MCP server. It can be shared between threads.
pub struct ServerGate {
    host: Arc<Inner>,
    name: String,
    ask: Option<SecurityLevel>,
    refuse: Option<SecurityLevel>,
    filter: Arc<PrivacyFilter>,
    secrets: Secrets,
    variables: Vec<String>,
    /// Random prefix of the ids of the server's calls.
    series: u64,
    calls: AtomicU64,
}

/// A tool of a server, as it is to be called.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ServerTool<'a> {
    /// The name that the server gives to the tool.
    pub name: &'a str,
    /// How much harm a call can do, as far as the definition tells.
    pub level: SecurityLevel,
    /// Hash of the definition that a person accepted.
    pub definition: ContentHash,
    /// Version of the server, which it claims.
    pub version: &'a str,
    /// Whether a person approved every call of the tool at this level.
    pub is_approved: bool,
}

impl<'a> ServerTool<'a> {
    /// Creates a tool whose calls were not approved, of a server that claims no version.
    #[must_use]
    pub fn new(name: &'a str, level: SecurityLevel, definition: ContentHash) -> Self {
        Self { name, level, definition, version: "", is_approved: false }
    }

    /// Sets the version that the server claims.
    #[must_use]
    pub fn version(mut self, version: &'a str) -> Self {
        self.version = version;
        self
    }

    /// Sets whether a person approved every call of the tool.
    #[must_use]
    pub fn approved(mut self, is_approved: bool) -> Self {
        self.is_approved = is_approved;
        self
    }
}

/// What a call of a server's tool ended with, after the privacy filter.
#[derive(Debug)]
#[non_exhaustive]
pub struct ServerReply {
    /// The filtered result, or the error of the server or the host.
    pub outcome: Result<ServerAnswer, RpcError>,
    /// Code of the failure; `None` if there is a result.
    pub code: Option<&'static Code>,
    /// What was redacted.
    pub report: CallReport,
}

impl Host {
    /// Returns the gate of an MCP server that runs outside the sandbox, under the rules of `policy`. `variables` are the names and
    /// values that the server was given, and that must not come back.
    ///
    /// # Errors
    /// Returns [`LoadError::Filter`] if the privacy filter cannot be created.
    pub fn server_gate(
        &self,
        name: &str,
        policy: &Policy,
        variables: &[(String, String)],
    ) -> Result<ServerGate, LoadError> {
        let forced = self.inner.forced_patterns.iter().map(String::as_str).chain([ALWAYS]);
        let filter = PrivacyFilter::compile(&PrivacyFilters::default(), &forced.collect::<Vec<_>>())
            .map_err(|source| LoadError::Filter { source })?;
        let mut series = [0; 8];
        if random::fill(&mut series).is_err() {
            series = (self.inner.clock.monotonic().as_nanos() as u64).to_le_bytes();
        }
        Ok(ServerGate {
            host: Arc::clone(&self.inner),
            name: name.to_owned(),
            ask: policy.asks_from(Trust::Trusted),
            refuse: policy.refuses_from(),
            filter,
            secrets: Secrets::new(variables.iter().map(|(name, value)| (name.as_str(), value.as_str()))),
            variables: variables.iter().map(|(name, _)| name.clone()).collect(),
            series: u64::from_le_bytes(series),
            calls: AtomicU64::new(1),
        })
    }
}

impl std::fmt::Debug for ServerGate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ServerGate").field("name", &self.name).finish_non_exhaustive()
    }
}

impl ServerGate {
    /// Returns the question that a person must answer before this call; `None` if there is none.
    #[must_use]
    pub fn question_about(&self, tool: &ServerTool<'_>, arguments: &str) -> Option<ServerQuestion> {
        (self.rule(tool) == Rule::Ask).then(|| self.question(tool, arguments))
    }

    /// Filters text of the server that is not the answer to a call, for example the end of its log.
    #[must_use]
    pub fn text(&self, text: &str) -> String {
        self.filter.filter_text(text, &self.secrets).value
    }

    /// Filters a message of the server that is not the answer to a call, for example a log message: every string in it, and every key.
    #[must_use]
    pub fn message(&self, message: &RawValue) -> Box<RawValue> {
        OutputFilter::new(&self.filter, &self.secrets).json("", message)
    }

    /// Calls a tool through `send`, which passes the call to the server and returns the result as JSON text. `answer` is a person's
    /// answer to the question about this call.
    ///
    /// `send` is not called if the policy refuses the call, if an approval is missing, or if the call cannot be recorded. The record of
    /// its outcome is written before this returns.
    pub fn call(
        &self,
        tool: &ServerTool<'_>,
        arguments: &str,
        answer: Option<Answer>,
        send: impl FnOnce() -> Result<String, RpcError>,
    ) -> ServerReply {
        let start = self.host.clock.monotonic();
        let (id, subject) = self.recorded(tool);
        let mut filter = OutputFilter::new(&self.filter, &self.secrets);
        let mut code = None;
        let outcome = match self.refusal(tool, arguments, answer) {
            Some((error, of_refusal)) => {
                code = Some(of_refusal);
                Err(error)
            }
            None => match self.start(&id, &subject, tool.name) {
                Ok(()) => {
                    send().and_then(|result| answer::read(&result, &mut filter)).map_err(|error| filter.error(error))
                }
                Err(error) => {
                    code = Some(error.code());
                    Err(unrecorded(&error, "nothing was sent to the server"))
                }
            },
        };
        let mut report = filter.report;
        report.duration = self.host.clock.monotonic().saturating_sub(start);
        let code = outcome
            .as_ref()
            .err()
            .map(|error| code.or_else(|| error.kind().and_then(codes::of_kind)).unwrap_or(&codes::R103));
        match self.record((&id, &subject), tool.name, arguments, (&outcome, code), &report) {
            Ok(()) => {
                report.invocation = self.host.audit.is_some().then_some(id);
                ServerReply { outcome, code, report }
            }
            Err(error) => {
                let withheld = unrecorded(&error, "the server was called, but its answer is withheld");
                ServerReply { outcome: Err(withheld), code: Some(error.code()), report }
            }
        }
    }

    /// Answers a call with `error` instead of passing it to the server, and records it. `code` is the code of the failure, if it is not
    /// the default code of the error's kind.
    pub fn refuse(
        &self,
        tool: &ServerTool<'_>,
        arguments: &str,
        error: RpcError,
        code: Option<&'static Code>,
    ) -> ServerReply {
        let (id, subject) = self.recorded(tool);
        let mut report = CallReport::default();
        let code = code.or_else(|| error.kind().and_then(codes::of_kind)).unwrap_or(&codes::R103);
        match self.record((&id, &subject), tool.name, arguments, (&Err(error.clone()), Some(code)), &report) {
            Ok(()) => {
                report.invocation = self.host.audit.is_some().then_some(id);
                ServerReply { outcome: Err(error), code: Some(code), report }
            }
            Err(failed) => {
                let unrecorded = unrecorded(&failed, "nothing was sent to the server");
                ServerReply { outcome: Err(unrecorded), code: Some(failed.code()), report }
            }
        }
    }

    /// Returns a new id, and the tool as it is recorded.
    fn recorded(&self, tool: &ServerTool<'_>) -> (String, Subject) {
        let id = format!("{:016x}-{}", self.series, self.calls.fetch_add(1, Ordering::Relaxed));
        let version = self.text(tool.version);
        (id, Subject::of_server((&self.name, &version), tool.definition, self.variables.clone()))
    }

    fn question(&self, tool: &ServerTool<'_>, arguments: &str) -> ServerQuestion {
        ServerQuestion {
            server: self.name.clone(),
            tool: tool.name.to_owned(),
            level: tool.level,
            call: ShownCall::of_server(arguments, &self.secrets),
        }
    }

    fn rule(&self, tool: &ServerTool<'_>) -> Rule {
        if self.refuse.is_some_and(|refused| tool.level >= refused) {
            return Rule::Refuse;
        }
        if self.ask.is_some_and(|ask| tool.level >= ask) && !tool.is_approved { Rule::Ask } else { Rule::Allow }
    }

    /// Returns the error of a call that may not reach the server.
    fn refusal(
        &self,
        tool: &ServerTool<'_>,
        arguments: &str,
        answer: Option<Answer>,
    ) -> Option<(RpcError, &'static Code)> {
        match (self.rule(tool), answer) {
            (Rule::Allow, _) | (Rule::Ask, Some(Answer::Once | Answer::Remember)) => None,
            (Rule::Refuse, _) => Some((question::refused(&self.name, tool, self.refuse), &codes::K208)),
            (Rule::Ask, Some(Answer::No)) => Some((self.question(tool, arguments).declined(), &codes::K207)),
            (Rule::Ask, None | Some(Answer::CannotAsk)) => {
                Some((self.question(tool, arguments).required(), &codes::K206))
            }
        }
    }

    /// Records that a call is about to be sent. Every call of a server can have an effect.
    fn start(&self, id: &str, subject: &Subject, tool: &str) -> Result<(), AuditError> {
        let Some(sink) = &self.host.audit else { return Ok(()) };
        let clock = &self.host.clock;
        sink.ready()?;
        sink.started(&Started { id, time: clock.now(), subject, tool, monotonic: clock.monotonic() })
    }

    fn record(
        &self,
        (id, subject): (&str, &Subject),
        tool: &str,
        arguments: &str,
        (outcome, code): (&Result<ServerAnswer, RpcError>, Option<&'static Code>),
        report: &CallReport,
    ) -> Result<(), AuditError> {
        let Some(sink) = &self.host.audit else { return Ok(()) };
        let clock = &self.host.clock;
        let outcome = match outcome {
            Ok(answer) if answer.is_error => "is_error",
            Ok(_) => "ok",
            Err(error) => error.kind().map_or("tool_error", ErrorKind::as_str),
        };
        sink.record(&Invocation {
            id,
            time: clock.now(),
            subject,
            tool: Some(tool),
            arguments: ArgumentsText(arguments),
            outcome,
            code,
            duration: report.duration,
            redactions: &report.redactions,
            log_redactions: &RedactionReport::default(),
            accesses: &Accesses::default(),
            monotonic: clock.monotonic(),
        })
    }
}

/// What happens to a call for which there is no answer of a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rule {
    Allow,
    Ask,
    Refuse,
}

fn unrecorded(error: &AuditError, what: &str) -> RpcError {
    let message = format!("the call cannot be recorded, so {what}: {}", with_causes(error));
    RpcError::new(ErrorKind::CapabilityDenied, message)
}
