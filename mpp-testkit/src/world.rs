//! Everything outside the sandbox that one loaded tool has, and the grant of each call.

pub(crate) mod builder;
pub(crate) mod clock;
pub(crate) mod faults;
pub(crate) mod files;
pub(crate) mod setup;
pub(crate) mod state;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use mpp_host::causes::with_causes;
use mpp_host::host::{FilteredOutput, Grant, RunnablePackage};
use mpp_host::sandbox::{CallLimits, Randomness};
use mpp_recording::{ActiveFault, CallFaults, Masks, MockNetwork};
use tempfile::TempDir;

use crate::failure::Failure;
use crate::mode::Mode;
use crate::native::Native;
use crate::package::Package;
use crate::world::files::plan::TempDirs;
use crate::world::setup::Setup;

/// The surroundings of one loaded tool, shared by its clones.
pub(crate) struct World {
    pub(crate) setup: Setup,
    pub(crate) package: Arc<Package>,
    pub(crate) network: Arc<MockNetwork>,
    pub(crate) faults: Arc<[ActiveFault]>,
    pub(crate) temp: TempDirs,
    pub(crate) mode: Mode,
    native: Option<Arc<Native>>,
    variables: BTreeMap<String, String>,
    state_dir: Option<PathBuf>,
    /// Holds the state, unless the test has set a directory for it.
    _temp_state: Option<TempDir>,
}

impl World {
    pub(crate) fn new(setup: Setup, package: &Arc<Package>) -> Result<Self, Failure> {
        let mode = setup.mode.map_or_else(Mode::of_run, Ok)?;
        let native = match mode {
            Mode::Native => Some(Arc::new(Native::of(&package.loaded, setup.handler.clone())?)),
            Mode::Sandboxed => None,
        };
        let manifest = package.loaded.manifest();
        let declared = &manifest.capabilities;
        setup.check_faults(manifest, mode)?;
        let mut variables = if setup.dev_mappings { package.dev.env.clone() } else { BTreeMap::new() };
        variables.extend(setup.env.clone());
        let faults: Arc<[ActiveFault]> = setup.faults.iter().cloned().map(ActiveFault::new).collect();
        let masks = Masks::new(variables.clone(), &declared.network);
        let network = setup.mocks.build(&package.directory, &declared.network, masks, Arc::clone(&faults))?;
        let temp = setup.files.create(&declared.filesystem)?;
        let temp_state = match (&setup.state_dir, &declared.kv) {
            (None, Some(_)) => Some(temp_state_dir()?),
            _ => None,
        };
        let state_dir = setup.state_dir.clone().or_else(|| temp_state.as_ref().map(|dir| dir.path().join("state")));
        Ok(Self {
            setup,
            package: Arc::clone(package),
            network: Arc::new(network),
            faults,
            temp,
            mode,
            native,
            variables,
            state_dir,
            _temp_state: temp_state,
        })
    }

    /// Returns what the tool is granted for each call.
    pub(crate) fn grant(&self) -> Grant {
        let Self { setup, package, .. } = self;
        let mut grant = Grant::new(package.admission.clone(), package.clearance.clone());
        let mut dirs: BTreeMap<&str, PathBuf> = BTreeMap::new();
        let dev = setup.dev_mappings.then_some(&package.dev.dirs);
        for (guest, host) in dev.into_iter().flatten().chain(&setup.dirs) {
            dirs.insert(guest, package.directory.join(host));
        }
        dirs.extend(self.temp.mappings.iter().map(|(guest, host)| (guest.as_str(), host.clone())));
        for (guest, host) in dirs {
            grant = grant.dir(guest, host);
        }
        for (name, value) in &self.variables {
            grant = grant.env(name, value);
        }
        grant = grant.allow_local(setup.allow_local).http(Arc::clone(&self.network) as _);
        if let Some(limits) = setup.limits {
            grant = grant.limits(limits);
        }
        if let Some(dir) = &self.state_dir {
            grant = grant.state_dir(dir);
        }
        if let Some(clock) = &setup.clock {
            grant = grant.guest_clock(Arc::new(clock.guest())).state_clock(Arc::new(clock.host()));
        }
        if let Some(seed) = setup.seed {
            grant = grant.guest_randomness(Randomness::Seeded(seed));
        }
        match &self.native {
            Some(native) => grant.danger_in_process(Arc::clone(native) as _),
            None => grant,
        }
    }

    /// Calls a tool, with the faults that apply to this call.
    pub(crate) fn call(
        &self,
        runnable: &RunnablePackage,
        tool: &str,
        arguments: &str,
    ) -> Result<FilteredOutput, Failure> {
        let faults = CallFaults::begin(&self.faults);
        if faults.is_empty() {
            return Ok(runnable.call(tool, arguments));
        }
        let limits = CallLimits::of(&self.package.loaded.manifest().runtime);
        let limits = self.setup.limits.map_or(limits, |own| limits.lowered(&own));
        let lock = faults.lock(runnable.state().as_ref()).map_err(|error| {
            Failure::new(format!("the fault `kv_busy` cannot lock the state: {}", with_causes(&error)), "")
        })?;
        let granted = self.package.loaded.grant(faults.on(self.grant(), limits));
        let output = granted.map_err(|error| Failure::new(with_causes(&error), ""))?.call(tool, arguments);
        drop(lock);
        Ok(output)
    }
}

/// Creates a directory in which the host creates the one for the state, with the permissions that it requires.
fn temp_state_dir() -> Result<TempDir, Failure> {
    tempfile::Builder::new()
        .prefix("mpp-testkit-state-")
        .tempdir()
        .map_err(|error| Failure::new(format!("cannot create a temporary directory for the state: {error}"), ""))
}
