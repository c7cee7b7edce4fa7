//! Sends a request to a program as it is, to check what the program answers on the wire.
//!
//! A probe passes the checks of neither arguments nor results, and its output is not filtered. It is given nothing: no files, no
//! variables, no state and no network. There is therefore nothing that it could reveal or change.

use std::sync::Arc;

use mpp_sdk::wire::RpcError;

use super::runnable::RunnablePackage;
use crate::clock::Clock;
use crate::package::manifest::Capabilities;
use crate::sandbox::denial::Granted;
use crate::sandbox::guest::{GuestClock, GuestWorld};
use crate::sandbox::host_calls::HostCalls;
use crate::sandbox::run::Ended;
use crate::sandbox::{CallLimits, response};

/// A request that is sent as it is.
#[derive(Debug, Clone)]
#[must_use]
pub struct Probe {
    request: Vec<u8>,
    limits: CallLimits,
    clock: Option<Arc<dyn Clock>>,
    seed: Option<u64>,
}

/// What a program did with a probe.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Probed {
    /// What the program wrote to stdout.
    pub output: Vec<u8>,
    /// What the program wrote to stderr.
    pub log: String,
    /// The host's error, if the program did not end by itself with exit code 0.
    pub failure: Option<RpcError>,
}

impl Probe {
    /// Sends these bytes, usually one line.
    pub fn new(request: impl Into<Vec<u8>>, limits: CallLimits) -> Self {
        Self { request: request.into(), limits, clock: None, seed: None }
    }

    /// Sets the clock that the program reads. The default is the host's clock.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Sets the seed of the random bytes that the program reads. The default is the operating system.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }
}

impl RunnablePackage {
    /// Sends a request to the program of the package as it is, in an instance of its own that is given nothing.
    #[must_use]
    pub fn probe(&self, probe: &Probe) -> Probed {
        let (program, symbols, host_clock) = self.program();
        let clock = Arc::clone(probe.clock.as_ref().unwrap_or(host_clock));
        let mut world = GuestWorld::empty(Arc::clone(&clock));
        world.clock = GuestClock(clock);
        world.seed = probe.seed;
        let request = probe.request.as_slice().into();
        let run = program.run(request, &probe.limits, &Arc::new(world), None, HostCalls::default(), symbols);
        let capabilities = Capabilities::default();
        let nothing = Granted { capabilities: &capabilities, variables: &[] };
        let limits = response::Limits { in_force: &probe.limits, declared: None };
        let failure = match run.ended {
            Ended::Done => None,
            _ => response::read(&run, limits, &nothing, &str::to_owned).err(),
        };
        Probed { output: run.output, log: run.log.text, failure }
    }
}
