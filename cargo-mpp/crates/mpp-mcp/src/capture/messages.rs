//! JSON-RPC messages: what of them matters to a capture.

use serde_json::Value;

/// The kind of a message.
#[derive(Debug)]
pub(super) enum Message {
    Request {
        id: String,
        method: String,
        params: Value,
    },
    Notification {
        method: String,
        params: Value,
    },
    /// `{"result": …}` or `{"error": …}`.
    Response {
        id: String,
        outcome: Value,
    },
    /// Neither of these.
    Other,
}

impl Message {
    /// Reads a message. `1` and `"1"` are different ids.
    pub(super) fn parse(json: &str) -> Self {
        let Ok(Value::Object(mut members)) = serde_json::from_str::<Value>(json) else { return Self::Other };
        let id = members.get("id").filter(|id| !id.is_null()).map(ToString::to_string);
        let params = members.remove("params").unwrap_or_default();
        match (members.remove("method"), id) {
            (Some(Value::String(method)), Some(id)) => Self::Request { id, method, params },
            (Some(Value::String(method)), None) => Self::Notification { method, params },
            (None, Some(id)) => {
                let outcome =
                    ["result", "error"].into_iter().find_map(|name| Some((name.to_owned(), members.remove(name)?)));
                match outcome {
                    Some(outcome) => Self::Response { id, outcome: Value::Object([outcome].into_iter().collect()) },
                    None => Self::Other,
                }
            }
            _ => Self::Other,
        }
    }
}
