//! The error of a call as a diagnostic.

use mpp_host::codes::{Code, Remedy};
use mpp_sdk::wire::{ErrorKind, RpcError};
use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::reports::call::CallResult;
use crate::wording;

/// Returns the diagnostic of a call that failed. `path` is the package as a user would type it.
pub(super) fn diagnostic(call: &CallResult, path: &str, code: &'static Code, error: &RpcError) -> Diagnostic {
    let help = error.data.get("help").and_then(Value::as_str);
    let help = help.filter(|_| error.kind() == Some(ErrorKind::CapabilityDenied));
    // A tool reads a denial as one sentence; here its second half is a help text of its own.
    let message = help.and_then(|help| error.message.strip_suffix(help)?.strip_suffix("; ")).unwrap_or(&error.message);
    let mut diagnostic =
        Diagnostic::new(code, message).at(format!("{} {}, tool {}", call.package_id, call.version, call.tool));
    let text = |key: &str| error.data.get(key).and_then(Value::as_str);
    if let Some(own) = text("code") {
        diagnostic = diagnostic.note(format!("the tool's own error code is {own}"));
    }
    if error.is_retryable() {
        diagnostic = diagnostic.note("the same call may succeed later");
    }
    let frames = error.data.get("backtrace").and_then(Value::as_array).into_iter().flatten();
    let frames: Vec<&str> = frames.filter_map(Value::as_str).collect();
    if !frames.is_empty() {
        diagnostic = diagnostic.note(format!("backtrace\n{}", frames.join("\n")));
    }
    if let Some(remedy) = Remedy::of(error).or_else(|| call.call.report().remedies().next()) {
        return diagnostic.help(wording::remedy(&remedy, path));
    }
    if let Some(help) = help {
        return diagnostic.help(help);
    }
    match text("code") {
        // The operating system's message does not mention that a tool sees only the paths that it declares.
        Some("io") => diagnostic.help(
            "a tool sees only the paths that it declares: to declare one, write `filesystem = { read = [\"/notes\"] }` under \
             `[package.metadata.mpp.capabilities]`; `--dir /notes=DIRECTORY` maps it to a directory",
        ),
        // The tool's own error is expected to explain itself.
        Some(_) => diagnostic,
        None => diagnostic.help(crate::codes::help(code)),
    }
}
