//! The grant of a loaded package: permission to run, values of its variables, and places for its paths.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use mpp_sdk::wire::nearest;

use super::errors::GrantError;
use super::loaded::{Loaded, state_under};
use crate::clock::Clock;
use crate::package::manifest::Filesystem;
use crate::policy::Clearance;
use crate::sandbox::FullDisk;
use crate::sandbox::filesystem::{self, Files};
use crate::sandbox::guest::{GuestClock, GuestWorld};
use crate::sandbox::in_process::InProcess;
use crate::sandbox::kv::{StateTrouble, Store};
use crate::sandbox::network::{InjectFault, Network, Transport};
use crate::sandbox::{CallLimits, DefaultPaths, Randomness};
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
    defaults: Option<DefaultPaths>,
    limits: Option<CallLimits>,
    clock: Option<Arc<dyn Clock>>,
    randomness: Randomness,
    allow_local: bool,
    transport: Option<Arc<dyn Transport>>,
    state_dir: Option<PathBuf>,
    state_clock: Option<Arc<dyn Clock>>,
    in_process: Option<Arc<dyn InProcess>>,
    state_trouble: Option<StateTrouble>,
    disk_full: Option<FullDisk>,
}

impl Grant {
    /// Returns a grant of the permission to run and nothing else. `admission` is the decision to trust the publisher,
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
            defaults: None,
            limits: None,
            clock: None,
            randomness: Randomness::System,
            allow_local: false,
            transport: None,
            state_dir: None,
            state_clock: None,
            in_process: None,
            state_trouble: None,
            disk_full: None,
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

    /// Maps the declared file or directory `guest` to the path `host` on this machine.
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

    /// Maps declared paths that [`Grant::dir`] does not name to the same paths on this machine, as far as [`DefaultPaths`]
    /// allows it. Without this, every declared path must be mapped by [`Grant::dir`].
    pub fn default_paths(mut self, defaults: DefaultPaths) -> Self {
        self.defaults = Some(defaults);
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

    /// Sets the transport that carries the tool's requests instead of the network, for tests. All checks except the one of
    /// addresses still apply.
    pub fn http(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Lowers the limits below those of the manifest. Higher limits have no effect.
    pub fn limits(mut self, limits: CallLimits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Sets the clock of the guest, for tests. The default is the host's clock.
    pub fn guest_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Sets the source of the guest's random bytes, for tests. The default is the operating system.
    pub fn guest_randomness(mut self, randomness: Randomness) -> Self {
        self.randomness = randomness;
        self
    }

    /// Sets the directory of the package's state, for tests. The default is the host's state directory.
    pub fn state_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.state_dir = Some(dir.into());
        self
    }

    /// Sets the clock by which entries of the package's state expire, for tests. The default is the host's clock.
    pub fn state_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.state_clock = Some(clock);
        self
    }

    /// Runs the package's calls in this process instead of in the sandbox: `runner` takes the place of the package's module, with
    /// the rights of this process. Everything around it stays the same; see [`in_process`](crate::sandbox::in_process).
    ///
    /// Use it only to test your own tools, so that a debugger or a coverage tool can see their code. Never use it for another
    /// publisher's package: `runner` is not restricted in any way.
    pub fn danger_in_process(mut self, runner: Arc<dyn InProcess>) -> Self {
        self.in_process = Some(runner);
        self
    }

    /// Simulates a failure of the package's state, to test how the tool reacts.
    pub fn state_trouble(mut self, trouble: StateTrouble) -> Self {
        self.state_trouble = Some(trouble);
        self
    }

    /// Simulates a full disk under every declared directory, for tests: no file can be written to. It works in the sandbox, for
    /// core modules only. `disk` counts the operations that it refused.
    pub fn disk_full(mut self, disk: &FullDisk) -> Self {
        self.disk_full = Some(disk.clone());
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
            let network = Network::new(service, can, &given, self.allow_local, self.transport);
            Some(Arc::new(network.map_err(inject_error)?))
        };
        // The tool does not receive the variables that the host injects into its requests.
        let injected = can.injected_variables();
        let (withheld, env) = given.into_iter().partition(|(name, _)| injected.contains(name.as_str()));
        let mappings = resolve_dirs(self.dirs, self.defaults.as_ref(), &can.filesystem)?;
        let files = Files::open(mappings, &loaded.host.scratch).map_err(|fault| GrantError::PathUnusable {
            guest: fault.guest,
            host: fault.host,
            reason: fault.reason,
        })?;
        let clock = self.clock.unwrap_or_else(|| Arc::clone(&loaded.host.clock));
        let world = GuestWorld {
            env,
            clock: GuestClock(clock),
            randomness: self.randomness,
            program: loaded.manifest.name.clone(),
            disk_full: self.disk_full,
        };
        let limits = self.limits.map_or(loaded.limits, |limits| loaded.limits.lowered(&limits));
        let host = &loaded.host;
        let state = match (&self.state_dir, &self.state_clock, self.state_trouble) {
            (None, None, None) => loaded.state.clone(),
            (dir, clock, trouble) => dir.as_ref().or(host.state.as_ref()).and_then(|dir| {
                let clock = Arc::clone(clock.as_ref().unwrap_or(&host.clock));
                state_under(dir, host, &loaded.manifest, &loaded.publisher, clock, trouble)
            }),
        };
        let in_process = self.in_process;
        let clearance = self.clearance;
        Ok(Resolved { clearance, world: Arc::new(world), limits, files, network, withheld, state, in_process })
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
    /// The runner that takes the place of the sandbox, if any.
    pub(super) in_process: Option<Arc<dyn InProcess>>,
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
    defaults: Option<&DefaultPaths>,
    declared: &Filesystem,
) -> Result<Vec<(String, PathBuf, bool)>, GrantError> {
    let mut mappings = Vec::new();
    for (guest, writable) in filesystem::declared(declared) {
        let host = match (given.remove(guest), defaults) {
            (Some(host), _) => Ok(host),
            (None, Some(defaults)) => defaults.place(guest),
            (None, None) => Err("no place on this machine was given for it"),
        };
        let host =
            host.map_err(|reason| GrantError::PathUnmapped { guest: guest.to_owned(), reason: reason.to_owned() })?;
        mappings.push((guest.to_owned(), host, writable));
    }
    match given.into_keys().next() {
        Some(guest) => Err(GrantError::PathUndeclared { guest }),
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
            return Err(GrantError::VariableUndeclared { name: name.clone(), nearest });
        }
        if value.contains('\0') {
            return Err(GrantError::VariableUnusable { name: name.clone() });
        }
    }
    let names: Vec<String> = declared.iter().filter(|name| !given.contains_key(*name)).cloned().collect();
    if names.is_empty() { Ok(given.into_iter().collect()) } else { Err(GrantError::VariablesMissing { names }) }
}
