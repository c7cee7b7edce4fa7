//! A loaded tool package, ready to be called.

use std::sync::Arc;

use mpp_host::host::{LoadedPackage, RunnablePackage};
use mpp_host::package::manifest::Manifest;
use mpp_sdk::wire::ToolDefinition;
use serde_json::Value;

use crate::answer::Answer;
use crate::failure::fail;
use crate::http::Requests;
use crate::mode::Mode;
use crate::world::World;

/// A tool package that was built, verified and given what it declares. Each call runs in a fresh sandbox, or natively.
#[derive(Clone)]
pub struct Tool {
    pub(crate) loaded: LoadedPackage,
    pub(crate) runnable: RunnablePackage,
    /// What it has outside of the sandbox, until the last clone is gone; it comes after what has it open.
    pub(crate) world: Arc<World>,
}

impl Tool {
    /// Calls a tool of the package, as an agent would: `arguments` is a JSON object.
    ///
    /// # Panics
    /// Where the tool sent a request that no mock answers, whatever the tool made of it.
    #[track_caller]
    pub fn call(&self, tool: &str, arguments: impl Into<Value>) -> Answer {
        let arguments = arguments.into().to_string();
        self.call_json(tool, &arguments)
    }

    /// The same with arguments as JSON text, well-formed or not.
    ///
    /// # Panics
    /// As [`Tool::call`].
    #[track_caller]
    pub fn call_json(&self, tool: &str, arguments: &str) -> Answer {
        let answer = self.attempt(tool, arguments);
        self.world.network.check();
        answer
    }

    /// The same, without a look at what was not as the test expects.
    #[track_caller]
    pub(crate) fn attempt(&self, tool: &str, arguments: &str) -> Answer {
        match self.world.call(&self.runnable, tool, arguments) {
            Ok(output) => Answer::new(tool, arguments, output).in_mode(self.mode()),
            Err(message) => fail(message, ""),
        }
    }

    /// Where its calls run.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.world.stage.mode
    }

    /// What the tool has sent so far.
    #[must_use]
    pub fn requests(&self) -> Requests {
        self.world.network.requests()
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
