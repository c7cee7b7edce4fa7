//! What a test says about the world of its calls: where they run, the clock, the randomness.

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
pub(crate) struct World {
    mode: Option<Mode>,
    handler: Option<Handler>,
    clock: Option<Clock>,
    seed: Option<u64>,
}

impl World {
    /// Adds it to what the tool is given; and the mode that its calls run in.
    pub(crate) fn add_to(self, mut grant: Grant, package: &Package) -> Result<(Grant, Mode), Failure> {
        let mode = self.mode.map_or_else(Mode::of_run, Ok)?;
        if let Some(clock) = self.clock {
            grant = grant.guest_clock(Arc::new(clock.ticking())).state_clock(Arc::new(clock.still()));
        }
        if let Some(seed) = self.seed {
            grant = grant.guest_randomness(Randomness::Seeded(seed));
        }
        if mode == Mode::Native {
            grant = grant.danger_in_process(Arc::new(Native::of(&package.loaded, self.handler)?));
        }
        Ok((grant, mode))
    }
}

impl ToolBuilder {
    /// Runs the calls in the test's own process, whatever `MPP_TEST_MODE` says: for a test that is about this, or while a
    /// debugger is at work. The same checks stand in front of the tool, and the same filter behind it.
    ///
    /// # Panics
    /// [`load`](Self::load) does, where the package's tools are not linked into the test.
    pub fn native(mut self) -> Self {
        self.world.mode = Some(Mode::Native);
        self
    }

    /// Runs the calls in the sandbox, whatever `MPP_TEST_MODE` says: for a test of what only the sandbox does (memory, the
    /// stack, read-only directories), or of another package than the test's own.
    pub fn sandboxed(mut self) -> Self {
        self.world.mode = Some(Mode::Sandboxed);
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
        self.world.handler = Some(Handler::new(handle));
        self
    }

    /// The clock that the tool reads, and by which what it keeps expires: see [`Clock`]. Limits go by the machine's.
    pub fn clock(mut self, clock: Clock) -> Self {
        self.world.clock = Some(clock);
        self
    }

    /// Random bytes that are the same in each call, and in each run, for the same seed.
    ///
    /// In the sandbox everything that asks for randomness draws from them, the standard library's `HashMap` included;
    /// natively only `mpp::random` does.
    pub fn seed(mut self, seed: u64) -> Self {
        self.world.seed = Some(seed);
        self
    }
}
