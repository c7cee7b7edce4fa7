//! Generates invalid arguments: valid ones with one place changed.

use mpp_recording::difference::member;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

/// A key that no tool declares.
const UNKNOWN: &str = "unknown_key_of_a_test";

/// Arguments that the host must refuse, and the reason.
#[derive(Debug, Clone)]
pub(super) struct Invalid {
    pub(super) arguments: Value,
    pub(super) reason: String,
}

/// One change to a value.
#[derive(Debug, Clone)]
enum Change {
    Replace(String, Value),
    Remove(String, String),
    Add(String),
}

/// Generates valid arguments with one place changed, so that `is_valid` returns false.
pub(super) fn values(
    valid: BoxedStrategy<Value>,
    is_valid: impl Fn(&Value) -> bool + Clone + 'static,
) -> BoxedStrategy<Invalid> {
    let pick =
        (valid, any::<Index>()).prop_filter_map("no change makes the arguments invalid", move |(value, index)| {
            let broken: Vec<Invalid> = changes(&value)
                .into_iter()
                .filter_map(|change| change.apply(&value))
                .filter(|broken| !is_valid(&broken.arguments))
                .collect();
            (!broken.is_empty()).then(|| broken[index.index(broken.len())].clone())
        });
    pick.boxed()
}

fn changes(value: &Value) -> Vec<Change> {
    let mut changes = Vec::new();
    walk("", value, &mut changes);
    changes
}

fn walk(at: &str, value: &Value, changes: &mut Vec<Change>) {
    if !at.is_empty() {
        changes.extend(probes(value).into_iter().map(|probe| Change::Replace(at.to_owned(), probe)));
    }
    match value {
        Value::Object(members) => {
            changes.push(Change::Add(at.to_owned()));
            for (key, value) in members {
                changes.push(Change::Remove(at.to_owned(), key.clone()));
                walk(&member(at, key), value, changes);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate().take(3) {
                walk(&format!("{at}/{index}"), item, changes);
            }
        }
        _ => {}
    }
}

/// Returns values of every type, and extreme values of the given one.
fn probes(value: &Value) -> Vec<Value> {
    let mut probes = vec![
        Value::Null,
        json!(true),
        json!(0),
        json!(-1),
        json!(0.5),
        json!(u64::MAX),
        json!(1e300),
        json!(""),
        json!("x"),
        json!([]),
        json!({}),
    ];
    match value {
        Value::String(text) => probes.push(json!(text.repeat(1 + 10_000 / text.len().max(1)))),
        Value::Array(items) if !items.is_empty() => {
            probes.push(items.iter().cycle().take(200).cloned().collect());
        }
        _ => {}
    }
    probes
}

impl Change {
    fn apply(self, value: &Value) -> Option<Invalid> {
        let mut arguments = value.clone();
        let reason = match self {
            Self::Replace(at, probe) => {
                let shown = probe.to_string();
                let shown = if shown.len() > 40 { "a long value".to_owned() } else { shown };
                *arguments.pointer_mut(&at)? = probe;
                format!("`{at}` is {shown}")
            }
            Self::Remove(at, key) => {
                arguments.pointer_mut(&at)?.as_object_mut()?.shift_remove(&key)?;
                format!("`{}` is missing", member(&at, &key))
            }
            Self::Add(at) => {
                arguments.pointer_mut(&at)?.as_object_mut()?.insert(UNKNOWN.to_owned(), json!(1));
                format!("`{}` is unknown", member(&at, UNKNOWN))
            }
        };
        Some(Invalid { arguments, reason })
    }
}
