//! The arguments of a call, from `--args` and `--arg`.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;
use serde_json::value::RawValue;

use crate::codes;
use crate::ui::Diagnostic;

/// Why arguments cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum ArgumentsError {
    /// Not JSON.
    #[error("the arguments are not JSON: {reason}")]
    NotJson {
        /// What the parser says.
        reason: String,
        /// Where they came from.
        origin: Origin,
        /// How they begin.
        begin: String,
    },
    /// JSON, but no object.
    #[error("the arguments are {found}, and a tool takes an object")]
    NotAnObject {
        /// What they are.
        found: &'static str,
        /// Where they came from.
        origin: Origin,
    },
    /// `--arg` without `=`.
    #[error("`--arg {given}` has no `=`")]
    NoValue {
        /// What was given.
        given: String,
    },
    /// The value does not fit the schema.
    #[error("`{key}` takes {expected}, and `{value}` is none")]
    WrongType {
        /// The argument.
        key: String,
        /// What the schema says.
        expected: String,
        /// What was given.
        value: String,
    },
    /// The same argument twice, and it is no list.
    #[error("`{key}` is given twice, and it is no list")]
    Twice {
        /// The argument.
        key: String,
    },
    /// The file or stdin cannot be read.
    #[error("cannot read the arguments: {source}")]
    Read {
        /// Where from.
        origin: Origin,
        /// What the operating system said.
        source: std::io::Error,
    },
}

/// Where arguments came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The command line.
    CommandLine,
    /// A file.
    File(PathBuf),
    /// stdin.
    Stdin,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::CommandLine => f.write_str("--args"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Stdin => f.write_str("stdin"),
        }
    }
}

impl ArgumentsError {
    /// The error as it is told.
    pub(crate) fn diagnostic(&self) -> Diagnostic {
        let (code, place, help) = match self {
            Self::NotJson { origin: Origin::CommandLine, begin, .. } => {
                let help = format!(
                    "the shell handed over `{begin}`; quote JSON as in --args '{{\"key\":\"value\"}}', or leave the quoting away with --arg key=value"
                );
                (&codes::C005, Origin::CommandLine.to_string(), help)
            }
            Self::NotJson { origin, begin, .. } => {
                (&codes::C005, origin.to_string(), format!("it begins `{begin}`; one JSON object is expected"))
            }
            Self::NotAnObject { origin, .. } => {
                (&codes::C006, origin.to_string(), "name each argument, as in --args '{\"key\":\"value\"}'".to_owned())
            }
            Self::NoValue { given } => (&codes::C007, "--arg".to_owned(), format!("write --arg {given}=VALUE")),
            Self::WrongType { key, .. } => {
                (&codes::C007, format!("--arg {key}"), "`mpp inspect` shows what the tool takes".to_owned())
            }
            Self::Twice { key } => (&codes::C007, format!("--arg {key}"), "give it once".to_owned()),
            Self::Read { origin, .. } => (&codes::C002, origin.to_string(), "check the path after `@`".to_owned()),
        };
        Diagnostic::new(code, self.to_string()).at(place).help(help)
    }
}

/// The JSON text of the arguments: `--args` (JSON, `@FILE`, `-`), then each `--arg` on top.
///
/// # Errors
/// Where they cannot be read, are no JSON object, or do not fit `schema`.
pub(crate) fn assemble(
    args: Option<&str>,
    pairs: &[String],
    schema: Option<&Value>,
    resolve: impl Fn(&Path) -> PathBuf,
) -> Result<String, ArgumentsError> {
    let base = match args {
        Some(given) => read(given, resolve)?,
        None => "{}".to_owned(),
    };
    if pairs.is_empty() {
        return Ok(base);
    }
    let mut object: BTreeMap<String, Box<RawValue>> = serde_json::from_str(&base).unwrap_or_default();
    for (key, values) in grouped(pairs)? {
        let value = typed(&key, &values, property(schema, &key))?;
        if let Ok(raw) = serde_json::value::to_raw_value(&value) {
            object.insert(key, raw);
        }
    }
    Ok(serde_json::to_string(&object).unwrap_or(base))
}

fn read(given: &str, resolve: impl Fn(&Path) -> PathBuf) -> Result<String, ArgumentsError> {
    let (text, origin) = if given == "-" {
        let mut text = Vec::new();
        let end = std::io::stdin().read_to_end(&mut text);
        (end.map(|_| text), Origin::Stdin)
    } else if let Some(path) = given.strip_prefix('@') {
        let path = resolve(Path::new(path));
        (std::fs::read(&path), Origin::File(path))
    } else {
        (Ok(given.as_bytes().to_owned()), Origin::CommandLine)
    };
    let text = text.map_err(|source| ArgumentsError::Read { origin: origin.clone(), source })?;
    let text = String::from_utf8_lossy(text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text)).into_owned();
    match serde_json::from_str::<&RawValue>(&text) {
        Err(error) => {
            let begin = text.chars().take(40).collect();
            Err(ArgumentsError::NotJson { reason: error.to_string(), origin, begin })
        }
        Ok(raw) => match raw.get().trim_start().as_bytes().first() {
            Some(b'{') => Ok(text),
            first => {
                let found = match first {
                    Some(b'[') => "a list",
                    Some(b'"') => "a string",
                    Some(b't' | b'f') => "a boolean",
                    Some(b'n') => "null",
                    _ => "a number",
                };
                Err(ArgumentsError::NotAnObject { found, origin })
            }
        },
    }
}

fn grouped(pairs: &[String]) -> Result<Vec<(String, Vec<&str>)>, ArgumentsError> {
    let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
    for pair in pairs {
        let (key, value) = pair.split_once('=').ok_or_else(|| ArgumentsError::NoValue { given: pair.clone() })?;
        match groups.iter_mut().find(|(known, _)| known == key) {
            Some((_, values)) => values.push(value),
            None => groups.push((key.to_owned(), vec![value])),
        }
    }
    Ok(groups)
}

/// What a property of the schema allows.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Allowed {
    types: Vec<String>,
    item: Option<Box<Allowed>>,
}

impl Allowed {
    fn has(&self, word: &str) -> bool {
        self.types.iter().any(|known| known == word)
    }

    /// Whether a value of this JSON type is allowed.
    fn takes(&self, value: &Value) -> bool {
        match value {
            Value::Null => self.has("null"),
            Value::Bool(_) => self.has("boolean"),
            Value::Number(number) => self.has("number") || (self.has("integer") && !number.is_f64()),
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

fn property(schema: Option<&Value>, key: &str) -> Option<Allowed> {
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

fn typed(key: &str, values: &[&str], allowed: Option<Allowed>) -> Result<Value, ArgumentsError> {
    let list = allowed.as_ref().is_some_and(|allowed| allowed.has("array"));
    match values {
        [value] => {
            let Some(allowed) = allowed else {
                // The schema does not say; the host checks the key itself and names the nearest one.
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
        // `--arg id=007` for a string is the string, quotes of JSON included: what is typed is what is meant.
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{ArgumentsError, assemble};

    fn schema() -> Value {
        json!({
            "type": "object",
            "properties": {
                "query": {"type": "string"},
                "limit": {"type": ["integer", "null"]},
                "ratio": {"type": "number"},
                "deep": {"type": "boolean"},
                "tags": {"type": "array", "items": {"type": "string"}},
                "sort": {"anyOf": [{"$ref": "#/$defs/Sort"}, {"type": "null"}]},
                "place": {"$ref": "#/$defs/Place"}
            },
            "$defs": {"Sort": {"enum": ["up", "down"]}, "Place": {"type": "object"}}
        })
    }

    fn with(args: Option<&str>, pairs: &[&str]) -> Result<Value, ArgumentsError> {
        let pairs: Vec<String> = pairs.iter().map(|&pair| pair.to_owned()).collect();
        assemble(args, &pairs, Some(&schema()), std::path::Path::to_owned)
            .map(|text| serde_json::from_str(&text).expect("JSON"))
    }

    #[test]
    fn values_are_typed_by_the_schema() {
        let given = with(
            None,
            &["query=007", "limit=3", "ratio=1", "deep=true", "tags=a", "tags=7", "sort=up", "place={\"x\":1}"],
        );
        assert_eq!(
            given.expect("fits"),
            json!({"query": "007", "limit": 3, "ratio": 1, "deep": true, "tags": ["a", "7"], "sort": "up", "place": {"x": 1}})
        );
        assert_eq!(with(None, &["tags=one"]).expect("one item"), json!({"tags": ["one"]}));
        assert_eq!(with(None, &["tags=[\"a\"]"]).expect("JSON list"), json!({"tags": ["a"]}));
        assert_eq!(with(None, &["query=a=b"]).expect("first ="), json!({"query": "a=b"}));
        assert_eq!(with(None, &["qurey=x", "n=1"]).expect("for the host to refuse"), json!({"qurey": "x", "n": 1}));
    }

    #[test]
    fn pairs_go_on_top_of_args_and_digits_stay() {
        let text = assemble(
            Some("{\"big\":12345678901234567890123.10,\"query\":\"a\"}"),
            &["query=b".to_owned()],
            None,
            std::path::Path::to_owned,
        );
        assert_eq!(text.expect("assembles"), "{\"big\":12345678901234567890123.10,\"query\":\"b\"}");
    }

    #[test]
    fn says_what_does_not_fit() {
        let code = |args: Option<&str>, pairs: &[&str]| with(args, pairs).expect_err("refused").diagnostic().code;
        assert_eq!(code(Some("{query:ada}"), &[]), "MPP-C005");
        assert_eq!(code(Some(""), &[]), "MPP-C005");
        assert_eq!(code(Some("{} {}"), &[]), "MPP-C005");
        assert_eq!(code(Some("[1]"), &[]), "MPP-C006");
        assert_eq!(code(Some("@/does/not/exist"), &[]), "MPP-C002");
        assert_eq!(code(None, &["query"]), "MPP-C007");
        assert_eq!(code(None, &["limit=many"]), "MPP-C007");
        assert_eq!(code(None, &["limit=1", "limit=2"]), "MPP-C007");
        let error = with(None, &["limit=many"]).expect_err("no number").to_string();
        assert_eq!(error, "`limit` takes a whole number, and `many` is none");
    }
}
