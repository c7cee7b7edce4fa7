//! What a tool under test is given.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use mpp_host::host::Grant;
use mpp_host::sandbox::CallLimits;
use mpp_host::sandbox::network::Transport;

use crate::failure::fail;
use crate::package::{self, Failure, Package};
use crate::state::StateDir;
use crate::tool::Tool;
use crate::setting::Setting;

/// A tool package and what it is given, before it is loaded: made by [`tool!`](crate::tool!).
#[derive(Debug, Clone)]
#[must_use = "nothing happens until `load` is called"]
pub struct ToolBuilder {
    directory: PathBuf,
    env: BTreeMap<String, String>,
    dirs: BTreeMap<String, PathBuf>,
    dev: bool,
    limits: Option<CallLimits>,
    state_dir: Option<PathBuf>,
    http: Option<Arc<dyn Transport>>,
    allow_local: bool,
    pub(crate) setting: Setting,
}

impl ToolBuilder {
    /// The package in this directory. [`tool!`](crate::tool!) is the short way.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            env: BTreeMap::new(),
            dirs: BTreeMap::new(),
            dev: true,
            limits: None,
            state_dir: None,
            http: None,
            allow_local: false,
            setting: Setting::default(),
        }
    }

    /// The value of a declared variable.
    pub fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.insert(name.into(), value.into());
        self
    }

    /// What a declared file or directory is on this machine; a relative path is relative to the package.
    pub fn dir(mut self, guest: impl Into<String>, host: impl Into<PathBuf>) -> Self {
        self.dirs.insert(guest.into(), host.into());
        self
    }

    /// Leaves `dev = { dirs, env }` of `[package.metadata.mpp]` out: only what the test says counts.
    pub fn without_dev_mappings(mut self) -> Self {
        self.dev = false;
        self
    }

    /// What answers the tool's requests instead of the network. Hosts that are not declared are refused all the same.
    pub fn http(mut self, transport: Arc<dyn Transport>) -> Self {
        self.http = Some(transport);
        self
    }

    /// Lets declared hosts be on this machine or its network.
    pub fn allow_local(mut self) -> Self {
        self.allow_local = true;
        self
    }

    /// Lower limits than the manifest's, to see what the tool does when it meets them.
    pub fn limits(mut self, limits: CallLimits) -> Self {
        self.limits = Some(limits);
        self
    }

    /// Where the tool keeps its state, for a test in which it outlives the tool. Without this, each loaded tool starts with
    /// none, and what it keeps is gone with it.
    pub fn state_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.state_dir = Some(dir.into());
        self
    }

    /// Builds, signs, verifies and loads the package, and gives it what was said. The first call in a process builds;
    /// the others find it built.
    ///
    /// # Panics
    /// Where any of this fails, with the compiler's own messages where it is the compiler that refuses.
    #[track_caller]
    pub fn load(self) -> Tool {
        match package::package(&self.directory) {
            Ok(package) => self.grant(&package),
            Err(failure) => fail(failure.message, &failure.help),
        }
    }

    /// The package, built once a process.
    pub(crate) fn built(&self) -> Result<Arc<Package>, Failure> {
        package::package(&self.directory)
    }

    #[track_caller]
    fn grant(self, package: &Package) -> Tool {
        let mut grant = Grant::new(package.admission.clone());
        let (dev_dirs, dev_env) =
            if self.dev { (package.dev.dirs.clone(), package.dev.env.clone()) } else { Default::default() };
        for (guest, host) in dev_dirs.into_iter().chain(self.dirs) {
            grant = grant.dir(guest, package.directory.join(host));
        }
        for (name, value) in dev_env.into_iter().chain(self.env) {
            grant = grant.env(name, value);
        }
        grant = grant.allow_local(self.allow_local);
        if let Some(transport) = self.http {
            grant = grant.http(transport);
        }
        if let Some(limits) = self.limits {
            grant = grant.limits(limits);
        }
        let (state_dir, temporary) = match self.state_dir {
            Some(dir) => (Some(dir), None),
            None if package.loaded.manifest().capabilities.kv.is_some() => {
                let state = StateDir::new();
                (Some(state.path().to_owned()), Some(Arc::new(state)))
            }
            None => (None, None),
        };
        if let Some(dir) = state_dir {
            grant = grant.state_dir(dir);
        }
        let stage = match self.setting.stage(package) {
            Ok(stage) => stage,
            Err(failure) => fail(failure.message, &failure.help),
        };
        let grant = stage.add_to(grant);
        match package.loaded.grant(grant) {
            Ok(runnable) => Tool { loaded: package.loaded.clone(), runnable, mode: stage.mode, _state: temporary },
            Err(error) => fail(
                format_args!("the tool `{}` cannot be given what it declares: {error}", package.loaded.manifest().name),
                "say `.env(NAME, value)` or `.dir(GUEST, path)` before `.load()`, or put it into `dev` under \
                 `[package.metadata.mpp]`",
            ),
        }
    }
}
