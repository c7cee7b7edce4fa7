//! Converts a run's output to a JSON-RPC result or error; the output must be exactly one line, the response to request 1.

use mpp_sdk::wire::{Content, ErrorKind, JSONRPC, REQUEST_ID, Response, RpcError};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::denial::Granted;
use super::limits::CallLimits;
use super::run::{Ended, RawOutput};
use crate::codes::{Remedy, RuntimeLimit};
use crate::package::manifest::{Runtime, cargo_toml};

const MIB: usize = 1024 * 1024;

/// The result of `tools/call` as the tool wrote it, in which JSON values are still text.
#[derive(Debug, Deserialize)]
pub(crate) struct RawCallResult<'a> {
    #[serde(default)]
    pub(crate) content: Vec<Content>,
    #[serde(borrow, default, rename = "structuredContent", deserialize_with = "present")]
    pub(crate) structured: Option<&'a RawValue>,
    #[serde(default, rename = "isError")]
    pub(crate) is_error: bool,
    #[serde(borrow, default, rename = "_meta")]
    pub(crate) meta: Option<&'a RawValue>,
}

/// A response whose result is still text.
type RawResponse<'a> = Response<&'a RawValue>;

/// Reads `null` as a value, not as a missing member.
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<&'de RawValue>, D::Error> {
    <&RawValue>::deserialize(deserializer).map(Some)
}

/// Prepares text from the tool to be quoted in a message: filters, escapes and truncates it.
pub(crate) type Quote<'q> = &'q dyn Fn(&str) -> String;

/// Returns the result of a run, or an error that the tool or the host reports.
pub(crate) fn read<'a>(
    run: &'a RawOutput,
    limits: Limits<'_>,
    granted: &Granted<'_>,
    quote: Quote<'_>,
) -> Result<&'a RawValue, RpcError> {
    match &run.ended {
        Ended::Done => read_output(&run.output, quote).map_err(|error| said_by_host(error, run, granted)),
        failed => Err(failure(failed, limits, &run.output)),
    }
}

/// Returns the `CallToolResult` of a run, or an error that the tool or the host reports.
pub(crate) fn read_result<'a>(
    run: &'a RawOutput,
    limits: Limits<'_>,
    granted: &Granted<'_>,
    quote: Quote<'_>,
) -> Result<RawCallResult<'a>, RpcError> {
    if run.ended == Ended::Done
        && let Some(result) = at_once(&run.output)
    {
        return Ok(result);
    }
    read(run, limits, granted, quote).and_then(read_call)
}

/// Parses the response and the result in it in one pass; `None` if there is anything to report about them.
fn at_once(output: &[u8]) -> Option<RawCallResult<'_>> {
    let line = std::str::from_utf8(output).ok()?.trim_matches([' ', '\t', '\r', '\n']);
    if memchr::memchr(b'\n', line.as_bytes()).is_some() {
        return None;
    }
    let response: Response<RawCallResult<'_>> = serde_json::from_str(line).ok()?;
    let is_answer = response.jsonrpc == JSONRPC && response.id == Some(REQUEST_ID) && response.error.is_none();
    response.result.filter(|_| is_answer)
}

/// What to do about the tool's own stack.
const OWN_STACK: &str = "keep large values on the heap (`Vec`, `Box`), recurse less deep, or raise `stack_bytes` of `runtime` \
                         under `[package.metadata.mpp]` and build again";

/// The limits of a run, and the manifest's settings that it was made with, if there is a manifest.
#[derive(Clone, Copy)]
pub(crate) struct Limits<'a> {
    pub(crate) in_force: &'a CallLimits,
    pub(crate) declared: Option<&'a Runtime>,
}

impl Limits<'_> {
    /// Returns the error of a run that exceeded a limit. Only the manifest's own limit can be raised there: a front end may have
    /// set a lower one. `wanted` is the value that the run would have needed, in the manifest's unit, or 0.
    fn exceeded(self, limit: RuntimeLimit, wanted: u64, message: impl FnOnce(&str) -> String) -> RpcError {
        let kind = match limit {
            RuntimeLimit::TimeoutMs => ErrorKind::Timeout,
            RuntimeLimit::MemoryLimitMb => ErrorKind::MemoryLimit,
            RuntimeLimit::MaxOutputBytes => ErrorKind::OutputLimit,
        };
        let is_in_force = |runtime: &&Runtime| {
            let (declared, in_force) = (CallLimits::of(runtime), self.in_force);
            match limit {
                RuntimeLimit::TimeoutMs => declared.timeout == in_force.timeout,
                RuntimeLimit::MemoryLimitMb => declared.memory == in_force.memory,
                RuntimeLimit::MaxOutputBytes => declared.output == in_force.output,
            }
        };
        let Some(declared) = self.declared.filter(is_in_force) else {
            return RpcError::new(kind, message("this host allows"));
        };
        let error = RpcError::new(kind, message(&format!("`runtime.{}` allows", limit.name())));
        match cargo_toml::raised(declared, limit, wanted) {
            Some((line, value)) => Remedy::RaiseLimit { limit, value, line }.add_to(error),
            None => error,
        }
    }
}

pub(crate) fn failure(ended: &Ended, limits: Limits<'_>, output: &[u8]) -> RpcError {
    let in_force = limits.in_force;
    let milliseconds = u64::try_from(in_force.timeout.as_millis()).unwrap_or(u64::MAX);
    match ended {
        Ended::Done => RpcError::new(ErrorKind::ToolCrashed, "the tool ended without a response"),
        Ended::Timeout { backtrace } => {
            let error = limits.exceeded(RuntimeLimit::TimeoutMs, 0, |allowed| {
                format!("the call took longer than the {milliseconds} ms that {allowed}")
            });
            with_backtrace(error.with("timeout_ms", milliseconds), backtrace)
        }
        Ended::Cancelled => cancelled(),
        Ended::Waited => RpcError::new(
            ErrorKind::Timeout,
            format!("the call did not start within {milliseconds} ms: too many calls are running at once"),
        )
        .with("timeout_ms", milliseconds)
        .with("retryable", true),
        Ended::Memory { wanted } => limits
            .exceeded(RuntimeLimit::MemoryLimitMb, wanted.div_ceil(MIB) as u64, |allowed| {
                format!("the tool needs more memory than the {} MiB that {allowed}", in_force.memory / MIB)
            })
            .with("limit_bytes", in_force.memory as u64)
            .with("wanted_bytes", *wanted as u64),
        Ended::Output => limits
            .exceeded(RuntimeLimit::MaxOutputBytes, 0, |allowed| {
                format!("the tool wrote more to stdout than the {} bytes that {allowed}", in_force.output)
            })
            .with("limit_bytes", in_force.output as u64),
        Ended::Exit(code) => {
            RpcError::new(ErrorKind::ToolCrashed, format!("the tool exited with code {code}{}", discarded(output)))
                .with("exit_code", *code)
        }
        Ended::OutOfStack { own, backtrace } => {
            let message = format!(
                "the tool ran out of stack: the call stack overflowed; {}{}",
                if *own { OWN_STACK } else { "recurse less deep" },
                discarded(output)
            );
            with_backtrace(RpcError::new(ErrorKind::ToolCrashed, message), backtrace)
        }
        Ended::Crashed { reason, backtrace } => {
            let error =
                RpcError::new(ErrorKind::ToolCrashed, format!("the tool crashed: {reason}{}", discarded(output)));
            with_backtrace(error, backtrace)
        }
    }
}

/// Returns the error for a call that the front end cancelled.
pub(crate) fn cancelled() -> RpcError {
    RpcError::new(ErrorKind::Cancelled, "the call was cancelled")
}

fn with_backtrace(error: RpcError, backtrace: &[String]) -> RpcError {
    if backtrace.is_empty() { error } else { error.with("backtrace", backtrace) }
}

fn discarded(output: &[u8]) -> &'static str {
    if output.is_empty() { "" } else { "; its output was discarded" }
}

fn read_output<'a>(output: &'a [u8], quote: Quote<'_>) -> Result<&'a RawValue, RpcError> {
    let text = std::str::from_utf8(output).map_err(|error| {
        let start = String::from_utf8_lossy(&output[line_start(output, error.valid_up_to())..]);
        invalid(format!(
            "the tool wrote bytes to stdout that are not UTF-8, at byte {}: `{}`",
            error.valid_up_to(),
            quote(start.lines().next().unwrap_or_default())
        ))
    })?;
    let lines: Vec<(usize, &str)> = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()).collect();
    match lines.as_slice() {
        [] => Err(RpcError::new(
            ErrorKind::ToolCrashed,
            "the tool ended without a response; a Rust tool answers with `mpp::serve()` in `main`",
        )),
        [(_, line)] => read_line(line, quote),
        several => Err(several_lines(several, quote)),
    }
}

/// Returns the error that quotes the first line that is not the response, or the second response.
fn several_lines(lines: &[(usize, &str)], quote: Quote<'_>) -> RpcError {
    let is_response = |line: &str| serde_json::from_str::<RawResponse<'_>>(line).is_ok_and(|r| r.jsonrpc == JSONRPC);
    let mut responses = 0;
    let offending = lines.iter().find(|(_, line)| {
        let response = is_response(line);
        responses += usize::from(response);
        !response || responses > 1
    });
    let Some((number, line)) = offending else { return invalid("the tool wrote several lines to stdout".to_owned()) };
    let what = if responses > 1 { "a second response" } else { "something that is not its response" };
    invalid(format!(
        "the tool wrote {what} to stdout, in line {}: `{}`; stdout is reserved for the response, so print with `eprintln!`",
        number + 1,
        quote(line)
    ))
    .with("line", *number as u64 + 1)
}

fn read_line<'a>(line: &'a str, quote: Quote<'_>) -> Result<&'a RawValue, RpcError> {
    let response: RawResponse<'a> = serde_json::from_str(line).map_err(|error| {
        invalid(format!(
            "the tool's output is not a JSON-RPC response ({}): `{}`; stdout is reserved for the response, so print with `eprintln!`",
            reason(&error),
            quote(line)
        ))
    })?;
    if response.jsonrpc != JSONRPC {
        return Err(invalid(format!("the tool's response lacks `\"jsonrpc\": \"2.0\"`: `{}`", quote(line))));
    }
    if response.id != Some(REQUEST_ID) {
        let id = response.id.map_or_else(|| "null".to_owned(), |id| id.to_string());
        return Err(invalid(format!("the tool answered request `{id}`, not request `{REQUEST_ID}`")));
    }
    match (response.result, response.error) {
        (Some(result), None) => Ok(result),
        (None, Some(error)) => Err(said_by_tool(error)),
        (Some(_), Some(_)) => Err(invalid("the tool's response has both a `result` and an `error`".to_owned())),
        (None, None) => Err(invalid("the tool's response has neither a `result` nor an `error`".to_owned())),
    }
}

/// Normalises an error that the tool reports. A kind that only the host may report is rejected; an unknown kind becomes a
/// tool error.
fn said_by_tool(mut error: RpcError) -> RpcError {
    let named = error.data.get("kind").and_then(|kind| kind.as_str()).and_then(ErrorKind::from_name);
    let kind = named.or_else(|| error.kind());
    match kind {
        Some(
            kind @ (ErrorKind::ParseError
            | ErrorKind::InvalidRequest
            | ErrorKind::MethodNotFound
            | ErrorKind::UnknownTool
            | ErrorKind::InvalidArguments
            | ErrorKind::ToolError
            // `said_by_host` checks it against what the host denied.
            | ErrorKind::CapabilityDenied),
        ) => {
            error.code = kind.code();
            error.data.insert("kind".to_owned(), kind.as_str().into());
            error
        }
        Some(kind) => only_host(kind, &error.message),
        None => {
            error.code = ErrorKind::ToolError.code();
            error.data.insert("kind".to_owned(), ErrorKind::ToolError.as_str().into());
            error
        }
    }
}

/// Replaces a `CapabilityDenied` error from the tool by the host's own error for what it denied. If the host denied nothing,
/// the tool must not report this kind.
fn said_by_host(error: RpcError, run: &RawOutput, granted: &Granted<'_>) -> RpcError {
    if error.kind() != Some(ErrorKind::CapabilityDenied) {
        return error;
    }
    match run.host_calls.denied(&error.data, granted) {
        Some(denied) => denied,
        None => only_host(ErrorKind::CapabilityDenied, &error.message),
    }
}

fn only_host(kind: ErrorKind, message: &str) -> RpcError {
    invalid(format!("the tool reports `{}`, which only the host can report: {message}", kind.as_str()))
}

/// Parses a `CallToolResult`.
pub(crate) fn read_call<'a>(result: &'a RawValue) -> Result<RawCallResult<'a>, RpcError> {
    serde_json::from_str(result.get())
        .map_err(|error| invalid(format!("the tool's `result` is not a `CallToolResult`: {}", reason(&error))))
}

pub(crate) fn invalid(message: String) -> RpcError {
    RpcError::new(ErrorKind::InvalidResponse, message)
}

/// Returns `serde_json`'s message. It can quote values from the tool, which pass the filter later.
fn reason(error: &serde_json::Error) -> String {
    error.to_string()
}

fn line_start(bytes: &[u8], at: usize) -> usize {
    bytes[..at].iter().rposition(|byte| *byte == b'\n').map_or(0, |newline| newline + 1)
}

#[cfg(test)]
mod tests {
    use super::{at_once, read_call, read_output};
    use mpp_sdk::wire::ErrorKind;

    fn refused(output: &[u8]) -> (Option<ErrorKind>, String) {
        let error = read_output(output, &|text| text.chars().take(40).collect()).expect_err("accepted");
        (error.kind(), error.message)
    }

    #[test]
    fn reads_one_response_line_and_keeps_its_digits() {
        let output = b"\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"n\":12345678901234567890.10}}\r\n\n";
        let result = read_output(output, &str::to_owned).expect("a response");
        assert_eq!(result.get(), "{\"n\":12345678901234567890.10}");
    }

    #[test]
    fn a_null_result_is_a_result() {
        let output = b"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":null}";
        assert_eq!(read_output(output, &str::to_owned).expect("a response").get(), "null");
    }

    #[test]
    fn names_the_line_that_is_not_the_response() {
        let (kind, message) = refused(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\nfound 3 people\n");
        assert_eq!(kind, Some(ErrorKind::InvalidResponse));
        assert!(message.contains("line 2: `found 3 people`") && message.contains("eprintln!"), "{message}");
        let (_, message) = refused(b"starting\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n");
        assert!(message.contains("line 1: `starting`"), "{message}");
        let (_, message) =
            refused(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":1}\n{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":2}");
        assert!(message.contains("a second response"), "{message}");
    }

    #[test]
    fn refuses_anything_but_one_response_to_the_request() {
        for (output, expected) in [
            (b"hello".as_slice(), "not a JSON-RPC response"),
            (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":1}{\"jsonrpc\":\"2.0\"}", "trailing characters"),
            (b"{\"jsonrpc\":\"2.0\",\"id\":2,\"result\":1}", "request `2`"),
            (b"{\"jsonrpc\":\"2.0\",\"id\":\"1\",\"result\":1}", "invalid type: string \"1\""),
            (b"{\"jsonrpc\":\"2.0\",\"result\":1}", "request `null`"),
            (b"{\"id\":1,\"result\":1}", "lacks `\"jsonrpc\""),
            (b"{\"jsonrpc\":\"2.0\",\"id\":1}", "neither"),
            (b"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":1,\"error\":{\"code\":1,\"message\":\"m\"}}", "both"),
            (b"ok \xff\xfe", "not UTF-8, at byte 3"),
        ] {
            let (kind, message) = refused(output);
            assert_eq!(kind, Some(ErrorKind::InvalidResponse), "{message}");
            assert!(message.contains(expected), "{message}");
        }
    }

    #[test]
    fn a_response_is_the_same_in_one_pass_and_in_two() {
        let response = |result: &str| format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{result}}}");
        let usual =
            r#"{"content":[{"type":"text","text":"x"}],"structuredContent":{"n":1.50,"a":[ 1 ]},"isError":false}"#;
        let deep = format!(r#"{{"content":[{{"type":"x","deep":{}1{}}}]}}"#, "[".repeat(120), "]".repeat(120));
        for output in [
            response(usual),
            format!("\n {}\r\n\n", response(usual)),
            response(r#"{"structuredContent":null,"_meta":{"a":1}}"#),
            response("{}"),
            response("[]"),
            response("null"),
            response(r#"{"content":7}"#),
            response(r#"{"content":[],"content":[]}"#),
            response("{\n}"),
            format!("\u{a0}{}", response("{}")),
            response("{\r}"),
            response(&deep),
            format!("{}\nx", response(usual)),
            response(usual).replace("\"id\":1", "\"id\":2"),
            response(usual).replace("2.0", "1.0"),
            format!("{},\"error\":{{\"code\":1,\"message\":\"m\"}}}}", response(usual).trim_end_matches('}')),
            String::new(),
        ] {
            let in_two = read_output(output.as_bytes(), &str::to_owned).and_then(read_call);
            if let Some(at_once) = at_once(output.as_bytes()) {
                assert_eq!(format!("{at_once:?}"), format!("{:?}", in_two.expect(&output)));
            }
        }
        assert!(at_once(response(usual).as_bytes()).is_some());
    }

    #[test]
    fn missing_output_is_a_crash() {
        assert_eq!(refused(b" \n").0, Some(ErrorKind::ToolCrashed));
    }
}
