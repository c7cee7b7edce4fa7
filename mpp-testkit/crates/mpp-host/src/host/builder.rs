//! How a host is set up: everything it uses from outside is given here.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::enforceable::Enforceable;
use super::errors::HostError;
use super::{Host, Inner};
use crate::audit::AuditSink;
use crate::clock::{Clock, SystemClock};
use crate::gatekeeper::{Gatekeeper, KnownModules};
use crate::package::limits::Limits;
use crate::sandbox::cache::CodeCache;
use crate::sandbox::engine::{EngineSettings, Engines};
use crate::sandbox::network::{NetworkService, NetworkSettings};
use crate::sandbox::{CallLimits, Compile, InThread};
use crate::trust::Rotation;

/// Sets up a [`Host`].
#[derive(Clone, Default)]
#[must_use]
pub struct HostBuilder {
    limits: Limits,
    cache_dir: Option<PathBuf>,
    cache: Option<Arc<CodeCache>>,
    scratch_dir: Option<PathBuf>,
    state_dir: Option<PathBuf>,
    rotations: Vec<Rotation>,
    compiler: Option<Arc<dyn Compile>>,
    clock: Option<Arc<dyn Clock>>,
    forced_patterns: Vec<String>,
    ceiling: Option<CallLimits>,
    network: NetworkSettings,
    audit: Option<Arc<dyn AuditSink>>,
    engine: EngineSettings,
}

impl fmt::Debug for HostBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cache_dir, scratch_dir, state_dir, .. } = self;
        let builder = &mut f.debug_struct("HostBuilder");
        builder.field("cache_dir", cache_dir).field("scratch_dir", scratch_dir).field("state_dir", state_dir);
        builder.finish_non_exhaustive()
    }
}

impl HostBuilder {
    /// Limits of packages; the contract's are the highest.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Where compiled code is kept, and which modules the Gatekeeper found valid, in a directory of this user's alone.
    /// Without it every load compiles, and every verification goes through the module.
    pub fn cache_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        let dir = dir.into();
        self.cache = Some(Arc::new(CodeCache::new(&dir)));
        self.cache_dir = Some(dir);
        self
    }

    /// Where private copies of declared files are made while a call runs: in the cache's directory, or in `/tmp` where
    /// there is none.
    pub fn scratch_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.scratch_dir = Some(dir.into());
        self
    }

    /// Where packages keep their state: one database for each package and publisher, in a directory of this user's alone,
    /// which is made when it is needed. Without it a package that declares `kv` can keep nothing.
    pub fn state_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.state_dir = Some(dir.into());
        self
    }

    /// A publisher's key that took the place of another: their packages find the state that was kept under the old one.
    pub fn rotation(mut self, rotation: Rotation) -> Self {
        self.rotations.push(rotation);
        self
    }

    /// Who compiles; on a thread of this process with a time limit ([`InThread`]) where nothing else is said.
    pub fn compiler(mut self, compiler: Arc<dyn Compile>) -> Self {
        self.compiler = Some(compiler);
        self
    }

    /// Where the host, and its guests, take the time from.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Built-in privacy patterns that apply to every package, whatever it declares.
    pub fn forced_patterns(mut self, patterns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.forced_patterns = patterns.into_iter().map(Into::into).collect();
        self
    }

    /// What no call may exceed, whatever its package's manifest says.
    pub fn ceiling(mut self, ceiling: CallLimits) -> Self {
        self.ceiling = Some(ceiling);
        self
    }

    /// How tools reach the network: certificates, names, limits.
    pub fn network(mut self, settings: NetworkSettings) -> Self {
        self.network = settings;
        self
    }

    /// Where a record of each call goes before its answer is given: an [`AuditLog`](crate::audit::AuditLog), for instance.
    /// A call whose record cannot be written fails.
    pub fn audit(mut self, sink: Arc<dyn AuditSink>) -> Self {
        self.audit = Some(sink);
        self
    }

    /// Sets how many calls may run at once, of all packages together; 64 by default, and at least 1.
    ///
    /// A further call waits until another one ends, at most for its own timeout. The wait does not count towards its timeout.
    /// If no call ends in that time, it is answered with a `timeout` error whose `data.retryable` is true, and does not run.
    ///
    /// The host reserves address space for this many instances. Where the machine has less, it allows fewer calls at once;
    /// [`Host::instances`] returns how many.
    pub fn instances(mut self, instances: u32) -> Self {
        self.engine.instances = instances;
        self
    }

    /// The Gatekeeper of the host that this makes, for whoever verifies while another thread starts the engine.
    pub fn gatekeeper(&self) -> Gatekeeper {
        let clock = self.clock.clone().unwrap_or_else(|| Arc::new(SystemClock::new()));
        let gatekeeper = Gatekeeper::new(self.limits, clock);
        match &self.cache {
            Some(cache) => gatekeeper.with_known_modules(Arc::clone(cache) as Arc<dyn KnownModules>),
            None => gatekeeper,
        }
    }

    /// Starts the engine.
    ///
    /// # Errors
    /// [`HostError`] where the machine does not allow it.
    pub fn build(mut self) -> Result<Host, HostError> {
        let clock = Arc::clone(self.clock.get_or_insert_with(|| Arc::new(SystemClock::new())));
        let gatekeeper = self.gatekeeper();
        let engines =
            Engines::start(self.engine).map_err(|error| HostError::Engine { reason: format!("{error:#}") })?;
        let scratch = self.scratch_dir.or_else(|| self.cache_dir.as_ref().map(|dir| dir.join("scratch")));
        Ok(Host {
            inner: Arc::new(Inner {
                gatekeeper,
                engines,
                cache: self.cache,
                compiler: self.compiler.unwrap_or_else(|| Arc::new(InThread::default())),
                scratch: scratch.unwrap_or_else(|| PathBuf::from("/tmp")),
                network: Arc::new(NetworkService::new(self.network, Arc::clone(&clock))),
                state: self.state_dir,
                rotations: self.rotations,
                clock,
                forced_patterns: self.forced_patterns,
                enforceable: Enforceable::default(),
                ceiling: self.ceiling,
                audit: self.audit,
            }),
        })
    }
}
