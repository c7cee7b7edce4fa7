//! Reads the messages of a server, of which only the envelope matters here.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;

/// Bytes at the start of an unreadable message in which its id is looked for.
const HEAD: usize = 1024;

/// Levels of the deepest result. Many parsers follow no more.
const DEEPEST: usize = 128;

/// A message of a server.
#[derive(Debug, PartialEq)]
pub(super) enum Message {
    /// The answer to a request of ours.
    Answer(u64, Answer),
    /// A request of the server: its id as JSON text, the method, and the parameters as JSON text.
    Request(String, String, String),
    /// A notification: the method, and the parameters as JSON text.
    Notification(String, String),
}

/// What a request was answered.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Answer {
    /// The result, JSON text as the server sent it.
    Result(String),
    /// A JSON-RPC error.
    Error {
        /// The code.
        code: i64,
        /// The message.
        message: String,
    },
}

/// How messages of a server arrive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Medium {
    Stdout,
    Http,
}

/// What is wrong with a message of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    NotText,
    NotJson,
    NotMessage,
    TooLong,
    /// The answer to a request that was never made, or that was answered before.
    Stray,
    /// An answer that is nested so deeply that most programs cannot read it.
    TooDeep,
    /// A body that is neither JSON nor an event stream.
    ContentType,
    /// One answer with very many messages.
    TooMuch,
}

impl Fault {
    /// Returns the fault as the end of a sentence about the server.
    pub(super) fn words(self, medium: Medium) -> &'static str {
        match (self, medium) {
            (Self::NotText, Medium::Stdout) => "wrote a line to stdout that is not UTF-8",
            (Self::NotText, Medium::Http) => "sent a message that is not UTF-8",
            (Self::NotJson, Medium::Stdout) => "wrote a line to stdout that is not JSON",
            (Self::NotJson, Medium::Http) => "sent a message that is not JSON",
            (Self::NotMessage, Medium::Stdout) => "wrote a line to stdout that is not a JSON-RPC message",
            (Self::NotMessage, Medium::Http) => "sent JSON that is not a JSON-RPC message",
            (Self::TooLong, Medium::Stdout) => "wrote a message that is longer than 16 MiB",
            (Self::TooLong, Medium::Http) => "sent a message that is longer than 16 MiB",
            (Self::TooDeep, _) => "sent an answer that is nested more than 128 levels deep",
            (Self::Stray, _) => "answered a request that was not made, or answered it twice",
            (Self::ContentType, _) => "sent a body that is neither JSON nor an event stream",
            (Self::TooMuch, _) => "sent more than 64 MiB in one answer",
        }
    }
}

/// What is wrong with a line, and the request that it seems to answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed {
    pub(super) fault: Fault,
    pub(super) answers: Option<u64>,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Option<Cow<'a, str>>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    result: Option<&'a RawValue>,
    error: Option<ErrorObject>,
}

#[derive(Deserialize)]
struct ErrorObject {
    #[serde(default)]
    code: i64,
    #[serde(default)]
    message: String,
}

/// Reads a line.
pub(super) fn read(line: &[u8]) -> Result<Message, Malformed> {
    let malformed = |fault| Malformed { fault, answers: id_in(line) };
    let text = std::str::from_utf8(line).map_err(|_| malformed(Fault::NotText))?;
    let whole: &RawValue = serde_json::from_str(text).map_err(|_| malformed(Fault::NotJson))?;
    let envelope: Envelope<'_> = serde_json::from_str(whole.get()).map_err(|_| malformed(Fault::NotMessage))?;
    let params = envelope.params.map_or("{}", RawValue::get);
    match envelope {
        Envelope { id: Some(id), method: Some(method), .. } => {
            Ok(Message::Request(id.get().to_owned(), method.into_owned(), params.to_owned()))
        }
        Envelope { id: None, method: Some(method), .. } => {
            Ok(Message::Notification(method.into_owned(), params.to_owned()))
        }
        Envelope { id: Some(id), result, error, .. } => {
            // Some servers return the id as a string.
            let id = id.get().trim_matches('"').parse().map_err(|_| malformed(Fault::Stray))?;
            match (result, error) {
                (Some(result), None) if is_too_deep(result.get()) => {
                    Err(Malformed { fault: Fault::TooDeep, answers: Some(id) })
                }
                (Some(result), None) => Ok(Message::Answer(id, Answer::Result(result.get().to_owned()))),
                (_, Some(error)) => Ok(Message::Answer(id, Answer::Error { code: error.code, message: error.message })),
                (None, None) => Err(malformed(Fault::NotMessage)),
            }
        }
        Envelope { id: None, method: None, .. } => Err(malformed(Fault::NotMessage)),
    }
}

/// Returns whether a JSON text is nested more deeply than parsers of clients follow.
fn is_too_deep(json: &str) -> bool {
    let bytes = json.as_bytes();
    // Most texts do not even have so many brackets.
    if bytes.iter().filter(|byte| matches!(byte, b'[' | b'{')).count() <= DEEPEST {
        return false;
    }
    let (mut depth, mut is_string, mut is_escaped) = (0_usize, false, false);
    for byte in bytes {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_string,
            b'"' => is_string = !is_string,
            b'[' | b'{' if !is_string => depth += 1,
            b']' | b'}' if !is_string => depth -= 1,
            _ => {}
        }
        if depth > DEEPEST {
            return true;
        }
    }
    false
}

/// Returns the id that a message names near its start, for messages that cannot be read otherwise.
pub(super) fn id_in(line: &[u8]) -> Option<u64> {
    let head = String::from_utf8_lossy(&line[..line.len().min(HEAD)]);
    if !head.starts_with('{') || !head.contains("\"jsonrpc\"") {
        return None;
    }
    let after = head.split_once("\"id\"")?.1.trim_start().strip_prefix(':')?.trim_start();
    let digits = after.find(|c: char| !c.is_ascii_digit())?;
    after[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_is_the_text_that_the_server_sent() {
        let line = br#"{"jsonrpc":"2.0","id":7,"result":{"n":12345678901234567890123.50,"x":[ 1 ]}}"#;
        let result = r#"{"n":12345678901234567890123.50,"x":[ 1 ]}"#;
        assert_eq!(read(line), Ok(Message::Answer(7, Answer::Result(result.to_owned()))));
    }

    #[test]
    fn requests_notifications_and_errors_are_told_apart() {
        let request = Message::Request("\"a\"".to_owned(), "ping".to_owned(), "{}".to_owned());
        assert_eq!(read(br#"{"jsonrpc":"2.0","id":"a","method":"ping"}"#), Ok(request));
        let notification = Message::Notification("x".to_owned(), r#"{"a":1.50}"#.to_owned());
        assert_eq!(read(br#"{"method":"x","params":{"a":1.50}}"#), Ok(notification));
        let error = Answer::Error { code: -32601, message: "no".to_owned() };
        assert_eq!(read(br#"{"id":"3","error":{"code":-32601,"message":"no"}}"#), Ok(Message::Answer(3, error)));
    }

    #[test]
    fn a_result_that_is_nested_too_deeply_is_no_answer() {
        let nested = |depth: usize| {
            let brackets = ("[".repeat(depth), "]".repeat(depth));
            format!(r#"{{"jsonrpc":"2.0","id":7,"result":{}"{}"{}}}"#, brackets.0, "[\\\"{".repeat(200), brackets.1)
        };
        assert!(read(nested(DEEPEST).as_bytes()).is_ok());
        let malformed = Malformed { fault: Fault::TooDeep, answers: Some(7) };
        assert_eq!(read(nested(DEEPEST + 1).as_bytes()), Err(malformed));
    }

    #[test]
    fn an_unreadable_answer_is_assigned_to_its_request() {
        for (line, fault, answers) in [
            (&b"\xff"[..], Fault::NotText, None),
            (b"{\"jsonrpc\":\"2.0\",\"id\":4,\"result\":\"\xff\"}", Fault::NotText, Some(4)),
            (b"starting up: \"jsonrpc\" \"id\":4", Fault::NotJson, None),
            (br#"{"jsonrpc":"2.0","id": 5,"result":{"#, Fault::NotJson, Some(5)),
            (br#"{"jsonrpc":"2.0","id":5}"#, Fault::NotMessage, Some(5)),
            (b"[1]", Fault::NotMessage, None),
            (b"{}", Fault::NotMessage, None),
        ] {
            assert_eq!(read(line), Err(Malformed { fault, answers }), "{}", String::from_utf8_lossy(line));
        }
    }
}
