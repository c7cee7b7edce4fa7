//! The façade of the crate, which connects the stages: verify, decide, load, grant, call.
//!
//! ```no_run
//! use mpp_host::{ClearanceRequest, Grant, Host, Policy, PublicKey, TrustStore, Unattended};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut trust = TrustStore::default();
//! trust.add_own(PublicKey::from_pem(&std::fs::read_to_string("publisher.pub")?)?);
//!
//! let host = Host::builder().cache_dir("cache").build()?;
//! let package = host.verify(std::fs::read("contacts-1.0.0.mpp")?).outcome?;
//! let admission = trust.admit(&package)?;
//! let cleared = host.clear(&ClearanceRequest::new(&package, &Policy::default(), &trust, &Unattended))?;
//! let grant = Grant::new(admission, cleared.clearance).dir("/contacts", "sample");
//! let contacts = host.load(package)?.grant(grant)?;
//! let output = contacts.call("find", r#"{"query":"ada"}"#);
//! println!("{}", output.json());
//! # Ok(()) }
//! ```
//!
//! A call blocks the thread that makes it. From an async task, use the runtime's `spawn_blocking`.

mod builder;
mod call_options;
mod clearing;
mod describe;
mod enforceable;
mod errors;
mod exchange;
mod grant;
mod hooks;
mod loaded;
mod output;
mod output_filter;
#[cfg(feature = "testing")]
mod probe;
mod recorder;
mod runnable;
mod server_gate;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use enforceable::Enforceable;

pub use builder::HostBuilder;
pub use call_options::CallOptions;
pub use errors::{ClearError, DescribeError, GrantError, HostError, LoadError};
pub use grant::Grant;
pub use loaded::LoadedPackage;
pub use output::{Accesses, CallOutcome, CallReport, FilteredOutput, UnfilteredMedia};
#[cfg(feature = "testing")]
pub use probe::{Probe, Probed};
pub use runnable::RunnablePackage;
pub use server_gate::{ServerAnswer, ServerGate, ServerQuestion, ServerReply, ServerTool, members};

use mpp_sdk::wire::ToolDefinition;

use crate::audit::AuditSink;
use crate::clock::Clock;
use crate::gatekeeper::{Gatekeeper, Verification, VerifiedPackage};
use crate::keys::PublicKey;
use crate::package::manifest::RuntimeKind;
use crate::package::{PackageBytes, UnverifiedPackage};
use crate::policy::{ClearanceRequest, Cleared};
use crate::sandbox::cache::CodeCache;
use crate::sandbox::engine::Engines;
use crate::sandbox::network::NetworkService;
use crate::sandbox::program::{Program, ProgramError};
use crate::sandbox::schema;
use crate::sandbox::{CallLimits, Compile, CompileError};
use crate::trust::Rotation;

/// Verifies packages and runs their tools. Cheap to clone, and can be used from many threads at once.
#[derive(Clone)]
pub struct Host {
    inner: Arc<Inner>,
}

struct Inner {
    gatekeeper: Gatekeeper,
    engines: Engines,
    cache: Option<Arc<CodeCache>>,
    compiler: Arc<dyn Compile>,
    /// Directory for private copies of declared files.
    scratch: PathBuf,
    /// Directory of the packages' state; `None` if packages cannot store any.
    state: Option<PathBuf>,
    /// Key rotations, so that a publisher's packages keep their state after a change of key.
    rotations: Vec<Rotation>,
    clock: Arc<dyn Clock>,
    network: Arc<NetworkService>,
    forced_patterns: Vec<String>,
    /// Remembers packages whose schemas have already passed the check.
    enforceable: Enforceable,
    /// Limits that no call may exceed, even if its manifest declares higher ones.
    ceiling: Option<CallLimits>,
    audit: Option<Arc<dyn AuditSink>>,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("instances", &self.instances()).finish_non_exhaustive()
    }
}

impl Host {
    /// Returns a builder for a host. By default, the host uses the limits of the package format, the system clock and no cache.
    ///
    /// ```no_run
    /// use mpp_host::Host;
    ///
    /// # fn main() -> Result<(), mpp_host::host::HostError> {
    /// let host = Host::builder().cache_dir("cache").state_dir("state").build()?;
    /// # Ok(()) }
    /// ```
    pub fn builder() -> HostBuilder {
        HostBuilder::default()
    }

    /// Verifies a package with the seven steps of the Gatekeeper.
    ///
    /// The result holds a report of every step, and the verified package or the reason of its refusal.
    ///
    /// ```no_run
    /// # fn example(host: &mpp_host::Host) -> Result<(), Box<dyn std::error::Error>> {
    /// let package = host.verify(std::fs::read("contacts-1.0.0.mpp")?).outcome?;
    /// println!("{} {}", package.manifest().package_id, package.manifest().version);
    /// # Ok(()) }
    /// ```
    pub fn verify(&self, bytes: impl Into<PackageBytes>) -> Verification {
        self.inner.gatekeeper.verify(UnverifiedPackage::new(bytes))
    }

    /// Does the one-time work of the first [`load`](Self::load) in advance, for example on another thread while a package is
    /// being verified. Calling it is optional.
    ///
    /// ```no_run
    /// # fn example(host: &mpp_host::Host, bytes: Vec<u8>) -> Result<(), Box<dyn std::error::Error>> {
    /// let background = host.clone();
    /// std::thread::spawn(move || background.prepare());
    /// let package = host.verify(bytes).outcome?;
    /// let loaded = host.load(package)?;
    /// # Ok(()) }
    /// ```
    pub fn prepare(&self) {
        schema::prepare();
        // `load` returns the error.
        let _ = self.inner.engines.first().stdio_linker();
    }

    /// Returns the number of calls that may run at once. See [`HostBuilder::instances`].
    #[must_use]
    pub fn instances(&self) -> u32 {
        self.inner.engines.instances()
    }

    /// Prepares a verified package for running: compiles its module or takes it from the cache, checks its schemas, and
    /// compiles its privacy filter.
    ///
    /// ```no_run
    /// # fn example(host: &mpp_host::Host, package: mpp_host::VerifiedPackage) -> Result<(), Box<dyn std::error::Error>> {
    /// let loaded = host.load(package)?;
    /// println!("compiled code from the cache: {}", loaded.was_cached());
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns [`LoadError`] if the module, a schema or the privacy filter does not compile.
    pub fn load(&self, package: VerifiedPackage) -> Result<LoadedPackage, LoadError> {
        LoadedPackage::load(&self.inner, package)
    }

    /// Decides whether a package may run and, if the request names a call, whether the tool may be called. Asks the
    /// request's approver if a person must decide, and records every refusal in the audit log.
    ///
    /// ```no_run
    /// use mpp_host::{ClearanceRequest, Policy, Unattended};
    ///
    /// # use mpp_host::{Host, TrustStore, VerifiedPackage};
    /// # fn example(host: &Host, package: &VerifiedPackage, trust: &TrustStore) -> Result<(), Box<dyn std::error::Error>> {
    /// let policy = Policy::default();
    /// let request = ClearanceRequest::new(package, &policy, trust, &Unattended).call("find", r#"{"query":"ada"}"#);
    /// let cleared = host.clear(&request)?;
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns [`ClearError::NotApproved`] if the answer is no, no person could be asked, or the policy refuses, and
    /// [`ClearError::Audit`] if the refusal could not be recorded.
    pub fn clear(&self, request: &ClearanceRequest<'_>) -> Result<Cleared, ClearError> {
        clearing::clear(&self.inner, request)
    }

    /// Returns the tools that a module lists in response to `tools/list`. The module runs without any capability and with
    /// small limits.
    ///
    /// The list is empty if the module lists no tools, or dispatches calls itself and answers `method_not_found`; the
    /// manifest then holds the definitions.
    ///
    /// ```no_run
    /// use mpp_host::package::manifest::RuntimeKind;
    ///
    /// # fn example(host: &mpp_host::Host) -> Result<(), Box<dyn std::error::Error>> {
    /// let module = std::fs::read("contacts.wasm")?;
    /// for tool in host.describe(&module, RuntimeKind::Wasip1)? {
    ///     println!("{}: {}", tool.name, tool.description);
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// Returns [`DescribeError`], which includes what the module wrote to stderr, if the module does not load, does not answer
    /// with a list of tools, or lists a tool that is not valid.
    pub fn describe(&self, module: &[u8], kind: RuntimeKind) -> Result<Vec<ToolDefinition>, DescribeError> {
        describe::describe(&self.inner, module, kind)
    }

    /// Runs a preview 1 command without any capability, with `input` on its stdin, and returns what it wrote to stdout. A build uses
    /// this for parts of compilers that are modules themselves.
    ///
    /// # Errors
    /// Returns [`DescribeError`], which includes what the module wrote to stderr, if the module does not load or does not end with
    /// success.
    pub fn transform(&self, module: &[u8], input: &[u8]) -> Result<Vec<u8>, DescribeError> {
        describe::transform(&self.inner, module, input)
    }
}

impl Inner {
    /// Returns the publisher's first key: follows the rotations back from `key`.
    fn first_key(&self, key: &PublicKey) -> PublicKey {
        let mut first = *key;
        // At most one step per rotation, so that a cycle ends.
        for _ in &self.rotations {
            match self.rotations.iter().find(|rotation| *rotation.new_key() == first) {
                Some(rotation) => first = *rotation.old_key(),
                None => break,
            }
        }
        first
    }

    /// Compiles a module, or takes its compiled code from the cache, and links it.
    fn program(&self, module: &[u8], digest: &str, kind: RuntimeKind) -> Result<Program, LoadError> {
        let is_component = crate::sandbox::compile::is_component(module);
        if is_component != (kind == RuntimeKind::Wasip2) {
            let found = if is_component { "a component" } else { "a core module" };
            let wanted = if is_component { "wasm32-wasip2" } else { "wasm32-wasi" };
            let reason = format!("it is {found}, for which `runtime.type` is `{wanted}`");
            return Err(LoadError::Compile { source: CompileError::refused(reason) });
        }
        Program::load(&self.engines, module, digest, self.cache.as_deref(), &*self.compiler).map_err(
            |error| match error {
                ProgramError::Compile(CompileError::TimeLimit { limit }) => {
                    LoadError::CompileTime { seconds: limit.as_secs() }
                }
                ProgramError::Compile(source) => LoadError::Compile { source },
                ProgramError::Link(error) => LoadError::Link { source: error.into() },
            },
        )
    }
}
