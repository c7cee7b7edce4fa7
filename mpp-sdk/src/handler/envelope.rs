//! JSON-RPC: what a request asks, and the response line.

use serde_json::{Value, error::Category, value::RawValue};

use crate::{
    arguments::{Member, members},
    output::Output,
    wire::{ErrorKind, JSONRPC, METHOD_CALL, METHOD_LIST, RpcError, did_you_mean},
};

/// What a request asks for.
pub(crate) enum Asked<'a> {
    /// The definitions.
    List,
    /// A call; the arguments are JSON text.
    Call { name: String, arguments: Option<&'a str> },
}

/// What is answered.
pub(crate) enum Answer {
    /// The definitions, sorted by name, as a JSON array.
    Tools(Vec<u8>),
    /// The result of a call.
    Result(Output),
}

/// Reads the request, has it answered and writes the response line.
pub(crate) fn respond(input: &[u8], answer: &mut dyn FnMut(Asked<'_>) -> Result<Answer, RpcError>) -> Vec<u8> {
    let mut id = None;
    let answered = read(input, &mut id).and_then(answer);
    write(id, answered)
}

/// Whether the bytes are the beginning of a JSON text that goes on.
pub(crate) fn is_unfinished(input: &[u8]) -> bool {
    std::str::from_utf8(input)
        .is_ok_and(|text| serde_json::from_str::<&RawValue>(text).is_err_and(|error| error.classify() == Category::Eof))
}

fn read<'a>(input: &'a [u8], id: &mut Option<u64>) -> Result<Asked<'a>, RpcError> {
    let text = std::str::from_utf8(input).map_err(|error| {
        parse_error(&format!("the request is not UTF-8: invalid byte at offset {}", error.valid_up_to()))
    })?;
    if text.trim_ascii().is_empty() {
        return Err(parse_error("the request is empty; expected one JSON-RPC request on stdin"));
    }
    let whole: &RawValue =
        serde_json::from_str(text).map_err(|error| parse_error(&format!("the request is not JSON: {error}")))?;
    if !whole.get().starts_with('{') {
        return Err(invalid_request("the request must be one JSON object; batches are not accepted"));
    }
    let request = object(whole.get(), "the request")?;
    *id = member(&request, "id").and_then(|id| id.parse().ok());
    if member(&request, "jsonrpc") != Some("\"2.0\"") {
        return Err(invalid_request("the request's `jsonrpc` must be \"2.0\""));
    }
    if id.is_none() {
        return Err(invalid_request("the request's `id` must be a whole number, and there must be one"));
    }
    let method = word(&request, "method", "the request")?;
    match method.as_str() {
        METHOD_LIST => Ok(Asked::List),
        METHOD_CALL => call(member(&request, "params")),
        other => Err(RpcError::new(
            ErrorKind::MethodNotFound,
            format!(
                "there is no method `{other}`; expected `{METHOD_LIST}` or `{METHOD_CALL}`{}",
                did_you_mean(other, [METHOD_LIST, METHOD_CALL])
            ),
        )),
    }
}

fn call(params: Option<&str>) -> Result<Asked<'_>, RpcError> {
    let text = params.filter(|text| text.starts_with('{'));
    let text =
        text.ok_or_else(|| invalid_request("`params` of `tools/call` must be an object with `name` and `arguments`"))?;
    let params = object(text, "`params`")?;
    let arguments = member(&params, "arguments").filter(|arguments| *arguments != "null");
    Ok(Asked::Call { name: word(&params, "name", "`params`")?, arguments })
}

/// The members of an object that is JSON.
fn object<'a>(text: &'a str, what: &str) -> Result<Vec<Member<'a>>, RpcError> {
    let members = members(text).map_err(|error| invalid_request(&format!("{what} cannot be read: {error}")))?;
    for (index, (key, _)) in members.iter().enumerate() {
        if members[..index].iter().any(|(other, _)| other == key) {
            return Err(invalid_request(&format!("{what} has `{key}` twice")));
        }
    }
    Ok(members)
}

fn member<'a>(members: &[Member<'a>], key: &str) -> Option<&'a str> {
    members.iter().find(|(name, _)| name == key).map(|(_, value)| value.get())
}

fn word(members: &[Member<'_>], key: &str, what: &str) -> Result<String, RpcError> {
    member(members, key)
        .and_then(|text| serde_json::from_str(text).ok())
        .ok_or_else(|| invalid_request(&format!("{what} needs a text as `{key}`")))
}

fn write(id: Option<u64>, answered: Result<Answer, RpcError>) -> Vec<u8> {
    let id = id.map_or_else(|| "null".to_owned(), |id| id.to_string());
    let mut line = format!("{{\"jsonrpc\":\"{JSONRPC}\",\"id\":{id},").into_bytes();
    let is_error = answered.is_err();
    // Written piece by piece: the derived impls of the wire types, for a second use of them, are four kilobytes of a module.
    // What is written is strings and JSON values: there is nothing in it that could fail to be JSON.
    let _ = match answered {
        Ok(Answer::Result(output)) => {
            line.extend_from_slice(b"\"result\":");
            output.write(&mut line);
            Ok(())
        }
        Ok(Answer::Tools(tools)) => {
            line.extend_from_slice(b"\"result\":{\"tools\":");
            line.extend_from_slice(&tools);
            line.push(b'}');
            Ok(())
        }
        Err(error) => {
            line.extend_from_slice(format!("\"error\":{{\"code\":{},\"message\":", error.code).as_bytes());
            let written = serde_json::to_writer(&mut line, &error.message);
            line.extend_from_slice(b",\"data\":");
            written.and_then(|()| serde_json::to_writer(&mut line, &Value::Object(error.data)))
        }
    };
    line.extend_from_slice(if is_error { b"}}\n" } else { b"}\n" });
    line
}

#[inline(never)]
fn parse_error(message: &str) -> RpcError {
    RpcError::new(ErrorKind::ParseError, message)
}

#[inline(never)]
fn invalid_request(message: &str) -> RpcError {
    RpcError::new(ErrorKind::InvalidRequest, message)
}
