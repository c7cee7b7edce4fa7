//! The seam between languages: what the project of a port consists of.

use mpp_mcp::scaffold::{Language, PortedTool};

use super::PortedServer;

/// A generated file: its path in the project, and its text.
pub(in crate::template) type File = (String, String);

/// The project of a port in one language.
pub(in crate::template) trait Layout: std::fmt::Debug + Sync {
    /// Returns the language.
    fn language(&self) -> Language;

    /// Returns the words in which the report speaks of the language.
    fn words(&self) -> Words;

    /// Returns the path of a tool's source.
    fn source(&self, tool: &PortedTool) -> String;

    /// Returns the files of the project `name`, made from those of the template: everything but the sources of the tools, their schemas,
    /// the report, and what tests compare with.
    fn files(&self, server: &PortedServer, name: &str, template: Vec<File>) -> Vec<File>;
}

/// Words in which the report of a port speaks of its language.
#[derive(Debug, Clone, Copy)]
pub(in crate::template) struct Words {
    /// The program, as its user calls it.
    pub(super) program: &'static str,
    /// The type of any value, in a sentence.
    pub(super) value: &'static str,
    /// The same in the plural.
    pub(super) values: &'static str,
    /// What is different about numbers, as items of a list.
    pub(super) numbers: &'static str,
}
