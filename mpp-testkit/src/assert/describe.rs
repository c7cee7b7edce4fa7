//! Describes answers and errors for the messages of failed assertions.

use mpp_host::codes::Remedy;
pub(crate) use mpp_host::crash::log_before_panic;
use mpp_host::crash::{Crash, own_frames};
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
        Some(ErrorKind::ToolCrashed) => match Crash::of(error, log) {
            Some(crash) => {
                let headline = format!("the error `{}`: {}", code(error), crash.headline);
                [vec![headline], crash.frames].concat().join("\n  ")
            }
            None => headline,
        },
        Some(ErrorKind::Timeout) => {
            let frames = own_frames(error);
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
    use super::nothing_at;
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
}
