//! A loaded tool package, ready to be called.

use std::sync::Arc;

use mpp_host::host::{LoadedTool, RunnableTool};
use mpp_host::package::manifest::Manifest;
use mpp_sdk::wire::ToolDefinition;
use serde_json::Value;

use crate::answer::Answer;
use crate::mode::Mode;
use crate::state::StateDir;

/// A tool package that was built, verified and given what it declares. Each call runs in a fresh sandbox, or natively.
#[derive(Clone)]
pub struct Tool {
    pub(crate) loaded: LoadedTool,
    pub(crate) runnable: RunnableTool,
    pub(crate) mode: Mode,
    /// Where its state is, until the last clone is gone; it comes after what has it open.
    pub(crate) _state: Option<Arc<StateDir>>,
}

impl Tool {
    /// Calls a tool of the package, as an agent would: `arguments` is a JSON object.
    pub fn call(&self, tool: &str, arguments: impl Into<Value>) -> Answer {
        let arguments = arguments.into().to_string();
        self.call_json(tool, &arguments)
    }

    /// The same with arguments as JSON text, well-formed or not.
    pub fn call_json(&self, tool: &str, arguments: &str) -> Answer {
        Answer::new(tool, arguments, self.runnable.call(tool, arguments)).in_mode(self.mode)
    }

    /// Where its calls run.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// The published definitions, sorted by name.
    #[must_use]
    pub fn definitions(&self) -> &[ToolDefinition] {
        self.loaded.definitions()
    }

    /// The manifest that was signed.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        self.loaded.manifest()
    }
}

impl std::fmt::Debug for Tool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tool").field("name", &self.manifest().name).finish_non_exhaustive()
    }
}
