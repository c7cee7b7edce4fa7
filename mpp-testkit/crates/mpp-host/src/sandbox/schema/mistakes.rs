//! Converts a validator's errors to messages that give the location, the expected and found values, and a suggestion.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, ValidationError, Validator};
use mpp_sdk::wire::{Mistake, nearest};
use serde_json::Value;

use crate::package::json::pointer_part;

/// Maximum number of characters of a value that a message shows.
const LONGEST_VALUE: usize = 60;
/// Maximum number of choices that a message lists.
const MOST_CHOICES: usize = 12;

/// Returns up to `most` mistakes in `value`. With `Quoting::Types`, messages contain the value's keys but no other part of it.
pub(super) fn find(
    validator: &Validator,
    schema: &Value,
    value: &Value,
    quoting: Quoting,
    most: usize,
) -> Vec<Mistake> {
    // The quick check comes first, because most calls are valid.
    if validator.is_valid(value) {
        return Vec::new();
    }
    let mut mistakes = Vec::new();
    for error in validator.iter_errors(value) {
        if mistakes.len() >= most {
            break;
        }
        explain(&error, schema, quoting, &mut mistakes);
    }
    mistakes.truncate(most);
    mistakes
}

/// The parts of a value that a message may show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quoting {
    /// Truncated values: they come from the caller, who sees the message.
    Values,
    /// Types only: the value has not been filtered yet, and a part of it could pass the filter when the whole does not.
    Types,
}

impl Quoting {
    fn value(self, value: &Value) -> Option<String> {
        (self == Self::Values).then(|| shown(value))
    }
}

fn explain(error: &ValidationError<'_>, schema: &Value, quoting: Quoting, mistakes: &mut Vec<Mistake>) {
    let at = error.instance_path().as_str();
    let mut add = |pointer: String, expected: String, found: Option<String>, nearest: Option<String>| {
        let found = found.map(|found| format!(", found {found}")).unwrap_or_default();
        mistakes.push(Mistake::new(pointer, format!("{expected}{found}")).with_nearest(nearest.as_deref()));
    };
    let value = error.instance();
    match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let known = known_keys(error, schema);
            for key in unexpected {
                let meant = nearest(key, known.iter().map(String::as_str)).map(str::to_owned);
                let message = match meant {
                    None if !known.is_empty() => format!("there is no such key, {}", one_of(&known)),
                    _ => "there is no such key".to_owned(),
                };
                add(format!("{at}{}", pointer_part(key)), message, None, meant);
            }
        }
        Kind::Required { property } => {
            let key = property.as_str().unwrap_or_default();
            add(format!("{at}{}", pointer_part(key)), "is missing".to_owned(), None, None);
        }
        Kind::Type { kind } => add(at.to_owned(), expected_type(kind), Some(type_of(value).to_owned()), None),
        Kind::Enum { options } => {
            let options: Vec<String> = options.as_array().into_iter().flatten().map(shown).collect();
            let meant = nearest(&shown(value), options.iter().map(String::as_str)).map(str::to_owned);
            add(at.to_owned(), one_of(&options), None, meant);
        }
        Kind::Constant { expected_value } => {
            add(at.to_owned(), format!("expected `{}`", shown(expected_value)), quoting.value(value), None);
        }
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            explain_forms(error, context, schema, quoting, mistakes)
        }
        Kind::Minimum { limit } => add(at.to_owned(), format!("expected at least {limit}"), quoting.value(value), None),
        Kind::Maximum { limit } => add(at.to_owned(), format!("expected at most {limit}"), quoting.value(value), None),
        Kind::ExclusiveMinimum { limit } => {
            add(at.to_owned(), format!("expected more than {limit}"), quoting.value(value), None);
        }
        Kind::ExclusiveMaximum { limit } => {
            add(at.to_owned(), format!("expected less than {limit}"), quoting.value(value), None);
        }
        Kind::MinLength { limit } => add(at.to_owned(), format!("expected {limit} or more characters"), None, None),
        Kind::MaxLength { limit } => add(at.to_owned(), format!("expected {limit} or fewer characters"), None, None),
        Kind::MinItems { limit } => add(at.to_owned(), format!("expected {limit} or more items"), None, None),
        Kind::MaxItems { limit } => add(at.to_owned(), format!("expected {limit} or fewer items"), None, None),
        Kind::Pattern { pattern } => {
            add(at.to_owned(), format!("expected text that matches `{pattern}`"), quoting.value(value), None);
        }
        Kind::Format { format } => {
            add(at.to_owned(), format!("expected text in the format `{format}`"), quoting.value(value), None);
        }
        _ => add(at.to_owned(), error.masked().to_string(), None, None),
    }
}

/// Explains the alternative that was most likely intended: one whose type matches, with the deepest and fewest errors.
fn explain_forms(
    error: &ValidationError<'_>,
    forms: &[Vec<ValidationError<'static>>],
    schema: &Value,
    quoting: Quoting,
    mistakes: &mut Vec<Mistake>,
) {
    let here = error.instance_path().as_str();
    let is_other = |form: &[ValidationError<'static>]| {
        form.iter().any(|e| {
            e.instance_path().as_str() == here && matches!(e.kind(), Kind::Type { .. } | Kind::Enum { .. })
                || matches!(e.kind(), Kind::Constant { .. })
        })
    };
    let meant = forms
        .iter()
        .filter(|form| !is_other(form))
        .min_by_key(|form| (std::cmp::Reverse(form.iter().map(depth).max()), form.len()));
    if let Some(form) = meant {
        for error in form {
            explain(error, schema, quoting, mistakes);
        }
        return;
    }
    let types: Vec<String> = forms
        .iter()
        .flatten()
        .filter(|e| e.instance_path().as_str() == here)
        .filter_map(|e| match e.kind() {
            Kind::Type { kind } => Some(names_of(kind)),
            _ => None,
        })
        .flatten()
        .collect();
    let choices: Vec<String> = forms
        .iter()
        .flatten()
        .filter_map(|e| match e.kind() {
            Kind::Enum { options } => options.as_array().cloned(),
            Kind::Constant { expected_value } => Some(vec![Value::clone(expected_value)]),
            _ => None,
        })
        .flatten()
        .map(|choice| shown(&choice))
        .collect();
    let value = error.instance();
    let (expected, found, nearest) = if types.len() == forms.len() {
        (format!("expected {}", types.join(" or ")), Some(type_of(value)), None)
    } else if choices.is_empty() {
        (format!("matches none of the {} allowed forms", forms.len()), None, None)
    } else {
        let meant = nearest(&shown(value), choices.iter().map(String::as_str)).map(str::to_owned);
        (one_of(&choices), None, meant)
    };
    let found: Option<&str> = found;
    let found = found.map(|found| format!(", found {found}")).unwrap_or_default();
    mistakes.push(Mistake::new(here, format!("{expected}{found}")).with_nearest(nearest.as_deref()));
}

fn depth(error: &ValidationError<'_>) -> usize {
    error.instance_path().as_str().matches('/').count()
}

/// Returns the keys of the `properties` next to the `additionalProperties` that the error refers to.
fn known_keys(error: &ValidationError<'_>, schema: &Value) -> Vec<String> {
    let keyword = error.schema_path().as_str();
    let parent = keyword.rsplit_once('/').map_or("", |(parent, _)| parent);
    let properties = schema.pointer(parent).and_then(|object| object.get("properties")).and_then(Value::as_object);
    properties.into_iter().flatten().map(|(key, _)| key.clone()).collect()
}

fn one_of(options: &[String]) -> String {
    let listed: Vec<String> = options.iter().take(MOST_CHOICES).map(|option| format!("`{option}`")).collect();
    let more = options.len().saturating_sub(MOST_CHOICES);
    let more = if more == 0 { String::new() } else { format!(" and {more} more") };
    format!("expected one of {}{more}", listed.join(", "))
}

fn expected_type(kind: &TypeKind) -> String {
    format!("expected {}", names_of(kind).join(" or "))
}

fn names_of(kind: &TypeKind) -> Vec<String> {
    let mut names: Vec<&str> = match kind {
        TypeKind::Single(one) => vec![name_of(*one)],
        TypeKind::Multiple(several) => several.iter().map(name_of).collect(),
    };
    // `null` comes last: "a number or null".
    names.sort_by_key(|name| *name == "null");
    names.into_iter().map(str::to_owned).collect()
}

fn name_of(kind: JsonType) -> &'static str {
    match kind {
        JsonType::Null => "null",
        JsonType::Boolean => "a boolean",
        JsonType::Integer => "an integer",
        JsonType::Number => "a number",
        JsonType::String => "a string",
        JsonType::Array => "an array",
        JsonType::Object => "an object",
    }
}

/// Returns the name of the JSON type of `value`, with an article.
pub(crate) fn type_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

/// Returns `value` as JSON, truncated to a length that fits a message.
fn shown(value: &Value) -> String {
    let text = value.to_string();
    if text.chars().count() <= LONGEST_VALUE { text } else { text.chars().take(LONGEST_VALUE).chain(['…']).collect() }
}
