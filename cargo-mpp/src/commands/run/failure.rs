//! The error of a call as a diagnostic.

use mpp_host::codes::{Code, Remedy};
use mpp_host::crash::{Crash, CrashKind, all_frames, own_frames};
use mpp_sdk::wire::{ErrorKind, Mistake, RpcError};
use serde::Deserialize as _;
use serde_json::Value;

use crate::diagnostic::Diagnostic;
use crate::reports::call::CallResult;
use crate::ui;
use crate::wording::{self, ManifestKind};

/// The package that was called.
#[derive(Debug, Clone, Copy)]
pub(super) struct Subject<'a> {
    /// The package, as a user would type it.
    pub(super) path: &'a str,
    /// Where its author declares capabilities.
    pub(super) manifest: ManifestKind,
    /// The schema of the tool's arguments; `None` if the package has no such tool.
    pub(super) parameters: Option<&'a Value>,
}

/// Returns the diagnostic of a call that failed. `verbose` shows whole backtraces.
pub(super) fn diagnostic(
    call: &CallResult,
    subject: Subject<'_>,
    code: &'static Code,
    error: &RpcError,
    verbose: bool,
) -> Diagnostic {
    let help = error.data.get("help").and_then(Value::as_str);
    let help = help.filter(|_| error.kind() == Some(ErrorKind::CapabilityDenied));
    // A tool reads a denial as one sentence; here its second half is a help text of its own.
    let message = help.and_then(|help| error.message.strip_suffix(help)?.strip_suffix("; ")).unwrap_or(&error.message);
    let crash = Crash::of(error, call.call.log());
    let message = crash.as_ref().map_or(message, |crash| &crash.headline);
    let mistakes = mistakes(error);
    let message = match mistakes.len() {
        0 | 1 => message.to_owned(),
        several => format!("the arguments do not fit `{}`: {several} mistakes", call.tool),
    };
    let mut diagnostic =
        Diagnostic::new(code, message).at(format!("{} {}, tool {}", call.package_id, call.version, call.tool));
    if mistakes.len() > 1 {
        diagnostic = diagnostic.note(mistakes.join("\n"));
    }
    if let (false, Some(parameters)) = (mistakes.is_empty(), subject.parameters) {
        let takes = ui::arguments(parameters);
        diagnostic = diagnostic.note(match takes.as_str() {
            "" => format!("`{}` takes no arguments", call.tool),
            takes => format!("`{}` takes\n{takes}", call.tool),
        });
    }
    let text = |key: &str| error.data.get(key).and_then(Value::as_str);
    if let Some(own) = text("code") {
        diagnostic = diagnostic.note(format!("the tool's own error code is {own}"));
    }
    if error.is_retryable() {
        diagnostic = diagnostic.note("the same call may succeed later");
    }
    let own = crash.as_ref().map_or_else(|| own_frames(error), |crash| crash.frames.clone());
    if !own.is_empty() {
        diagnostic = diagnostic.note(own.join("\n"));
    }
    let all = all_frames(error);
    if verbose && !all.is_empty() {
        diagnostic = diagnostic.note(format!("backtrace\n{}", all.join("\n")));
    }
    if error.kind() != Some(ErrorKind::CapabilityDenied) {
        diagnostic = denied_before(diagnostic, call);
    }
    if let Some(remedy) = Remedy::of(error).or_else(|| call.call.report().remedies().next()) {
        return diagnostic.help(wording::remedy_in(&remedy, subject.path, subject.manifest));
    }
    if let Some(help) = help {
        return diagnostic.help(help);
    }
    match (crash.map(|crash| crash.kind), text("code")) {
        (Some(kind), _) => diagnostic.help(advice(kind).map_or_else(|| crate::codes::help(code), str::to_owned)),
        // The tool's own error is expected to explain itself.
        (None, Some(_)) => diagnostic,
        (None, None) => diagnostic.help(crate::codes::help(code)),
    }
}

/// Returns the mistakes in the arguments, a line each; none if the error is about something else.
fn mistakes(error: &RpcError) -> Vec<String> {
    let listed = error.data.get("mistakes").filter(|_| error.kind() == Some(ErrorKind::InvalidArguments));
    let mistakes = listed.and_then(|listed| Vec::<Mistake>::deserialize(listed).ok()).unwrap_or_default();
    mistakes.iter().map(ToString::to_string).collect()
}

/// Names what the tool was denied before it failed in another way, which may be why it failed.
fn denied_before(diagnostic: Diagnostic, call: &CallResult) -> Diagnostic {
    let accesses = &call.call.report().accesses;
    let hosts = accesses.refused_hosts.iter().map(|host| format!("the host {host}"));
    let paths = accesses.refused_paths.iter().map(|(path, access)| format!("the path {path} (to {access})"));
    let denied: Vec<String> = hosts.chain(paths).take(8).collect();
    if denied.is_empty() { diagnostic } else { diagnostic.note(format!("it was denied before: {}", denied.join(", "))) }
}

/// Returns what the author of a crashed tool can do; `None` if the text of the code says it.
fn advice(kind: CrashKind) -> Option<&'static str> {
    match kind {
        CrashKind::Panic => Some(
            "a panic is a mistake in the tool: return an error for what a caller can cause; `-v` shows the whole backtrace",
        ),
        CrashKind::Exception => Some(
            "an exception that leaves a tool is a mistake in it: raise `mpp.ToolError` for what a caller can cause; `-v` shows the whole \
             traceback",
        ),
        CrashKind::Thread => Some(
            "there are no threads in the sandbox: do the work one after the other, and use crates without their thread pools; `-v` \
             shows the whole backtrace",
        ),
        CrashKind::StackOverflow => {
            Some("use a loop, or limit the depth of what the tool descends into; `-v` shows the whole backtrace")
        }
        _ => None,
    }
}
