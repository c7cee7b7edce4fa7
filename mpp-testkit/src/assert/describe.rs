//! Describes answers and errors for the messages of failed assertions.

use mpp_host::codes::Remedy;
use mpp_sdk::wire::{ErrorKind, RpcError, nearest};
use serde_json::Value;

use crate::wording;

/// Returns the code of a tool's own error, or the kind of any other.
pub(crate) fn code(error: &RpcError) -> &str {
    let own = error.data.get("code").and_then(Value::as_str);
    own.or_else(|| error.kind().map(|kind| kind.as_str())).unwrap_or("unknown")
}

/// Describes an error in a few lines: what it is, where it occurred, how to fix it. `log` is the tool's log.
pub(crate) fn error(error: &RpcError, log: &str) -> String {
    let kind = error.kind();
    let headline = format!("the error `{}`: {}", code(error), error.message);
    match kind {
        Some(ErrorKind::InvalidResponse | ErrorKind::InvalidArguments) => {
            let mistakes = mistakes(error);
            if mistakes.len() < 2 {
                return headline;
            }
            let head = if kind == Some(ErrorKind::InvalidResponse) {
                "the result does not match the tool's `returns`"
            } else {
                "the arguments do not match the tool's `parameters`"
            };
            format!("the error `{}`: {head}\n  {}", code(error), mistakes.join("\n  "))
        }
        Some(ErrorKind::ToolCrashed) => {
            let headline = match panicked(log) {
                Some((place, message)) => {
                    format!("the error `{}`: the tool panicked at {place}: {message}", code(error))
                }
                None => headline,
            };
            [vec![headline], frames(error)].concat().join("\n  ")
        }
        Some(ErrorKind::Timeout) => {
            let frames = frames(error);
            let head = match frames.is_empty() {
                true => headline,
                false => format!("{headline}; it was stopped\n  {}", frames.join("\n  ")),
            };
            let more = Remedy::of(error).map(|remedy| format!("; {}", wording::remedy(&remedy))).unwrap_or_default();
            format!("{head}\nnote: look for a loop that never ends{more}")
        }
        Some(ErrorKind::MemoryLimit | ErrorKind::OutputLimit) => match Remedy::of(error) {
            Some(remedy) => format!("{headline}\nnote: {}", wording::remedy(&remedy)),
            None => headline,
        },
        Some(ErrorKind::CapabilityDenied) => match Remedy::of(error) {
            // The host's message ends with the remedy for a user of the tool. A test needs a builder call instead.
            Some(remedy) => match headline.strip_suffix(&remedy.to_string()) {
                Some(denied) => format!("{denied}{}", wording::remedy(&remedy)),
                None => headline,
            },
            None => headline,
        },
        _ => headline,
    }
}

/// Returns the place and the message of a panic, with which the log of a Rust tool ends.
fn panicked(log: &str) -> Option<(&str, &str)> {
    let (_, panic) = log.rsplit_once("panicked at ")?;
    let (place, message) = panic.split_once('\n').unwrap_or((panic, ""));
    let message = message.trim_end();
    Some((place.trim_end_matches(':'), if message.is_empty() { "no message" } else { message }))
}

/// Returns the log without the panic at its end, which the error already describes.
pub(crate) fn log_before_panic(log: &str) -> &str {
    let Some((before, _)) = log.rsplit_once("panicked at ") else { return log };
    before.rfind('\n').map_or("", |end| &log[..end])
}

/// Returns the violations of a schema in the error's data, each with its JSON pointer.
fn mistakes(error: &RpcError) -> Vec<String> {
    let listed = error.data.get("mistakes").and_then(Value::as_array);
    let text = |mistake: &Value, member: &str| mistake.get(member).and_then(Value::as_str).map(str::to_owned);
    listed
        .into_iter()
        .flatten()
        .filter_map(|mistake| {
            let meant = text(mistake, "nearest").map(|key| format!("; did you mean `{key}`?")).unwrap_or_default();
            Some(format!("`{}`: {}{meant}", text(mistake, "pointer")?, text(mistake, "message")?))
        })
        .collect()
}

/// Returns the frames of a crash that are in the author's code, without `main`; all frames where there are none.
fn frames(error: &RpcError) -> Vec<String> {
    let all: Vec<&str> =
        error.data.get("backtrace").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let own: Vec<String> = all.iter().filter(|frame| is_own(frame)).map(|frame| in_words(frame)).collect();
    if own.is_empty() { all.into_iter().map(str::to_owned).collect() } else { own }
}

/// Turns `#3 greet at ./src/main.rs:27` into ``in `greet` at src/main.rs:27``.
fn in_words(frame: &str) -> String {
    let frame = if frame.starts_with('#') { frame.split_once(' ').map_or(frame, |(_, frame)| frame) } else { frame };
    match frame.rsplit_once(" at ") {
        Some((name, place)) => format!("in `{name}` at {}", place.strip_prefix("./").unwrap_or(place)),
        None => frame.to_owned(),
    }
}

/// Returns whether a frame is in the author's code. Paths of the author's package are relative; those of the standard library
/// and the C library are not, and those of dependencies begin with a name and a version, or with `vendor`. Functions that
/// the macros generate do not count.
fn is_own(frame: &str) -> bool {
    let Some((name, place)) = frame.rsplit_once(" at ") else { return false };
    let is_elsewhere = place.starts_with(['/', '<']) || place.starts_with("library/") || place.contains("://");
    let first = place.split('/').next().unwrap_or_default();
    let is_versioned =
        first.rsplit_once('-').is_some_and(|(_, version)| version.starts_with(|c: char| c.is_ascii_digit()));
    let is_dependency = is_versioned || first == "vendor" || place.contains(".cargo/") || place.starts_with("mpp-sdk/");
    let name = name.split_once(' ').map_or(name, |(_, name)| name);
    !is_elsewhere && !is_dependency && !name.contains("__mpp_") && name != "main" && !name.ends_with("::main")
}

/// Describes why there is no value at a pointer: how far the pointer leads, and what is there.
pub(crate) fn nothing_at(json: &Value, pointer: &str) -> String {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return format!("`{pointer}` is not a JSON pointer; did you mean `/{pointer}`?");
    }
    let mut reached = String::new();
    for part in pointer.split('/').skip(1) {
        let next = format!("{reached}/{part}");
        if json.pointer(&next).is_some() {
            reached = next;
            continue;
        }
        let at = if reached.is_empty() { "the result".to_owned() } else { format!("`{reached}`") };
        let key = part.replace("~1", "/").replace("~0", "~");
        let there = match json.pointer(&reached) {
            Some(Value::Object(members)) => {
                let meant = nearest(&key, members.keys().map(String::as_str));
                let keys: Vec<String> = members.keys().map(|key| format!("`{key}`")).collect();
                match meant {
                    Some(meant) => format!("{at} has no `{key}`; did you mean `{meant}`?"),
                    None if keys.is_empty() => format!("{at} is an empty object"),
                    None => format!("{at} has {}", keys.join(", ")),
                }
            }
            Some(Value::Array(items)) => format!("{at} has {} items", items.len()),
            Some(other) => format!("{at} is {other}"),
            None => String::new(),
        };
        return format!("there is no value at `{pointer}`: {there}");
    }
    format!("there is no value at `{pointer}`")
}

/// Formats a value as indented JSON.
pub(crate) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string())
}

#[cfg(test)]
mod tests {
    use super::{in_words, is_own, log_before_panic, nothing_at, panicked};
    use serde_json::json;

    #[test]
    fn describes_how_far_a_pointer_leads() {
        let json = json!({ "people": [{ "name": "Ada" }] });
        for (pointer, said) in [
            (
                "/people/0/nmae",
                "there is no value at `/people/0/nmae`: `/people/0` has no `nmae`; did you mean `name`?",
            ),
            ("/people/1", "there is no value at `/people/1`: `/people` has 1 items"),
            ("/people/0/name/x", "there is no value at `/people/0/name/x`: `/people/0/name` is \"Ada\""),
            ("/xyz", "there is no value at `/xyz`: the result has `people`"),
            ("people", "`people` is not a JSON pointer; did you mean `/people`?"),
        ] {
            assert_eq!(nothing_at(&json, pointer), said);
        }
    }

    #[test]
    fn finds_the_panic_at_the_end_of_a_log() {
        let log = "starting\npanicked at src/main.rs:34:5:\nindex out of bounds\n";
        assert_eq!(panicked(log), Some(("src/main.rs:34:5", "index out of bounds")));
        assert_eq!(panicked("starting"), None);
        assert_eq!(log_before_panic(log), "starting");
        assert_eq!(log_before_panic("panicked at src/main.rs:1:1:\na\nb\n"), "");
        assert_eq!(panicked("panicked at src/main.rs:1:1:\na\nb\n"), Some(("src/main.rs:1:1", "a\nb")));
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
            "#6 from_str at serde_json-1.0.154/src/de.rs:9",
            "#7 serve at vendor/mpp/mpp-sdk/src/handler.rs:36",
            "#8 main at src/main.rs:40",
        ] {
            assert!(!is_own(other), "{other}");
        }
    }
}
