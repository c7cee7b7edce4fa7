//! Requests to a program, and its answers, read as strictly as a host reads them.

use std::sync::Arc;

use mpp_host::causes::with_causes;
use mpp_host::clock::Clock;
use mpp_host::host::{Probe, Probed, RunnablePackage};
use mpp_host::package::json;
use mpp_host::sandbox::CallLimits;
use mpp_host::wire::{ErrorKind, ToolDefinition};
use serde_json::{Value, json};

/// Number of characters of an answer that are shown.
const LONGEST: usize = 300;

/// A program that is asked.
pub(super) struct Wire<'a> {
    package: &'a RunnablePackage,
    definitions: &'a [ToolDefinition],
    pub(super) limits: CallLimits,
}

/// What a program is given for one request besides the request.
#[derive(Debug, Default)]
pub(super) struct Surroundings {
    pub(super) clock: Option<Arc<dyn Clock>>,
    pub(super) seed: Option<u64>,
    pub(super) limits: Option<CallLimits>,
}

impl<'a> Wire<'a> {
    pub(super) fn new(package: &'a RunnablePackage, definitions: &'a [ToolDefinition], limits: CallLimits) -> Self {
        Self { package, definitions, limits }
    }

    /// The definitions of the manifest.
    pub(super) fn definitions(&self) -> &'a [ToolDefinition] {
        self.definitions
    }

    pub(super) fn definition(&self, tool: &str) -> Option<&'a ToolDefinition> {
        self.definitions.iter().find(|definition| definition.name == tool)
    }

    /// Sends a line as it is.
    pub(super) fn send(&self, line: &str, surroundings: &Surroundings) -> Probed {
        let mut probe = Probe::new(format!("{line}\n"), surroundings.limits.unwrap_or(self.limits));
        if let Some(clock) = &surroundings.clock {
            probe = probe.clock(Arc::clone(clock));
        }
        if let Some(seed) = surroundings.seed {
            probe = probe.seed(seed);
        }
        self.package.probe(&probe)
    }

    /// Sends a line, and returns the response.
    pub(super) fn ask(&self, line: &str) -> Result<Value, String> {
        response(&self.send(line, &Surroundings::default()), false)
    }

    /// Calls a tool with arguments, which are JSON text.
    pub(super) fn call_text(&self, tool: &str, arguments: &str) -> Result<Value, String> {
        self.ask(&call_line(tool, arguments))
    }

    /// Calls a tool, and returns the response.
    pub(super) fn call(&self, tool: &str, arguments: &Value) -> Result<Value, String> {
        self.call_text(tool, &arguments.to_string())
    }

    /// Calls a tool in these surroundings, and returns the data or the text of its result.
    pub(super) fn result(&self, tool: &str, arguments: &Value, surroundings: &Surroundings) -> Result<Value, String> {
        let probed = self.send(&call_line(tool, &arguments.to_string()), surroundings);
        result(&response(&probed, false)?)
    }
}

/// Returns the line of a call.
pub(super) fn call_line(tool: &str, arguments: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}","arguments":{arguments}}}}}"#)
}

/// Reads the one response of a program. If `may_have_null_id` is true, the response may have the id `null`, as that to a request
/// whose id cannot be read.
pub(super) fn response(probed: &Probed, may_have_null_id: bool) -> Result<Value, String> {
    if let Some(failure) = &probed.failure {
        let kind = failure.kind().map_or("unknown", ErrorKind::as_str);
        return Err(format!("the program failed (`{kind}`): {}", failure.message));
    }
    let text = std::str::from_utf8(&probed.output).map_err(|error| {
        format!("the program wrote bytes that are not UTF-8, at byte {} of stdout", error.valid_up_to())
    })?;
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    let [line] = lines.as_slice() else {
        return Err(match lines.first() {
            None => "the program wrote nothing to stdout".to_owned(),
            Some(first) => {
                format!("the program wrote {} lines to stdout, of which the first is {}", lines.len(), cut(first))
            }
        });
    };
    let value =
        json::parse(line.as_bytes()).map_err(|fault| format!("{} is not JSON: {}", cut(line), with_causes(&fault)))?;
    let shown = || cut(line);
    if value.get("jsonrpc") != Some(&json!("2.0")) {
        return Err(format!("the response lacks `\"jsonrpc\": \"2.0\"`: {}", shown()));
    }
    let is_id = value.get("id") == Some(&json!(1)) || may_have_null_id && value.get("id") == Some(&Value::Null);
    if !is_id {
        return Err(format!("the response has not the id 1: {}", shown()));
    }
    match (value.get("result"), value.get("error")) {
        (Some(_), None) => Ok(value),
        (None, Some(error)) if is_error(error) => Ok(value),
        (None, Some(_)) => {
            Err(format!("`error` has not a whole `code`, a `message` and `data` with a `kind`: {}", shown()))
        }
        _ => Err(format!("the response has not exactly one of `result` and `error`: {}", shown())),
    }
}

fn is_error(error: &Value) -> bool {
    error["code"].is_i64() && error["message"].is_string() && error["data"]["kind"].is_string()
}

/// Returns the data of a result, or its text.
pub(super) fn result(response: &Value) -> Result<Value, String> {
    let result =
        response.get("result").ok_or_else(|| format!("expected a result, found {}", cut(&response.to_string())))?;
    let well_formed = result.is_object()
        && result.get("content").is_none_or(Value::is_array)
        && result.get("isError").is_none_or(Value::is_boolean);
    if !well_formed {
        return Err(format!(
            "`result` is not a result of a call (`content`, `structuredContent`, `isError`): {}",
            cut(&result.to_string())
        ));
    }
    if result["isError"] == true {
        return Err(format!("the result reports a failure: {}", cut(&result.to_string())));
    }
    if let Some(value) = result.get("structuredContent") {
        return Ok(value.clone());
    }
    let texts = result["content"].as_array().into_iter().flatten().filter_map(|item| item["text"].as_str());
    Ok(texts.collect::<Vec<_>>().join("\n").into())
}

/// Checks that a response is an error of this kind, and returns its `data`.
pub(super) fn error(response: &Value, kind: ErrorKind) -> Result<&Value, String> {
    let error =
        response.get("error").ok_or_else(|| format!("expected an error, found {}", cut(&response.to_string())))?;
    let is_kind = error["code"] == json!(kind.code()) && error["data"]["kind"] == json!(kind.as_str());
    if is_kind {
        return Ok(&error["data"]);
    }
    Err(format!(
        "expected the code {} and the kind `{}`, found {}",
        kind.code(),
        kind.as_str(),
        cut(&error.to_string())
    ))
}

/// Shows a text in backticks, cut if it is long.
pub(super) fn cut(text: &str) -> String {
    let mut shown: String = text
        .chars()
        .take(LONGEST)
        .flat_map(|c| if c.is_control() { c.escape_default().collect::<Vec<_>>() } else { vec![c] })
        .collect();
    if text.chars().nth(LONGEST).is_some() {
        shown.push('…');
    }
    format!("`{shown}`")
}
