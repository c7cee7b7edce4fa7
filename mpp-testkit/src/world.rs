//! The world of one loaded tool: what was made for it from what its builder says, and how a call is granted its part.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use mpp_host::host::{FilteredOutput, Grant, RunnablePackage};
use mpp_host::sandbox::CallLimits;
use mpp_host::sandbox::kv::StateTrouble;

use crate::builder::ToolBuilder;
use crate::faults::{Armed, CallFault};
use crate::files::TempDirs;
use crate::masks::Masks;
use crate::mock_http::MockNetwork;
use crate::package::{Failure, Package};
use crate::setting::Stage;
use crate::state::StateDir;

/// Everything outside of the sandbox that one loaded tool has, shared by its clones.
pub(crate) struct World {
    pub(crate) builder: ToolBuilder,
    pub(crate) package: Arc<Package>,
    pub(crate) network: Arc<MockNetwork>,
    pub(crate) faults: Arc<[Armed]>,
    pub(crate) temp: TempDirs,
    pub(crate) stage: Stage,
    variables: BTreeMap<String, String>,
    state_dir: Option<PathBuf>,
    /// Where its state is, where it is not the test's.
    _state: Option<StateDir>,
}

impl World {
    pub(crate) fn new(builder: ToolBuilder, package: &Arc<Package>) -> Result<Self, Failure> {
        let stage = builder.setting.stage(package)?;
        let can = &package.loaded.manifest().capabilities;
        for fault in &builder.faults {
            fault.check(package.loaded.manifest(), stage.mode)?;
        }
        let mut variables = if builder.dev { package.dev.env.clone() } else { BTreeMap::new() };
        variables.extend(builder.env.clone());
        let faults: Arc<[Armed]> = builder.faults.iter().cloned().map(Armed::new).collect();
        let masks = Masks::new(variables.clone(), &can.network);
        let network = Arc::new(builder.http.network(package, masks, Arc::clone(&faults))?);
        let temp = builder.files.make(&can.filesystem)?;
        let state = (builder.state_dir.is_none() && can.kv.is_some()).then(StateDir::new);
        let state_dir = builder.state_dir.clone().or_else(|| state.as_ref().map(|state| state.path().to_owned()));
        Ok(Self {
            builder,
            package: Arc::clone(package),
            network,
            faults,
            temp,
            stage,
            variables,
            state_dir,
            _state: state,
        })
    }

    /// What the builder says, as the host grants it.
    pub(crate) fn grant(&self) -> Grant {
        let Self { builder, package, .. } = self;
        let mut grant = Grant::new(package.admission.clone(), package.clearance.clone());
        let mut dirs: BTreeMap<&str, PathBuf> = BTreeMap::new();
        let dev = builder.dev.then_some(&package.dev.dirs);
        for (guest, host) in dev.into_iter().flatten().chain(&builder.dirs) {
            dirs.insert(guest, package.directory.join(host));
        }
        dirs.extend(self.temp.mappings.iter().map(|(guest, host)| (guest.as_str(), host.clone())));
        for (guest, host) in dirs {
            grant = grant.dir(guest, host);
        }
        for (name, value) in &self.variables {
            grant = grant.env(name, value);
        }
        grant = grant.allow_local(builder.allow_local).http(Arc::clone(&self.network) as _);
        if let Some(limits) = builder.limits {
            grant = grant.limits(limits);
        }
        if let Some(dir) = &self.state_dir {
            grant = grant.state_dir(dir);
        }
        self.stage.add_to(grant)
    }

    /// Calls a tool, under whatever goes wrong with this call. An error is a sentence about the test itself.
    pub(crate) fn call(
        &self,
        runnable: &RunnablePackage,
        tool: &str,
        arguments: &str,
    ) -> Result<FilteredOutput, String> {
        let troubles: Vec<_> = self.faults.iter().filter_map(|armed| Some((armed.of_call()?, armed))).collect();
        if troubles.is_empty() {
            return Ok(runnable.call(tool, arguments));
        }
        let (mut grant, mut held) = (self.grant(), None);
        let limits = CallLimits::of(&self.package.loaded.manifest().runtime);
        let mut limits = self.builder.limits.map_or(limits, |own| limits.lowered(&own));
        for (trouble, armed) in troubles {
            match trouble {
                CallFault::KvFull => grant = grant.state_trouble(StateTrouble::Full),
                CallFault::KvDiskFull => grant = grant.state_trouble(StateTrouble::DiskFull),
                CallFault::KvBusy => {
                    grant = grant.state_trouble(StateTrouble::Impatient);
                    let state = runnable.state();
                    let lock = state.map(|state| state.hold()).transpose();
                    held = lock.map_err(|error| format!("the lock of the state cannot be taken: {error}"))?;
                }
                CallFault::DiskFull => grant = grant.disk_full(armed.disk()),
                CallFault::Memory(bytes) => limits.memory = limits.memory.min(bytes),
                CallFault::Time => limits.timeout = std::time::Duration::ZERO,
            }
        }
        let runnable = self.package.loaded.grant(grant.limits(limits)).map_err(|error| error.to_string())?;
        let output = runnable.call(tool, arguments);
        drop(held);
        Ok(output)
    }
}
