//! The JSON-RPC envelope: parses a request and writes the response line.

use serde_json::{error::Category, value::RawValue};

use crate::{
    arguments::{Member, members},
    failure::Failure,
    output::Output,
    wire::{ErrorKind, JSONRPC, METHOD_CALL, METHOD_LIST, did_you_mean},
};

/// The method of a request, with its parameters.
pub(crate) enum Asked<'a> {
    /// `tools/list`.
    List,
    /// `tools/call`; the arguments are JSON text.
    Call { name: String, arguments: Option<&'a str> },
}

/// The result of a request.
pub(crate) enum Answer {
    /// The tool definitions, sorted by name, as a JSON array.
    Tools(Vec<u8>),
    /// The result of a call.
    Result(Output),
}

/// Reads the request, calls `answer`, and returns the response line.
pub(crate) fn respond(input: &[u8], answer: &mut dyn FnMut(Asked<'_>) -> Result<Answer, Failure>) -> Vec<u8> {
    let mut id = None;
    let answered = read(input, &mut id).and_then(answer);
    write(id, answered)
}

/// Returns whether the bytes are an incomplete JSON text.
pub(crate) fn is_unfinished(input: &[u8]) -> bool {
    std::str::from_utf8(input)
        .is_ok_and(|text| serde_json::from_str::<&RawValue>(text).is_err_and(|error| error.classify() == Category::Eof))
}

fn read<'a>(input: &'a [u8], id: &mut Option<&'a str>) -> Result<Asked<'a>, Failure> {
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
    *id = member(&request, "id").filter(|id| id.parse::<u64>().is_ok());
    if member(&request, "jsonrpc") != Some("\"2.0\"") {
        return Err(invalid_request("the request's `jsonrpc` must be \"2.0\""));
    }
    if id.is_none() {
        return Err(invalid_request("the request needs a whole number as `id`"));
    }
    let method = word(&request, "method", "the request")?;
    match method.as_str() {
        METHOD_LIST => Ok(Asked::List),
        METHOD_CALL => call(member(&request, "params")),
        other => Err(Failure::new(
            ErrorKind::MethodNotFound,
            format!(
                "there is no method `{other}`; expected `{METHOD_LIST}` or `{METHOD_CALL}`{}",
                did_you_mean(other, [METHOD_LIST, METHOD_CALL])
            ),
        )),
    }
}

fn call(params: Option<&str>) -> Result<Asked<'_>, Failure> {
    let text = params.filter(|text| text.starts_with('{'));
    let text =
        text.ok_or_else(|| invalid_request("`params` of `tools/call` must be an object with `name` and `arguments`"))?;
    let params = object(text, "`params`")?;
    let arguments = member(&params, "arguments").filter(|arguments| *arguments != "null");
    Ok(Asked::Call { name: word(&params, "name", "`params`")?, arguments })
}

/// Returns the members of a JSON object.
fn object<'a>(text: &'a str, what: &str) -> Result<Vec<Member<'a>>, Failure> {
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

fn word(members: &[Member<'_>], key: &str, what: &str) -> Result<String, Failure> {
    member(members, key)
        .and_then(|text| serde_json::from_str(text).ok())
        .ok_or_else(|| invalid_request(&format!("{what} needs a string as `{key}`")))
}

fn write(id: Option<&str>, answered: Result<Answer, Failure>) -> Vec<u8> {
    let mut line = b"{\"jsonrpc\":\"".to_vec();
    line.extend_from_slice(JSONRPC.as_bytes());
    line.extend_from_slice(b"\",\"id\":");
    line.extend_from_slice(id.unwrap_or("null").as_bytes());
    line.push(b',');
    // Written piece by piece: the derived implementations of the wire types would add four kilobytes to a module.
    match answered {
        Ok(Answer::Result(output)) => {
            line.extend_from_slice(b"\"result\":");
            output.write(&mut line);
        }
        Ok(Answer::Tools(tools)) => {
            line.extend_from_slice(b"\"result\":{\"tools\":");
            line.extend_from_slice(&tools);
            line.push(b'}');
        }
        Err(failure) => {
            line.extend_from_slice(b"\"error\":");
            failure.write(&mut line);
        }
    }
    line.extend_from_slice(b"}\n");
    line
}

#[inline(never)]
fn parse_error(message: &str) -> Failure {
    Failure::new(ErrorKind::ParseError, message.to_owned())
}

#[inline(never)]
fn invalid_request(message: &str) -> Failure {
    Failure::new(ErrorKind::InvalidRequest, message.to_owned())
}
