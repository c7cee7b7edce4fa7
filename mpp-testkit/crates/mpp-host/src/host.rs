//! The façade, and the only module that joins the stages: verify, decide, load, grant, call.
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
//! Calls block the thread they are made on. Do not make them from an async task: use the runtime's `spawn_blocking`.

mod builder;
mod clearing;
mod describe;
mod enforceable;
mod errors;
mod grant;
mod loaded;
mod output;
mod output_filter;
mod recorder;
mod runnable;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use enforceable::Enforceable;

pub use builder::HostBuilder;
pub use errors::{ClearError, DescribeError, GrantError, HostError, LoadError};
pub use grant::Grant;
pub use loaded::LoadedPackage;
pub use output::{Accesses, CallOutcome, CallReport, FilteredOutput, UnfilteredMedia};
pub use runnable::{CallOptions, RunnablePackage};

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

/// Verifies packages and runs their tools. Cheap to clone, and to use from many threads at once.
#[derive(Clone)]
pub struct Host {
    inner: Arc<Inner>,
}

struct Inner {
    gatekeeper: Gatekeeper,
    engines: Engines,
    cache: Option<Arc<CodeCache>>,
    compiler: Arc<dyn Compile>,
    /// Where private copies of declared files are made.
    scratch: PathBuf,
    /// Where packages keep their state; without it they keep none.
    state: Option<PathBuf>,
    /// Which keys took the place of which, so that a publisher's state stays theirs.
    rotations: Vec<Rotation>,
    clock: Arc<dyn Clock>,
    network: Arc<NetworkService>,
    forced_patterns: Vec<String>,
    /// Packages whose schemas were compiled before.
    enforceable: Enforceable,
    /// What no call may exceed, whatever the manifest says.
    ceiling: Option<CallLimits>,
    audit: Option<Arc<dyn AuditSink>>,
}

impl fmt::Debug for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Host").field("instances", &self.instances()).finish_non_exhaustive()
    }
}

impl Host {
    /// A host with the contract's limits, the machine's clock and no cache.
    pub fn builder() -> HostBuilder {
        HostBuilder::default()
    }

    /// Runs the seven steps of the Gatekeeper.
    pub fn verify(&self, bytes: impl Into<PackageBytes>) -> Verification {
        self.inner.gatekeeper.verify(UnverifiedPackage::new(bytes))
    }

    /// Does what the first load would do for all that follow: for a thread that has nothing else to do, while a package is
    /// still being verified for instance. Nothing depends on it.
    pub fn prepare(&self) {
        schema::prepare();
        // What is wrong is said by the load.
        let _ = self.inner.engines.first().stdio_linker();
    }

    /// Returns how many calls may run at once. See [`HostBuilder::instances`].
    #[must_use]
    pub fn instances(&self) -> u32 {
        self.inner.engines.instances()
    }

    /// Makes a verified package ready to run: its module compiled, or taken from the cache, its schemas checked, its privacy
    /// filter compiled.
    ///
    /// # Errors
    /// [`LoadError`] where any of these does not compile.
    pub fn load(&self, package: VerifiedPackage) -> Result<LoadedPackage, LoadError> {
        LoadedPackage::load(&self.inner, package)
    }

    /// Decides whether a package may run and, where the request names a call, whether the tool may be called. Asks the
    /// request's approver where a person must decide, and records every refusal in the audit log.
    ///
    /// # Errors
    /// [`ClearError::NotApproved`] where the answer is no, no person could be asked, or the policy refuses.
    /// [`ClearError::Audit`] where that could not be recorded.
    pub fn clear(&self, request: &ClearanceRequest<'_>) -> Result<Cleared, ClearError> {
        clearing::clear(&self.inner, request)
    }

    /// Asks a module which tools it has: `tools/list`, with no capability at all and small limits.
    ///
    /// None where it lists none, or dispatches by itself (`method_not_found`): then they are in its manifest.
    ///
    /// # Errors
    /// [`DescribeError`], with what the module wrote to stderr.
    pub fn describe(&self, module: &[u8], kind: RuntimeKind) -> Result<Vec<ToolDefinition>, DescribeError> {
        describe::describe(&self.inner, module, kind)
    }
}

impl Inner {
    /// The publisher's first key, where `key` took the place of others.
    fn first_key(&self, key: &PublicKey) -> PublicKey {
        let mut first = *key;
        // As many steps as there are statements, so that a circle ends.
        for _ in &self.rotations {
            match self.rotations.iter().find(|rotation| *rotation.new_key() == first) {
                Some(rotation) => first = *rotation.old_key(),
                None => break,
            }
        }
        first
    }

    /// Compiles and links a module, or takes it from the cache.
    fn program(&self, module: &[u8], digest: &str, kind: RuntimeKind) -> Result<Program, LoadError> {
        let is_component = crate::sandbox::compile::is_component(module);
        if is_component != (kind == RuntimeKind::Wasip2) {
            let found = if is_component { "a component" } else { "a core module" };
            let wanted = if is_component { "wasm32-wasip2" } else { "wasm32-wasi" };
            let reason = format!("it is {found}, for which `runtime.type` is `{wanted}`");
            return Err(LoadError::Compile { reason });
        }
        Program::load(&self.engines, module, digest, self.cache.as_deref(), &*self.compiler).map_err(
            |error| match error {
                ProgramError::Compile(CompileError::TimeLimit { limit }) => {
                    LoadError::CompileTime { seconds: limit.as_secs() }
                }
                ProgramError::Compile(error) => LoadError::Compile { reason: error.to_string() },
                ProgramError::Link(error) => LoadError::Link { reason: format!("{error:#}") },
            },
        )
    }
}
