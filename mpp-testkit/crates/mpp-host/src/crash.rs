//! Describes the crash of a tool for its author: what happened, and in which lines of the author's code.
//!
//! The description comes from the error of the call and from the tool's log, in which tools leave the message of a panic (Rust,
//! Go), the traceback of an exception (Python) or its stack (JavaScript).

mod go;
mod javascript;
mod python;

use mpp_sdk::wire::{ErrorKind, RpcError};
use serde_json::Value;

/// The description of a crash.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Crash {
    /// What happened, in one sentence in lower case.
    pub headline: String,
    /// The author's frames, innermost first, for example ``in `greet` at src/main.rs:27``. All frames if none is the author's.
    pub frames: Vec<String>,
    /// What kind of crash it is.
    pub kind: CrashKind,
}

/// The kind of a crash.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CrashKind {
    /// The tool panicked.
    Panic,
    /// An exception left the tool.
    Exception,
    /// The tool tried to start a thread.
    Thread,
    /// The tool's call stack overflowed.
    StackOverflow,
    /// Another trap, or an exit without a response.
    Other,
}

impl Crash {
    /// Describes the error of a call; `None` if the tool did not crash. `log` is the tool's log.
    #[must_use]
    pub fn of(error: &RpcError, log: &str) -> Option<Self> {
        if error.kind() != Some(ErrorKind::ToolCrashed) {
            return None;
        }
        let frames = own_frames(error);
        let crash = |kind, headline| Self { headline, frames: frames.clone(), kind };
        if let Some(panic) = go::panicked(log) {
            return Some(Self::from_log("panicked", &panic.message, &panic.frames, CrashKind::Panic));
        }
        if let Some(raised) = python::raised(log) {
            let what = format!("raised `{}`", raised.name);
            return Some(Self::from_log(&what, raised.message, &raised.frames, CrashKind::Exception));
        }
        if let Some(thrown) = javascript::thrown(log) {
            let what = format!("threw `{}`", thrown.name);
            return Some(Self::from_log(&what, thrown.message, &thrown.frames, CrashKind::Exception));
        }
        let Some((place, message)) = panicked(log) else {
            let is_overflow = error.message.contains("the call stack overflowed");
            let kind = if is_overflow { CrashKind::StackOverflow } else { CrashKind::Other };
            return Some(crash(kind, error.message.clone()));
        };
        if message.starts_with("failed to spawn thread") {
            let headline = "the tool tried to start a thread; a tool runs on one thread".to_owned();
            return Some(crash(CrashKind::Thread, headline));
        }
        let is_own = is_own_place(place) || frames.is_empty();
        let at = if is_own { format!(" at {}", short(place)) } else { String::new() };
        Some(crash(CrashKind::Panic, format!("the tool panicked{at}: {message}")))
    }

    /// Describes a crash by what the log says about it. `frames` are functions with their places, innermost first.
    fn from_log(what: &str, message: &str, frames: &[(String, String)], kind: CrashKind) -> Self {
        let at = frames.first().map(|(_, place)| format!(" at {place}")).unwrap_or_default();
        let colon = if message.is_empty() { "" } else { ": " };
        let frames = frames.iter().map(|(name, place)| format!("in `{name}` at {place}")).collect();
        Self { headline: format!("the tool {what}{at}{colon}{message}"), frames, kind }
    }
}

/// Returns the frames of an error's backtrace that are in the author's code, without `main`; all frames where there are none.
/// Repeated frames are counted.
#[must_use]
pub fn own_frames(error: &RpcError) -> Vec<String> {
    let all = all_frames(error);
    let own: Vec<String> = all.iter().filter(|frame| is_own(frame)).map(|frame| in_words(frame)).collect();
    let frames = if own.is_empty() { all.iter().map(|frame| in_words(frame)).collect() } else { own };
    let mut counted: Vec<(String, usize)> = Vec::new();
    for frame in frames {
        match counted.last_mut() {
            Some((last, count)) if *last == frame => *count += 1,
            _ => counted.push((frame, 1)),
        }
    }
    let line = |(frame, count)| if count == 1 { frame } else { format!("{frame} ({count} times)") };
    counted.into_iter().map(line).collect()
}

/// Returns all frames of an error's backtrace, innermost first.
#[must_use]
pub fn all_frames(error: &RpcError) -> Vec<&str> {
    error.data.get("backtrace").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// Returns the log without the panic or the exception at its end, which a [`Crash`] describes.
#[must_use]
pub fn log_before_panic(log: &str) -> &str {
    if let Some(panic) = go::panicked(log) {
        return panic.before;
    }
    if let Some(raised) = python::raised(log) {
        return raised.before;
    }
    if let Some(thrown) = javascript::thrown(log) {
        return thrown.before;
    }
    let Some((before, _)) = log.rsplit_once("panicked at ") else { return log };
    before.rfind('\n').map_or("", |end| &log[..end])
}

/// Returns the place and the message of a panic, with which the log of a Rust tool ends.
fn panicked(log: &str) -> Option<(&str, &str)> {
    let (_, panic) = log.rsplit_once("panicked at ")?;
    let (place, message) = panic.split_once('\n').unwrap_or((panic, ""));
    let message = message.split("\nnote: run with `RUST_BACKTRACE").next().unwrap_or(message).trim_end();
    Some((place.trim_end_matches(':'), if message.is_empty() { "no message" } else { message }))
}

/// Turns `#3 greet at ./src/main.rs:27` into ``in `greet` at src/main.rs:27``.
fn in_words(frame: &str) -> String {
    let frame = if frame.starts_with('#') { frame.split_once(' ').map_or(frame, |(_, frame)| frame) } else { frame };
    match frame.rsplit_once(" at ") {
        Some((name, place)) => format!("in `{name}` at {}", short(place)),
        None => frame.to_owned(),
    }
}

fn short(place: &str) -> &str {
    place.strip_prefix("./").unwrap_or(place)
}

/// Returns whether a frame is in the author's code. Functions that the macros generate do not count.
fn is_own(frame: &str) -> bool {
    let Some((name, place)) = frame.rsplit_once(" at ") else { return false };
    let name = name.split_once(' ').map_or(name, |(_, name)| name);
    is_own_place(place) && !name.contains("__mpp_") && !["main", "_start"].contains(&name) && !name.ends_with("::main")
}

/// Returns whether a place is in the author's code. Paths of the author's package are relative; those of the standard library
/// and the C library are not, and those of dependencies begin with a name and a version, or with `vendor`.
fn is_own_place(place: &str) -> bool {
    let is_elsewhere = place.starts_with(['/', '<']) || place.starts_with("library/") || place.contains("://");
    let first = place.split('/').next().unwrap_or_default();
    let is_versioned =
        first.rsplit_once('-').is_some_and(|(_, version)| version.starts_with(|c: char| c.is_ascii_digit()));
    let is_dependency = is_versioned || first == "vendor" || place.contains(".cargo/") || place.starts_with("mpp-sdk/");
    !is_elsewhere && !is_dependency
}

#[cfg(test)]
mod tests {
    use mpp_sdk::wire::{ErrorKind, RpcError};

    use super::{Crash, CrashKind, in_words, is_own, log_before_panic, own_frames, panicked};

    fn crash(message: &str, frames: &[&str], log: &str) -> Crash {
        let error = RpcError::new(ErrorKind::ToolCrashed, message).with("backtrace", frames);
        Crash::of(&error, log).expect("a crash")
    }

    #[test]
    fn finds_the_panic_at_the_end_of_a_log() {
        let log = "starting\npanicked at src/main.rs:34:5:\nindex out of bounds\n";
        assert_eq!(panicked(log), Some(("src/main.rs:34:5", "index out of bounds")));
        assert_eq!(panicked("starting"), None);
        assert_eq!(log_before_panic(log), "starting");
        assert_eq!(log_before_panic("panicked at src/main.rs:1:1:\na\nb\n"), "");
        assert_eq!(panicked("panicked at src/main.rs:1:1:\na\nb\n"), Some(("src/main.rs:1:1", "a\nb")));
        let std =
            "thread 'main' panicked at src/main.rs:1:1:\na\nnote: run with `RUST_BACKTRACE=1` environment variable\n";
        assert_eq!((panicked(std), log_before_panic(std)), (Some(("src/main.rs:1:1", "a")), ""));
    }

    #[test]
    fn recognizes_frames_of_the_author() {
        assert_eq!(in_words("#3 greet at ./src/main.rs:27:5"), "in `greet` at src/main.rs:27:5");
        assert!(is_own("#0 tenth at src/main.rs:11"));
        for other in [
            "#1 core::panicking at /rustc/library/core/src/panicking.rs:80",
            "#2 call_once<fn(), ()> at library/core/src/ops/function.rs:250",
            "#3 __mpp_run at src/main.rs:9",
            "#4 _start at wasisdk://v30.0/src/crt1-command.c:56",
            "#5 _start",
            "#5 _start at build/./libc-bottom-half/crt/crt1-command.c:12",
            "#6 from_str at serde_json-1.0.154/src/de.rs:9",
            "#7 serve at vendor/mpp/mpp-sdk/src/handler.rs:36",
            "#8 main at src/main.rs:40",
        ] {
            assert!(!is_own(other), "{other}");
        }
    }

    #[test]
    fn a_panic_is_described_with_the_authors_line() {
        let frames = ["#0 tenth at src/main.rs:34", "#1 call_once at library/core/src/ops/function.rs:250"];
        let unreachable =
            "the tool crashed: `unreachable` was executed: a panic or an abort, if the tool is written in Rust";
        let found = crash(unreachable, &frames, "panicked at src/main.rs:34:5:\nindex out of bounds\n");
        assert_eq!(found.headline, "the tool panicked at src/main.rs:34:5: index out of bounds");
        assert_eq!(
            (found.frames.as_slice(), found.kind),
            (["in `tenth` at src/main.rs:34".to_owned()].as_slice(), CrashKind::Panic)
        );
        // A panic of the standard library on behalf of the author.
        let found = crash(unreachable, &frames, "panicked at library/std/src/collections/x.rs:9:1:\nno\n");
        assert_eq!(found.headline, "the tool panicked: no");
    }

    #[test]
    fn a_panic_of_a_go_program_is_described_with_the_authors_line() {
        let log = "first\npanic: no\n\ngoroutine 1 [running]:\nmain.tenth(...)\n\tmy-tool/main.go:12\nmain.main()\n\tmy-tool/main.go:31 +0x4\n";
        let found = crash("the tool crashed: it exited with code 2", &["#0 runtime.pause", "#1 _rt0_wasm_wasip1"], log);
        assert_eq!(found.headline, "the tool panicked at my-tool/main.go:12: no");
        assert_eq!(
            (found.frames, found.kind),
            (vec!["in `main.tenth` at my-tool/main.go:12".to_owned()], CrashKind::Panic)
        );
        assert_eq!(log_before_panic(log), "first");
    }

    #[test]
    fn an_exception_of_a_python_program_is_described_with_the_authors_line() {
        let log = "first\nTraceback (most recent call last):\n  File \"main.py\", line 12, in tenth\nIndexError: no\n";
        let found = crash("the tool crashed: it exited with code 1", &[], log);
        assert_eq!(found.headline, "the tool raised `IndexError` at main.py:12: no");
        assert_eq!((found.frames, found.kind), (vec!["in `tenth` at main.py:12".to_owned()], CrashKind::Exception));
        assert_eq!(log_before_panic(log), "first");
    }

    #[test]
    fn an_exception_of_a_javascript_program_is_described_with_the_authors_line() {
        let log = "looking up\nUncaught TypeError: cannot read property 'x' of null\n    at greet (src/tool.ts:3)\n    at call \
                   (node_modules/@mpp-protocol/sdk/src/tool.js:72)\n";
        let described = crash("the tool exited with code 1", &[], log);
        assert_eq!(described.headline, "the tool threw `TypeError` at src/tool.ts:3: cannot read property 'x' of null");
        assert_eq!(described.frames, ["in `greet` at src/tool.ts:3"]);
        assert_eq!(described.kind, CrashKind::Exception);
        assert_eq!(log_before_panic(log), "looking up");
    }

    #[test]
    fn a_thread_and_a_stack_overflow_are_named() {
        let frames = ["#0 std::thread::spawn at library/std/src/thread/mod.rs:700", "#1 work at src/main.rs:12"];
        let log =
            "panicked at library/std/src/thread/mod.rs:700:29:\nfailed to spawn thread: Error { kind: Unsupported }\n";
        let found = crash("the tool crashed: `unreachable` was executed", &frames, log);
        assert_eq!((found.kind, found.frames), (CrashKind::Thread, vec!["in `work` at src/main.rs:12".to_owned()]));
        assert!(found.headline.contains("one thread"), "{}", found.headline);

        let message = "the tool crashed: the call stack overflowed: the tool recurses too deep";
        let found =
            crash(message, &["#0 deep at src/main.rs:7", "#1 deep at src/main.rs:7", "#2 work at src/main.rs:3"], "");
        assert_eq!((found.kind, found.headline.as_str()), (CrashKind::StackOverflow, message));
        assert_eq!(found.frames, ["in `deep` at src/main.rs:7 (2 times)", "in `work` at src/main.rs:3"]);
        let timeout =
            RpcError::new(ErrorKind::Timeout, "late").with("backtrace", ["#0 spin at src/main.rs:5"].as_slice());
        assert_eq!((Crash::of(&timeout, ""), own_frames(&timeout).len()), (None, 1));
    }
}
