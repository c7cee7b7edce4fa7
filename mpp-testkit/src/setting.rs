//! What a test says about where its calls run, the clock and the randomness.

use std::sync::Arc;

use mpp_host::host::Grant;
use mpp_host::sandbox::Randomness;
use mpp_sdk::{ToolRequest, ToolResponse};

use crate::builder::ToolBuilder;
use crate::clock::Clock;
use crate::mode::Mode;
use crate::native::{Handler, Native};
use crate::package::{Failure, Package};

/// What was said.
#[derive(Debug, Clone, Default)]
pub(crate) struct Setting {
    mode: Option<Mode>,
    handler: Option<Handler>,
    clock: Option<Clock>,
    seed: Option<u64>,
}

/// The same, for one loaded tool: what each of its calls is granted.
#[derive(Debug, Clone)]
pub(crate) struct Stage {
    pub(crate) mode: Mode,
    clock: Option<Clock>,
    seed: Option<u64>,
    native: Option<Arc<Native>>,
}

impl Setting {
    /// Where the calls of this package run. The mode of a whole run is looked up here.
    pub(crate) fn stage(&self, package: &Package) -> Result<Stage, Failure> {
        let mode = self.mode.map_or_else(Mode::of_run, Ok)?;
        let native = match mode {
            Mode::Native => Some(Arc::new(Native::of(&package.loaded, self.handler.clone())?)),
            Mode::Sandboxed => None,
        };
        Ok(Stage { mode, clock: self.clock.clone(), seed: self.seed, native })
    }
}

impl Stage {
    /// Adds it to what a call is granted.
    pub(crate) fn add_to(&self, mut grant: Grant) -> Grant {
        if let Some(clock) = &self.clock {
            grant = grant.guest_clock(Arc::new(clock.ticking())).state_clock(Arc::new(clock.still()));
        }
        if let Some(seed) = self.seed {
            grant = grant.guest_randomness(Randomness::Seeded(seed));
        }
        match &self.native {
            Some(native) => grant.danger_in_process(Arc::clone(native) as _),
            None => grant,
        }
    }
}

impl ToolBuilder {
    /// Runs the calls in the test's own process, whatever `MPP_TEST_MODE` says: for a test that is about this, or while a
    /// debugger is at work. The same checks stand in front of the tool, and the same filter behind it.
    ///
    /// # Panics
    /// [`load`](Self::load) does, where the package's tools are not linked into the test.
    pub fn native(mut self) -> Self {
        self.setting.mode = Some(Mode::Native);
        self
    }

    /// Runs the calls in the sandbox, whatever `MPP_TEST_MODE` says: for a test of what only the sandbox does (memory, the
    /// stack, read-only directories), or of another package than the test's own.
    pub fn sandboxed(mut self) -> Self {
        self.setting.mode = Some(Mode::Sandboxed);
        self
    }

    /// What the program gives to `tool_handler`: it answers the calls of a native run. Not needed for tools that
    /// `#[mpp::tool]` marks, and not used in the sandbox.
    ///
    /// ```no_run
    /// # fn handle(request: mpp_sdk::ToolRequest) -> mpp_sdk::ToolResponse { request.unknown_tool(&[]) }
    /// let tool = mpp_testkit::tool!().handler(handle).load();
    /// ```
    pub fn handler(mut self, handle: impl Fn(ToolRequest) -> ToolResponse + Send + Sync + 'static) -> Self {
        self.setting.handler = Some(Handler::new(handle));
        self
    }

    /// The clock that the tool reads, and by which what it keeps expires: see [`Clock`]. Limits go by the machine's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.setting.clock = Some(clock);
        self
    }

    /// Random bytes that are the same in each call, and in each run, for the same seed.
    ///
    /// In the sandbox everything that asks for randomness draws from them, the standard library's `HashMap` included;
    /// natively only `mpp::random` does.
    pub fn seed(mut self, seed: u64) -> Self {
        self.setting.seed = Some(seed);
        self
    }
}
