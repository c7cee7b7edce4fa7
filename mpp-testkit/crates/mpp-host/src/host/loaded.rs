//! A package that is ready to run but has not been granted anything.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use mpp_sdk::wire::ToolDefinition;

use super::Inner;
use super::errors::LoadError;
use crate::clock::Clock;
use crate::gatekeeper::VerifiedPackage;
use crate::keys::{KeyId, PublicKey};
use crate::package::ContentHash;
use crate::package::manifest::Manifest;
use crate::privacy::PrivacyFilter;
use crate::sandbox::CallLimits;
use crate::sandbox::kv::{Store, StoreHooks};
use crate::sandbox::program::Program;
use crate::sandbox::schema::{self, Compiled, Contract};
use crate::sandbox::symbols::Symbols;

/// A package that is compiled and ready for a [`Grant`](super::Grant). Cheap to clone, and can be used from many threads at once.
#[derive(Clone)]
pub struct LoadedPackage {
    inner: Arc<Loaded>,
    /// Symbols of the module itself, or of the module before it was stripped.
    symbols: Symbols,
}

pub(super) struct Loaded {
    pub(super) host: Arc<Inner>,
    pub(super) manifest: Arc<Manifest>,
    pub(super) content_hash: ContentHash,
    pub(super) publisher: PublicKey,
    pub(super) key_id: KeyId,
    pub(super) program: Program,
    /// Compiled schemas of each tool, in the manifest's order.
    schemas: Box<[Compiled]>,
    pub(super) filter: Arc<PrivacyFilter>,
    pub(super) limits: CallLimits,
    /// The package's state; `None` if it declares no `kv` or the host has no state directory.
    pub(super) state: Option<Arc<Store>>,
}

impl Loaded {
    /// Returns the contract of `tool`; `None` if the package has no such tool.
    pub(super) fn contract(&self, tool: &str) -> Option<Contract<'_>> {
        let mut tools = self.manifest.tool_definitions.iter().zip(&self.schemas);
        tools
            .find(|(definition, _)| definition.name == tool)
            .map(|(definition, schemas)| Contract::new(definition, schemas))
    }
}

impl fmt::Debug for LoadedPackage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Loaded { manifest, content_hash, .. } = &*self.inner;
        write!(f, "LoadedPackage({} {} {content_hash})", manifest.package_id, manifest.version)
    }
}

impl LoadedPackage {
    pub(super) fn load(host: &Arc<Inner>, package: VerifiedPackage) -> Result<Self, LoadError> {
        let manifest = package.shared_manifest();
        let forced: Vec<&str> = host.forced_patterns.iter().map(String::as_str).collect();
        let filter = PrivacyFilter::compile(&manifest.privacy_filters, &forced)
            .map_err(|source| LoadError::Filter { source })?;
        host.enforceable
            .check(package.content_hash(), || manifest.tool_definitions.iter().try_for_each(schema::check))?;
        let limits = CallLimits::of(&manifest.runtime);
        let limits = host.ceiling.map_or(limits, |ceiling| limits.lowered(&ceiling));
        let program = host.program(package.module(), package.module_digest(), manifest.runtime.kind)?;
        let publisher = *package.publisher_key();
        let clock = &host.clock;
        let state = host.state.as_deref();
        let state = state
            .and_then(|dir| state_under(dir, host, &manifest, &publisher, Arc::clone(clock), StoreHooks::default()));
        Ok(Self {
            symbols: program.symbols.clone(),
            inner: Arc::new(Loaded {
                host: Arc::clone(host),
                content_hash: *package.content_hash(),
                publisher,
                key_id: package.key_id().clone(),
                schemas: manifest.tool_definitions.iter().map(|_| Compiled::default()).collect(),
                manifest,
                program,
                filter,
                limits,
                state,
            }),
        })
    }

    /// Returns the signed manifest.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.inner.manifest
    }

    /// Returns the content hash of the package.
    #[must_use]
    pub fn content_hash(&self) -> &ContentHash {
        &self.inner.content_hash
    }

    /// Returns the definitions of the tools, in the manifest's order.
    ///
    /// ```no_run
    /// # fn example(loaded: &mpp_host::LoadedPackage) {
    /// for tool in loaded.definitions() {
    ///     println!("{}: {}", tool.name, tool.description);
    /// }
    /// # }
    /// ```
    #[must_use]
    pub fn definitions(&self) -> &[ToolDefinition] {
        &self.inner.manifest.tool_definitions
    }

    /// Returns the contract that a tool's arguments and results are checked against; `None` if the package has no such tool.
    ///
    /// ```no_run
    /// use serde_json::json;
    ///
    /// # fn example(loaded: &mpp_host::LoadedPackage) -> Result<(), Box<dyn std::error::Error>> {
    /// if let Some(contract) = loaded.contract("find") {
    ///     for mistake in contract.check_arguments(&json!({ "query": 42 }))? {
    ///         println!("{mistake}");
    ///     }
    /// }
    /// # Ok(()) }
    /// ```
    #[must_use]
    pub fn contract(&self, tool: &str) -> Option<Contract<'_>> {
        self.inner.contract(tool)
    }

    /// Returns whether the compiled code came from the cache.
    #[must_use]
    pub fn was_cached(&self) -> bool {
        self.inner.program.was_cached
    }

    /// Returns the package with the function names and line numbers of `linked` for its backtraces. `linked` is the package's
    /// `module` as it was before it was stripped and trimmed.
    ///
    /// Nothing changes if `linked` has no names. Line numbers are read only when a call crashes.
    #[must_use]
    pub fn with_symbols(mut self, module: &[u8], linked: Vec<u8>) -> Self {
        let symbols = Symbols::of_linked(module, linked);
        if !symbols.is_empty() {
            self.symbols = symbols;
        }
        self
    }

    pub(super) fn symbols(&self) -> &Symbols {
        &self.symbols
    }

    pub(super) fn shared(&self) -> &Arc<Loaded> {
        &self.inner
    }
}

/// Returns the state under `dir` of a package by `publisher`; `None` if the package declares no `kv`.
pub(super) fn state_under(
    dir: &Path,
    host: &Inner,
    manifest: &Manifest,
    publisher: &PublicKey,
    clock: Arc<dyn Clock>,
    hooks: StoreHooks,
) -> Option<Arc<Store>> {
    let kv = manifest.capabilities.kv?;
    let owner = host.first_key(publisher);
    Some(Store::new(dir, &manifest.package_id, owner, kv.max_bytes, clock, hooks))
}
