//! The builder of a host, which receives everything that the host uses from outside.

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

/// Builds a [`Host`].
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
    /// Lowers the limits of packages. The limits of the package format cannot be raised.
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets the directory that caches compiled code and remembers which modules the Gatekeeper has validated. Only the
    /// current user may have access to it. Without it, every load compiles and every verification validates the module.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), mpp_host::host::HostError> {
    /// let host = mpp_host::Host::builder().cache_dir("/home/ada/.cache/mpp").build()?;
    /// # Ok(()) }
    /// ```
    pub fn cache_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        let dir = dir.into();
        self.cache = Some(Arc::new(CodeCache::new(&dir)));
        self.cache_dir = Some(dir);
        self
    }

    /// Sets the directory for private copies of declared files while a call runs. The default is `scratch` in the cache
    /// directory, or `/tmp` if there is no cache directory.
    pub fn scratch_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.scratch_dir = Some(dir.into());
        self
    }

    /// Sets the directory of the packages' state, with one database for each package and publisher. Only the current user
    /// may have access to it; it is created when it is needed. Without it, a package that declares `kv` cannot store anything.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), mpp_host::host::HostError> {
    /// let host = mpp_host::Host::builder().state_dir("/home/ada/.local/share/mpp/state").build()?;
    /// # Ok(()) }
    /// ```
    pub fn state_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.state_dir = Some(dir.into());
        self
    }

    /// Adds a publisher's key rotation, so that packages signed with the new key find the state stored under the old one.
    pub fn rotation(mut self, rotation: Rotation) -> Self {
        self.rotations.push(rotation);
        self
    }

    /// Sets the compiler. The default is [`InThread`], which compiles on a thread of this process with a time limit.
    pub fn compiler(mut self, compiler: Arc<dyn Compile>) -> Self {
        self.compiler = Some(compiler);
        self
    }

    /// Sets the clock of the host and its guests. The default is the system clock.
    pub fn clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Sets the built-in privacy patterns that apply to every package in addition to those that it declares.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), mpp_host::host::HostError> {
    /// let host = mpp_host::Host::builder().forced_patterns(["email", "ssn"]).build()?;
    /// # Ok(()) }
    /// ```
    pub fn forced_patterns(mut self, patterns: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.forced_patterns = patterns.into_iter().map(Into::into).collect();
        self
    }

    /// Sets limits that no call may exceed, even if its package's manifest declares higher ones.
    pub fn ceiling(mut self, ceiling: CallLimits) -> Self {
        self.ceiling = Some(ceiling);
        self
    }

    /// Sets how tools reach the network: root certificates, name resolution and limits.
    ///
    /// ```no_run
    /// use mpp_host::sandbox::network::NetworkSettings;
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let settings = NetworkSettings::new().root_certificates(&std::fs::read("company-ca.pem")?)?;
    /// let host = mpp_host::Host::builder().network(settings).build()?;
    /// # Ok(()) }
    /// ```
    pub fn network(mut self, settings: NetworkSettings) -> Self {
        self.network = settings;
        self
    }

    /// Sets the sink that receives a record of each call before its answer is returned, for example an
    /// [`AuditLog`](crate::audit::AuditLog). A call whose record cannot be written fails.
    ///
    /// ```no_run
    /// use std::sync::Arc;
    ///
    /// use mpp_host::audit::AuditLog;
    ///
    /// # fn main() -> Result<(), mpp_host::host::HostError> {
    /// let host = mpp_host::Host::builder().audit(Arc::new(AuditLog::new("audit"))).build()?;
    /// # Ok(()) }
    /// ```
    pub fn audit(mut self, sink: Arc<dyn AuditSink>) -> Self {
        self.audit = Some(sink);
        self
    }

    /// Sets the number of calls that may run at once across all packages. The default is 64, the minimum 1.
    ///
    /// A further call waits until another one ends, at most for its own timeout. The wait does not count towards its timeout.
    /// If no call ends in that time, the call does not run and returns a `timeout` error whose `data.retryable` is true.
    ///
    /// The host reserves address space for this many instances. If the machine has less, fewer calls run at once;
    /// [`Host::instances`] returns how many.
    ///
    /// ```no_run
    /// # fn main() -> Result<(), mpp_host::host::HostError> {
    /// let host = mpp_host::Host::builder().instances(8).build()?;
    /// println!("up to {} calls at once", host.instances());
    /// # Ok(()) }
    /// ```
    pub fn instances(mut self, instances: u32) -> Self {
        self.engine.instances = instances;
        self
    }

    /// Returns the Gatekeeper of the host to be built, to verify packages while another thread starts the engine.
    pub fn gatekeeper(&self) -> Gatekeeper {
        let clock = self.clock.clone().unwrap_or_else(|| Arc::new(SystemClock::new()));
        let gatekeeper = Gatekeeper::new(self.limits, clock);
        match &self.cache {
            Some(cache) => gatekeeper.with_known_modules(Arc::clone(cache) as Arc<dyn KnownModules>),
            None => gatekeeper,
        }
    }

    /// Starts the engine and returns the host.
    ///
    /// # Errors
    /// Returns [`HostError`] if the engine cannot start on this machine.
    pub fn build(mut self) -> Result<Host, HostError> {
        let clock = Arc::clone(self.clock.get_or_insert_with(|| Arc::new(SystemClock::new())));
        let gatekeeper = self.gatekeeper();
        let engines = Engines::start(self.engine).map_err(|error| HostError::Engine { source: error.into() })?;
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
