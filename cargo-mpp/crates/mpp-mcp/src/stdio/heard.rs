//! Passes on to the client of a session what a server says while it runs a call: log messages, and questions to the person.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::connection::{Connection, Question, lock};
use crate::bridge::{Audience, Said};

/// How the ids of these requests begin, as JSON text. Those of the protocol library are numbers.
const OURS: &str = "\"mpp-";

impl Connection {
    /// Notes what the client can do, from the parameters of `initialize`.
    pub(super) fn introduce(&self, params: Option<&RawValue>) {
        #[derive(Deserialize)]
        struct Params<'a> {
            #[serde(borrow)]
            capabilities: Capabilities<'a>,
        }
        #[derive(Deserialize)]
        struct Capabilities<'a> {
            #[serde(borrow)]
            elicitation: Option<&'a RawValue>,
        }
        let params = params.and_then(|params| serde_json::from_str::<Params<'_>>(params.get()).ok());
        let can_ask = params.is_some_and(|params| params.capabilities.elicitation.is_some());
        self.can_ask.store(can_ask, Ordering::Release);
    }

    /// Returns the client of the call with this id, for a server that runs the call. `client` is the number of the client.
    pub(super) fn audience(self: &Arc<Self>, client: u64, call: &str) -> Audience {
        let (connection, call) = (Arc::downgrade(self), call.to_owned());
        let hear = move |said| {
            if let Some(connection) = connection.upgrade() {
                connection.hear(said, &call);
            }
        };
        Audience::direct(client, hear).log_level(self.level.get()).questions(self.can_ask.load(Ordering::Acquire))
    }

    fn hear(&self, said: Said, call: &str) {
        match said {
            Said::Log { level, logger, data } => {
                let mut params = json!({ "level": level.as_str() });
                if let Some(logger) = logger {
                    params["logger"] = logger.into();
                }
                params["data"] = data;
                self.write_line(format!(r#"{{"jsonrpc":"2.0","method":"notifications/message","params":{params}}}"#));
            }
            Said::Ask { params, answer } => {
                let id = format!("{OURS}{}\"", self.asked.fetch_add(1, Ordering::Relaxed));
                lock(&self.questions).insert(id.clone(), Question { call: call.to_owned(), answer });
                self.write_line(format!(
                    r#"{{"jsonrpc":"2.0","id":{id},"method":"elicitation/create","params":{params}}}"#
                ));
            }
            // A call with a progress token goes through the protocol library.
            Said::Progress { .. } => {}
        }
    }

    /// Takes a response of the client, and returns whether it is one to such a question. An answer that comes too late has no effect.
    pub(super) fn take_answer(&self, id: Option<&RawValue>, result: Option<&RawValue>) -> bool {
        let Some(id) = id.map(RawValue::get).filter(|id| id.starts_with(OURS)) else { return false };
        let question = lock(&self.questions).remove(id);
        if let Some(question) = question {
            // Without a useful answer, nobody has answered.
            let result = result.and_then(|result| serde_json::from_str(result.get()).ok()).unwrap_or_default();
            // The server may have given up meanwhile.
            drop(question.answer.send(result));
        }
        true
    }

    /// Forgets the questions that were asked during a call, because it has ended.
    pub(super) fn forget_questions(&self, call: &str) {
        lock(&self.questions).retain(|_, question| question.call != call);
    }
}
