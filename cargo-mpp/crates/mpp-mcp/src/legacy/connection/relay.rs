//! Passes on what a server says during a call to the client that called: progress, log messages, and questions to the person.
//!
//! Over HTTP, a message arrives on the stream of its call. On stdout, it can belong to any call in flight: a progress message names the
//! call by its token, and other messages are passed on only if all calls in flight are of one client.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::{Connection, Outgoing, Waiting};
use crate::bridge::{Audience, Level, Said};

/// How long a person may take to answer a question.
pub(in crate::legacy) const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// Questions of one server that are asked at once.
const MOST_QUESTIONS: usize = 16;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Progress {
    progress_token: Value,
    progress: f64,
    total: Option<f64>,
    message: Option<String>,
}

#[derive(Deserialize)]
struct Log {
    level: String,
    logger: Option<String>,
    #[serde(default)]
    data: Value,
}

impl Connection {
    /// Passes on a notification, if it is one for a client.
    pub(super) fn say(&self, method: &str, params: &str, on: Option<u64>) {
        match method {
            "notifications/progress" => self.say_progress(params),
            "notifications/message" => self.say_log(params, on),
            _ => {}
        }
    }

    fn say_progress(&self, params: &str) {
        let Ok(Progress { progress_token, progress, total, message }) = serde_json::from_str(params) else { return };
        // Some servers return the token as a string.
        let token = progress_token.as_u64().or_else(|| progress_token.as_str()?.parse().ok());
        let audience = {
            let state = self.state();
            let waiting = state.waiting.values().find(|waiting| token.is_some() && waiting.progress == token);
            waiting.and_then(|waiting| waiting.audience.clone())
        };
        if let Some(audience) = audience {
            let message = message.map(|message| self.observer.text(&message));
            audience.tell(Said::Progress { progress, total, message });
        }
    }

    fn say_log(&self, params: &str, on: Option<u64>) {
        let Some((_, audience)) = self.audience(on) else { return };
        let Some(least) = audience.level() else { return };
        let Ok(raw) = serde_json::from_str::<&RawValue>(params) else { return };
        let Ok(Log { level, .. }) = serde_json::from_str(params) else { return };
        let level = Level::parse(&level).unwrap_or(Level::Info);
        if level < least {
            return;
        }
        let filtered = self.observer.message(raw);
        if let Ok(Log { logger, data, .. }) = serde_json::from_str(filtered.get()) {
            audience.tell(Said::Log { level, logger, data });
        }
    }

    /// Returns the call that a message belongs to, and its client.
    fn audience(&self, on: Option<u64>) -> Option<(u64, Audience)> {
        let state = self.state();
        let of = |(id, waiting): (&u64, &Waiting)| Some((*id, waiting.audience.clone()?));
        if let Some(id) = on
            && let Some(waiting) = state.waiting.get(&id)
        {
            return of((&id, waiting));
        }
        let calls: Vec<(&u64, &Waiting)> = state.waiting.iter().filter(|(_, waiting)| waiting.is_call).collect();
        let (last, rest) = calls.iter().max_by_key(|(id, _)| **id).map(|(id, waiting)| (of((id, waiting)), &calls))?;
        let (id, audience) = last?;
        let is_same =
            |waiting: &Waiting| waiting.audience.as_ref().is_some_and(|other| other.client() == audience.client());
        rest.iter().all(|(_, waiting)| is_same(waiting)).then_some((id, audience))
    }

    /// Answers a request of the server: a question for the person at the client, or whether somebody is there.
    pub(super) fn asked(self: &Arc<Self>, id: &str, method: &str, params: &str, on: Option<u64>) {
        match method {
            "ping" => self.reply(id, r#""result":{}"#),
            "elicitation/create" => self.elicit(id, params, on),
            "sampling/createMessage" | "roots/list" => {
                let error = json!({ "code": -32601, "message": format!("`{method}` is not passed on to clients") });
                self.reply(id, &format!(r#""error":{error}"#));
            }
            _ => self.reply(id, r#""error":{"code":-32601,"message":"this client has no such method"}"#),
        }
    }

    fn reply(&self, id: &str, outcome: &str) {
        // A server that asks and does not read gets no more answers, which would only take up memory.
        if self.is_behind() {
            return;
        }
        let text = format!(r#"{{"jsonrpc":"2.0","id":{id},{outcome}}}"#);
        self.send(Outgoing { id: None, method: "", tool: None, listens: false, text: &text });
    }

    fn elicit(self: &Arc<Self>, id: &str, params: &str, on: Option<u64>) {
        let refuse = |message: &str| {
            let error = json!({ "code": -32602, "message": message });
            self.reply(id, &format!(r#""error":{error}"#));
        };
        let Some(params) = self.question(params) else {
            return refuse("only questions with a form are passed on: a `message` and a `requestedSchema`");
        };
        // Nobody can be asked, or it is not known who.
        let Some((call, audience)) = self.audience(on).filter(|(_, audience)| audience.can_answer()) else {
            return self.reply(id, r#""result":{"action":"decline"}"#);
        };
        if !self.begin_question(call) {
            return refuse("too many questions are waiting for an answer");
        }
        let (connection, asked) = (Arc::clone(self), id.to_owned());
        let thread = std::thread::Builder::new().name("mpp-server-asks".to_owned()).spawn(move || {
            let is_over = || !connection.is_waiting(call);
            let answer = answer_of(audience.ask(params, PATIENCE, &is_over));
            connection.end_question(call);
            connection.reply(&asked, &format!(r#""result":{answer}"#));
        });
        if thread.is_err() {
            self.end_question(call);
            refuse("nobody can be asked now");
        }
    }

    /// Returns the filtered parameters of a question with a form, marked as one of the server; `None` for other questions.
    pub(in crate::legacy) fn question(&self, params: &str) -> Option<Value> {
        let raw: &RawValue = serde_json::from_str(params).ok()?;
        let filtered: Value = serde_json::from_str(self.observer.message(raw).get()).ok()?;
        let is_form = filtered.get("mode").is_none_or(|mode| mode == "form");
        let schema = filtered.get("requestedSchema").filter(|schema| is_form && schema.is_object())?;
        let message = filtered.get("message")?.as_str()?;
        // A server must not look like the program that asks for approvals.
        let marked = format!("The MCP server `{}`, which is not verified, asks:\n{message}", self.observer.server());
        Some(json!({ "message": marked, "requestedSchema": schema }))
    }

    /// Stops the time of a call for a question.
    fn begin_question(&self, call: u64) -> bool {
        let mut state = self.state();
        if state.asking >= MOST_QUESTIONS {
            return false;
        }
        state.asking += 1;
        if let Some(waiting) = state.waiting.get_mut(&call) {
            let (count, since) = waiting.asking.unwrap_or((0, Instant::now()));
            waiting.asking = Some((count + 1, since));
        }
        true
    }

    fn end_question(&self, call: u64) {
        let mut state = self.state();
        state.asking -= 1;
        if let Some(waiting) = state.waiting.get_mut(&call) {
            match waiting.asking {
                Some((count @ 2.., since)) => waiting.asking = Some((count - 1, since)),
                Some((_, since)) => {
                    waiting.asked += since.elapsed();
                    waiting.asking = None;
                }
                None => {}
            }
        }
    }
}

/// Returns the result of `elicitation/create`: what the client answered, or that nobody answered.
pub(in crate::legacy) fn answer_of(answer: Option<Value>) -> Value {
    let answer = answer.unwrap_or_default();
    match answer["action"].as_str() {
        Some("accept") => json!({ "action": "accept", "content": answer.get("content").cloned().unwrap_or(json!({})) }),
        Some("decline") => json!({ "action": "decline" }),
        _ => json!({ "action": "cancel" }),
    }
}
