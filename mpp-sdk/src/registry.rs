//! The tools of a program: the data that `#[tool]` generates, and sets of tools.

use schemars::Schema;

use crate::{
    arguments::Arguments,
    error::Error,
    failure::Failure,
    output::Output,
    parameter::{AboutParameter, Apart, Describe, Parameter},
    request::unknown_tool,
    wire::{SecurityLevel, ToolAnnotations},
};

/// The data that `#[tool]` generates for one function.
#[derive(Debug)]
pub struct Tool {
    /// The published name.
    pub name: &'static str,
    /// Returns what only the definition contains.
    pub about: fn(Apart) -> &'static About,
    /// Path of the module that defines the function, for the error about two tools with one name.
    pub module: &'static str,
    /// The arguments, in the function's order.
    pub parameters: &'static [Parameter],
    /// Describes the result, or deserializes the arguments, calls the function and converts its result. It is one
    /// function so that the compiler reports a trait missing from the result's type once.
    pub run: fn(Job<'_, '_>) -> Done,
}

/// What only the definition of a tool contains. A packed module does not have it.
#[derive(Debug)]
pub struct About {
    /// A name for people.
    pub title: Option<&'static str>,
    /// The function's doc comment.
    pub description: &'static str,
    /// How much harm a call can do.
    pub security_level: SecurityLevel,
    /// Hints about its behaviour.
    pub annotations: ToolAnnotations,
    /// The arguments, in the function's order.
    pub parameters: &'static [AboutParameter],
    /// The text of a JSON Schema to publish for the arguments, instead of the one of the function's types.
    pub published_parameters: Option<&'static str>,
    /// The text of a JSON Schema to publish for the result, instead of the one of its type.
    pub published_returns: Option<&'static str>,
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

    /// Returns the tools, sorted by name.
    pub(crate) fn as_slice(&self) -> &[&'static Tool] {
        &self.0
    }
}

/// Returns the tools that `#[tool]` marks in this program.
pub(crate) fn annotated() -> ToolSet {
    ToolSet::new(inventory::iter::<Submitted>.into_iter().map(|submitted| submitted.0))
}
