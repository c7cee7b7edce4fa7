//! The parameters of a tool, as `#[tool]` describes them.

use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use crate::private::constraint::LengthKind;

/// The data that `#[tool]` generates for one parameter.
#[derive(Debug)]
pub struct Parameter {
    /// The published key.
    pub name: &'static str,
    /// Rules of `#[arg(…)]`.
    pub rules: &'static [Rule],
}

/// What only the definition contains of one parameter.
#[derive(Debug)]
pub struct AboutParameter {
    /// The parameter's doc comment; empty if there is none.
    pub description: &'static str,
    /// Returns the schema of its type.
    pub schema: Describe<Schema>,
    /// Whether it may be omitted.
    pub presence: Presence,
}

/// Returns a schema. Always called through a function pointer of this signature, which nothing else has: see [`Apart`].
pub type Describe<T> = fn(&mut SchemaGenerator, Apart) -> T;

/// Parameters without content, which make the signature of [`Describe`] unique.
///
/// The packer replaces the code that computes definitions by the definitions (see `definition::packed`), and removes
/// functions that cannot be called any more, with the data that only they use. An indirect call can only reach functions of
/// its own signature, so functions that are called only through a unique signature go too.
#[derive(Debug, Clone, Copy)]
pub struct Apart(
    #[expect(dead_code, reason = "is passed, not read")] f32,
    #[expect(dead_code, reason = "is passed, not read")] f64,
);

impl Apart {
    /// The only value.
    pub const HERE: Self = Self(0.0, 0.0);
}

/// Whether an argument may be omitted.
#[derive(Debug)]
pub enum Presence {
    /// It is required.
    Required,
    /// It is an `Option`.
    Optional,
    /// It has a default.
    Default(Constant),
}

/// A rule of `#[arg(…)]`, or an example.
#[derive(Debug)]
pub enum Rule {
    /// An inclusive lower bound.
    Min(Constant),
    /// An inclusive upper bound.
    Max(Constant),
    /// An exclusive upper bound.
    Below(Constant),
    /// A minimum length.
    MinLen(usize, LengthKind),
    /// A maximum length.
    MaxLen(usize, LengthKind),
    /// A regular expression; the host enforces it.
    Pattern(&'static str),
    /// A JSON Schema format; the host enforces it.
    Format(&'static str),
    /// Examples.
    Examples(&'static [Constant]),
}

/// A JSON value that is known at compile time, or computed when the definitions are requested.
#[derive(Debug)]
pub enum Constant {
    /// A boolean.
    Bool(bool),
    /// A signed integer.
    Int(i64),
    /// A non-negative integer.
    Uint(u64),
    /// A floating-point number, and the function that prints it, which only tools with such numbers link.
    Float(f64, fn(f64) -> String),
    /// Text.
    Text(&'static str),
    /// The value of an expression; `null` if it does not serialize. Only definitions need it.
    Computed(fn(Apart) -> Value),
}

impl Constant {
    /// Returns a bound as JSON text.
    pub(crate) fn to_text(&self) -> String {
        match self {
            Self::Int(value) => value.to_string(),
            Self::Uint(value) => value.to_string(),
            Self::Float(value, print) => print(*value),
            Self::Bool(_) | Self::Text(_) | Self::Computed(_) => String::new(),
        }
    }

    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Bool(value) => Value::from(*value),
            Self::Int(value) => Value::from(*value),
            Self::Uint(value) => Value::from(*value),
            Self::Float(value, _) => Value::from(*value),
            Self::Text(value) => Value::from(*value),
            Self::Computed(value) => value(Apart::HERE),
        }
    }
}
