//! What a tool under test is given.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use mpp_host::sandbox::CallLimits;

use crate::failure::fail;
use crate::faults::Fault;
use crate::files::FilesPlan;
use crate::kv::{self, Seed};
use crate::mock_http::HttpPlan;
use crate::package::{self, Failure, Package};
use crate::setting::Setting;
use crate::tool::Tool;
use crate::wording;
use crate::world::World;

/// A tool package and what it is given, before it is loaded: made by [`tool!`](crate::tool!).
#[derive(Debug, Clone)]
#[must_use = "nothing happens until `load` is called"]
pub struct ToolBuilder {
    pub(crate) directory: PathBuf,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) dirs: BTreeMap<String, PathBuf>,
    pub(crate) dev: bool,
    pub(crate) limits: Option<CallLimits>,
    pub(crate) state_dir: Option<PathBuf>,
    pub(crate) allow_local: bool,
    pub(crate) http: HttpPlan,
    pub(crate) files: FilesPlan,
    pub(crate) kv: Vec<Seed>,
    pub(crate) faults: Vec<Fault>,
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
            allow_local: false,
            http: HttpPlan::default(),
            files: FilesPlan::default(),
            kv: Vec::new(),
            faults: Vec::new(),
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
        match self.built() {
            Ok(package) => self.grant(&package),
            Err(failure) => fail(failure.message, &failure.help),
        }
    }

    /// The package, built once a process.
    pub(crate) fn built(&self) -> Result<Arc<Package>, Failure> {
        package::package(&self.directory)
    }

    /// A world for the package, and the tool in it.
    #[track_caller]
    pub(crate) fn grant(self, package: &Arc<Package>) -> Tool {
        let manifest = package.loaded.manifest();
        let world = match World::new(self, package) {
            Ok(world) => Arc::new(world),
            Err(failure) => fail(failure.message, &failure.help),
        };
        let runnable = match package.loaded.grant(world.grant()) {
            Ok(runnable) => runnable,
            Err(error) => fail(
                format_args!("the tool `{}` cannot be given what it declares: {error}", manifest.name),
                &wording::help(&error),
            ),
        };
        if let Err(failure) = kv::seed(runnable.state().as_ref(), &world.builder.kv, &manifest.name) {
            fail(failure.message, &failure.help)
        }
        Tool { loaded: package.loaded.clone(), runnable, world }
    }
}
