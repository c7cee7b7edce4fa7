//! The arguments of a call, from `--args` and `--arg`.

mod typing;

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

use mpp_host::codes::{Code, Coded};
use mpp_host::text::without_byte_order_mark;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::codes;
use crate::error::Explain;

/// The error returned when the arguments of a call cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ArgumentsError {
    /// The text is not JSON.
    #[error("the arguments are not JSON: {reason}")]
    NotJson {
        /// The error of the parser.
        reason: String,
        /// The source of the text.
        origin: Origin,
        /// The first characters of the text.
        begin: String,
    },
    /// The JSON is not an object.
    #[error("the arguments are {found}: expected an object")]
    NotAnObject {
        /// The type that was found, with an article.
        found: &'static str,
        /// The source of the text.
        origin: Origin,
    },
    /// An argument has no `=`.
    #[error("`{given}` has no `=`: expected KEY=VALUE")]
    NoValue {
        /// The option's value.
        given: String,
    },
    /// A value does not have the type in the schema.
    #[error("`{key}` cannot be `{value}`: expected {expected}")]
    WrongType {
        /// The argument.
        key: String,
        /// The type in the schema.
        expected: String,
        /// The value.
        value: String,
    },
    /// An argument that is not a list is given twice.
    #[error("`{key}` is given twice, but is not a list")]
    Twice {
        /// The argument.
        key: String,
    },
    /// The file or stdin cannot be read.
    #[error("cannot read the arguments")]
    Read {
        /// The file, or stdin.
        origin: Origin,
        /// The operating system's error.
        source: std::io::Error,
    },
}

/// The source of arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    /// The command line.
    CommandLine,
    /// A file.
    File(PathBuf),
    /// stdin.
    Stdin,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CommandLine => f.write_str("--args"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Stdin => f.write_str("stdin"),
        }
    }
}

impl Coded for ArgumentsError {
    fn code(&self) -> &'static Code {
        match self {
            Self::NotJson { .. } => &codes::C005,
            Self::NotAnObject { .. } => &codes::C006,
            Self::NoValue { .. } | Self::WrongType { .. } | Self::Twice { .. } => &codes::C007,
            Self::Read { .. } => &mpp_home::codes::C002,
        }
    }
}

impl Explain for ArgumentsError {
    fn place(&self) -> Option<String> {
        Some(match self {
            Self::NotJson { origin, .. } | Self::NotAnObject { origin, .. } | Self::Read { origin, .. } => {
                origin.to_string()
            }
            Self::NoValue { .. } => "--arg".to_owned(),
            Self::WrongType { key, .. } | Self::Twice { key } => format!("--arg {key}"),
        })
    }

    fn advice(&self) -> String {
        match self {
            Self::NotJson { origin: Origin::CommandLine, begin, .. } => format!(
                "the shell passed `{begin}`; quote JSON as in --args '{{\"key\":\"value\"}}', or use --arg key=value, which needs no \
                 quoting"
            ),
            Self::NotJson { begin, .. } => format!("it begins with `{begin}`; expected one JSON object"),
            Self::NotAnObject { .. } => "name each argument, as in --args '{\"key\":\"value\"}'".to_owned(),
            Self::NoValue { given } => format!("write {given}=VALUE"),
            Self::WrongType { .. } => "run `mpp inspect` to see the arguments of the tool".to_owned(),
            Self::Twice { .. } => "give it once".to_owned(),
            Self::Read { .. } => "check the path after `@`".to_owned(),
        }
    }
}

/// Returns the arguments as JSON text: those of `--args` (JSON, `@FILE` or `-`), with each `--arg` added.
///
/// # Errors
/// Returns an error if they cannot be read, are not a JSON object, or do not fit `schema`.
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
        let value = typing::typed(&key, &values, typing::property(schema, &key))?;
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
    let text = String::from_utf8_lossy(without_byte_order_mark(&text)).into_owned();
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{ArgumentsError, assemble};
    use mpp_host::codes::Coded as _;

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
    fn converts_values_to_the_types_of_the_schema() {
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
        assert_eq!(with(None, &["limit=5.0"]).expect("an integer"), json!({"limit": 5.0}));
        assert_eq!(with(None, &["limit=5.5"]).expect("left to the host"), json!({"limit": 5.5}));
        assert_eq!(with(None, &["query=a=b"]).expect("first ="), json!({"query": "a=b"}));
        assert_eq!(with(None, &["qurey=x", "n=1"]).expect("left to the host"), json!({"qurey": "x", "n": 1}));
    }

    #[test]
    fn adds_pairs_to_args_and_keeps_every_digit() {
        let text = assemble(
            Some("{\"big\":12345678901234567890123.10,\"query\":\"a\"}"),
            &["query=b".to_owned()],
            None,
            std::path::Path::to_owned,
        );
        assert_eq!(text.expect("assembles"), "{\"big\":12345678901234567890123.10,\"query\":\"b\"}");
    }

    #[test]
    fn rejects_invalid_arguments() {
        let code = |args: Option<&str>, pairs: &[&str]| with(args, pairs).expect_err("refused").code().id;
        assert_eq!(code(Some("{query:ada}"), &[]), "MPP-C005");
        assert_eq!(code(Some(""), &[]), "MPP-C005");
        assert_eq!(code(Some("{} {}"), &[]), "MPP-C005");
        assert_eq!(code(Some("[1]"), &[]), "MPP-C006");
        assert_eq!(code(Some("@/does/not/exist"), &[]), "MPP-C002");
        assert_eq!(code(None, &["query"]), "MPP-C007");
        assert_eq!(code(None, &["limit=many"]), "MPP-C007");
        assert_eq!(code(None, &["limit=1", "limit=2"]), "MPP-C007");
        let error = with(None, &["limit=many"]).expect_err("no number").to_string();
        assert_eq!(error, "`limit` cannot be `many`: expected a whole number");
    }
}
