//! Checks tables written by hand: unknown keys, missing keys, and values of the wrong form.

use mpp_sdk::wire::{did_you_mean, nearest};
use serde_json::{Map, Value};

use super::fit::fit;
use super::forms::{Field, Form, keys};
use super::place::{Place, Step};

/// An error in a table: an unknown key, or a value of the wrong form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct KeyError {
    /// Full path of the key, for example `package.metadata.mpp.capabilities.network`.
    pub key: String,
    /// Description of the error.
    pub message: String,
    /// Description of the valid keys or values.
    pub help: String,
    /// The key with a value of the right form, as it can be written in place of the key at fault and its value.
    pub line: Option<String>,
    /// The place in the file, if it is known.
    pub place: Option<Place>,
    /// The path of the key at fault.
    steps: Vec<Step>,
    /// Whether the value is at fault, not the key.
    is_value: bool,
}

impl KeyError {
    pub(crate) fn new(key: impl Into<String>, message: impl Into<String>, help: impl Into<String>) -> Self {
        let (key, message, help) = (key.into(), message.into(), help.into());
        Self { key, message, help, line: None, place: None, steps: Vec::new(), is_value: true }
    }

    /// Creates the error of a value at `steps` that has the right form and cannot be used.
    pub(crate) fn value(steps: Vec<Step>, message: impl Into<String>, line: String) -> Self {
        let help = format!("write `{line}`");
        Self { steps, line: Some(line), ..Self::new("", message, help) }.named()
    }

    /// Sets the path of the value at fault.
    pub(crate) fn at(mut self, steps: Vec<Step>) -> Self {
        self.steps = steps;
        self
    }

    /// Finds the place of the error in the TOML document `text`.
    pub(crate) fn placed(mut self, text: &str) -> Self {
        self.place = Place::find(text, &self.steps, self.is_value);
        self
    }

    fn named(mut self) -> Self {
        self.key = shown(&self.steps);
        self
    }
}

/// The language of the file, in which lines are proposed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Syntax {
    Toml,
    Json,
}

impl Syntax {
    /// Writes a key with a value as it stands in the file.
    pub(crate) fn pair(self, key: &str, value: &Value) -> String {
        match self {
            Self::Toml => format!("{} = {}", bare(key), toml_text(value)),
            Self::Json => format!("{}: {value}", Value::from(key)),
        }
    }

    fn text(self, value: &Value) -> String {
        match self {
            Self::Toml => toml_text(value),
            Self::Json => value.to_string(),
        }
    }
}

/// Checks the value at the path `steps` and everything in it.
///
/// # Errors
/// The first value that does not have its form, with a line that has it.
pub(crate) fn check(value: &Value, form: &Form, steps: &[Step], syntax: Syntax) -> Result<(), KeyError> {
    Check { syntax, key: (steps.len(), value, *form) }.walk(value, form, &mut steps.to_vec())
}

/// The state of a check: the innermost key around the current value, as the length of its path, its value and its form.
struct Check<'v> {
    syntax: Syntax,
    key: (usize, &'v Value, Form),
}

impl<'v> Check<'v> {
    fn walk(&mut self, value: &'v Value, form: &Form, steps: &mut Vec<Step>) -> Result<(), KeyError> {
        match (form, value) {
            (Form::Text(_) | Form::Choice(_), Value::String(_)) | (Form::Flag(_), Value::Bool(_)) => Ok(()),
            (Form::Number(..), Value::Number(number)) if number.is_u64() => Ok(()),
            (Form::List(item), Value::Array(items)) => {
                for (index, value) in items.iter().enumerate() {
                    steps.push(Step::Index(index));
                    self.walk(value, item, steps)?;
                    steps.pop();
                }
                Ok(())
            }
            (Form::Table(fields), Value::Object(found)) => self.walk_table(found, fields, steps),
            (Form::Map(..), Value::Object(found)) => {
                for (key, value) in found {
                    if !value.is_string() {
                        steps.push(Step::Key(key.clone()));
                        self.key = (steps.len(), value, Form::Text("value"));
                        return Err(self.wrong(value, &Form::Text("value"), steps));
                    }
                }
                Ok(())
            }
            (Form::Either(plain, other), _) => {
                self.walk(value, if value.is_object() { other } else { plain }, steps).map_err(|error| {
                    // A value that is neither is told what both are.
                    if error.steps == *steps && !value.is_object() { self.wrong(value, form, steps) } else { error }
                })
            }
            _ => Err(self.wrong(value, form, steps)),
        }
    }

    fn walk_table(
        &mut self,
        found: &'v Map<String, Value>,
        fields: &[Field],
        steps: &mut Vec<Step>,
    ) -> Result<(), KeyError> {
        let around = self.key;
        for (key, value) in found {
            let Some(field) = fields.iter().find(|field| field.name == key) else {
                return Err(self.unknown(key, value, found, fields, steps));
            };
            steps.push(Step::Key(key.clone()));
            self.key = (steps.len(), value, field.form);
            self.walk(value, &field.form, steps)?;
            self.key = around;
            steps.pop();
        }
        match fields.iter().find(|field| field.needed && !found.contains_key(field.name)) {
            None => Ok(()),
            Some(missing) => {
                let message = format!("`{}` has no `{}`", shown(steps), missing.name);
                Err(self.error(message, steps))
            }
        }
    }

    fn wrong(&self, value: &Value, form: &Form, steps: &[Step]) -> KeyError {
        let found: String = self.syntax.text(value).chars().take(60).collect();
        self.error(format!("`{}`: expected {}, found `{found}`", shown(steps), form.words()), steps)
    }

    /// Creates an error that proposes a new value for the innermost key.
    fn error(&self, message: String, steps: &[Step]) -> KeyError {
        let (length, value, form) = &self.key;
        let key = steps.get(..*length).and_then(<[Step]>::last).map(Step::name).unwrap_or_default();
        let line = self.syntax.pair(key, &fit(value, form));
        KeyError {
            steps: steps.to_vec(),
            line: Some(line.clone()),
            ..KeyError::new("", message, format!("write `{line}`"))
        }
        .named()
    }

    fn unknown(
        &self,
        key: &str,
        value: &Value,
        siblings: &Map<String, Value>,
        fields: &[Field],
        steps: &[Step],
    ) -> KeyError {
        let mut steps = steps.to_vec();
        steps.push(Step::Key(key.to_owned()));
        let names = || fields.iter().map(|field| field.name);
        let table = shown(&steps[..steps.len() - 1]);
        let mut message = format!("unknown key `{}`", shown(&steps));
        let (mut line, mut help) = (None, format!("the keys of `{table}` are {}", keys(fields)));
        if let Some(holder) = fields.iter().find(|field| field.form.fields().iter().any(|inner| inner.name == key)) {
            message.push_str(&format!("; `{key}` is a key of `{}`", holder.name));
            help = format!("move it to the table `{table}.{}`", holder.name);
            if !siblings.contains_key(holder.name) {
                let inner = Map::from_iter([(key.to_owned(), value.clone())]).into();
                line = Some(self.syntax.pair(holder.name, &fit(&inner, &holder.form)));
            }
        } else if let Some(name) = nearest(key, names()) {
            message.push_str(&did_you_mean(key, names()));
            let form = fields.iter().find(|field| field.name == name).map(|field| &field.form);
            line = form.filter(|_| !siblings.contains_key(name)).map(|form| self.syntax.pair(name, &fit(value, form)));
        }
        if let Some(line) = &line {
            help = format!("write `{line}`; {help}");
        }
        KeyError { steps, line, is_value: false, ..KeyError::new("", message, help) }.named()
    }
}

/// Writes a path of keys as TOML does.
pub(crate) fn shown(steps: &[Step]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Key(key) if text.is_empty() => text.push_str(&bare(key)),
            Step::Key(key) => text.push_str(&format!(".{}", bare(key))),
            Step::Index(index) => text.push_str(&format!("[{index}]")),
        }
    }
    text
}

/// Returns the key as it stands in a TOML file, in quotes if it needs them.
fn bare(key: &str) -> String {
    let is_bare = !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if is_bare { key.to_owned() } else { toml_text(&key.into()) }
}

fn toml_text(value: &Value) -> String {
    toml::Value::try_from(value).map_or_else(|_| value.to_string(), |value| value.to_string())
}
