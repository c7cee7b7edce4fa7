//! What a loaded package is given: permission to run, values of its variables, places for its paths.

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

/// What a package is given. Nothing that its manifest does not declare can be given to it.
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
    /// Creates a grant of nothing but the permission to run: `admission` is the decision to trust the publisher, `clearance`
    /// the decision about what the package wants.
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

    /// The value of a declared variable.
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.get_or_insert_default().insert(name.into(), value.into());
        self
    }

    /// No variable at all, declared or not; the tool finds none set. A package whose requests carry injected headers cannot
    /// do without those that the headers are made of.
    pub fn without_env(mut self) -> Self {
        self.env = None;
        self
    }

    /// What the declared file or directory `guest` is on this machine.
    pub fn dir(mut self, guest: impl Into<String>, host: impl Into<PathBuf>) -> Self {
        self.dirs.insert(guest.into(), host.into());
        self
    }

    /// Declared paths that [`Grant::dir`] does not name are the same paths on this machine, within what
    /// [`DefaultPaths`] allows. Without this, each must be named.
    pub fn default_paths(mut self, defaults: DefaultPaths) -> Self {
        self.defaults = Some(defaults);
        self
    }

    /// Whether declared hosts may be on this machine or on its networks. Otherwise a name that leads there is refused.
    pub fn allow_local(mut self, allow: bool) -> Self {
        self.allow_local = allow;
        self
    }

    /// What carries the tool's requests instead of the wire, behind every check but that of addresses: for tests.
    pub fn http(mut self, transport: Arc<dyn Transport>) -> Self {
        self.transport = Some(transport);
        self
    }

    /// Lower limits than the manifest's.
    pub fn limits(mut self, limits: CallLimits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// A clock for the guest other than the host's, for tests.
    pub fn guest_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.clock = Some(clock);
        self
    }

    /// Random bytes for the guest other than the operating system's, for tests.
    pub fn guest_randomness(mut self, randomness: Randomness) -> Self {
        self.randomness = randomness;
        self
    }

    /// Where the package keeps its state, in place of the host's directory: for tests.
    pub fn state_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.state_dir = Some(dir.into());
        self
    }

    /// A clock for what the package keeps, other than the host's: what expires does so by it. For tests.
    pub fn state_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.state_clock = Some(clock);
        self
    }

    /// Runs the package's calls in this process instead of in the sandbox: what the package does, `runner` does, with the
    /// rights of this process. Everything around it stays as it is; see [`in_process`](crate::sandbox::in_process).
    ///
    /// For tests of tools, in which a debugger or a coverage tool is to see the tool's own code. Never for a package of somebody
    /// else's: nothing keeps `runner` from anything.
    pub fn danger_in_process(mut self, runner: Arc<dyn InProcess>) -> Self {
        self.in_process = Some(runner);
        self
    }

    /// A state that is in trouble, to see what the tool does: for tests.
    pub fn state_trouble(mut self, trouble: StateTrouble) -> Self {
        self.state_trouble = Some(trouble);
        self
    }

    /// The disk of every declared directory is full: nothing can be written into a file. In the sandbox, for core modules only;
    /// for tests. The disk given here counts what it refused.
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
        // What the host adds to requests, the tool does not get.
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

/// A grant that fits the package.
pub(super) struct Resolved {
    pub(super) clearance: Clearance,
    pub(super) world: Arc<GuestWorld>,
    pub(super) limits: CallLimits,
    pub(super) files: Files,
    pub(super) network: Option<Arc<Network>>,
    /// Variables that only the host uses.
    pub(super) withheld: Vec<(String, String)>,
    pub(super) state: Option<Arc<Store>>,
    /// What runs in place of the sandbox.
    pub(super) in_process: Option<Arc<dyn InProcess>>,
}

fn inject_error(fault: InjectFault) -> GrantError {
    match fault {
        InjectFault::Missing { names } => GrantError::VariablesMissing { names },
        InjectFault::Unusable { header, host } => GrantError::HeaderUnusable { header, host },
    }
}

/// Guest path, place on this machine, writable: for every declared path, and for no other.
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
