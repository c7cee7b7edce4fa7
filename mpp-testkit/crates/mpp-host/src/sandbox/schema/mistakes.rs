//! Converts a validator's errors to messages that give the location, the expected and found values, and a suggestion.

use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use jsonschema::{JsonType, ValidationError, Validator};
use mpp_sdk::wire::{Mistake, nearest};
use serde_json::Value;

use super::forms;

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
    let errors: Vec<ValidationError<'_>> = validator.iter_errors(value).collect();
    for error in &errors {
        if mistakes.len() >= most {
            break;
        }
        match error.kind() {
            Kind::UnevaluatedProperties { unexpected } => {
                unevaluated(error, unexpected, &errors, schema, &mut mistakes);
            }
            _ => explain(error, schema, quoting, &mut mistakes),
        }
    }
    mistakes.truncate(most);
    mistakes
}

/// Returns the JSON pointers of all `null`s in `value` at which it violates the schema.
pub(super) fn nulls(validator: &Validator, value: &Value) -> Vec<String> {
    fn collect(error: &ValidationError<'_>, pointers: &mut Vec<String>) {
        let pointer = error.instance_path().as_str();
        if error.instance().is_null() && !pointers.iter().any(|known| known == pointer) {
            pointers.push(pointer.to_owned());
        }
        if let Kind::AnyOf { context } | Kind::OneOfNotValid { context } = error.kind() {
            context.iter().flatten().for_each(|error| collect(error, pointers));
        }
    }
    let mut pointers = Vec::new();
    validator.iter_errors(value).for_each(|error| collect(&error, &mut pointers));
    pointers
}

/// Returns the JSON pointers of the required keys that `value` lacks.
pub(super) fn missing(validator: &Validator, value: &Value) -> Vec<String> {
    fn collect(error: &ValidationError<'_>, pointers: &mut Vec<String>) {
        match error.kind() {
            Kind::Required { property } => {
                let key = property.as_str().unwrap_or_default();
                pointers.push(format!("{}{}", error.instance_path().as_str(), pointer_part(key)));
            }
            Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
                context.iter().flatten().for_each(|error| collect(error, pointers));
            }
            _ => {}
        }
    }
    let mut pointers = Vec::new();
    validator.iter_errors(value).for_each(|error| collect(&error, &mut pointers));
    pointers
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
                let (message, meant) = no_such_key(key, &known);
                add(format!("{at}{}", pointer_part(key)), message, None, meant);
            }
        }
        Kind::Required { property } => {
            let key = property.as_str().unwrap_or_default();
            add(format!("{at}{}", pointer_part(key)), "is missing".to_owned(), None, None);
        }
        Kind::Type { kind } => {
            let (expected, found) = wrong_type(error, kind, schema, quoting);
            add(at.to_owned(), expected, Some(found), None);
        }
        Kind::Enum { options } => {
            let options: Vec<String> = options.as_array().into_iter().flatten().map(shown).collect();
            let meant = nearest_choice(value, &options);
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

/// Explains the alternative that was most likely intended: the one with the given tag, or else one whose type matches, with
/// the deepest and fewest errors.
fn explain_forms(
    error: &ValidationError<'_>,
    forms: &[Vec<ValidationError<'static>>],
    schema: &Value,
    quoting: Quoting,
    mistakes: &mut Vec<Mistake>,
) {
    let here = error.instance_path().as_str();
    let tagged = forms::tagged(schema, error.schema_path().as_str(), error.instance());
    match tagged {
        Some(forms::Tagged::Form(index)) if forms.get(index).is_some_and(|form| !form.is_empty()) => {
            forms[index].iter().for_each(|error| explain(error, schema, quoting, mistakes));
            return;
        }
        Some(forms::Tagged::Wrong { key, choices }) => {
            let choices: Vec<String> = choices.iter().map(|choice| shown(choice)).collect();
            let pointer = format!("{here}{}", pointer_part(key));
            let mistake = match error.instance().get(key) {
                Some(given) => {
                    Mistake::new(pointer, one_of(&choices)).with_nearest(nearest_choice(given, &choices).as_deref())
                }
                None => Mistake::new(pointer, format!("is missing, {}", one_of(&choices))),
            };
            mistakes.push(mistake);
            return;
        }
        _ => {}
    }
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
    mistakes.push(no_form(error, forms));
}

/// Returns the mistake of a value whose type, or whose value as a whole, no form has.
fn no_form(error: &ValidationError<'_>, forms: &[Vec<ValidationError<'static>>]) -> Mistake {
    let here = error.instance_path().as_str();
    let value = error.instance();
    let of_form = |form: &Vec<ValidationError<'static>>| {
        form.iter().filter(|e| e.instance_path().as_str() == here).find_map(|e| match e.kind() {
            Kind::Type { kind } => Some(names_of(kind)),
            _ => None,
        })
    };
    if let Some(names) = forms.iter().map(of_form).collect::<Option<Vec<_>>>() {
        let mut types: Vec<String> = Vec::new();
        for name in names.into_iter().flatten() {
            if !types.contains(&name) {
                types.push(name);
            }
        }
        types.sort_by_key(|name| name == "null");
        return Mistake::new(here, format!("expected {}, found {}", types.join(" or "), type_of(value)));
    }
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
    if choices.is_empty() {
        return Mistake::new(here, format!("matches none of the {} allowed forms", forms.len()));
    }
    Mistake::new(here, one_of(&choices)).with_nearest(nearest_choice(value, &choices).as_deref())
}

/// Explains keys that no part of a composed object knows.
///
/// Where a form fails, the validator counts its keys as unknown, too. They are right: the error of the form says what is wrong.
fn unevaluated(
    error: &ValidationError<'_>,
    unexpected: &[String],
    all: &[ValidationError<'_>],
    schema: &Value,
    mistakes: &mut Vec<Mistake>,
) {
    let at = error.instance_path().as_str();
    let known = known_keys(error, schema);
    let a_form_failed = all.iter().any(|other| {
        other.instance_path().as_str() == at && matches!(other.kind(), Kind::AnyOf { .. } | Kind::OneOfNotValid { .. })
    });
    for key in unexpected {
        let pointer = format!("{at}{}", pointer_part(key));
        match known.contains(key) {
            true if a_form_failed => {}
            true => mistakes.push(Mistake::new(pointer, "does not belong to the form that the other keys have")),
            false => {
                let (message, meant) = no_such_key(key, &known);
                mistakes.push(Mistake::new(pointer, message).with_nearest(meant.as_deref()));
            }
        }
    }
}

/// Returns what is said about an unknown key, and the nearest known one.
fn no_such_key(key: &str, known: &[String]) -> (String, Option<String>) {
    let meant = nearest(key, known.iter().map(String::as_str)).map(str::to_owned);
    let message = match meant {
        None if !known.is_empty() => format!("there is no such key, {}", one_of(known)),
        _ => "there is no such key".to_owned(),
    };
    (message, meant)
}

/// Returns the expected and the found type. For a number that is no integer these are the bounds and the number.
fn wrong_type(error: &ValidationError<'_>, kind: &TypeKind, schema: &Value, quoting: Quoting) -> (String, String) {
    let value = error.instance();
    let is_integer = matches!(kind, TypeKind::Single(JsonType::Integer));
    if !is_integer {
        return (expected_type(kind), type_of(value).to_owned());
    }
    let keyword = error.schema_path().as_str();
    let parent = keyword.rsplit_once('/').and_then(|(parent, _)| schema.pointer(parent));
    let bound = |key: &str| parent.and_then(|parent| parent.get(key)).filter(|bound| bound.is_number());
    let expected = match (bound("minimum"), bound("maximum")) {
        (Some(least), Some(most)) => format!("expected an integer from {least} to {most}"),
        _ => expected_type(kind),
    };
    let found = value.is_number().then(|| quoting.value(value)).flatten();
    (expected, found.unwrap_or_else(|| type_of(value).to_owned()))
}

/// Returns the choice that is nearest to a value.
fn nearest_choice(value: &Value, choices: &[String]) -> Option<String> {
    nearest(&shown(value), choices.iter().map(String::as_str)).map(str::to_owned)
}

fn depth(error: &ValidationError<'_>) -> usize {
    error.instance_path().as_str().matches('/').count()
}

/// Returns the keys that the object of an error may have: those next to the keyword, and those of its parts.
fn known_keys(error: &ValidationError<'_>, schema: &Value) -> Vec<String> {
    let keyword = error.schema_path().as_str();
    let parent = keyword.rsplit_once('/').map_or("", |(parent, _)| parent);
    let mut keys = Vec::new();
    if let Some(object) = schema.pointer(parent) {
        forms::keys(object, schema, &mut keys);
    }
    keys
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
