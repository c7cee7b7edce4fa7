//! A loaded tool package, ready to be called.

use std::sync::Arc;

use mpp_host::host::{LoadedPackage, RunnablePackage};
use mpp_host::package::manifest::Manifest;
use mpp_sdk::wire::ToolDefinition;
use serde_json::Value;

use crate::answer::Answer;
use crate::mock_http::failures;
use crate::mock_http::requests::Requests;
use crate::mode::Mode;
use crate::package::Package;
use crate::world::World;
use crate::world::setup::Setup;
use crate::world::state::seed;

/// A tool package that was built, verified, and granted the settings of a test. Each call runs in a fresh sandbox, or in
/// the test's own process: see [`Mode`].
///
/// Clones share the tool's surroundings: its state, its files and its mocks.
#[derive(Clone)]
pub struct Tool {
    pub(crate) loaded: LoadedPackage,
    pub(crate) runnable: RunnablePackage,
    /// Removed with the last clone. Declared last, because the fields above may hold files in it open.
    pub(crate) world: Arc<World>,
}

impl Tool {
    /// Prepares the surroundings of a package, and grants it its part.
    #[track_caller]
    pub(crate) fn new(setup: Setup, package: &Arc<Package>) -> Self {
        let manifest = package.loaded.manifest();
        let world = match World::new(setup, package) {
            Ok(world) => Arc::new(world),
            Err(failure) => failure.fail(),
        };
        let runnable = match package.loaded.grant(world.grant()) {
            Ok(runnable) => runnable,
            Err(error) => package.grant_failure(&error).fail(),
        };
        if let Err(failure) = seed::write(runnable.state().as_ref(), &world.setup.kv, &manifest.name) {
            failure.fail()
        }
        Self { loaded: package.loaded.clone(), runnable, world }
    }

    /// Calls a tool of the package, as an agent does. `arguments` is a JSON object.
    ///
    /// ```no_run
    /// use serde_json::json;
    ///
    /// let tool = mpp_testkit::tool!().load();
    /// tool.call("lookup", json!({ "query": "ada" })).assert_success();
    /// ```
    ///
    /// # Panics
    /// Panics if the tool sent a request that no mock answers, even if the tool ignored the error.
    #[track_caller]
    pub fn call(&self, tool: &str, arguments: impl Into<Value>) -> Answer {
        let arguments = arguments.into().to_string();
        self.call_json(tool, &arguments)
    }

    /// Calls a tool with arguments as JSON text, which need not be valid.
    ///
    /// ```no_run
    /// let tool = mpp_testkit::tool!().load();
    /// tool.call_json("lookup", r#"{ "query": "#).assert_error("invalid_arguments");
    /// ```
    ///
    /// # Panics
    /// Panics as [`Tool::call`] does.
    #[track_caller]
    pub fn call_json(&self, tool: &str, arguments: &str) -> Answer {
        let answer = self.attempt(tool, arguments);
        if let Some(failure) = failures::take(&self.world.network) {
            failure.fail()
        }
        answer
    }

    /// Calls a tool without checking that its requests were answered.
    #[track_caller]
    pub(crate) fn attempt(&self, tool: &str, arguments: &str) -> Answer {
        match self.world.call(&self.runnable, tool, arguments) {
            Ok(output) => Answer::new(tool, arguments, output, self.mode()),
            Err(failure) => failure.fail(),
        }
    }

    /// Returns where the calls run.
    ///
    /// ```no_run
    /// assert_eq!(mpp_testkit::tool!().native().load().mode(), mpp_testkit::Mode::Native);
    /// ```
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.world.mode
    }

    /// Returns the HTTP requests that the tool has sent so far.
    ///
    /// ```no_run
    /// # use serde_json::json;
    /// # let tool = mpp_testkit::tool!().http("api.crm.example", |_| json!([])).load();
    /// tool.call("lookup", json!({ "query": "ada" }));
    /// tool.requests().assert_count(1);
    /// ```
    #[must_use]
    pub fn requests(&self) -> Requests {
        Requests::new(self.world.network.requests(), self.world.network.masks().clone())
    }

    /// Returns the published definitions, sorted by name.
    ///
    /// ```no_run
    /// let tool = mpp_testkit::tool!().load();
    /// assert_eq!(tool.definitions()[0].name, "lookup");
    /// ```
    #[must_use]
    pub fn definitions(&self) -> &[ToolDefinition] {
        self.loaded.definitions()
    }

    /// Returns the signed manifest.
    ///
    /// ```no_run
    /// assert_eq!(mpp_testkit::tool!().load().manifest().version.to_string(), "1.0.0");
    /// ```
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        self.loaded.manifest()
    }
}

impl std::fmt::Debug for Tool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tool").field("name", &self.manifest().name).field("mode", &self.mode()).finish_non_exhaustive()
    }
}
