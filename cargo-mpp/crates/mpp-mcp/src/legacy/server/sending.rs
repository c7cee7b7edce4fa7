//! Passes a call on to the server, and answers what the server asks meanwhile.

use std::sync::Arc;

use mpp_host::wire::{ErrorKind, RpcError};
use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::LegacyServer;
use crate::legacy::connection::{ASKING, NoResult, answer_of};
use crate::legacy::errors;
use crate::legacy::handshake::{Call, Session};

/// How often a server may ask for input during one call.
const ROUNDS: usize = 10;

/// A result that asks for input, of which only what matters here is read (protocol version 2026-07-28).
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InputRequired<'a> {
    result_type: Option<String>,
    #[serde(default)]
    input_requests: Option<Map<String, Value>>,
    #[serde(borrow)]
    request_state: Option<&'a RawValue>,
}

impl LegacyServer {
    /// Sends a call and returns the result, JSON text as the server sent it. A call of which it is certain that it did not run is
    /// repeated once.
    pub(super) fn send(&self, session: Arc<Session>, call: &Call<'_>) -> Result<String, RpcError> {
        match self.exchange(&session, call) {
            Err(Failed::Request(NoResult::Lost)) => {
                let session = self.session(Some(call.cancel))?;
                self.exchange(&session, call).map_err(|failed| self.failed(&session, failed, call))
            }
            result => result.map_err(|failed| self.failed(&session, failed, call)),
        }
    }

    /// Calls the tool, again with the answers if the server asks for input.
    fn exchange(&self, session: &Session, call: &Call<'_>) -> Result<String, Failed> {
        let mut more = Vec::new();
        for _ in 0..ROUNDS {
            let result = session.call(call, &more).map_err(Failed::Request)?;
            let Some(asked) = input_required(&result) else { return Ok(result) };
            more.clear();
            if let Some(requests) = asked.input_requests {
                let answers = self.answers(session, &requests, call)?;
                more.push(format!(r#""inputResponses":{}"#, Value::Object(answers)));
            }
            if let Some(state) = asked.request_state {
                more.push(format!(r#""requestState":{}"#, state.get()));
            }
        }
        Err(Failed::Call(errors::asks_without_end(&self.config.name, ROUNDS)))
    }

    /// Asks the person at the client what the server wants to know.
    fn answers(
        &self,
        session: &Session,
        requests: &Map<String, Value>,
        call: &Call<'_>,
    ) -> Result<Map<String, Value>, Failed> {
        let mut answers = Map::new();
        for (key, request) in requests {
            let method = request["method"].as_str().unwrap_or_default();
            let question = session.connection.question(&request["params"].to_string());
            let Some(question) = question.filter(|_| method == "elicitation/create") else {
                return Err(Failed::Call(errors::asks_for(&self.config.name, method)));
            };
            let answer = match call.audience.filter(|audience| audience.can_answer()) {
                Some(audience) => answer_of(audience.ask(question, ASKING, &|| call.cancel.is_cancelled())),
                None => serde_json::json!({ "action": "decline" }),
            };
            if call.cancel.is_cancelled() {
                return Err(Failed::Call(RpcError::new(ErrorKind::Cancelled, "the call was cancelled")));
            }
            answers.insert(key.clone(), answer);
        }
        Ok(answers)
    }

    fn failed(&self, session: &Session, failed: Failed, call: &Call<'_>) -> RpcError {
        match failed {
            Failed::Call(error) => error,
            Failed::Request(failed) => {
                let stderr = self.parts.gate.text(&session.connection.stderr());
                errors::of_call(&self.config.name, failed, call.patience, &stderr)
            }
        }
    }
}

/// Why a call has no result.
enum Failed {
    /// A request has none.
    Request(NoResult),
    Call(RpcError),
}

fn input_required(result: &str) -> Option<InputRequired<'_>> {
    // Few results are of this kind, and a long one is not read twice.
    if !result.contains("input_required") {
        return None;
    }
    let read: InputRequired<'_> = serde_json::from_str(result).ok()?;
    (read.result_type.as_deref() == Some("input_required")).then_some(read)
}
