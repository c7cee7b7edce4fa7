//! The seam between languages: what each one makes of the tools.

use super::shape::{Field, Shape, Typing};
use super::tool::PortedTool;

/// Writes the sources of a port in one language.
pub(super) trait Writer {
    /// Returns the name of a tool's function, which is also the name of its file without the ending.
    fn module(&self, name: &str) -> String;

    /// Returns what the types of arguments are to a call.
    fn typing(&self) -> Typing;

    /// Returns the source file of a tool.
    fn source(&self, function: &Function<'_>) -> String;
}

/// The function of a tool.
#[derive(Debug, Clone, Copy)]
pub(super) struct Function<'a> {
    pub(super) tool: &'a PortedTool,
    pub(super) arguments: &'a [Field],
    pub(super) returned: &'a Returned,
}

/// The result of a tool, as the original's definition and its recorded answers tell.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Returned {
    /// Text.
    Text,
    /// Several items, images or other media.
    Content,
    /// A JSON value with a published schema.
    Structured { shape: Shape, is_nullable: bool },
}
