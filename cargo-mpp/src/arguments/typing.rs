//! Values of `--arg`, converted to the types in a tool's schema.

use serde_json::Value;

use super::ArgumentsError;

/// The types that a property of a schema allows.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(super) struct Allowed {
    types: Vec<String>,
    item: Option<Box<Allowed>>,
}

impl Allowed {
    fn has(&self, word: &str) -> bool {
        self.types.iter().any(|known| known == word)
    }

    /// Returns whether a value of this JSON type is allowed.
    fn takes(&self, value: &Value) -> bool {
        match value {
            Value::Null => self.has("null"),
            Value::Bool(_) => self.has("boolean"),
            // `5.0` is an integer in JSON Schema. The host refuses `5.5` with the bounds.
            Value::Number(_) => self.has("number") || self.has("integer"),
            Value::String(_) => self.has("string"),
            Value::Array(_) => self.has("array"),
            Value::Object(_) => self.has("object"),
        }
    }

    fn in_words(&self) -> String {
        let words: Vec<&str> = self
            .types
            .iter()
            .filter(|word| *word != "null")
            .map(|word| match word.as_str() {
                "integer" => "a whole number",
                "number" => "a number",
                "boolean" => "true or false",
                "array" => "a list",
                "object" => "a JSON object",
                _ => "a string",
            })
            .collect();
        words.join(" or ")
    }
}

/// Returns the types that the schema allows for the property `key`; `None` if the schema does not restrict it.
pub(super) fn property(schema: Option<&Value>, key: &str) -> Option<Allowed> {
    let root = schema?;
    let found = root.get("properties")?.get(key)?;
    let mut allowed = Allowed::default();
    collect(root, found, &mut allowed, 0);
    (!allowed.types.is_empty()).then_some(allowed)
}

fn collect(root: &Value, schema: &Value, allowed: &mut Allowed, depth: u8) {
    if depth > 16 {
        return;
    }
    if let Some(target) = schema.get("$ref").and_then(Value::as_str)
        && let Some(target) = target.strip_prefix('#').and_then(|pointer| root.pointer(pointer))
    {
        collect(root, target, allowed, depth + 1);
    }
    for word in ["anyOf", "oneOf", "allOf"] {
        for part in schema.get(word).and_then(Value::as_array).into_iter().flatten() {
            collect(root, part, allowed, depth + 1);
        }
    }
    let mut add = |word: &str| {
        if !allowed.has(word) {
            allowed.types.push(word.to_owned());
        }
    };
    match schema.get("type") {
        Some(Value::String(word)) => add(word),
        Some(Value::Array(words)) => words.iter().filter_map(Value::as_str).for_each(add),
        _ => {
            let values = schema.get("enum").and_then(Value::as_array).into_iter().flatten().chain(schema.get("const"));
            values.for_each(|value| {
                add(match value {
                    Value::Null => "null",
                    Value::Bool(_) => "boolean",
                    Value::Number(number) if number.is_f64() => "number",
                    Value::Number(_) => "integer",
                    Value::String(_) => "string",
                    Value::Array(_) => "array",
                    Value::Object(_) => "object",
                });
            });
        }
    }
    if let Some(item) = schema.get("items") {
        let mut inner = Allowed::default();
        collect(root, item, &mut inner, depth + 1);
        allowed.item = Some(Box::new(inner)).filter(|inner| !inner.types.is_empty());
    }
}

/// Converts the values of one argument.
pub(super) fn typed(key: &str, values: &[&str], allowed: Option<Allowed>) -> Result<Value, ArgumentsError> {
    let list = allowed.as_ref().is_some_and(|allowed| allowed.has("array"));
    match values {
        [value] => {
            let Some(allowed) = allowed else {
                // The schema has no such property; the host refuses the key and names the nearest one.
                return Ok(serde_json::from_str(value).unwrap_or_else(|_| Value::from(*value)));
            };
            single(value, &allowed)
                .or_else(|| {
                    let item = allowed.item.as_deref().filter(|_| list)?;
                    single(value, item).map(|item| Value::Array(vec![item]))
                })
                .ok_or_else(|| wrong(key, value, &allowed))
        }
        values if list => {
            let item = allowed.as_ref().and_then(|allowed| allowed.item.as_deref().cloned());
            values
                .iter()
                .map(|value| typed(key, &[value], item.clone()))
                .collect::<Result<Vec<Value>, _>>()
                .map(Value::Array)
        }
        _ => Err(ArgumentsError::Twice { key: key.to_owned() }),
    }
}

fn single(value: &str, allowed: &Allowed) -> Option<Value> {
    let parsed: Option<Value> = serde_json::from_str(value).ok().filter(|parsed| allowed.takes(parsed));
    match parsed {
        // A string is taken as it is typed, so `--arg id=007` keeps its zeros.
        _ if allowed.has("string")
            && !matches!(parsed, Some(Value::Array(_) | Value::Object(_) | Value::Number(_) | Value::Bool(_))) =>
        {
            Some(Value::from(value))
        }
        other => other,
    }
}

fn wrong(key: &str, value: &str, allowed: &Allowed) -> ArgumentsError {
    ArgumentsError::WrongType { key: key.to_owned(), expected: allowed.in_words(), value: value.to_owned() }
}
