//! The tools of a program: the data that `#[tool]` generates, and sets of tools.

use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use crate::{
    Error,
    arguments::Arguments,
    definition,
    failure::Failure,
    output::Output,
    private::LengthKind,
    request::unknown_tool,
    wire::{SecurityLevel, ToolAnnotations},
};

/// The data that `#[tool]` generates for one function.
#[derive(Debug)]
pub struct Tool {
    /// The published name.
    pub name: &'static str,
    /// A name for people.
    pub title: Option<&'static str>,
    /// The function's doc comment.
    pub description: &'static str,
    /// How much harm a call can do.
    pub security_level: SecurityLevel,
    /// Hints about its behaviour.
    pub annotations: ToolAnnotations,
    /// Path of the module that defines the function, for the error about two tools with one name.
    pub module: &'static str,
    /// The arguments, in the function's order.
    pub parameters: &'static [Parameter],
    /// Describes the result, or deserializes the arguments, calls the function and converts its result. It is one
    /// function so that the compiler reports a trait missing from the result's type once.
    pub run: fn(Job<'_, '_>) -> Done,
}

/// A request to a tool.
#[derive(Debug)]
pub enum Job<'j, 'a> {
    /// Describe the result.
    Describe,
    /// Call the function.
    Call(&'j mut Arguments<'a>),
}

/// A tool's reply to a [`Job`].
#[derive(Debug)]
pub enum Done {
    /// The function that returns the schema of the result if that is structured.
    Described(Describe<Option<Schema>>),
    /// The arguments have mistakes, and hold them.
    Refused,
    /// The function was called.
    Called(Result<Output, Error>),
}

/// The data that `#[tool]` generates for one parameter.
#[derive(Debug)]
pub struct Parameter {
    /// The published key.
    pub name: &'static str,
    /// The parameter's doc comment; empty if there is none.
    pub description: &'static str,
    /// Returns the schema of its type.
    pub schema: Describe<Schema>,
    /// Whether it may be omitted.
    pub presence: Presence,
    /// Rules of `#[arg(…)]`.
    pub rules: &'static [Rule],
}

/// Returns a schema. Always called through a function pointer of this signature, which nothing else has: see [`Apart`].
pub type Describe<T> = fn(&mut SchemaGenerator, Apart) -> T;

/// Parameters without content, which make the signature of [`Describe`] unique.
///
/// The packer replaces the code that computes definitions by the definitions (see `definition::packed`), and removes
/// functions that cannot be called any more. An indirect call can only reach functions of its own signature, so functions
/// that are called only through a unique signature go too.
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

/// Implemented by the type that `#[tool]` generates under the function's name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tool",
    label = "not marked with `#[mpp::tool]`",
    note = "mark the function with `#[mpp::tool]`"
)]
pub trait ToolFn {
    /// The tool.
    const TOOL: &'static Tool;
}

/// A reference to a tool, for `inventory`.
#[derive(Debug)]
pub struct Submitted(pub &'static Tool);

inventory::collect!(Submitted);

/// A set of tools, which [`tools!`](crate::tools) creates for [`serve_tools`](crate::serve_tools).
///
/// ```
/// /// Add two numbers.
/// #[mpp_sdk::tool]
/// fn add(a: i64, b: i64) -> i64 {
///     a + b
/// }
///
/// let tools: mpp_sdk::ToolSet = mpp_sdk::tools![add];
/// assert_eq!(tools.names(), ["add"]);
/// ```
#[derive(Debug, Clone)]
pub struct ToolSet(Vec<&'static Tool>);

impl ToolSet {
    #[doc(hidden)]
    #[must_use]
    pub fn new(tools: impl IntoIterator<Item = &'static Tool>) -> Self {
        // Insertion sort: tools are few, and the standard sort adds seven kilobytes to a module.
        let mut sorted: Vec<&'static Tool> = Vec::new();
        for tool in tools {
            let place =
                sorted.iter().take_while(|other| (other.name, other.module) <= (tool.name, tool.module)).count();
            sorted.insert(place, tool);
        }
        Self(sorted)
    }

    /// Returns the names of the tools, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|tool| tool.name).collect()
    }

    pub(crate) fn find(&self, name: &str) -> Result<&'static Tool, Failure> {
        self.0.iter().find(|tool| tool.name == name).copied().ok_or_else(|| unknown_tool(name, &self.names()))
    }

    /// Returns the definitions as a JSON array.
    pub(crate) fn definitions(&self) -> Result<Vec<u8>, Failure> {
        definition::definitions(&self.0)
    }
}

/// Returns the tools that `#[tool]` marks in this program.
pub(crate) fn annotated() -> ToolSet {
    ToolSet::new(inventory::iter::<Submitted>.into_iter().map(|submitted| submitted.0))
}
