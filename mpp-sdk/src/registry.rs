//! The tools of a program: what `#[tool]` describes, and the sets they are found in.

use schemars::{Schema, SchemaGenerator};
use serde_json::Value;

use crate::{
    Error,
    arguments::Arguments,
    definition,
    output::Output,
    private::LengthKind,
    request::unknown_tool,
    wire::{Annotations, ErrorKind, RpcError, SecurityLevel},
};

/// One annotated function, as data.
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
    /// Behaviour hints.
    pub annotations: Annotations,
    /// Where the function is, for the error that names two of one name.
    pub module: &'static str,
    /// The arguments, in the function's order.
    pub parameters: &'static [Parameter],
    /// Reads the arguments, calls the function, turns its result around; or tells who describes the result. One function,
    /// so that what the result's type must be able to do is asked for once.
    pub run: fn(Job<'_, '_>) -> Done,
}

/// What a tool is asked.
#[derive(Debug)]
pub enum Job<'j, 'a> {
    /// What describes its result.
    Describe,
    /// A result.
    Call(&'j mut Arguments<'a>),
}

/// What a tool answers.
#[derive(Debug)]
pub enum Done {
    /// What gives the schema of its result, where that is structured.
    Described(Describe<Option<Schema>>),
    /// The arguments are wrong, and hold the mistakes.
    Refused,
    /// What the function returned.
    Called(Result<Output, Error>),
}

/// One argument, as data.
#[derive(Debug)]
pub struct Parameter {
    /// The published key.
    pub name: &'static str,
    /// The parameter's doc comment; empty where there is none.
    pub description: &'static str,
    /// The schema of its type.
    pub schema: Describe<Schema>,
    /// Whether it may be left out.
    pub presence: Presence,
    /// What `#[arg(…)]` demands beyond the type.
    pub rules: &'static [Rule],
}

/// Gives a schema. Always called through a pointer, and apart from all other pointers: see [`Apart`].
pub type Describe<T> = fn(&mut SchemaGenerator, Apart) -> T;

/// Nothing, passed in a way of its own.
///
/// When a module is packed its definitions are known, and what computes them is cut out (see `definition::packed`). What can
/// only be reached through pointers to functions of this signature then goes with it; pointers to functions of another
/// signature cannot lead there. So the signature must be one that nothing else has.
#[derive(Debug, Clone, Copy)]
pub struct Apart(
    #[expect(dead_code, reason = "is passed, not read")] f32,
    #[expect(dead_code, reason = "is passed, not read")] f64,
);

impl Apart {
    /// The only one.
    pub const HERE: Self = Self(0.0, 0.0);
}

/// Whether an argument may be left out.
#[derive(Debug)]
pub enum Presence {
    /// It must be given.
    Required,
    /// It is an `Option`.
    Optional,
    /// It has a default.
    Default(Constant),
}

/// What `#[arg(…)]` demands of a value, or tells about it.
#[derive(Debug)]
pub enum Rule {
    /// At least.
    Min(Constant),
    /// At most.
    Max(Constant),
    /// Less than.
    Below(Constant),
    /// At least as long.
    MinLen(usize, LengthKind),
    /// At most as long.
    MaxLen(usize, LengthKind),
    /// A regular expression; the host enforces it.
    Pattern(&'static str),
    /// A format of JSON Schema; the host enforces it.
    Format(&'static str),
    /// Examples.
    Examples(&'static [Constant]),
}

/// A JSON value that is known when the program is compiled, or computed when the definitions are asked for.
#[derive(Debug)]
pub enum Constant {
    /// A truth value.
    Bool(bool),
    /// A negative number.
    Int(i64),
    /// A number.
    Uint(u64),
    /// A number with a fraction.
    Float(f64),
    /// Text.
    Text(&'static str),
    /// What an expression evaluates to; `null` where it cannot be JSON.
    Computed(fn() -> Value),
}

impl Constant {
    /// As JSON text. (Not through `Value`'s `Display`, which would link a second writer of JSON.)
    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string(&self.to_json()).unwrap_or_default()
    }

    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Bool(value) => Value::from(*value),
            Self::Int(value) => Value::from(*value),
            Self::Uint(value) => Value::from(*value),
            Self::Float(value) => Value::from(*value),
            Self::Text(value) => Value::from(*value),
            Self::Computed(value) => value(),
        }
    }
}

/// What stands for an annotated function: a type of the same name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a tool",
    label = "not marked with `#[mpp::tool]`",
    note = "put `#[mpp::tool]` on the function"
)]
pub trait ToolFn {
    /// The tool.
    const TOOL: &'static Tool;
}

/// A reference to a tool, as `inventory` collects it.
#[derive(Debug)]
pub struct Submitted(pub &'static Tool);

inventory::collect!(Submitted);

/// A set of tools, as [`tools!`](crate::tools) makes it for [`serve_tools`](crate::serve_tools).
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
        // By insertion: tools are few, and a general sort is seven kilobytes of a module.
        let mut sorted: Vec<&'static Tool> = Vec::new();
        for tool in tools {
            let place =
                sorted.iter().take_while(|other| (other.name, other.module) <= (tool.name, tool.module)).count();
            sorted.insert(place, tool);
        }
        Self(sorted)
    }

    /// The tools' names, sorted.
    #[must_use]
    pub fn names(&self) -> Vec<&'static str> {
        self.0.iter().map(|tool| tool.name).collect()
    }

    pub(crate) fn find(&self, name: &str) -> Result<&'static Tool, RpcError> {
        self.check()?;
        self.0.iter().find(|tool| tool.name == name).copied().ok_or_else(|| unknown_tool(name, &self.names()))
    }

    /// The definitions as a JSON array.
    pub(crate) fn definitions(&self) -> Result<Vec<u8>, RpcError> {
        self.check()?;
        Ok(definition::definitions(&self.0))
    }

    fn check(&self) -> Result<(), RpcError> {
        if self.0.is_empty() {
            return Err(RpcError::new(
                ErrorKind::ToolError,
                "this program has no tools: put `#[mpp::tool]` on a function; tools in a library crate need `use that_crate as _;` \
                 in main.rs, or `mpp::serve_tools(mpp::tools![that_crate::the_tool])`",
            )
            .with("code", "no_tools"));
        }
        match self.0.windows(2).find(|pair| pair[0].name == pair[1].name) {
            None => Ok(()),
            Some(pair) => Err(RpcError::new(
                ErrorKind::ToolError,
                format!(
                    "two tools are called `{}`, in `{}` and in `{}`: give one another name with `#[mpp::tool(name = \"…\")]`",
                    pair[0].name, pair[0].module, pair[1].module
                ),
            )
            .with("code", "duplicate_tool")
            .with("tool", pair[0].name)),
        }
    }
}

/// The tools that `#[tool]` marks in this program.
pub(crate) fn annotated() -> ToolSet {
    ToolSet::new(inventory::iter::<Submitted>.into_iter().map(|submitted| submitted.0))
}
