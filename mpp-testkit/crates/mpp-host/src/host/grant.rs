//! The grant of a loaded package: permission to run, values of its variables, and places for its paths.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use mpp_sdk::wire::nearest;

use super::errors::GrantError;
use super::hooks::Hooks;
use super::loaded::{Loaded, state_under};
use crate::codes::PathAccess;
use crate::package::manifest::{Filesystem, cargo_toml};
use crate::policy::Clearance;
use crate::sandbox::CallLimits;
use crate::sandbox::filesystem::{self, Files};
use crate::sandbox::guest::{GuestClock, GuestWorld};
#[cfg(feature = "in-process")]
use crate::sandbox::in_process::InProcess;
use crate::sandbox::kv::{Store, StoreHooks};
use crate::sandbox::network::{InjectFault, Network};
use crate::sandbox::observe::CallObserver;
use crate::trust::Admission;

/// The permission to run a package, and the variables, paths and settings that it is given. A grant cannot give a package
/// anything that its manifest does not declare.
#[derive(Debug)]
#[must_use]
pub struct Grant {
    admission: Admission,
    clearance: Clearance,
    env: Option<BTreeMap<String, String>>,
    dirs: BTreeMap<String, PathBuf>,
    limits: Option<CallLimits>,
    allow_local: bool,
    pub(super) hooks: Hooks,
}

impl Grant {
    /// Returns a grant that permits the package to run, without any capability. `admission` is the decision to trust the publisher,
    /// `clearance` the decision about the capabilities that the package requests.
    ///
    /// ```no_run
    /// use mpp_host::{ClearanceRequest, Grant, Policy, Unattended};
    ///
    /// # use mpp_host::{Host, TrustStore, VerifiedPackage};
    /// # fn example(host: &Host, package: &VerifiedPackage, trust: &TrustStore) -> Result<(), Box<dyn std::error::Error>> {
    /// let admission = trust.admit(package)?;
    /// let cleared = host.clear(&ClearanceRequest::new(package, &Policy::default(), trust, &Unattended))?;
    /// let grant = Grant::new(admission, cleared.clearance);
    /// # Ok(()) }
    /// ```
    pub fn new(admission: Admission, clearance: Clearance) -> Self {
        Self {
            admission,
            clearance,
            env: Some(BTreeMap::new()),
            dirs: BTreeMap::new(),
            limits: None,
            allow_local: false,
            hooks: Hooks::default(),
        }
    }

    /// Sets the value of a declared environment variable. Every declared variable needs a value.
    ///
    /// ```no_run
    /// # fn example(grant: mpp_host::Grant) {
    /// let grant = grant.env("API_KEY", "0123456789").env("REGION", "eu");
    /// # }
    /// ```
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.get_or_insert_default().insert(name.into(), value.into());
        self
    }

    /// Grants no variables, not even declared ones, so that the tool finds none set. A package with injected headers still
    /// needs the variables that the headers are made from, and cannot be granted without them.
    pub fn without_env(mut self) -> Self {
        self.env = None;
        self
    }

    /// Maps the declared file or directory `guest` to the path `host` on this machine. Every declared path needs a mapping: none
    /// is mapped to the same path of this machine by itself.
    ///
    /// ```no_run
    /// # fn example(grant: mpp_host::Grant) {
    /// let grant = grant.dir("/contacts", "/home/ada/contacts");
    /// # }
    /// ```
    pub fn dir(mut self, guest: impl Into<String>, host: impl Into<PathBuf>) -> Self {
        self.dirs.insert(guest.into(), host.into());
        self
    }

    /// Sets whether declared hosts may be on this machine or on its networks. By default, a host that resolves to such an
    /// address is refused.
    ///
    /// ```no_run
    /// # fn example(grant: mpp_host::Grant) {
    /// let grant = grant.allow_local(true);
    /// # }
    /// ```
    pub fn allow_local(mut self, allow: bool) -> Self {
        self.allow_local = allow;
        self
    }

    /// Lowers the limits below those of the manifest. Higher limits have no effect.
    pub fn limits(mut self, limits: CallLimits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Checks the grant against what the package declares.
    pub(super) fn resolve(self, loaded: &Loaded) -> Result<Resolved, GrantError> {
        if self.admission.content_hash() != &loaded.content_hash || self.admission.key() != &loaded.publisher {
            return Err(GrantError::NotAdmitted);
        }
        if self.clearance.content_hash() != &loaded.content_hash || self.clearance.key() != &loaded.publisher {
            return Err(GrantError::NotCleared);
        }
        let can = &loaded.manifest.capabilities;
        let given = resolve_env(self.env, &can.env_vars)?;
        let network = if can.network.is_empty() {
            None
        } else {
            let service = &loaded.host.network;
            let network = Network::new(service, can, &given, self.allow_local).map_err(inject_error)?;
            Some(Arc::new(self.hooks.on_network(network)))
        };
        // The tool does not receive the variables that the host injects into its requests.
        let injected = can.injected_variables();
        let (withheld, env) = given.into_iter().partition(|(name, _)| injected.contains(name.as_str()));
        let mappings = resolve_dirs(self.dirs, &can.filesystem)?;
        let files = Files::open(mappings, &loaded.host.scratch, loaded.program.is_component()).map_err(|fault| {
            GrantError::PathUnusable {
                guest: fault.guest,
                host: fault.host,
                reason: fault.reason,
                source: fault.source,
            }
        })?;
        let (hooks, host) = (self.hooks, &loaded.host);
        let clock = hooks.guest_clock.unwrap_or_else(|| Arc::clone(&host.clock));
        let world = GuestWorld {
            env,
            clock: GuestClock(clock),
            seed: hooks.seed,
            random_source: hooks.random_source,
            program: loaded.manifest.name.clone(),
            disk_full: hooks.disk_full,
        };
        let limits = self.limits.map_or(loaded.limits, |limits| loaded.limits.lowered(&limits));
        let observer = hooks.observer;
        let state = match (&hooks.state_dir, &hooks.state_clock, hooks.state_trouble, &observer) {
            (None, None, None, None) => loaded.state.clone(),
            (dir, clock, trouble, observer) => dir.as_ref().or(host.state.as_ref()).and_then(|dir| {
                let clock = Arc::clone(clock.as_ref().unwrap_or(&host.clock));
                let hooks = StoreHooks { trouble, observer: observer.clone() };
                state_under(dir, host, &loaded.manifest, &loaded.publisher, clock, hooks)
            }),
        };
        Ok(Resolved {
            clearance: self.clearance,
            world: Arc::new(world),
            limits,
            files,
            network,
            withheld,
            state,
            observer,
            #[cfg(feature = "in-process")]
            in_process: hooks.in_process,
        })
    }
}

/// A grant that was checked against the package's manifest.
pub(super) struct Resolved {
    pub(super) clearance: Clearance,
    pub(super) world: Arc<GuestWorld>,
    pub(super) limits: CallLimits,
    pub(super) files: Files,
    pub(super) network: Option<Arc<Network>>,
    /// Names and values of variables that the host injects and the tool does not receive.
    pub(super) withheld: Vec<(String, String)>,
    pub(super) state: Option<Arc<Store>>,
    /// The front end's observer of calls, if any.
    pub(super) observer: Option<Arc<dyn CallObserver>>,
    /// The runner that takes the place of the sandbox, if any.
    #[cfg(feature = "in-process")]
    pub(super) in_process: Option<Arc<dyn InProcess>>,
}

impl Resolved {
    /// Returns whether a call can send requests, or change files or state.
    pub(super) fn can_have_effects(&self) -> bool {
        self.network.is_some() || self.state.is_some() || self.files.any_writable()
    }
}

fn inject_error(fault: InjectFault) -> GrantError {
    match fault {
        InjectFault::Missing { names } => GrantError::VariablesMissing { names },
        InjectFault::Unusable { header, host } => GrantError::HeaderUnusable { header, host },
    }
}

/// Returns the guest path, the path on this machine, and whether it is writable, for every declared path.
fn resolve_dirs(
    mut given: BTreeMap<String, PathBuf>,
    declared: &Filesystem,
) -> Result<Vec<(String, PathBuf, bool)>, GrantError> {
    let mut mappings = Vec::new();
    for (guest, writable) in filesystem::declared(declared) {
        let host = given.remove(guest).ok_or_else(|| GrantError::PathUnmapped { guest: guest.to_owned() })?;
        mappings.push((guest.to_owned(), host, writable));
    }
    match given.into_keys().next() {
        Some(guest) => {
            let line = cargo_toml::filesystem(declared, &guest, PathAccess::Read);
            Err(GrantError::PathUndeclared { guest, line })
        }
        None => Ok(mappings),
    }
}

fn resolve_env(
    given: Option<BTreeMap<String, String>>,
    declared: &[String],
) -> Result<Vec<(String, String)>, GrantError> {
    let Some(given) = given else { return Ok(Vec::new()) };
    for (name, value) in &given {
        if !declared.contains(name) {
            let nearest = nearest(name, declared.iter().map(String::as_str)).map(str::to_owned);
            let line = cargo_toml::env_vars(declared, name);
            return Err(GrantError::VariableUndeclared { name: name.clone(), nearest, line });
        }
        if value.contains('\0') {
            return Err(GrantError::VariableUnusable { name: name.clone() });
        }
    }
    let names: Vec<String> = declared.iter().filter(|name| !given.contains_key(*name)).cloned().collect();
    if names.is_empty() { Ok(given.into_iter().collect()) } else { Err(GrantError::VariablesMissing { names }) }
}
