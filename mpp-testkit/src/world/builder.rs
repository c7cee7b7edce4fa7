//! The builder of a tool under test.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use mpp_host::sandbox::CallLimits;
use mpp_recording::Fault;
use mpp_sdk::{ToolRequest, ToolResponse};

use crate::failure::Failure;
use crate::mode::Mode;
use crate::native::Handler;
use crate::package::{self, Package};
use crate::tool::Tool;
use crate::world::clock::Clock;
use crate::world::setup::Setup;
use crate::world::state::seed::Seed;
use crate::world::state::value::KvValue;

/// Builds a tool under test: made by [`tool!`](crate::tool!), given what the tool needs, and loaded.
///
/// ```no_run
/// use serde_json::json;
///
/// let tool = mpp_testkit::tool!()
///     .env("CRM_API_KEY", "a key for tests")
///     .http("api.crm.example", |_| json!([{ "name": "Ada Lovelace" }]))
///     .load();
/// tool.call("lookup", json!({ "query": "ada" })).assert_at("/0/name", "Ada Lovelace");
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing happens until `load` is called"]
pub struct ToolBuilder {
    pub(crate) setup: Setup,
}

impl ToolBuilder {
    /// Tests the package in `directory`. [`tool!`](crate::tool!) is the short form.
    ///
    /// ```no_run
    /// let tool = mpp_testkit::ToolBuilder::new("../contacts").load();
    /// ```
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { setup: Setup::new(directory.into()) }
    }

    /// Sets the value of a declared variable.
    ///
    /// ```no_run
    /// let tool = mpp_testkit::tool!().env("CRM_API_KEY", "a key for tests").load();
    /// ```
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.setup.env.insert(name.into(), value.into());
        self
    }

    /// Maps a declared file or directory to a path of this machine; a relative path is relative to the package.
    ///
    /// ```no_run
    /// let tool = mpp_testkit::tool!().dir("/contacts", "tests/contacts").load();
    /// ```
    pub fn dir(mut self, guest: impl Into<String>, host: impl Into<PathBuf>) -> Self {
        self.setup.dirs.insert(guest.into(), host.into());
        self
    }

    /// Ignores `dev = { dirs, env }` of `[package.metadata.mpp]`, so that only the settings of the test apply.
    ///
    /// ```no_run
    /// let tool = mpp_testkit::tool!().without_dev_mappings().env("CRM_API_KEY", "a key for tests").load();
    /// ```
    pub fn without_dev_mappings(mut self) -> Self {
        self.setup.dev_mappings = false;
        self
    }

    /// Allows declared hosts to resolve to addresses of this machine and its local network.
    ///
    /// ```no_run
    /// let tool = mpp_testkit::tool!().live_network().allow_local().load();
    /// ```
    pub fn allow_local(mut self) -> Self {
        self.setup.allow_local = true;
        self
    }

    /// Sets lower limits than the manifest's, to test what the tool does when it reaches them.
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// use mpp_testkit::CallLimits;
    /// use serde_json::json;
    ///
    /// let mut limits = CallLimits::of(&mpp_testkit::tool!().load().manifest().runtime);
    /// limits.timeout = Duration::from_millis(50);
    /// mpp_testkit::tool!().limits(limits).load().call("slow", json!({})).assert_error("timeout");
    /// ```
    pub fn limits(mut self, limits: CallLimits) -> Self {
        self.setup.limits = Some(limits);
        self
    }

    /// Keeps the tool's state in `dir`, for a test in which the state outlives the tool. Without this, each loaded tool
    /// starts with an empty state, which is removed with the tool.
    ///
    /// ```no_run
    /// # let dir = tempfile::tempdir()?;
    /// let notes = || mpp_testkit::tool!().state_dir(dir.path()).load();
    /// notes().call("add", serde_json::json!({ "text": "tea" })).assert_success();
    /// notes().call("list", serde_json::json!({})).assert_at("/0/text", "tea");
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn state_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.setup.state_dir = Some(dir.into());
        self
    }

    /// Replaces a declared directory by an empty temporary one, which is removed with the tool.
    ///
    /// ```no_run
    /// let tool = mpp_testkit::tool!().temp_dir("/reports").load();
    /// tool.call("write", serde_json::json!({ "name": "may.csv" })).assert_success();
    /// assert!(tool.files("/reports").get("may.csv").is_some());
    /// ```
    pub fn temp_dir(mut self, guest: impl Into<String>) -> Self {
        self.setup.files.add_dir(guest.into());
        self
    }

    /// Provides a file: a declared one, or one in a declared directory, which is then replaced by a temporary one, as with
    /// [`ToolBuilder::temp_dir`].
    ///
    /// ```no_run
    /// let tool = mpp_testkit::tool!().file("/contacts/team.csv", "name,mail\nAda,ada@engines.example\n").load();
    /// ```
    pub fn file(mut self, guest: impl Into<String>, contents: impl Into<Vec<u8>>) -> Self {
        self.setup.files.add_file(guest.into(), contents.into());
        self
    }

    /// Adds an entry to the tool's state: text and bytes unchanged, a [`serde_json::Value`] as JSON.
    ///
    /// ```no_run
    /// use serde_json::json;
    ///
    /// let tool = mpp_testkit::tool!()
    ///     .kv("last_id", "7")
    ///     .kv("note/0000000007", json!({ "id": 7, "text": "tea" }))
    ///     .load();
    /// ```
    pub fn kv(self, key: impl AsRef<[u8]>, value: impl Into<KvValue>) -> Self {
        self.add_entry(key.as_ref(), value.into(), None)
    }

    /// Adds an entry that expires after `ttl`, by the clock of the test.
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// let tool = mpp_testkit::tool!().kv_with_ttl("session", "open", Duration::from_secs(60)).load();
    /// ```
    pub fn kv_with_ttl(self, key: impl AsRef<[u8]>, value: impl Into<KvValue>, ttl: Duration) -> Self {
        self.add_entry(key.as_ref(), value.into(), Some(ttl))
    }

    fn add_entry(mut self, key: &[u8], value: KvValue, ttl: Option<Duration>) -> Self {
        self.setup.kv.push(Seed { key: key.to_vec(), value: value.into_bytes(), ttl });
        self
    }

    /// Injects a [`Fault`].
    ///
    /// ```no_run
    /// use mpp_testkit::Fault;
    /// use serde_json::json;
    ///
    /// let tool = mpp_testkit::tool!()
    ///     .http("api.crm.example", |_| json!([{ "name": "Ada" }]))
    ///     .fault(Fault::http_status("api.crm.example", 429).retry_after(2).nth(1))
    ///     .load();
    /// tool.call("lookup", json!({ "query": "ada" })).assert_error("crm_down"); // the first request
    /// tool.call("lookup", json!({ "query": "ada" })).assert_at("/0/name", "Ada"); // the second
    /// ```
    pub fn fault(mut self, fault: Fault) -> Self {
        self.setup.faults.push(fault);
        self
    }

    /// Runs the calls in the test's own process, regardless of `MPP_TEST_MODE`: for a debugger, or a test of this mode. The
    /// calls pass the same checks and the same privacy filter.
    ///
    /// ```no_run
    /// let tool = mpp_testkit::tool!().native().load();
    /// ```
    ///
    /// # Panics
    /// [`load`](Self::load) panics if the package's tools are not linked into the test.
    pub fn native(mut self) -> Self {
        self.setup.mode = Some(Mode::Native);
        self
    }

    /// Runs the calls in the sandbox, regardless of `MPP_TEST_MODE`: for a test of something that only the sandbox enforces
    /// (memory, the stack, read-only directories), or of another package than the test's own.
    ///
    /// ```no_run
    /// let tool = mpp_testkit::tool!("../contacts").sandboxed().load();
    /// ```
    pub fn sandboxed(mut self) -> Self {
        self.setup.mode = Some(Mode::Sandboxed);
        self
    }

    /// Answers the calls of a native run with the function that the program gives to `tool_handler`. Tools that
    /// `#[mpp::tool]` marks do not need it, and the sandbox does not use it.
    ///
    /// ```no_run
    /// # fn handle(request: mpp_sdk::ToolRequest) -> mpp_sdk::ToolResponse { request.unknown_tool(&[]) }
    /// let tool = mpp_testkit::tool!().handler(handle).load();
    /// ```
    pub fn handler(mut self, handle: impl Fn(ToolRequest) -> ToolResponse + Send + Sync + 'static) -> Self {
        self.setup.handler = Some(Handler::new(handle));
        self
    }

    /// Sets the clock that the tool reads and that its state expires by: see [`Clock`]. Time limits follow the clock of the
    /// machine.
    ///
    /// ```no_run
    /// use mpp_testkit::Clock;
    ///
    /// let clock = Clock::frozen("2026-01-01T00:00:00Z");
    /// let tool = mpp_testkit::tool!().clock(clock.clone()).load();
    /// clock.advance(std::time::Duration::from_secs(60));
    /// ```
    pub fn clock(mut self, clock: Clock) -> Self {
        self.setup.clock = Some(clock);
        self
    }

    /// Makes random bytes reproducible: the same seed gives the same bytes in each call and each run.
    ///
    /// In the sandbox this concerns everything that asks for randomness, including the standard library's `HashMap`;
    /// natively it concerns `mpp::random`.
    ///
    /// ```no_run
    /// use serde_json::json;
    ///
    /// let tool = mpp_testkit::tool!().seed(7).load();
    /// assert_eq!(tool.call("roll", json!({})).json(), tool.call("roll", json!({})).json());
    /// ```
    pub fn seed(mut self, seed: u64) -> Self {
        self.setup.seed = Some(seed);
        self
    }

    /// Builds, signs, verifies and loads the package, and grants it the settings of the test. The first call in a process
    /// builds the package; later ones reuse it.
    ///
    /// ```no_run
    /// let tool = mpp_testkit::tool!().load();
    /// ```
    ///
    /// # Panics
    /// Panics if any of this fails. If the tool does not compile, the message contains the compiler's output.
    #[track_caller]
    pub fn load(self) -> Tool {
        match self.built() {
            Ok(package) => Tool::new(self.setup, &package),
            Err(failure) => failure.fail(),
        }
    }

    /// Returns the package, which is built once per process.
    pub(crate) fn built(&self) -> Result<Arc<Package>, Failure> {
        package::package(&self.setup.directory)
    }
}
