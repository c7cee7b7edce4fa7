//! Compares what a call did with what its case expects.

use mpp_host::crash::Crash;
use mpp_host::host::CallOutcome;
use mpp_host::wire::{Content, ErrorKind, RpcError};
use mpp_recording::{difference, line_diff};
use serde_json::{Map, Value};

use super::{Observed, state};
use crate::format::{Case, Denied, Expect, ExpectedError};
use crate::result::Mismatch;

/// Returns what is not as expected.
pub(super) fn check(case: &Case, observed: &Observed) -> Vec<Mismatch> {
    let mut found = Vec::new();
    found.extend(observed.unanswered.as_ref().map(|reason| Mismatch::new("http", reason.clone())));
    let Some(expect) = &case.expect else {
        let answer = shown(&serde_json::from_str(&observed.output.json()).unwrap_or_default());
        found.push(Mismatch::new("expect", format!("the case expects nothing; the call answered\n  {answer}")));
        return found;
    };
    match (observed.output.outcome(), &expect.error) {
        (Ok(outcome), None) => results(expect, outcome, &mut found),
        (Ok(_), Some(error)) => {
            let answer = shown(&serde_json::from_str(&observed.output.json()).unwrap_or_default());
            let message = format!("expected the error `{}`, found a result\n  {answer}", error.code);
            found.push(Mismatch::new("error", message));
        }
        (Err(error), Some(expected)) => errors(expected, error, observed, &mut found),
        (Err(_), None) if expect.denied.is_some() && expect.without_denial().is_success_only() => {}
        (Err(error), None) => {
            let message = format!("expected a result, found the {}", described(error, observed.output.log()));
            found.push(Mismatch::new("result", message));
        }
    }
    found.extend(expect.denied.as_ref().and_then(|denied| denials(denied, observed)));
    found.extend(others(expect, observed));
    found
}

impl Expect {
    /// The expectation without `denied`.
    fn without_denial(&self) -> Self {
        Self { denied: None, ..self.clone() }
    }
}

/// Returns the structured result of a call.
pub(crate) fn structured(outcome: &CallOutcome) -> Option<Value> {
    outcome.structured.as_ref().and_then(|raw| serde_json::from_str(raw.get()).ok())
}

/// Returns the text items of a result, joined by line breaks.
pub(crate) fn text(outcome: &CallOutcome) -> String {
    outcome.content.iter().filter_map(Content::as_text).collect::<Vec<_>>().join("\n")
}

/// Returns the items of a result in the form of MCP.
pub(crate) fn content(outcome: &CallOutcome) -> Value {
    serde_json::to_value(&outcome.content).unwrap_or_default()
}

fn results(expect: &Expect, outcome: &CallOutcome, found: &mut Vec<Mismatch>) {
    if outcome.is_error {
        let message = format!("expected a result, found one that reports a failure (`isError`): {}", text(outcome));
        found.push(Mismatch::new("result", message));
        return;
    }
    let compared = [
        ("result", expect.result.as_ref(), "the result is not as expected:"),
        ("partial", expect.partial.as_ref(), "the result does not contain what is expected:"),
    ];
    for (subject, expected, headline) in compared {
        let Some(expected) = expected else { continue };
        match structured(outcome) {
            Some(value) => {
                let differences = match subject {
                    "result" => difference::compare("", expected, &value),
                    _ => difference::missing("", expected, &value),
                };
                let counts = |pointer: &str, is_there: bool| {
                    is_there && expect.ignore.iter().any(|pattern| difference::is_below(pattern, pointer))
                };
                let differences = differences.into_iter().filter(|one| !counts(&one.pointer, one.found.is_some()));
                found.extend(Mismatch::of(subject, headline, differences.collect()));
            }
            None => {
                let said = text(outcome);
                let message =
                    format!("expected structured data, found text: {}\nexpect it as `text`", shown(&said.into()));
                found.push(Mismatch::new(subject, message));
            }
        }
    }
    let said = text(outcome);
    if let Some(expected) = expect.text.as_ref().filter(|expected| **expected != said) {
        let message = match structured(outcome) {
            Some(value) if said.is_empty() => {
                format!("expected text, found structured data: {}\nexpect it as `result`", shown(&value))
            }
            _ => format!("the text is not as expected:\n{}", line_diff::diff(expected, &said)),
        };
        found.push(Mismatch::new("text", message));
    }
    for part in expect.contains.iter().filter(|part| !said.contains(part.as_str())) {
        found.push(Mismatch::new("contains", format!("the text does not contain `{part}`:\n{said}")));
    }
    if let Some(expected) = &expect.content {
        let differences = difference::compare("/content", &expected.clone().into(), &content(outcome));
        found.extend(Mismatch::of("content", "the items of the result are not as expected:", differences));
    }
}

/// Returns the code of a tool's own error, or the kind of any other.
pub(crate) fn code(error: &RpcError) -> &str {
    let own = error.data.get("code").and_then(Value::as_str);
    own.or_else(|| error.kind().map(|kind| kind.as_str())).unwrap_or("unknown")
}

fn errors(expected: &ExpectedError, error: &RpcError, observed: &Observed, found: &mut Vec<Mismatch>) {
    let kind = error.kind().map_or("", |kind| kind.as_str());
    let id = observed.output.code().map_or("", |code| code.id);
    if ![code(error), kind, id].contains(&expected.code.as_str()) {
        let described = described(error, observed.output.log());
        let message = format!("expected the error `{}`, found the {described}", expected.code);
        found.push(Mismatch::new("error", message));
        return;
    }
    if let Some(part) = expected.message.as_ref().filter(|part| !error.message.contains(part.as_str())) {
        let message = format!("the message of the error does not contain `{part}`: {}", error.message);
        found.push(Mismatch::new("error", message));
    }
    if let Some(retryable) = expected.retryable.filter(|retryable| *retryable != error.is_retryable()) {
        let message = format!("expected `retryable` to be {retryable}, found {}", error.is_retryable());
        found.push(Mismatch::new("error", message));
    }
    if let Some(data) = &expected.data {
        let differences = difference::missing("/data", &data.clone().into(), &error.data.clone().into());
        found.extend(Mismatch::of("error", "the data of the error are not as expected:", differences));
    }
}

fn described(error: &RpcError, log: &str) -> String {
    let headline = format!("error `{}`: {}", code(error), error.message);
    if error.kind() == Some(ErrorKind::ToolCrashed)
        && let Some(crash) = Crash::of(error, log)
    {
        let lines = [vec![format!("error `{}`: {}", code(error), crash.headline)], crash.frames].concat();
        return lines.join("\n  ");
    }
    headline
}

fn denials(denied: &Denied, observed: &Observed) -> Option<Mismatch> {
    let accesses = &observed.output.report().accesses;
    let error = observed.output.outcome().err().filter(|error| error.kind() == Some(ErrorKind::CapabilityDenied));
    let says = |member: &str, name: &str| {
        error.is_some_and(|error| error.data.get(member).and_then(Value::as_str) == Some(name))
    };
    let (what, is_denied) = match (&denied.network, &denied.filesystem, &denied.env_vars) {
        (Some(host), ..) => (format!("the host `{host}`"), accesses.refused_hosts.contains(host) || says("host", host)),
        (_, Some(path), _) => {
            (format!("the path `{path}`"), accesses.refused_paths.contains_key(path) || says("path", path))
        }
        (_, _, Some(name)) => (format!("the variable `{name}`"), says("variable", name)),
        _ => return None,
    };
    if is_denied {
        return None;
    }
    let hosts = accesses.refused_hosts.iter().cloned();
    let mut others: Vec<String> = hosts.chain(accesses.refused_paths.keys().cloned()).collect();
    others.extend(error.and_then(|error| error.data.get("variable")?.as_str().map(str::to_owned)));
    let found = match others.as_slice() {
        [] => "nothing was denied".to_owned(),
        others => format!("denied were {}", others.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ")),
    };
    Some(Mismatch::new("denied", format!("expected a denial of {what}; {found}")))
}

fn others(expect: &Expect, observed: &Observed) -> Vec<Mismatch> {
    let mut found = Vec::new();
    if let Some(expected) = &expect.kv {
        let values = observed.state.as_ref().map(|entries| state::values(entries, expected));
        match values {
            Some(values) => {
                let object = |map: Map<String, Value>| Value::Object(map);
                let (expected, values) =
                    (object(expected.clone().into_iter().collect()), object(values.into_iter().collect()));
                let differences = difference::compare("", &expected, &values);
                found.extend(Mismatch::of("kv", "the state is not as expected:", differences));
            }
            None => {
                let message = "the manifest does not declare `kv`, so the package has no state";
                found.push(Mismatch::new("kv", message));
            }
        }
    }
    for (guest, expected) in &expect.files {
        match observed.files.get(guest).and_then(Option::as_ref) {
            Some(text) if text == expected => {}
            Some(text) => {
                let message = format!("the file `{guest}` is not as expected:\n{}", line_diff::diff(expected, text));
                found.push(Mismatch::new("files", message));
            }
            None => found.push(Mismatch::new("files", format!("there is no file `{guest}`"))),
        }
    }
    let log = observed.output.log();
    for part in expect.log.iter().filter(|part| !log.contains(part.as_str())) {
        found.push(Mismatch::new("log", format!("the log does not contain `{part}`")));
    }
    if let Some(expected) = &expect.requests {
        let (expected, sent) = (Value::from(expected.clone()), Value::from(observed.requests.clone()));
        let differences = difference::compare("", &expected, &sent);
        found.extend(Mismatch::of("requests", "the requests are not as expected:", differences));
    }
    found
}

/// A value on one line, cut if it is long.
fn shown(value: &Value) -> String {
    const LONGEST: usize = 1000;
    let text = value.to_string();
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
