//! Turns a value of the wrong form into the nearest one of the right form, for the line that an error proposes.

use serde_json::{Map, Value};

use super::forms::{Field, Form, Unit};

/// Returns a value of the given form that keeps what it can of `value`. What is missing comes from the form's example.
pub(crate) fn fit(value: &Value, form: &Form) -> Value {
    match form {
        Form::Text(example) => text(value).unwrap_or_else(|| (*example).to_owned()).into(),
        Form::Choice(words) => {
            let found = words.iter().find(|word| value.as_str() == Some(**word));
            found.or(words.first()).copied().unwrap_or_default().into()
        }
        Form::Number(example, unit) => number(value, *unit).unwrap_or(*example).into(),
        Form::Flag(example) => flag(value).unwrap_or(*example).into(),
        Form::List(item) => list(value, item),
        Form::Table(fields) => table(value, fields),
        Form::Map(key, example) => {
            let pairs = pairs(value);
            match pairs.is_empty() {
                true => Map::from_iter([((*key).to_owned(), Value::from(*example))]).into(),
                false => pairs.into(),
            }
        }
        Form::Either(plain, other) => match value {
            Value::Object(found) if is_complete(found, other.fields()) => fit(value, other),
            // The first key of the table is what the plain form has.
            Value::Object(found) => {
                let first = other.fields().first().and_then(|field| found.get(field.name));
                fit(first.unwrap_or(&Value::Null), plain)
            }
            _ => fit(value, plain),
        },
    }
}

/// Returns whether a value says enough to become one of this form.
fn suits(value: &Value, form: &Form) -> bool {
    match form {
        Form::Text(_) => value.is_string(),
        Form::Choice(words) => words.iter().any(|word| value.as_str() == Some(*word)),
        Form::Number(_, unit) => number(value, *unit).is_some(),
        Form::Flag(_) => flag(value).is_some(),
        Form::List(item) => value.is_array() || suits(value, item),
        Form::Table(fields) => value.is_object() || fields.iter().any(|field| suits(value, &field.form)),
        Form::Map(..) => !pairs(value).is_empty(),
        Form::Either(one, other) => suits(value, one) || suits(value, other),
    }
}

fn list(value: &Value, item: &Form) -> Value {
    let items: Vec<Value> = match (value, item) {
        (Value::Array(items), _) => items.iter().filter(|value| suits(value, item)).cloned().collect(),
        (Value::Bool(false), _) => return Value::Array(Vec::new()),
        (Value::String(text), Form::Text(_) | Form::Either(..)) => {
            text.split([',', ' ']).filter(|part| !part.is_empty()).map(Value::from).collect()
        }
        // `{ NAME = "value" }` names what a list of strings lists.
        (Value::Object(entries), Form::Text(_)) => entries.keys().cloned().map(Value::from).collect(),
        (value, _) if suits(value, item) => vec![value.clone()],
        _ => Vec::new(),
    };
    match items.is_empty() {
        true => Value::Array(vec![fit(&Value::Null, item)]),
        false => items.iter().map(|value| fit(value, item)).collect(),
    }
}

fn table(value: &Value, fields: &[Field]) -> Value {
    let mut fitted = Map::new();
    match value {
        Value::Object(found) => {
            for field in fields {
                if let Some(value) = found.get(field.name) {
                    fitted.insert(field.name.to_owned(), fit(value, &field.form));
                }
            }
        }
        other => {
            if let Some(field) = fields.iter().find(|field| suits(other, &field.form)) {
                fitted.insert(field.name.to_owned(), fit(other, &field.form));
            }
        }
    }
    let is_empty = fitted.is_empty() && !value.is_object();
    for (index, field) in fields.iter().enumerate() {
        if (field.needed || (is_empty && index == 0)) && !fitted.contains_key(field.name) {
            fitted.insert(field.name.to_owned(), fit(&Value::Null, &field.form));
        }
    }
    fitted.into()
}

fn is_complete(found: &Map<String, Value>, fields: &[Field]) -> bool {
    fields.iter().filter(|field| field.needed).all(|field| found.contains_key(field.name))
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Array(items) => items.first().and_then(Value::as_str).map(str::to_owned),
        _ => None,
    }
}

fn flag(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => Some(true),
            "false" | "no" | "off" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// Returns the pairs of a table of strings, or of strings like `KEY=VALUE`.
fn pairs(value: &Value) -> Map<String, Value> {
    let split = |text: &str| text.split_once('=').map(|(key, value)| (key.trim().to_owned(), value.trim().into()));
    match value {
        Value::Object(entries) => {
            entries.iter().filter_map(|(key, value)| Some((key.clone(), text(value)?.into()))).collect()
        }
        Value::Array(items) => items.iter().filter_map(|item| split(item.as_str()?)).collect(),
        Value::String(text) => text.split(',').filter_map(split).collect(),
        _ => Map::new(),
    }
}

/// Returns a number in this unit: a whole number, or a string like `1MB` or `30 s`.
fn number(value: &Value, unit: Unit) -> Option<u64> {
    match value {
        Value::Number(number) => {
            number.as_u64().or_else(|| number.as_f64().filter(|n| *n >= 0.0 && n.fract() == 0.0).map(|n| n as u64))
        }
        Value::String(text) => {
            let text = text.trim().replace('_', "").to_ascii_lowercase();
            let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
            let (digits, suffix) = text.split_at(end);
            digits.parse::<u64>().ok()?.checked_mul(factor(suffix.trim(), unit)?)
        }
        _ => None,
    }
}

fn factor(suffix: &str, unit: Unit) -> Option<u64> {
    Some(match (unit, suffix) {
        (_, "") | (Unit::Bytes, "b" | "bytes") | (Unit::Milliseconds, "ms") => 1,
        (Unit::Bytes, "kb") => 1_000,
        (Unit::Bytes, "k" | "kib") => 1 << 10,
        (Unit::Bytes, "mb") => 1_000_000,
        (Unit::Bytes, "m" | "mib") => 1 << 20,
        (Unit::Bytes, "gb") => 1_000_000_000,
        (Unit::Bytes, "g" | "gib") => 1 << 30,
        (Unit::Mebibytes, "m" | "mb" | "mib") => 1,
        (Unit::Mebibytes, "g" | "gb" | "gib") => 1 << 10,
        (Unit::Milliseconds, "s" | "sec" | "seconds") => 1_000,
        (Unit::Milliseconds, "m" | "min" | "minutes") => 60_000,
        _ => return None,
    })
}
