//! A package that is ready to run, and has not been given anything yet.

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
use crate::sandbox::kv::{StateTrouble, Store};
use crate::sandbox::program::Program;
use crate::sandbox::schema::{self, Compiled, Contract};
use crate::sandbox::symbols::Symbols;

/// A loaded package. Cheap to clone, and to use from many threads at once.
#[derive(Clone)]
pub struct LoadedPackage {
    inner: Arc<Loaded>,
    /// The package's own, or better ones.
    symbols: Symbols,
}

pub(super) struct Loaded {
    pub(super) host: Arc<Inner>,
    pub(super) manifest: Arc<Manifest>,
    pub(super) content_hash: ContentHash,
    pub(super) publisher: PublicKey,
    pub(super) key_id: KeyId,
    pub(super) program: Program,
    /// The schemas of each tool, in the manifest's order.
    schemas: Box<[Compiled]>,
    pub(super) filter: Arc<PrivacyFilter>,
    pub(super) limits: CallLimits,
    /// What the host keeps for it, where it declares that it keeps something.
    pub(super) state: Option<Arc<Store>>,
}

impl Loaded {
    /// What `tool` takes and promises, where the package has it.
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
            .map_err(|error| LoadError::Filter { reason: error.to_string() })?;
        host.enforceable.check(package.content_hash(), || {
            manifest.tool_definitions.iter().try_for_each(schema::check).map_err(|fault| LoadError::Schema {
                tool: fault.tool,
                member: fault.member,
                reason: fault.reason,
            })
        })?;
        let limits = CallLimits::of(&manifest.runtime);
        let limits = host.ceiling.map_or(limits, |ceiling| limits.lowered(&ceiling));
        let program = host.program(package.module(), package.module_digest(), manifest.runtime.kind)?;
        let publisher = *package.publisher_key();
        let clock = &host.clock;
        let state = host.state.as_deref();
        let state = state.and_then(|dir| state_under(dir, host, &manifest, &publisher, Arc::clone(clock), None));
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

    /// The manifest that was signed.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.inner.manifest
    }

    /// The hash that names the package's contents.
    #[must_use]
    pub fn content_hash(&self) -> &ContentHash {
        &self.inner.content_hash
    }

    /// The tools, in the manifest's order.
    #[must_use]
    pub fn definitions(&self) -> &[ToolDefinition] {
        &self.inner.manifest.tool_definitions
    }

    /// What is held against the arguments and results of a tool; `None` for a tool that the package does not have.
    #[must_use]
    pub fn contract(&self, tool: &str) -> Option<Contract<'_>> {
        self.inner.contract(tool)
    }

    /// Whether the compiled code was in the cache already.
    #[must_use]
    pub fn was_cached(&self) -> bool {
        self.inner.program.was_cached
    }

    /// The same package with the names and lines of `linked`, which is its `module` before it was stripped and trimmed: for
    /// backtraces. `linked` without names changes nothing; lines are read when a call crashes.
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

/// The state under `dir` of a package by `publisher`, where it declares one.
pub(super) fn state_under(
    dir: &Path,
    host: &Inner,
    manifest: &Manifest,
    publisher: &PublicKey,
    clock: Arc<dyn Clock>,
    trouble: Option<StateTrouble>,
) -> Option<Arc<Store>> {
    let kv = manifest.capabilities.kv?;
    let owner = host.first_key(publisher);
    Some(Store::new(dir, &manifest.package_id, owner, kv.max_bytes, clock, trouble))
}
